#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# A node whose pods' packets go through user space, as the udp backend of flannel does it.
"""
flanneld.py DEV LOCAL MTU NET/LEN=NEXTHOP...

Makes the TUN device DEV, says "ready", and carries packets between it and UDP
port 8285 of LOCAL. What it checks and changes is what flannel's
pkg/backend/udp/proxy_amd64.c does: a datagram must have the 20 bytes of an
IPv4 header; nothing asks where it came from; the TTL is lowered on the way in
and on the way out, and the packet dropped when it was 1; what is longer than
the MTU is cut. Only the ICMP error for want of a route is left out.
"""

import fcntl
import os
import select
import struct
import sys
# The C module alone: socket.py costs half a second on an emulated processor.
import _socket as socket

PORT = 8285
TUNSETIFF = 0x400454ca
IFF_TUN, IFF_NO_PI = 1, 0x1000
IP_MTU_DISCOVER, IP_PMTUDISC_WANT = 10, 1


def open_tun(name):
    tun = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TUN | IFF_NO_PI))
    return tun


def open_udp(local):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    # As Go's net package leaves it: DF is set.
    s.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_WANT)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    s.bind((local, PORT))
    s.setblocking(False)
    return s


def lower_ttl(packet):
    """Whether it may go on; the checksum is patched (RFC 1141)."""
    if packet[8] <= 1:
        return False
    packet[8] -= 1
    check = (packet[10] << 8 | packet[11]) + 0x100
    check = (check & 0xffff) + (check >> 16)
    packet[10:12] = check.to_bytes(2, 'big')
    return True


def parse_route(text):
    net, hop = text.split('=')
    net, length = net.split('/')
    shift = 32 - int(length)
    return int.from_bytes(socket.inet_aton(net), 'big') >> shift, shift, (hop, PORT)


def main():
    name, local, mtu = sys.argv[1], sys.argv[2], int(sys.argv[3])
    routes = [parse_route(text) for text in sys.argv[4:]]
    tun, udp = open_tun(name), open_udp(local)
    poll = select.poll()
    poll.register(tun, select.POLLIN)
    poll.register(udp, select.POLLIN)
    print('ready', flush=True)
    buf = bytearray(mtu)
    while True:
        poll.poll()
        for _ in range(64):
            try:
                n = udp.recv_into(buf, mtu)
            except BlockingIOError:
                break
            if n >= 20 and lower_ttl(buf):
                os.write(tun, memoryview(buf)[:n])
        for _ in range(64):
            try:
                n = os.readv(tun, [buf])
            except BlockingIOError:
                break
            if n < 20:
                continue
            dst = int.from_bytes(buf[16:20], 'big')
            hop = next((hop for net, shift, hop in routes if dst >> shift == net), None)
            if hop and lower_ttl(buf):
                udp.sendto(memoryview(buf)[:n], hop)


if __name__ == '__main__':
    main()
