#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Datagrams in bursts, whether they can be sent or not: flood.py ROUNDS PORT ADDRESS...
"""
Five from PORT (0: any) to port 9000 of each address in each round, then a
hundredth of a second of nothing. Two that flood each other from port 9000 are a
stream to conntrack, after two seconds, and go past the stack. ROUNDS is a bound:
whoever starts it ends it.
"""

import select
import sys
# The C module alone: socket.py takes a second to load on an emulated processor.
import _socket as socket

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setblocking(False)
s.bind(('', int(sys.argv[2])))
for i in range(int(sys.argv[1])):
    for j in range(5):
        for address in sys.argv[3:]:
            try:
                s.sendto(b'x' * 500, (address, 9000))
            except OSError:
                pass
    select.select([], [], [], 0.01)
