#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Long-lived connections between network namespaces, from one process that reads commands and answers each with one line.
"""
talk.py                     commands come from standard input, a line each

echo NS ADDR PORT           a server that sends back what it gets, TCP and UDP
open NAME NS tcp|udp FROM FPORT TO PORT
                            a connection from an address and port
say NAME N SIZE [TTL]       N messages of SIZE bytes, one after the other, each
                            waited for and compared; ok and how many came back
tell NAME N SIZE            the same without waiting; they are not read back
peer NAME                   who the server thinks that the client is (TCP)
close NAME                  an orderly end, as the server has seen it
reset NAME                  a reset
many NS FROM TO PORT N      N sockets, UDP, from ports 20000 on: what each sends
                            comes back, for as long as conntrack wants to see
                            that until it takes it for a stream

The answer is "ok", and perhaps more, or "failed" and why.
"""

import os
import resource
import select
import struct
import sys
import time
# The C module alone: socket.py takes a second to load on an emulated processor.
import _socket as socket
import _thread

CLONE_NEWNET = 0x40000000
PATIENCE = 3
STREAM = 2.2                    # nf_conntrack_udp_packet(): 2 s, and a tick


def enter(name):
    """The process is in that network namespace from here on."""
    import ctypes
    fd = os.open('/run/netns/' + name, os.O_RDONLY)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'setns')
    os.close(fd)


def family(addr):
    return socket.AF_INET6 if ':' in addr else socket.AF_INET


def new(ns, addr, port, kind):
    enter(ns)
    s = socket.socket(family(addr), kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((addr, port))
    return s


def serve_tcp(s, peers):
    while True:
        fd, who = s._accept()
        c = socket.socket(fileno=fd)
        c.setblocking(True)
        peers.append((c, who))
        _thread.start_new_thread(echo_tcp, (c,))


def echo_tcp(c):
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while True:
            data = c.recv(65536)
            if not data:
                break
            while data:
                data = data[c.send(data):]
    except OSError:
        pass
    c.close()


def serve_udp(s):
    while True:
        data, who = s.recvfrom(65536)
        try:
            s.sendto(data, who)
        except OSError:
            pass


class Talk:
    def __init__(self):
        self.conns = {}
        self.peers = []

    def echo(self, ns, addr, port):
        tcp = new(ns, addr, int(port), socket.SOCK_STREAM)
        tcp.listen(64)
        _thread.start_new_thread(serve_tcp, (tcp, self.peers))
        udp = new(ns, addr, int(port), socket.SOCK_DGRAM)
        _thread.start_new_thread(serve_udp, (udp,))
        return ''

    def open(self, name, ns, proto, addr, sport, to, port):
        kind = socket.SOCK_STREAM if proto == 'tcp' else socket.SOCK_DGRAM
        s = new(ns, addr, int(sport), kind)
        s.settimeout(PATIENCE)
        s.connect((to, int(port)))
        if proto == 'tcp':
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.conns[name] = (s, proto)
        return ''

    def say(self, name, n, size, ttl=None):
        s, proto = self.conns[name]
        if ttl:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, int(ttl))
        back = 0
        for i in range(int(n)):
            want = (struct.pack('!I', i) + bytes(range(256)) * (int(size) // 256 + 1))[:int(size)]
            s.sendall(want)
            got = b''
            try:
                while len(got) < len(want):
                    more = s.recv(65536)
                    if not more:
                        break
                    got += more
            except (TimeoutError, OSError) as e:
                if proto == 'tcp':
                    return 'failed message %d: %s' % (i, e)
                continue
            if got == want:
                back += 1
            else:
                return 'failed message %d came back wrong: %d bytes of %d' % (i, len(got), len(want))
        return str(back) if back == int(n) else 'failed %d of %s came back' % (back, n)

    def tell(self, name, n, size):
        s = self.conns[name][0]
        for i in range(int(n)):
            s.send(bytes(int(size)))
        return ''

    def peer(self, name):
        port = self.conns[name][0].getsockname()[1]
        for c, who in reversed(self.peers):
            if who[1] == port:
                return '%s:%d' % who[:2]
        return 'failed nobody with port %d' % port

    def close(self, name):
        s = self.conns.pop(name)[0]
        s.shutdown(socket.SHUT_WR)
        try:
            while s.recv(65536):
                pass
        except OSError as e:
            return 'failed %s' % e
        s.close()
        return ''

    def reset(self, name):
        s = self.conns.pop(name)[0]
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        s.close()
        return ''

    def many(self, ns, addr, to, port, n):
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(n) + 100, int(n) + 100))
        sockets = []
        for i in range(int(n)):
            s = new(ns, addr, 20000 + i, socket.SOCK_DGRAM)
            s.settimeout(PATIENCE)
            s.connect((to, int(port)))
            sockets.append(s)
        for wait in STREAM, 0:
            for s in sockets:
                s.send(b'x')
                s.recv(10)
            time.sleep(wait)
        for s in sockets:
            s.close()
        return ''


def main():
    talk = Talk()
    for line in sys.stdin:
        word = line.split()
        try:
            said = getattr(talk, word[0])(*word[1:])
        except Exception as e:
            said = 'failed %s: %s' % (type(e).__name__, e)
        print(said if said.startswith('failed') else ('ok ' + said).rstrip(), flush=True)


main()
