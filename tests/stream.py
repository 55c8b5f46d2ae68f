#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Streams between two network namespaces: numbered datagrams and a TCP connection, both ways, and what of them was lost.
"""
usage: stream.py FROM TO ADDRESS-IN-FROM,ADDRESS-IN-TO...

One flow for each pair of addresses. Prints "ready" once they flow. For each
line on its standard input it waits until datagrams and bytes that it sends
after that arrive on all ways, and prints what has become of the others since
the last answer:

    SENT LOST-TO LOST-FROM LATE DOUBLE STALL

datagrams sent to TO; those lost on the way to TO and to FROM; those of both
lost that were sent after the line was read; those that came twice; the longest
time without TCP bytes on any way, in ms. Or, after 30 seconds, what does not
arrive.

Ends with its standard input. Whatever happens to a TCP connection that is not
all right (reset, wrong bytes) ends it with a traceback.
"""

import ctypes
import os
import select
import struct
import sys
import time
import _socket as socket

TICK = 0.02			# between two datagrams of a flow
BOUND = 30
PORT = 7001
# What TCP sends, over and over; its length is no power of two.
PATTERN = b''.join(struct.pack('!I', n * 2654435761 & 0xffffffff) for n in range(7001))
LUMP = 1000			# of TCP bytes with each datagram


def enter(name):
    fd = os.open('/run/netns/' + name, os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(fd, 0):
        raise OSError(ctypes.get_errno(), 'setns')
    os.close(fd)


class Way:
    """One direction of a flow."""

    def __init__(self, name):
        self.name = name
        self.sent = []		# when, by number
        self.got = bytearray()
        self.double = 0
        self.base = 0
        self.written = self.read = 0	# TCP bytes
        self.pending = 0	# which the socket has not taken yet
        self.read_at = time.monotonic()
        self.stall = 0

    def send(self, udp, to, tcp):
        try:
            udp.sendto(struct.pack('!I', len(self.sent)), to)
        except OSError:
            pass		# Lost, as far as we are concerned.
        self.sent.append(time.monotonic())
        self.got.append(0)
        self.pending = min(self.pending + LUMP, 50 * LUMP)
        while self.pending:
            at = self.written % len(PATTERN)
            try:
                n = tcp.send(PATTERN[at:at + self.pending])
            except BlockingIOError:
                return
            self.written += n
            self.pending -= n

    def take_datagrams(self, udp):
        while True:
            try:
                n, = struct.unpack('!I', udp.recv(100))
            except BlockingIOError:
                return
            self.double += self.got[n]
            self.got[n] = 1

    def take_bytes(self, tcp):
        while True:
            try:
                data = tcp.recv(65536)
            except BlockingIOError:
                return
            if not data:
                raise EOFError('TCP %s has ended' % self.name)
            at = self.read % len(PATTERN)
            want = PATTERN[at:] + PATTERN * (len(data) // len(PATTERN) + 1)
            if want[:len(data)] != data:
                raise ValueError('TCP %s: wrong bytes after %d' % (self.name, self.read))
            self.read += len(data)
            self.note_stall()
            self.read_at = time.monotonic()

    def note_stall(self):
        self.stall = max(self.stall, time.monotonic() - self.read_at)

    def last_got(self):
        return self.got.rfind(1)

    def begin(self):
        self.base = self.last_got() + 1
        self.double = self.stall = 0
        self.read_at = time.monotonic()

    def settling(self):
        """What must arrive: this datagram, and these many bytes."""
        return len(self.sent), self.written + self.pending + 1

    def arrived(self, goal):
        return self.last_got() >= goal[0], self.read >= goal[1]

    def lost(self, goal):
        upto = self.last_got()
        return (self.got.count(0, self.base, goal[0]), self.got.count(0, goal[0], upto))


class Flow:
    def __init__(self, spaces, addresses):
        families = [socket.AF_INET6 if ':' in a else socket.AF_INET for a in addresses]
        self.addresses = addresses
        self.ways = [Way(addresses[0] + '>' + addresses[1]), Way(addresses[1] + '>' + addresses[0])]
        self.udp, listener, self.tcp = [], None, [None, None]
        for i in (1, 0):
            enter(spaces[i])
            udp = socket.socket(families[i], socket.SOCK_DGRAM)
            udp.bind((addresses[i], PORT))
            self.udp.insert(0, udp)
            tcp = socket.socket(families[i], socket.SOCK_STREAM)
            tcp.settimeout(BOUND)
            tcp.bind((addresses[i], PORT))
            if i:
                listener = tcp
                tcp.listen(1)
                continue
            tcp.connect((addresses[1], PORT))
            self.tcp[0] = tcp
        listener.settimeout(BOUND)
        fd, _ = listener._accept()
        self.tcp[1] = socket.socket(fileno=fd)
        for s in self.udp + self.tcp:
            s.setblocking(False)

    def send(self):
        for i, way in enumerate(self.ways):
            way.send(self.udp[i], (self.addresses[1 - i], PORT), self.tcp[i])

    def take(self, ready):
        for i, way in enumerate(self.ways):
            if self.udp[1 - i].fileno() in ready:
                way.take_datagrams(self.udp[1 - i])
            if self.tcp[1 - i].fileno() in ready:
                way.take_bytes(self.tcp[1 - i])

    def fds(self):
        return [s.fileno() for s in self.udp + self.tcp]


def answer(flows, goals):
    to = [f.ways[0].lost(g[0]) for f, g in zip(flows, goals)]
    back = [f.ways[1].lost(g[1]) for f, g in zip(flows, goals)]
    ways = [w for f in flows for w in f.ways]
    return '%d %d %d %d %d %d' % (
        sum(g[0][0] - f.ways[0].base for f, g in zip(flows, goals)),
        sum(n for n, _ in to), sum(n for n, _ in back), sum(n for _, n in to + back),
        sum(w.double for w in ways), max(w.stall for w in ways) * 1000)


def missing(flows, goals):
    out = []
    for f, g in zip(flows, goals):
        for way, goal in zip(f.ways, g):
            what = [n for n, ok in zip(('datagrams', 'bytes'), way.arrived(goal)) if not ok]
            if what:
                out.append('%s: no %s' % (way.name, ' and no '.join(what)))
    return out


def main():
    flows = [Flow(sys.argv[1:3], pair.split(',')) for pair in sys.argv[3:]]
    say = lambda text: os.write(1, text.encode() + b'\n')
    say('ready')
    poll = select.poll()
    for fd in [0] + [fd for f in flows for fd in f.fds()]:
        poll.register(fd, select.POLLIN)
    goals = until = None
    due = time.monotonic()
    while True:
        now = time.monotonic()
        if now >= due:
            for f in flows:
                f.send()
            due = max(due + TICK, now)
        ready = {fd for fd, _ in poll.poll(max(0, (due - time.monotonic()) * 1000))}
        for f in flows:
            f.take(ready)
        if 0 in ready:
            command = os.read(0, 100)
            if not command:
                return
            goals = [[w.settling() for w in f.ways] for f in flows]
            until = time.monotonic() + BOUND
            continue
        if not goals:
            continue
        left = missing(flows, goals)
        if left and time.monotonic() < until:
            continue
        say('; '.join(left) or answer(flows, goals))
        goals = None
        for f in flows:
            for w in f.ways:
                w.begin()


main()
