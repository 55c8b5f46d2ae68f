#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0
# Prints the first packet of a capture layer by layer, each with its bytes and what is in it: layers.py FILE.

import sys
import pkt


def right(layer):
    return {True: 'checksum right', False: 'checksum WRONG', None: 'no checksum'}[layer['csum_ok']]


def show(size, name, what, remark=''):
    print(('%3d bytes  %-15s %s' % (size, name, what)).ljust(78).rstrip())
    if remark:
        print(' ' * 27 + '(' + remark + ')')


def layers(p, where, remarks):
    e, i, u = p['eth'], p['ip'], p['udp']
    show(14, where + ' Ethernet', '%s > %s' % (e['src'], e['dst']), remarks[0])
    show(20, where + ' IPv4', '%s > %s, TTL %d, %s' % (i['src'], i['dst'], i['ttl'], right(i)),
         remarks[1])
    show(8, where + ' UDP', '%d > %d, %s' % (u['sport'], u['dport'], right(u)), remarks[2])
    if 'vxlan' in p:
        show(8, 'VXLAN', 'flags 0x%02x, VNI %d' % (p['vxlan']['flags'], p['vxlan']['vni']))
        layers(p['inner'], 'inner', (
            '0a:58 and the address of each node: agreed upon by rule',
            'the pod and the chosen endpoint; the service is gone', ''))
    else:
        data = bytes.fromhex(p['payload'])
        show(len(data), 'payload', repr(data.decode()))


layers(next(pkt.decode(sys.argv[1])), 'outer', (
    '', 'the two nodes', 'the source port is a hash of what is inside'))
