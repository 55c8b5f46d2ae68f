#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0
# Sends one datagram from each of some ports to an address and prints the answers: ask.py ADDRESS PORT FROM[-TO].

import sys
# The C module alone: socket.py costs half a second on an emulated processor.
import _socket as socket

address, port, source = sys.argv[1:]
first, _, last = source.partition('-')
asked = []
for p in range(int(first), int(last or first) + 1):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('', p))
    s.connect((address, int(port)))
    s.settimeout(10)
    s.send(b'hello\n')
    asked.append(s)
for s in asked:
    sys.stdout.write(s.recv(1024).decode())
