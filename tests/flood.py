#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Datagrams in bursts, whether they can be sent or not: flood.py ROUNDS ADDRESS...
"""
Five to port 9000 of each address in each round, then a hundredth of a second
for answers. ROUNDS is a bound: whoever starts it ends it.
"""

import sys
# The C module alone: socket.py takes a second to load on an emulated processor.
import _socket as socket

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.01)
for i in range(int(sys.argv[1])):
    for j in range(5):
        for address in sys.argv[2:]:
            try:
                s.sendto(b'x' * 500, (address, 9000))
            except OSError:
                pass
    # Also the pause between bursts.
    try:
        s.recv(100)
    except OSError:
        pass
