#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Traffic between network namespaces from one process, which reads commands and answers each with one line.
"""
traffic.py                  commands come from standard input, a line each

both A ADDR B ADDR BYTES    echo requests, datagrams of several sizes and BYTES
                            of TCP from an address in namespace A to one in B,
                            then all of it from B to A
ping, udp A ADDR B ADDR     one of these, one way
tcp A ADDR B ADDR BYTES
watch NS DEV                look at the frames of a device for "wire"
wire A ADDR B ADDR WORD...  a datagram from A to B, and whether its frame has
                            exactly the bytes that Wire.build() makes of the words
frame A ADDR B ADDR         the same datagram; the answer is its frame in hex

The answer is "ok", and perhaps more, or "failed" and why. A stream of TCP is
compared with what was sent byte for byte, which says more than a checksum and
takes an emulated processor a tenth of the time of SHA-256.
"""

import os
import select
import struct
import sys
import time
# The C modules alone: socket.py and threading.py take a second to load there.
import _socket as socket
import _thread

import pkt

BLOCK = 1 << 20
SIZES = (1, 1200, 4000)
# In seconds; what must arrive does so in a hundredth of that.
PATIENCE = 20


class Failed(Exception):
    pass


# --- namespaces and sockets ----------------------------------------------

try:
    setns = os.setns
except AttributeError:
    # Before Python 3.12.
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)

    def setns(fd, kind):
        if libc.setns(fd, kind):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

CLONE_NEWNET = 0x40000000


def in_ns(name, function, *args):
    """What function returns, called with the process in a namespace."""
    home = os.open('/proc/self/ns/net', os.O_RDONLY)
    there = os.open('/run/netns/' + name, os.O_RDONLY)
    try:
        setns(there, CLONE_NEWNET)
        return function(*args)
    finally:
        setns(home, CLONE_NEWNET)
        os.close(there)
        os.close(home)


def family(addr):
    return socket.AF_INET6 if ':' in addr else socket.AF_INET


def open_socket(ns, addr, kind, proto=0):
    """A socket in a namespace, bound to an address there."""
    s = in_ns(ns, socket.socket, family(addr), kind, proto)
    # Not settimeout(): that makes sockets non-blocking, and MSG_WAITALL void.
    for opt in socket.SO_RCVTIMEO, socket.SO_SNDTIMEO:
        s.setsockopt(socket.SOL_SOCKET, opt, struct.pack('ll', PATIENCE, 0))
    s.bind((addr, 0))
    return s


def readable(s, seconds):
    return bool(select.select([s], [], [], seconds)[0])


# --- traffic --------------------------------------------------------------

def ping(a, addr_a, b, addr_b):
    six = ':' in addr_b
    s = open_socket(a, addr_a, socket.SOCK_RAW, 58 if six else 1)
    ident = os.getpid() & 0xffff
    for seq in range(1, 4):
        s.sendto(pkt.icmp6_echo(addr_a, addr_b, ident, seq) if six else
                 pkt.icmp_echo(ident, seq), (addr_b, 0))
        until = time.monotonic() + 2
        while readable(s, max(0, until - time.monotonic())):
            got, source = s.recvfrom(2048)
            if not six:
                got = got[(got[0] & 15) * 4:]
            if got[0] == (129 if six else 0) and source[0] == addr_b and \
                    got[4:8] == struct.pack('!HH', ident, seq):
                return 'ping'
    raise Failed('no echo reply from ' + addr_b)


def udp(a, addr_a, b, addr_b):
    client = open_socket(a, addr_a, socket.SOCK_DGRAM)
    server = open_socket(b, addr_b, socket.SOCK_DGRAM)
    to = server.getsockname()[:2]
    for size in SIZES:
        text = os.urandom(size)
        # The first large one may only be what tells its sender the MTU.
        for patience in (.3, 2, 5):
            try:
                client.sendto(text, to)
            except OSError as e:
                if e.errno != 90:	# EMSGSIZE: it has been told
                    raise
                client.sendto(text, to)
            if not readable(server, patience):
                continue
            got, source = server.recvfrom(65536)
            if got != text:
                raise Failed('a datagram of %d bytes arrived with other bytes' % size)
            if source[0] != addr_a:
                raise Failed('a datagram came from %s, not %s' % (source[0], addr_a))
            server.sendto(got, source)
            if readable(client, patience):
                break
        else:
            raise Failed('no answer to a datagram of %d bytes to %s' % (size, addr_b))
        got, source = client.recvfrom(65536)
        if got != text or source[0] != addr_b:
            raise Failed('the answer to a datagram of %d bytes is another, from %s' %
                         (size, source[0]))
    return 'udp'


block = os.urandom(BLOCK)


def blocks(total):
    """The stream: blocks that begin with their number."""
    for i in range((total + BLOCK - 1) // BLOCK):
        b = bytearray(block)
        struct.pack_into('!Q', b, 0, i)
        yield b if total - i * BLOCK >= BLOCK else b[:total - i * BLOCK]


def send_stream(s, total, trouble):
    try:
        for b in blocks(total):
            s.sendall(b)
        s.shutdown(socket.SHUT_WR)
    except OSError as e:
        trouble.append('sending: %s' % e.strerror)


def receive_stream(s, total):
    got = bytearray(BLOCK)
    at = 0
    for want in blocks(total):
        view = memoryview(got)[:len(want)]
        have = 0
        while have < len(want):
            n = s.recv_into(view[have:], 0, socket.MSG_WAITALL)
            if not n:
                raise Failed('the stream ended after %d bytes' % (at + have))
            have += n
        if got[:len(want)] != want if len(want) < BLOCK else got != want:
            raise Failed('wrong bytes between %d and %d' % (at, at + len(want)))
        at += len(want)
    if s.recv(1):
        raise Failed('there is more than the %d bytes sent' % total)


def tcp(a, addr_a, b, addr_b, total):
    total = int(total)
    listener = open_socket(b, addr_b, socket.SOCK_STREAM)
    listener.listen(1)
    client = open_socket(a, addr_a, socket.SOCK_STREAM)
    trouble = []
    try:
        client.connect(listener.getsockname()[:2])
        fd, source = listener._accept()
        server = socket.socket(fileno=fd)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', PATIENCE, 0))
        if source[0] != addr_a:
            raise Failed('the connection came from %s, not %s' % (source[0], addr_a))
        start = time.monotonic()
        _thread.start_new_thread(send_stream, (client, total, trouble))
        receive_stream(server, total)
    except OSError as e:
        raise Failed('tcp to %s: %s' % (addr_b, ', '.join([e.strerror] + trouble))) from e
    took = time.monotonic() - start
    return 'tcp %d bytes, %.0f MB/s' % (total, total / took / 1e6)


def both(a, addr_a, b, addr_b, total):
    said = []
    for way in (a, addr_a, b, addr_b), (b, addr_b, a, addr_a):
        try:
            # The stream before the datagrams: it learns the MTU.
            said += [ping(*way), tcp(*way, total), udp(*way)]
        except (Failed, OSError) as e:
            raise Failed('%s to %s: %s' % (way[0], way[2], e)) from e
    return ', '.join(said)


# --- what is on the wire --------------------------------------------------

class Wire:
    """The frames of one device, and what they should be."""

    def __init__(self):
        self.socket = None

    def watch(self, ns, dev):
        self.socket = in_ns(ns, socket.socket, socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        # Bound in the device's own namespace, for the name's sake.
        in_ns(ns, self.socket.bind, (dev, 3))
        return ''

    def drain(self):
        while readable(self.socket, 0):
            self.socket.recv(65536)

    def frame(self, a, addr_a, b, addr_b):
        """The one frame that carries a certain datagram."""
        client = open_socket(a, addr_a, socket.SOCK_DGRAM)
        server = open_socket(b, addr_b, socket.SOCK_DGRAM)
        text = os.urandom(32)
        self.drain()
        client.sendto(text, server.getsockname()[:2])
        if not readable(server, PATIENCE):
            raise Failed('the datagram to %s did not arrive' % addr_b)
        frames = []
        while readable(self.socket, 0):
            frame = self.socket.recv(65536)
            if text in frame:
                frames.append(frame)
        if len(frames) != 1:
            raise Failed('%d frames carry the datagram' % len(frames))
        return frames[0], client.getsockname()[1], server.getsockname()[1], text

    def build(self, got, addr_a, addr_b, sport, dport, text, words):
        """
        The frame as it should be. The words: its MAC addresses; vxlan ID MAC
        MAC, udp, ipip or direct, and, but for direct, the outer addresses; for
        UDP the port. What must differ from packet to packet is taken from the
        frame: identification, flow label, source port.
        """
        def inner(at):
            body = pkt.udp(addr_a, addr_b, sport, dport, text)
            if ':' in addr_a:
                return pkt.ipv6(addr_a, addr_b, 17, body, ttl=63,
                                label=int.from_bytes(got[at + 1:at + 4], 'big') & 0xfffff)
            return pkt.ipv4(addr_a, addr_b, 17, body, ttl=63,
                            ident=int.from_bytes(got[at + 4:at + 6], 'big'))

        words = list(words)
        macs = words[0:2]
        kind = words[2]
        del words[0:3]
        inner_type = 0x86dd if ':' in addr_a else 0x0800
        if kind == 'direct':
            return pkt.eth(*macs, inner(14), inner_type)
        hlen = 40 if ':' in words[0] else 20
        if kind == 'ipip':
            src, dst = words
            return self.outer(macs, src, dst, got, 41 if ':' in addr_a else 4,
                              inner(14 + hlen))
        src, dst, port = words[0:3]
        if kind == 'udp':
            body = inner(14 + hlen + 8)
        else:
            body = pkt.vxlan(int(words[3]), pkt.eth(words[4], words[5],
                                                    inner(14 + hlen + 30), inner_type))
        at = 14 + hlen
        return self.outer(macs, src, dst, got, 17, pkt.udp(
            src, dst, int.from_bytes(got[at:at + 2], 'big'), int(port), body))

    @staticmethod
    def outer(macs, src, dst, got, proto, body):
        """TTL 64, no TOS, no DF."""
        if ':' in src:
            return pkt.eth(*macs, pkt.ipv6(
                src, dst, proto, body,
                label=int.from_bytes(got[15:18], 'big') & 0xfffff), 0x86dd)
        return pkt.eth(*macs, pkt.ipv4(src, dst, proto, body, flags=0,
                                       ident=int.from_bytes(got[18:20], 'big')))

    def wire(self, a, addr_a, b, addr_b, *words):
        got, sport, dport, text = self.frame(a, addr_a, b, addr_b)
        want = self.build(got, addr_a, addr_b, sport, dport, text, words)
        if got != want:
            at = next((i for i, (x, y) in enumerate(zip(got, want)) if x != y),
                      min(len(got), len(want)))
            raise Failed('byte %d differs: %s, not %s' % (at, got.hex(), want.hex()))
        return '%d bytes' % len(got)


# --- commands -------------------------------------------------------------

def main():
    wire = Wire()
    commands = {'both': both, 'ping': ping, 'udp': udp, 'tcp': tcp, 'watch': wire.watch,
                'wire': wire.wire, 'frame': lambda *words: wire.frame(*words)[0].hex()}
    while True:
        words = sys.stdin.readline().split()
        if not words:
            return
        try:
            said = 'ok ' + commands[words[0]](*words[1:])
        except (Failed, OSError) as e:
            said = 'failed: %s' % e
        print(said, flush=True)


if __name__ == '__main__':
    main()
