#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Transactions: all or nothing, stale ones, sockets that close, two writers, refusals in the middle, events, readers under traffic.
#
#   p1a 10.244.1.10 --.
#    (client)          n1 192.168.99.1 --[ul]
#   p1b 10.244.1.11 --'   k8snet0: worker2, worker3
#    (UDP servers 7, 8)
#
# timeout: 240

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_underlay
topo_host n1 192.168.99.1
sysctl_ns n1 net/ipv4/ip_forward=1
topo_pod n1 p1a 10.244.1.10 10.244.1.1
topo_pod n1 p1b 10.244.1.11 10.244.1.1
k8snet_node n1 1 2 3
# What transactions change of it is compared with how it was.
k8snetctl -n n1 flow set on

# Prints "ok NAME" or "not ok NAME<tab>REASON" for each; those become results.
cat >"$T/cases" <<'PY'
import errno
import os
import select
import sys
import time
import _socket as socket
import _thread
import nlraw
from nlraw import attr, ip, nest, text, u16, u32, Refused
import traffic

U = nlraw.uapi()
A = {k[2:]: v for k, v in U.items() if k.startswith('A_')}
C = {k[4:]: v for k, v in U.items() if k.startswith('CMD_')}
TCP, UDP = 6, 17
GROUPS = {}


def result(good, name, why=''):
    print('ok %s' % name if good else 'not ok %s\t%s' % (name, str(why).replace('\n', ' ')), flush=True)


def same(name, want, got):
    result(want == got, name, 'expected %r, got %r' % (want, got))


def front(address, port, kind=0):
    return nest(A['SERVICE_FRONTEND'], u32(A['FRONTEND_TYPE'], kind),
                ip(A['FRONTEND_IPV4'], address), u16(A['FRONTEND_PORT'], port))


def back(address, port):
    return nest(A['SERVICE_ENDPOINT'], ip(A['BACKEND_IPV4'], address), u16(A['BACKEND_PORT'], port))


def service(name, fronts, backs=(), protocol=UDP):
    return (text(A['SERVICE_NAME'], name) + u32(A['SERVICE_PROTOCOL'], protocol) +
            b''.join(front(*f) for f in fronts) + b''.join(back(*b) for b in backs))


def endpoint(name, address, port):
    return text(A['ENDPOINT_SERVICE'], name) + ip(A['ENDPOINT_IPV4'], address) + u16(A['ENDPOINT_PORT'], port)


def prefix(kind, address, length):
    return nest(kind, ip(A['PREFIX_IPV4'], address), u32(A['PREFIX_LENGTH'], length))


def node(name, via, *prefixes, move=0):
    return (text(A['NODE_IFNAME'], 'k8snet0') + text(A['NODE_NAME'], name) + ip(A['NODE_VIA_IPV4'], via) +
            b''.join(prefix(A['NODE_PREFIX'], *p) for p in prefixes) +
            (u32(A['NODE_MOVE'], 1) if move else b''))


def number(payload):
    return int.from_bytes(payload, sys.byteorder)


class Writer(nlraw.Family):
    def __init__(self):
        nlraw.Family.__init__(self, 'k8snet')

    def begin(self):
        self.generation = number(dict((k, p) for k, p, _ in nlraw.attrs(self.do(C['TRANSACTION_BEGIN'])[0]))
                                 [A['TRANSACTION_GENERATION']])
        return self.generation

    def commit(self, generation=None):
        g = self.generation if generation is None else generation
        reply = self.do(C['TRANSACTION_COMMIT'], u32(A['TRANSACTION_GENERATION'], g))[0]
        return [number(p) for k, p, _ in nlraw.attrs(reply)]

    def abort(self):
        return self.do(C['TRANSACTION_ABORT'])

    def close(self):
        os.close(self.sock.detach())

    def services(self):
        """{name: (frontends, endpoints)}, as text."""
        out = {}
        for reply in self.dump(C['SERVICE_GET']):
            name, fronts = '', []
            for k, p, _ in nlraw.attrs(reply):
                if k == A['SERVICE_NAME']:
                    name = p.rstrip(b'\0').decode()
                elif k == A['SERVICE_FRONTEND']:
                    f = dict((k, p) for k, p, _ in nlraw.attrs(p))
                    fronts.append('%s:%d' % (socket.inet_ntoa(f[A['FRONTEND_IPV4']]),
                                             int.from_bytes(f[A['FRONTEND_PORT']], 'big')))
            out[name] = [' '.join(fronts), '']
        for reply in self.dump(C['ENDPOINT_GET']):
            e = dict((k, p) for k, p, _ in nlraw.attrs(reply))
            one = out[e[A['ENDPOINT_SERVICE']].rstrip(b'\0').decode()]
            one[1] += ' %s:%d' % (socket.inet_ntoa(e[A['ENDPOINT_IPV4']]),
                                  int.from_bytes(e[A['ENDPOINT_PORT']], 'big'))
        return dict((n, f + ' to' + e) for n, (f, e) in out.items())

    def flow_cache(self):
        told = dict((k, p) for k, p, _ in nlraw.attrs(self.do(C['FLOW_CACHE_GET'])[0]))
        return number(told[A['FLOW_CACHE_ENABLED']]), number(told[A['FLOW_CACHE_LIMIT']])

    def nodes(self):
        out = {}
        for reply in self.dump(C['NODE_GET']):
            name, via, prefixes = '', '', []
            for k, p, _ in nlraw.attrs(reply):
                if k == A['NODE_NAME']:
                    name = p.rstrip(b'\0').decode()
                elif k == A['NODE_VIA_IPV4']:
                    via = socket.inet_ntoa(p)
                elif k == A['NODE_PREFIX']:
                    f = dict((k, p) for k, p, _ in nlraw.attrs(p))
                    prefixes.append('%s/%d' % (socket.inet_ntoa(f[A['PREFIX_IPV4']]),
                                               number(f[A['PREFIX_LENGTH']])))
            out[name] = ' '.join([via] + sorted(prefixes))
        return out


def refused(name, code, words, function, *args, at=None):
    try:
        function(*args)
    except Refused as r:
        good = r.errno == code and words in (r.text or '') and (at is None or r.offset == at)
        result(good, name, '%s; wanted %s, "%s", offset %s' % (r, os.strerror(code), words, at))
    else:
        result(False, name, 'it was not refused')


w, other = Writer(), Writer()
NEW, REPLACE, DEL = C['SERVICE_NEW'], C['SERVICE_REPLACE'], C['SERVICE_DEL']


def named(name):
    return text(A['SERVICE_NAME'], name)


# --- all ----------------------------------------------------------------------

g = w.begin()
w.do(NEW, service('a', [('10.96.0.1', 80), ('0.0.0.0', 30080, 1)], [('10.244.1.11', 7)]))
w.do(NEW, service('b', [('10.96.0.2', 80)], [('10.244.1.11', 8)], TCP))
w.do(C['ENDPOINT_NEW'], endpoint('b', '10.244.1.12', 8))
w.do(C['ENDPOINT_NEW'], endpoint('b', '10.244.1.13', 8))
w.do(C['ENDPOINT_DEL'], endpoint('b', '10.244.1.11', 8))
w.do(C['CONFIG_SET'], u32(A['CONFIG_VIP_PING'], 1))
w.do(C['EGRESS_SET'], u32(A['EGRESS_ENABLED'], 1))
w.do(C['FLOW_CACHE_SET'], u32(A['FLOW_CACHE_LIMIT'], 1234))
w.do(C['FLOW_CACHE_SET'], u32(A['FLOW_CACHE_ENABLED'], 0))
w.do(C['NODE_NEW'], node('worker4', '192.168.99.4', ('10.244.4.0', 24)))
w.do(C['NODE_DEL'], text(A['NODE_IFNAME'], 'k8snet0') + text(A['NODE_NAME'], 'worker3'))
before = w.services(), sorted(w.nodes())
same('what is collected is not made yet', ({}, ['worker2', 'worker3']), before)
same('nor that', (1, 65536), w.flow_cache())
after, messages = w.commit()
same('the commit says how many messages it was made of', 11, messages)
result(after != g, 'the generation is another one')
same('then all services are there', {'a': '10.96.0.1:80 0.0.0.0:30080 to 10.244.1.11:7',
                                     'b': '10.96.0.2:80 to 10.244.1.12:8 10.244.1.13:8'}, other.services())
same('and all nodes', {'worker2': '192.168.99.2 10.244.2.0/24', 'worker4': '192.168.99.4 10.244.4.0/24'},
     other.nodes())
told = dict((k, p) for k, p, _ in nlraw.attrs(w.do(C['EGRESS_GET'])[0]))
same('and egress is on', 1, number(told[A['EGRESS_ENABLED']]))
told = dict((k, p) for k, p, _ in nlraw.attrs(w.do(C['CONFIG_GET'])[0]))
same('and the settings are made', 1, number(told[A['CONFIG_VIP_PING']]))
same('and the flow cache is off, and has its size', (0, 1234), w.flow_cache())
w.do(C['FLOW_CACHE_SET'], u32(A['FLOW_CACHE_ENABLED'], 1))
same('what is not given stays', (1, 1234), w.flow_cache())
refused('a commit ends the transaction', errno.ENOENT, 'this socket has no transaction', w.abort)

# --- nothing --------------------------------------------------------------------

def state():
    return w.services(), w.nodes()

good = state()
w.begin()
w.do(NEW, service('c', [('10.96.0.3', 80)]))
w.do(DEL, named('a'))
w.do(C['NODE_DEL'], text(A['NODE_IFNAME'], 'k8snet0') + text(A['NODE_NAME'], 'worker2'))
w.abort()
same('an abort leaves all as it was', good, state())

x = Writer()
x.begin()
x.do(NEW, service('c', [('10.96.0.3', 80)]))
x.do(C['NODE_NEW'], node('worker9', '192.168.99.9', ('10.244.9.0', 24)))
x.close()
same('a socket that is closed in the middle, too', good, state())
w.do(NEW, service('c', [('10.96.0.3', 80)]))
w.do(DEL, named('c'))
result(True, 'and leaves nothing behind that is in the way')

w.begin()
refused('one socket has one transaction', errno.EBUSY, 'this socket has a transaction already', w.begin)
refused('a commit needs the generation', errno.EINVAL, 'which generation',
        lambda: w.do(C['TRANSACTION_COMMIT']))
w.do(NEW, service('c', [('10.96.0.3', 80)]))
refused('another generation than that of begin is refused', errno.ESTALE, 'another generation',
        lambda: w.commit(w.generation + 1))
same('and nothing has changed', good, state())
refused('and that is the end of it', errno.ENOENT, 'no transaction', w.commit)

g = w.begin()
same('a commit of nothing changes nothing', [g, 0], w.commit())

# --- refused in the middle -----------------------------------------------------------

w.begin()
w.do(NEW, service('c', [('10.96.0.3', 80)], [('10.244.1.11', 7)]))
body = service('d', [('10.96.0.4', 80), ('10.96.0.3', 80)])
refused('a frontend of an earlier message is taken', errno.EADDRINUSE, 'another service has this frontend',
        lambda: w.do(NEW, body), at=nlraw.position(body, (A['SERVICE_FRONTEND'], 1)))
body = service('c', [('10.96.0.5', 80)])
refused('so is its name', errno.EEXIST, 'there is a service of this name', lambda: w.do(NEW, body),
        at=nlraw.position(body, A['SERVICE_NAME']))
refused('its endpoint is there', errno.EEXIST, 'the service has this endpoint twice',
        lambda: w.do(C['ENDPOINT_NEW'], endpoint('c', '10.244.1.11', 7)))
w.do(DEL, named('b'))
refused('one that an earlier message removes is not there', errno.ENOENT, 'there is no service of this name',
        lambda: w.do(C['ENDPOINT_NEW'], endpoint('b', '10.244.1.11', 7)))
refused('nor can it be removed twice', errno.ENOENT, 'there is no service of this name',
        lambda: w.do(DEL, named('b')))
w.do(NEW, service('d', [('10.96.0.2', 80)], [], TCP))
refused('an endpoint needs a unicast address', errno.EINVAL, 'unicast',
        lambda: w.do(C['ENDPOINT_NEW'], endpoint('d', '224.0.0.1', 7)))
w.do(C['CONFIG_SET'], u32(A['CONFIG_VIP_PING'], 0))
refused('settings are checked against egress as it will be', errno.EBUSY, 'egress is on',
        lambda: w.do(C['CONFIG_SET'], u32(A['CONFIG_CLEAR'], U['CONFIG_FIELD_PODS'])))
w.do(C['EGRESS_SET'], u32(A['EGRESS_ENABLED'], 0))
w.do(C['CONFIG_SET'], u32(A['CONFIG_CLEAR'], U['CONFIG_FIELD_PODS']))
refused('and egress against the settings', errno.EINVAL, 'egress needs to know the pods',
        lambda: w.do(C['EGRESS_SET'], u32(A['EGRESS_ENABLED'], 1)))
w.do(C['CONFIG_SET'], prefix(A['CONFIG_PODS'], '10.244.0.0', 16))
body = node('worker5', '192.168.99.4', ('10.244.5.0', 24))
refused('a node\'s address is taken', errno.EADDRINUSE, 'another node of the device has this underlay address',
        lambda: w.do(C['NODE_NEW'], body), at=nlraw.position(body, A['NODE_VIA_IPV4']))
w.do(C['NODE_REPLACE'], node('worker4', '192.168.99.5', ('10.244.5.0', 24)))
w.do(C['NODE_NEW'], node('worker5', '192.168.99.4', ('10.244.4.0', 24)))
body = node('worker6', '192.168.99.6', ('10.244.6.0', 24), ('10.244.5.0', 24))
refused('a prefix is taken by an earlier message', errno.EEXIST, 'another node of the device has this prefix',
        lambda: w.do(C['NODE_NEW'], body), at=nlraw.position(body, (A['NODE_PREFIX'], 1)))
w.do(C['NODE_NEW'], node('worker6', '192.168.99.6', ('10.244.6.0', 24), ('10.244.5.0', 24), move=1))
same('the transaction is what it was without those', 10, w.commit()[1])
same('with its services', {'a': '10.96.0.1:80 0.0.0.0:30080 to 10.244.1.11:7',
                           'c': '10.96.0.3:80 to 10.244.1.11:7', 'd': '10.96.0.2:80 to'}, w.services())
same('and nodes that have swapped what they had', {
    'worker2': '192.168.99.2 10.244.2.0/24', 'worker4': '192.168.99.5', 'worker5': '192.168.99.4 10.244.4.0/24',
    'worker6': '192.168.99.6 10.244.5.0/24 10.244.6.0/24'}, w.nodes())

# --- the last word counts ---------------------------------------------------------------

w.begin()
w.do(NEW, service('e', [('10.96.0.7', 80)], [('10.244.1.11', 7)]))
w.do(REPLACE, service('e', [('10.96.0.8', 80)], [('10.244.1.11', 7)]))
w.do(C['ENDPOINT_REPLACE'], endpoint('e', '10.244.1.12', 7))
w.do(NEW, service('f', [('10.96.0.7', 80)]))
w.do(DEL, named('f'))
w.do(DEL, named('c'))
w.do(NEW, service('c', [('10.96.0.7', 80), ('10.96.0.3', 80)], [('10.244.1.11', 7)]))
w.do(REPLACE, service('d', [('10.96.0.1', 80, 3)], [], TCP))
w.do(REPLACE, service('d', [('10.96.0.2', 80, 3)], [('10.244.1.13', 9)], TCP))
w.commit()
same('a service that was added, changed, removed and added', {
    'a': '10.96.0.1:80 0.0.0.0:30080 to 10.244.1.11:7', 'c': '10.96.0.3:80 10.96.0.7:80 to 10.244.1.11:7',
    'd': '10.96.0.2:80 to 10.244.1.13:9', 'e': '10.96.0.8:80 to 10.244.1.11:7 10.244.1.12:7'}, w.services())
w.begin()
w.do(DEL, named('d'))
w.do(DEL, named('e'))
w.do(REPLACE, service('c', [('10.96.0.7', 80)], [('10.244.1.11', 7)]))
w.do(REPLACE, service('a', [('10.96.0.3', 80)], [('10.244.1.11', 7)]))
w.do(REPLACE, service('c', [('10.96.0.7', 80), ('10.96.0.1', 80)], [('10.244.1.11', 7)]))
w.commit()
same('frontends pass from one service to another', {
    'a': '10.96.0.3:80 to 10.244.1.11:7', 'c': '10.96.0.7:80 10.96.0.1:80 to 10.244.1.11:7'}, w.services())

# --- two writers ------------------------------------------------------------------------

w.begin()
w.do(NEW, service('g', [('10.96.0.9', 80)]))
other.do(NEW, service('h', [('10.96.0.10', 80)]))
refused('a message is refused when somebody else has changed the tables', errno.ESTALE,
        'somebody else has changed the tables', lambda: w.do(NEW, service('i', [('10.96.0.11', 80)])))
refused('so is a message of nodes', errno.ESTALE, 'somebody else has changed the tables',
        lambda: w.do(C['NODE_NEW'], node('worker7', '192.168.99.7', ('10.244.7.0', 24))))
refused('and the commit', errno.ESTALE, 'somebody else has changed the tables', w.commit)
same('nothing of it is made', ['a', 'c', 'h'], sorted(w.services()))
w.begin()
w.do(NEW, service('g', [('10.96.0.9', 80)]))
other.do(C['NODE_DEL'], text(A['NODE_IFNAME'], 'k8snet0') + text(A['NODE_NAME'], 'worker6'))
refused('a change of nodes counts as well', errno.ESTALE, 'somebody else has changed the tables', w.commit)
w.begin()
other.begin()
w.do(NEW, service('g', [('10.96.0.9', 80)]))
other.do(NEW, service('g', [('10.96.0.9', 80)]))
w.commit()
refused('of two transactions the first commit is made', errno.ESTALE, 'somebody else', other.commit)
many = [Writer() for _ in range(64)]
for x in many:
    x.begin()
refused('there are 64 of them at most', errno.ENOSPC, '64 open transactions', w.begin)
for x in many:
    x.close()
w.begin()
w.abort()
result(True, 'and sockets that close make room')

# --- events -----------------------------------------------------------------------------

def groups():
    reply = w.exchange(nlraw.GENL_CTRL, nlraw.CTRL_GETFAMILY, text(nlraw.CTRL_FAMILY_NAME, 'k8snet'), nlraw.F_ACK)[0]
    for k, p, _ in nlraw.attrs(reply):
        if k == 7:
            for _, one, _ in nlraw.attrs(p):
                g = dict((k, p) for k, p, _ in nlraw.attrs(one))
                GROUPS[g[1].rstrip(b'\0').decode()] = number(g[2])

groups()
ears = Writer()
ears.sock.setsockopt(nlraw.SOL_NETLINK, 1, GROUPS['changes'])

def heard():
    out = []
    while select.select([ears.sock], [], [], 0.2)[0]:
        raw = ears.sock.recv(1 << 16)
        out.append([number(p) for k, p, _ in nlraw.attrs(raw[nlraw.HEAD:])])
    return out

w.begin()
w.do(DEL, named('g'))
w.do(DEL, named('h'))
w.do(C['NODE_NEW'], node('worker7', '192.168.99.7', ('10.244.7.0', 24)))
g, n = w.commit()
same('a commit is one event, with the generation', [[g, 3]], heard())
w.do(NEW, service('g', [('10.96.0.9', 80)]))
w.do(C['NODE_DEL'], text(A['NODE_IFNAME'], 'k8snet0') + text(A['NODE_NAME'], 'worker7'))
same('a message alone is one, too', [1, 1], [e[1] for e in heard()])
w.begin()
w.do(DEL, named('g'))
w.abort()
same('what is not made is none', [], heard())

# --- listings ---------------------------------------------------------------------------

w.begin()
for i in range(2000):
    w.do(NEW, service('many%d' % i, [('10.97.%d.%d' % (i // 250, i % 250 + 1), 80)], [('10.244.1.11', 7)]))
w.commit()

def interrupted(change):
    """Does a listing say so, when there is a change after its first part?"""
    other.seq += 1
    other.sock.send(nlraw.struct.pack('=IHHIIBBH', nlraw.HEAD, other.id, 0x301, other.seq, 0, C['SERVICE_GET'], 1, 0))
    flags = names = 0
    first = True
    while True:
        raw = other.sock.recv(1 << 16)
        if first:
            change()
            first = False
        at = 0
        while at < len(raw):
            length, kind, f, _ = nlraw.struct.unpack_from('=IHHI', raw, at)
            flags |= f
            at += length + 3 & ~3
            if kind == nlraw.DONE:
                return bool(flags & 0x10), names
            names += 1

def touch():
    w.begin()
    w.do(REPLACE, service('many0', [('10.97.0.1', 80)], [('10.244.1.11', 8)]))
    w.commit()

same('a listing that a commit interrupts says so', (True, 2003), interrupted(touch))
def collect():
    w.begin()
    w.do(REPLACE, service('many0', [('10.97.0.1', 80)], [('10.244.1.11', 8)]))
same('one that is only collected does not', (False, 2003), interrupted(collect))
for i in range(2000):
    if i:
        w.do(DEL, named('many%d' % i))
w.do(DEL, named('many0'))
w.commit()
same('2,000 are removed in one', ['a', 'c', 'g'], sorted(w.services()))

# --- readers under traffic ------------------------------------------------------------------

def server(port):
    def make():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
        s.bind(('0.0.0.0', port))
        return s
    s = traffic.in_ns('p1b', make)
    def answer():
        while True:
            data, client = s.recvfrom(100)
            s.sendto(b'%d' % port, client)
    _thread.start_new_thread(answer, ())

server(7)
server(8)
stop, counts, bad = [], [0], []

def client(address):
    def ask():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
        s.settimeout(5)
        return s
    while not stop:
        s = traffic.in_ns('p1a', ask)
        try:
            s.connect((address, 80))
            s.send(b'x')
            if s.recv(100) not in (b'7', b'8'):
                bad.append('strange answer')
        except OSError as e:
            bad.append('%s: %s' % (address, e))
        os.close(s.detach())
        counts[0] += 1
    done.append(address)

# Endpoints stay: the flow of one that goes ends at once, even with an answer on its way.
both = [('10.244.1.11', 7), ('10.244.1.11', 8)]
done = []
w.begin()
w.do(REPLACE, service('a', [('10.96.0.3', 80)], both))
w.do(REPLACE, service('c', [('10.96.0.7', 80)], both))
w.commit()
for a in ('10.96.0.3', '10.96.0.7'):
    _thread.start_new_thread(client, (a,))
rounds = 0
until = time.monotonic() + 4
while time.monotonic() < until or rounds < 20:
    # The services go, others come in their place, which then pass a frontend on.
    w.begin()
    w.do(DEL, named('a'))
    w.do(DEL, named('c'))
    w.do(NEW, service('x', [('10.96.0.3', 80)], both))
    w.do(NEW, service('y', [('10.96.0.7', 80), ('0.0.0.0', 30007, 1)], both))
    w.commit()
    w.begin()
    w.do(REPLACE, service('y', [('10.96.0.20', 80)], both))
    w.do(REPLACE, service('x', [('10.96.0.7', 80), ('10.96.0.3', 80)], both))
    w.commit()
    w.begin()
    w.do(DEL, named('x'))
    w.do(DEL, named('y'))
    w.do(NEW, service('c', [('10.96.0.7', 80, 3)], both))
    w.do(NEW, service('a', [('10.96.0.3', 80)], both))
    w.do(REPLACE, service('c', [('10.96.0.7', 80)], both))
    w.commit()
    rounds += 1
stop.append(1)
while len(done) < 2:
    time.sleep(0.01)
same('no client of services that are swapped all the time ever fails', [], bad[:3])
print('# %d clients in %d rounds of 3 commits' % (counts[0], rounds), flush=True)

# --- flows of UDP ----------------------------------------------------------------------------

def flow(address):
    def make():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
        s.settimeout(5)
        s.connect((address, 80))
        return s
    return traffic.in_ns('p1a', make)

def ask(s):
    s.send(b'x')
    return s.recv(100)

w.begin()
w.do(REPLACE, service('a', [('10.96.0.3', 80)], both[:1]))
w.do(REPLACE, service('c', [('10.96.0.7', 80)], both[1:]))
w.commit()
flows = [flow('10.96.0.3'), flow('10.96.0.7')]
same('two flows', [b'7', b'8'], [ask(s) for s in flows])
w.begin()
w.do(C['ENDPOINT_NEW'], endpoint('a', '10.244.1.11', 8))
w.do(C['ENDPOINT_DEL'], endpoint('a', '10.244.1.11', 7))
w.do(REPLACE, service('c', [('10.96.0.7', 80)], [('10.244.1.11', 7)]))
w.commit()
same('both get other servers by one commit', [b'8', b'7'], [ask(s) for s in flows])
body = service('a', [('10.96.0.7', 80)], both[1:])
w.begin()
refused('an address is taken as long as the other service has it', errno.EADDRINUSE,
        'another service has this frontend', lambda: w.do(REPLACE, body),
        at=nlraw.position(body, A['SERVICE_FRONTEND']))
w.do(DEL, named('c'))
w.do(REPLACE, body)
w.do(NEW, service('c', [('10.96.0.3', 80)], both[:1]))
w.commit()
same('and when the services swap their addresses', [b'7', b'8'], [ask(s) for s in flows])

for name in list(w.services()):
    w.do(DEL, named(name))
PY
cases in_ns n1 python3 -S "$T/cases"

# --- the tool -----------------------------------------------------------------------------

cat >"$T/batch" <<-BATCH
	transaction begin
	service add one tcp 10.96.1.1:80 endpoint 10.244.1.11:7
	service add two udp 10.96.1.1:80 endpoint 10.244.1.11:7
	transaction commit
BATCH
check "a batch in one transaction" k8snetctl -n n1 -b "$T/batch"
check_eq "is made" "one two" "$(k8snetctl -n n1 -j service show | gojq -r '[.[].name] | join(" ")')"
cat >"$T/batch" <<-BATCH
	transaction begin
	service del one
	service add three tcp 10.96.1.1:80 endpoint 10.244.1.11:7
	service add three tcp 10.96.1.2:80
	transaction commit
BATCH
check_fails "one with a mistake" k8snetctl -n n1 -b "$T/batch"
check_match "says which line it is in" 'batch:4: service three: there is a service of this name' "$(cat "$T/out")"
check_eq "and is not" "one two" "$(k8snetctl -n n1 -j service show | gojq -r '[.[].name] | join(" ")')"
ktap_end
