# SPDX-License-Identifier: GPL-2.0
# An nfnetlink_queue without a library: packets that wait for a verdict.

import select
import struct
import sys
import _socket as socket

from traffic import in_ns

NETLINK_NETFILTER = 12
QUEUE = 3 << 8                  # NFNL_SUBSYS_QUEUE
PACKET, VERDICT, CONFIG = 0, 1, 2       # NFQNL_MSG_*
CFG_CMD, CFG_PARAMS = 1, 2      # NFQA_CFG_*
BIND, COPY_META = 1, 1          # NFQNL_CFG_CMD_BIND, NFQNL_COPY_META
ACCEPT = 1


def attr(kind, data):
    return struct.pack('=HH', 4 + len(data), kind) + data + b'\0' * (-len(data) % 4)


def message(kind, data, flags=1):
    body = struct.pack('=BBH', 0, 0, 0) + data
    return struct.pack('=IHHII', 16 + len(body), QUEUE | kind, flags, 1, 0) + body


class Queue:
    """Queue 0 of a network namespace."""

    def __init__(self, ns):
        self.sock = in_ns(ns, socket.socket, socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.sock.bind((0, 0))
        for data in (attr(CFG_CMD, struct.pack('>BBH', BIND, 0, 2)),
                     attr(CFG_PARAMS, struct.pack('>IB', 0, COPY_META))):
            self.sock.send(message(CONFIG, data, 5))
            if struct.unpack_from('=i', self.sock.recv(4096), 16)[0]:
                sys.exit('there is no queue to be had')

    def wait(self, n, seconds=2):
        """The numbers of up to n packets."""
        numbers = []
        while len(numbers) < n and select.select([self.sock], [], [], seconds)[0]:
            got = self.sock.recv(65536)
            at = 20 if struct.unpack_from('=H', got, 4)[0] == QUEUE | PACKET else len(got)
            while at < len(got):
                size, kind = struct.unpack_from('=HH', got, at)
                if kind & 0x7fff == 1:          # NFQA_PACKET_HDR
                    numbers.append(got[at + 4:at + 8])
                at += (size + 3) & ~3
        return numbers

    def accept(self, number):
        self.sock.send(message(VERDICT, attr(2, struct.pack('>I', ACCEPT) + number)))


if __name__ == '__main__':
    # nfqueue.py NS: all that comes is accepted; how many that were is said.
    queue = Queue(sys.argv[1])
    accepted = 0
    while True:
        print('accepted', accepted, flush=True)
        for one in queue.wait(1, 60):
            queue.accept(one)
            accepted += 1
