#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Sends crafted frames in any namespace, reads the counters there, and captures: from one process, a command and an answer per line.
"""
As a program it knows no frames; a scenario imports it, fills FRAMES and
COMMANDS, and calls main(). Commands come from standard input:

watch NS                    the counters of that namespace are of interest
mark                        changes are counted from here
changed NS CHANGES          waits until they are that: "rx+1,worker2.rx+1", or
                            "-" for none; fails with what they are
send NAME...                sends the frames of those names
count NS CHANGES NAME...    mark, send and changed
remember NS                 all that is configured there
same NS                     fails if that is not as it was when it was last
                            asked for or remembered

The answer is "ok", or "failed" and why.

Counters: drops by reason, as "k8snetctl stats" has them, of the namespace and
of all its devices; rx and dropped of all devices; NAME.rx and NAME.dropped of
each node. What a process start costs an emulated processor (30 to 100 ms) buys
a hundred of these.
"""

import struct
import sys
import time

import nlraw
import _socket as socket
from traffic import Failed, in_ns

# What "send" sends: a list of (namespace, device, bytes) by name.
FRAMES = {}
# {namespace: [function that returns {counter: number}]}
SOURCES = {}
PATIENCE = 5

uapi = nlraw.uapi()
reasons = {number: name[len('DROP_REASON_'):].lower().replace('_', '-')
           for name, number in uapi.items() if name.startswith('DROP_REASON_')}


# --- counters -------------------------------------------------------------

def attr(message, name):
    """The payloads of an attribute."""
    kind = uapi['A_' + name]
    return [payload for k, payload, _ in nlraw.attrs(message) if k == kind]


def number(message, name):
    return int.from_bytes(attr(message, name)[0], sys.byteorder)


def snmp(ns, *protocols):
    """The stack's own there, of these protocols in both families, by the names that nstat has: IcmpInMsgs, Udp6InErrors."""
    def read():
        out = {}
        for name in 'snmp', 'netstat':
            with open('/proc/thread-self/net/' + name) as f:
                lines = [line.split() for line in f]
            for head, values in zip(lines[::2], lines[1::2]):
                if head[0][:-1] in protocols:
                    out.update((head[0][:-1] + n, int(v)) for n, v in zip(head[1:], values[1:]))
        with open('/proc/thread-self/net/snmp6') as f:
            for line in f:
                name, value = line.split()
                if name.split('6')[0] in protocols:
                    out[name] = int(value)
        return out
    return in_ns(ns, read)


class Counters:
    """Those of k8snet in one namespace."""

    def __init__(self, ns):
        self.family = in_ns(ns, nlraw.Family, 'k8snet')

    def dump(self, what):
        return self.family.dump(uapi['CMD_%s_GET' % what])

    def __call__(self):
        out = {'rx': 0, 'dropped': 0}
        for message in self.dump('STATS'):
            for c in attr(message, 'STATS_COUNTER'):
                why = reasons[number(c, 'COUNTER_REASON')]
                out[why] = out.get(why, 0) + number(c, 'COUNTER_PACKETS')
        for message in self.dump('LINK'):
            stats, = attr(message, 'LINK_STATS')
            out['rx'] += number(stats, 'LINK_STATS_RX_PACKETS')
            out['dropped'] += number(stats, 'LINK_STATS_RX_DROPPED')
        for message in self.dump('NODE'):
            stats, = attr(message, 'NODE_STATS')
            name = attr(message, 'NODE_NAME')[0].rstrip(b'\0').decode()
            out[name + '.rx'] = number(stats, 'LINK_STATS_RX_PACKETS')
            out[name + '.dropped'] = number(stats, 'LINK_STATS_RX_DROPPED')
        return out


def counters(ns):
    out = {}
    for source in SOURCES[ns]:
        out.update(source())
    return out


base = {}


def watch(ns):
    SOURCES.setdefault(ns, []).append(Counters(ns))
    base[ns] = counters(ns)


def mark():
    for ns in SOURCES:
        base[ns] = counters(ns)


def changes(ns):
    """Sorted: ["rx+1", ...]; a counter that is new starts at 0."""
    return sorted('%s%+d' % (name, n - base[ns].get(name, 0))
                  for name, n in counters(ns).items() if n != base[ns].get(name, 0))


def wait(done):
    """Whether done() comes true in time."""
    until = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(0.002)
    return True


def changed(ns, want):
    want = [] if want == '-' else sorted(want.split(','))
    if not wait(lambda: changes(ns) == want):
        raise Failed('changed: %s, expected: %s' % (','.join(changes(ns)) or '-', ','.join(want) or '-'))


# --- frames ---------------------------------------------------------------

sockets = {}


def packet_socket(ns, dev, proto):
    """One that sends and, unless proto is 0, receives."""
    s = in_ns(ns, socket.socket, socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
    # In the namespace, for the name's sake.
    in_ns(ns, s.bind, (dev, proto))
    return s


def send(*names):
    for name in names:
        for ns, dev, frame in FRAMES[name]:
            if (ns, dev) not in sockets:
                sockets[ns, dev] = packet_socket(ns, dev, 0)
            sockets[ns, dev].send(frame)


def count(ns, want, *names):
    mark()
    send(*names)
    changed(ns, want)


class Capture:
    """The frames that leave or enter a device from now on."""

    OUTGOING = 4

    def __init__(self, ns, dev):
        self.socket = packet_socket(ns, dev, 3)
        self.socket.setblocking(False)
        self.seen = []

    def take(self, outgoing=None):
        """All that have come since; of one direction only, if it is given."""
        out = []
        while True:
            try:
                frame, where = self.socket.recvfrom(65536)
            except BlockingIOError:
                return out
            if outgoing is None or (where[2] == self.OUTGOING) == outgoing:
                out.append(frame)

    def wait(self, n, want, outgoing=None):
        """Until n of the frames that want() takes have come; all of those."""
        out = []

        def enough():
            out.extend(filter(want, self.take(outgoing)))
            return len(out) >= n
        wait(enough)
        return out


# --- connections -----------------------------------------------------------

def streams(pairs):
    """Clients, connected, talk with servers until conntrack says of each that it is a stream (nf_conntrack_udp_packet())."""
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        for client, server in pairs:
            client.send(b'.')
            server.sendto(*server.recvfrom(1)[:2])
            client.recv(1)


# --- settings -------------------------------------------------------------

states = {}


def remember(ns):
    family, _ = states.get(ns) or (in_ns(ns, nlraw.Family, 'k8snet'), None)
    states[ns] = family, {what: family.dump(uapi['CMD_%s_GET' % what]) for what in (
        'LINK', 'NODE', 'SERVICE', 'ENDPOINT', 'STATS')} | {
            what: family.do(uapi['CMD_%s_GET' % what]) for what in ('CONFIG', 'EGRESS')}


def same(ns):
    """All that there is, counters too: for namespaces where nothing passes."""
    before = states[ns][1]
    remember(ns)
    other = [what for what, now in states[ns][1].items() if now != before[what]]
    if other:
        raise Failed('changed in %s: %s' % (ns, ' '.join(other)))


# --- commands -------------------------------------------------------------

COMMANDS = {'watch': watch, 'mark': mark, 'changed': changed, 'send': send, 'count': count,
            'remember': remember, 'same': same}


def main():
    for line in iter(sys.stdin.readline, ''):
        words = line.split()
        try:
            said = COMMANDS[words[0]](*words[1:])
            print('ok', said or '', flush=True)
        except (Failed, OSError) as e:
            print('failed: %s' % e, flush=True)


if __name__ == '__main__':
    main()
