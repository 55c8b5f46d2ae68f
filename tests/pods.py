#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# What the containers of many pods do, servers and clients, from one process: what agnhost is to the tests of Kubernetes.
"""
pods.py                     commands come from standard input, a line each

serve NS NAME [at=ADDR...] PROTO,PORT...
                            servers in a namespace, of both families, or at
                            those addresses: UDP answers from any of a node's
quit NS [PROTO,PORT...]     their end, and that of their connections
ask NS PROTO ADDR PORT [n=N] [from=PORT] [at=ADDR] [timeout=SECONDS]
                            what N clients (1) hear that ask all at once,
                            "NAME ADDR PORT" each, with commas between them
names ...                   as ask, but each NAME once, in order (n=30)
echo NS PROTO ADDR PORT BYTES
                            so much is sent and comes back as it was
hold ID NS ADDR PORT [at=ADDR] [from=PORT]
                            a TCP connection that stays; who answered
talk ID                     something is sent by it and comes back: "fine", or
                            what became of the connection
close ID
stream ID NS ADDR PORT [from=PORT] [every=SECONDS]
                            UDP from one port without an end, from a socket
                            that is not connected
heard ID                    who answered since the last time, in order; two
                            after the other are one
moved ID NAME               waits until NAME answers: milliseconds since the
                            last answer before its first one
lost ID [last=N]            of the next N packets (20), those that nobody answers
segment NS ADDR ADDR PORT PORT
                            a TCP segment that is part of no conversation, from
                            there to there: FIN alone, far from any window
flood NS ADDR PORT FROM N   UDP datagrams from N ports
clients NS PREFIX ADDR PORT FIRST N
                            UDP datagrams from N IPv6 addresses, PREFIX and a
                            number each
mtu NS ADDR PORT BYTES      the path MTU that a UDP socket knows after sending
                            a datagram of that size with DF

The answer is "ok" and the rest, or "failed" and why. What a client hears
instead of a server: refused, timeout, reset, unreachable.

from=PORT is below 32768: a port that the system gives out may have been another
client's a minute ago, conntrack still knows it, and translates to a free one.

Protocols are tcp, udp and sctp. A server answers "id" with its name and where
the client comes from, anything else with itself.
"""

import errno
import os
import select
import struct
import sys
import time
# The C module alone: socket.py takes a second to load on an emulated processor.
import _socket as socket

import pkt
from traffic import Failed, family, in_ns

ASK = b'id\n'
SAID = {errno.ECONNREFUSED: 'refused', errno.ECONNRESET: 'reset', errno.EHOSTUNREACH: 'unreachable',
        errno.ENETUNREACH: 'unreachable', errno.EACCES: 'unreachable'}
IN, OUT = select.EPOLLIN, select.EPOLLOUT
IPV6_CHECKSUM, IPV6_MTU_DISCOVER, IPV6_MTU = 7, 23, 24


def said(e):
    return SAID.get(e.errno, os.strerror(e.errno))


def new_socket(ns, proto, fam):
    kind = socket.SOCK_DGRAM if proto == 'udp' else socket.SOCK_STREAM
    s = in_ns(ns, socket.socket, fam, kind, 132 if proto == 'sctp' else 0)
    s.setblocking(False)
    if fam == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    # With it, two UDP sockets may get one port for themselves.
    if proto != 'udp':
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return s


class Loop:
    """Everything waits here."""

    def __init__(self):
        self.poll = select.epoll()
        self.handlers = {}
        self.timers = []

    def add(self, s, events, handler):
        self.handlers[s.fileno()] = handler
        self.poll.register(s.fileno(), events)

    def drop(self, s):
        if self.handlers.pop(s.fileno(), None):
            self.poll.unregister(s.fileno())
        s.close()

    def run(self, done, seconds):
        """Until done() or that time is over; true if done."""
        until = time.monotonic() + seconds
        while not done():
            now = time.monotonic()
            if now >= until:
                return False
            soonest = min([until] + [t.due for t in self.timers])
            for fd, events in self.poll.poll(max(0, soonest - now)):
                if fd in self.handlers:
                    self.handlers[fd](events)
            now = time.monotonic()
            for t in self.timers:
                if t.due <= now:
                    t.fire(now)
        return True


loop = Loop()


class Server:
    """One port of a pod, in one family."""

    def __init__(self, ns, name, proto, port, fam, addr=''):
        self.name = name
        self.ns = ns
        self.spec = '%s,%d' % (proto, port)
        self.sockets = [new_socket(ns, proto, fam)]
        s = self.sockets[0]
        s.bind((addr, port))
        if proto == 'udp':
            loop.add(s, IN, self.datagram)
        else:
            s.listen(256)
            loop.add(s, IN, self.accept)

    def answer(self, got, who):
        if got.startswith(b'id'):
            return ('%s %s %d\n' % (self.name, who[0], who[1])).encode()
        return got

    def datagram(self, _):
        s = self.sockets[0]
        try:
            while True:
                got, who = s.recvfrom(65536)
                s.sendto(self.answer(got, who), who)
        except OSError:
            pass

    def accept(self, _):
        try:
            while True:
                fd, who = self.sockets[0]._accept()
                c = socket.socket(fileno=fd)
                c.setblocking(False)
                self.sockets.append(c)
                left = bytearray()
                loop.add(c, IN, lambda events, c=c, who=who, left=left: self.talk(c, who, events, left))
        except OSError:
            pass

    def talk(self, c, who, events, left):
        """What the client does not take yet is left, and nothing read meanwhile."""
        try:
            if not events & OUT:
                got = c.recv(65536)
                if not got:
                    raise OSError(0, 'closed')
                left += self.answer(got, who)
            try:
                del left[:c.send(left)]
            except BlockingIOError:
                pass
            loop.poll.modify(c.fileno(), OUT if left else IN)
            return
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return
        self.sockets.remove(c)
        loop.drop(c)

    def quit(self):
        for s in self.sockets:
            loop.drop(s)


def source(options):
    """Where a client is to come from."""
    port = int(options.get('from', 0))
    if port >= 32768:
        raise Failed('from=%d: it must be below 32768, which the system does not give out' % port)
    return options.get('at', ''), port


class Client:
    """One question, and what came back."""

    def __init__(self, ns, proto, addr, port, options, text=ASK, want=None):
        self.result = None
        self.proto = proto
        self.left = text
        self.got = b''
        self.want = want
        self.socket = s = new_socket(ns, proto, family(addr))
        try:
            if 'from' in options or 'at' in options:
                s.bind(source(options))
            loop.add(s, OUT, self.ready)
            s.connect((addr, port))
        except BlockingIOError:
            pass
        except OSError as e:
            self.end(said(e))

    def end(self, result, keep=False):
        self.result = result
        if not keep:
            loop.drop(self.socket)

    def ready(self, events):
        s = self.socket
        try:
            err = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if err:
                raise OSError(err, '')
            if self.left and events & OUT:
                self.left = self.left[self.send(self.left):]
                if not self.left:
                    loop.poll.modify(s.fileno(), IN)
            if events & ~OUT:
                self.receive()
        except BlockingIOError:
            pass
        except OSError as e:
            self.end(said(e))

    def send(self, text):
        try:
            return self.socket.send(text)
        except PermissionError:
            # The node itself refused or dropped it. Which of them is heard later.
            return len(text)

    def receive(self):
        got = self.socket.recv(65536)
        if not got and self.proto != 'udp':
            self.end('closed')
            return
        self.got += got
        if self.want is None and self.got.endswith(b'\n'):
            self.end(self.got.decode().strip())
        elif self.want is not None and len(self.got) >= self.want:
            self.end('')


class Held(Client):
    """A connection that stays."""

    def __init__(self, ns, addr, port, options):
        self.state = None
        super().__init__(ns, 'tcp', addr, port, options)

    def end(self, result, keep=False):
        if result in SAID.values() or result == 'closed':
            self.state = result
            super().end(result)
        else:
            super().end(result, True)

    def say(self, text):
        if self.state:
            return
        self.result = None
        self.got = b''
        self.left = text
        loop.poll.modify(self.socket.fileno(), IN | OUT)


class Stream:
    """UDP from one port; a timer sends."""

    def __init__(self, ns, addr, port, options):
        self.socket = s = new_socket(ns, 'udp', family(addr))
        s.bind(source(options))
        loop.add(s, IN, self.receive)
        self.to = addr, port
        self.every = float(options.get('every', .02))
        self.due = time.monotonic()
        self.sent = 0
        self.answered = 0
        self.heard = []
        self.last = None
        self.gaps = {}
        loop.timers.append(self)

    def fire(self, now):
        self.due = max(self.due + self.every, now)
        try:
            self.socket.sendto(ASK, self.to)
            self.sent += 1
        except OSError:
            pass

    def receive(self, _):
        try:
            while True:
                got = self.socket.recv(2000)
                name = got.decode().split()[0]
                now = time.monotonic()
                self.answered += 1
                if not self.heard or self.heard[-1] != name:
                    self.heard.append(name)
                    self.gaps[name] = now - (self.last or now)
                self.last = now
        except OSError:
            pass

    def close(self):
        loop.timers.remove(self)
        loop.drop(self.socket)


servers = []
kept = {}


def options_of(words):
    return dict(w.split('=', 1) for w in words)


def serve(ns, name, *specs):
    at = [s[3:] for s in specs if s.startswith('at=')]
    places = [(family(a), a) for a in at] or [(socket.AF_INET, ''), (socket.AF_INET6, '')]
    for spec in specs[len(at):]:
        proto, port = spec.split(',')
        for fam, addr in places:
            servers.append(Server(ns, name, proto, int(port), fam, addr))
    return ''


def quit_servers(ns, *specs):
    for s in servers[:]:
        if s.ns == ns and (not specs or s.spec in specs):
            s.quit()
            servers.remove(s)
    return ''


def asked(ns, proto, addr, port, words, count):
    options = options_of(words)
    clients = [Client(ns, proto, addr, int(port), options)
               for _ in range(int(options.get('n', count)))]
    loop.run(lambda: all(c.result is not None for c in clients), float(options.get('timeout', 3)))
    for c in clients:
        if c.result is None:
            c.end('timeout')
    return [c.result for c in clients]


def ask(ns, proto, addr, port, *words):
    return ','.join(asked(ns, proto, addr, port, words, 1))


def names(ns, proto, addr, port, *words):
    return ','.join(sorted({r.split()[0] for r in asked(ns, proto, addr, port, words, 30)}))


def echo(ns, proto, addr, port, size):
    text = os.urandom(int(size) - 1) + b'\n'
    if text.startswith(b'id'):
        text = b'no' + text[2:]
    # A large datagram may only be what tells its sender the path MTU, and the
    # first answer of each endpoint likewise.
    for patience in (.5, .5, .5, 1, 5) if proto == 'udp' else (5,):
        c = Client(ns, proto, addr, int(port), {}, text, len(text))
        if not loop.run(lambda c=c: c.result is not None, patience):
            c.end('timeout')
        if not c.result:
            break
    if c.result:
        raise Failed(c.result)
    if c.got != text:
        raise Failed('other bytes came back')
    return ''


def hold(name, ns, addr, port, *words):
    h = kept[name] = Held(ns, addr, int(port), options_of(words))
    if not loop.run(lambda: h.result is not None, 5):
        raise Failed('timeout')
    return h.result


def talk(name):
    h = kept[name]
    h.say(b'still there?\n')
    if not loop.run(lambda: h.result is not None, 3):
        return 'timeout'
    return h.state or 'fine'


def close(name):
    k = kept.pop(name)
    if isinstance(k, Stream):
        k.close()
    elif not k.state:
        loop.drop(k.socket)
    return ''


def stream(name, ns, addr, port, *words):
    kept[name] = Stream(ns, addr, int(port), options_of(words))
    return ''


def heard(name):
    s = kept[name]
    out = s.heard
    s.heard = out[-1:]
    return ','.join(out)


def moved(name, who):
    s = kept[name]
    if not loop.run(lambda: s.heard and s.heard[-1] == who, 10):
        raise Failed('heard ' + ','.join(s.heard))
    return '%d' % (s.gaps[who] * 1000)


def lost(name, *words):
    s = kept[name]
    s.sent = s.answered = 0
    n = int(options_of(words).get('last', 20))
    loop.run(lambda: s.sent >= n, 10)
    loop.timers.remove(s)
    loop.run(lambda: s.answered >= n, .5)
    loop.timers.append(s)
    # One that was on its way when counting began may have been answered, too.
    return '%d' % max(0, s.sent - s.answered)


def raw_socket(ns, fam, proto, checksum_at):
    s = in_ns(ns, socket.socket, fam, socket.SOCK_RAW, proto)
    if fam == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_CHECKSUM, checksum_at)
    return s


def segment(ns, src, dst, sport, dport):
    s = raw_socket(ns, family(src), socket.IPPROTO_TCP, 16)
    s.bind((src, 0))
    tcp = struct.pack('!HHIIBBHHH', int(sport), int(dport), 1 << 30, 1 << 30, 5 << 4, 1, 1000, 0, 0)
    if family(src) == socket.AF_INET:
        tcp = tcp[:16] + struct.pack('!H', pkt.csum(pkt.pseudo(src, dst, 6, len(tcp)) + tcp)) + tcp[18:]
    s.sendto(tcp, (dst, 0))
    s.close()
    return ''


def drain():
    """Until there is nothing in the queues of the processors (softnet_seq_show())."""
    while True:
        with open('/proc/net/softnet_stat') as f:
            if not sum(int(line.split()[11], 16) for line in f):
                return
        time.sleep(0.001)


def paced(first, count):
    """
    The numbers, with pauses until all is taken: a queue has room for 1,000
    packets (netdev_max_backlog), and what empties it may be a process that has
    to wait (ksoftirqd).
    """
    for i in range(int(count)):
        if i % 200 == 0:
            drain()
        yield int(first) + i
    drain()


def flood(ns, addr, port, first, count):
    s = raw_socket(ns, family(addr), socket.IPPROTO_UDP, 6)
    for sport in paced(first, count):
        try:
            s.sendto(struct.pack('!HHHH', sport, int(port), 9, 0) + b'x', (addr, 0))
        except OSError:
            pass
    s.close()
    return ''


def mtu(ns, addr, port, size):
    six = ':' in addr
    s = new_socket(ns, 'udp', family(addr))
    level = socket.IPPROTO_IPV6 if six else 0
    s.setsockopt(level, IPV6_MTU_DISCOVER if six else 10, 2)
    s.connect((addr, int(port)))

    def known():
        return s.getsockopt(level, IPV6_MTU if six else 14)
    first = known()
    s.send(bytes(int(size)))
    loop.run(lambda: known() != first, 2)
    out = known()
    s.close()
    return '%d' % out


def clients(ns, prefix, addr, port, first, count):
    s = in_ns(ns, socket.socket, socket.AF_INET6, socket.SOCK_RAW, 255)
    s.setsockopt(socket.IPPROTO_IPV6, 36, 1)    # HDRINCL
    base, to = pkt.addr(prefix)[:12], pkt.addr(addr)
    body = struct.pack('!HHHH', 7, int(port), 8, 0)
    # The checksum of a datagram of zeros, and all that is in this one.
    plain = pkt.pseudo('::', addr, 17, 8) + base + body
    rest = ~pkt.csum(plain) & 0xffff
    head = struct.pack('!IHBB', 6 << 28, 8, 17, 64) + base
    for n in paced(first, count):
        low = rest + (n >> 16) + (n & 0xffff)
        low = (low & 0xffff) + (low >> 16)
        low = ~((low & 0xffff) + (low >> 16)) & 0xffff
        s.sendto(head + struct.pack('!I', n) + to + body[:6] + struct.pack('!H', low or 0xffff),
                 (addr, 0))
    s.close()
    return ''


def main():
    commands = {'serve': serve, 'quit': quit_servers, 'ask': ask, 'names': names, 'echo': echo,
                'hold': hold, 'talk': talk, 'close': close, 'stream': stream, 'heard': heard,
                'moved': moved, 'lost': lost, 'mtu': mtu, 'segment': segment, 'flood': flood,
                'clients': clients}
    lines = []
    pending = b''

    def read(_):
        nonlocal pending
        got = os.read(0, 65536)
        if not got:
            sys.exit()
        pending += got
        *whole, pending = pending.split(b'\n')
        lines.extend(whole)

    loop.handlers[0] = read
    loop.poll.register(0, IN)
    while True:
        loop.run(lambda: lines, 3600)
        words = lines.pop(0).decode().split()
        try:
            out = 'ok ' + commands[words[0]](*words[1:])
        except (Failed, OSError, KeyError) as e:
            out = 'failed: %s' % e
        print(out, flush=True)


if __name__ == '__main__':
    main()
