#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Makes each memory allocation of an operation fail in turn, by /proc/thread-self/fail-nth, and looks at what is left.
"""
faults.py netlink          every operation of the family
faults.py link             a device: made, set up and down, its address
faults.py netns            a network namespace
faults.py module FILE      the module, loaded from FILE

In the namespace of the caller. After an operation that failed all that is
configured must be as it was. A line for each operation: its name and how many
faults were injected; a finding is a line "FOUND ..." and the exit status 1; the
last line is "faults N".

CONFIG_FAULT_INJECTION; failslab and fail_page_alloc must be told that any
allocation may fail (ignore-gfp-wait 0) and by themselves do nothing
(probability 0).
"""

import ctypes
import errno
import os
import struct
import sys

import nlraw
from nlraw import attr, ip, nest, text, u16, u32
import _socket as socket

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
# An operation of which so many allocations fail is not over, it goes round in circles.
LIMIT = 20000

up = nlraw.uapi()
found = 0


def A(name):
    return up['A_' + name]


def C(name):
    return up['CMD_' + name]


def finding(*what):
    global found
    found += 1
    print('FOUND', *what)


class Faults:
    """The N-th allocation from now on fails, if there is one."""

    def __init__(self):
        self.fd = os.open('/proc/thread-self/fail-nth', os.O_RDWR)

    def arm(self, n):
        os.pwrite(self.fd, b'%d' % n, 0)

    def disarm(self):
        """Was there one?"""
        left = int(os.pread(self.fd, 32, 0).rstrip(b'\0').strip() or b'0')
        os.pwrite(self.fd, b'0', 0)
        return left == 0


faults = Faults()
total = 0


def attempt(n, act):
    """act() while its n-th allocation fails: how it failed, and whether that was it."""
    failed = None
    faults.arm(n)
    try:
        act()
    except (OSError, nlraw.Refused) as e:
        failed = e
    return failed, faults.disarm()


def sweep(name, act, undo=None, same=None, until=LIMIT):
    """
    act() until none of its allocations fails any more. It raises OSError or
    Refused if it did not succeed; same() says what has changed then. undo()
    takes back what has succeeded.
    """
    global total
    hit = survived = 0
    for n in range(1, until):
        failed, fired = attempt(n, act)
        if failed and not fired:
            finding(name, 'fails without a fault:', failed)
            break
        if failed and failed.errno == errno.ENOBUFS and same and same():
            # Done, but there was no memory to say so (netlink_ack()).
            failed = None
        if failed is None:
            survived += fired
            if undo:
                undo()
        elif same:
            what = same()
            if what:
                finding(name, 'fault %d: %s, and yet changed: %s' % (n, failed, what))
        if not fired:
            break
        hit += 1
    else:
        finding(name, 'is not over after %d faults' % until)
    total += hit
    print('%-28s %4d faults, %d of them did not matter' % (name, hit, survived), flush=True)


# --- what there is --------------------------------------------------------

class Watch:
    """All that is configured in a namespace, counters too."""

    DUMPS = 'LINK', 'NODE', 'SERVICE', 'ENDPOINT'
    DOS = 'CONFIG', 'EGRESS', 'FLOW_CACHE'

    def __init__(self):
        self.family = nlraw.Family('k8snet')
        self.before = self.look()

    # Follows a change of nodes a moment later, see k8snet_device_fit_soon().
    LATER = {A('LINK_MTU')}

    def look(self):
        out = self.look_all()
        out['LINK'] = [[(kind, payload) for kind, payload, _ in nlraw.attrs(m)
                        if kind not in self.LATER] for m in out['LINK']]
        return out

    def look_all(self):
        return {what: self.family.dump(C(what + '_GET')) for what in self.DUMPS} | {
            what: self.family.do(C(what + '_GET')) for what in self.DOS}

    def same(self):
        now = self.look()
        other = [what for what in now if now[what] != self.before[what]]
        self.before = now
        return ' '.join(other)

    def mark(self):
        self.before = self.look()


# --- netlink --------------------------------------------------------------

def prefix(kind, address, length):
    return nest(kind, ip(A('PREFIX_IPV4'), address), u32(A('PREFIX_LENGTH'), length))


def prefix6(kind, address, length):
    return nest(kind, attr(A('PREFIX_IPV6'), socket.inet_pton(socket.AF_INET6, address)),
                u32(A('PREFIX_LENGTH'), length))


def node(name, via, n, extra=b''):
    return text(A('NODE_IFNAME'), 'k8snet0') + text(A('NODE_NAME'), name) + \
        ip(A('NODE_VIA_IPV4'), via) + extra + \
        prefix(A('NODE_PREFIX'), '10.244.%d.0' % n, 24) + \
        prefix6(A('NODE_PREFIX'), 'fd00:244:%d::' % n, 64)


def backend(address, port=8080, weight=1, flags=9):
    return nest(A('SERVICE_ENDPOINT'), ip(A('BACKEND_IPV4'), address), u16(A('BACKEND_PORT'), port),
                u32(A('BACKEND_WEIGHT'), weight), u32(A('BACKEND_FLAGS'), flags))


def frontend(address, kind='CLUSTER_IP', port=80):
    return nest(A('SERVICE_FRONTEND'), u32(A('FRONTEND_TYPE'), up['FRONTEND_TYPE_' + kind]),
                ip(A('FRONTEND_IPV4'), address), u16(A('FRONTEND_PORT'), port))


def service(name, number, protocol=6, *more):
    return text(A('SERVICE_NAME'), name) + u32(A('SERVICE_PROTOCOL'), protocol) + \
        frontend('10.96.0.%d' % number) + b''.join(more)


def endpoint(name, address, weight=1):
    return text(A('ENDPOINT_SERVICE'), name) + ip(A('ENDPOINT_IPV4'), address) + \
        u16(A('ENDPOINT_PORT'), 8080) + u32(A('ENDPOINT_WEIGHT'), weight)


def netlink():
    watch = Watch()
    k = watch.family

    def do(cmd, body):
        return lambda: k.do(C(cmd), body)

    def op(name, cmd, body, undo=None):
        """undo: requests that take it back."""
        watch.mark()

        def back():
            for c, b in undo or ():
                k.do(C(c), b)
            watch.mark()
        sweep(name, do(cmd, body), back, watch.same)

    def dev(name):
        return text(A('NODE_IFNAME'), name)

    gone = lambda name: ('NODE_DEL', dev('k8snet0') + text(A('NODE_NAME'), name))
    also = nest(A('NODE_ALSO'), ip(A('ADDRESS_IPV4'), '192.168.99.77'))
    op('node-new', 'NODE_NEW', node('a', '192.168.99.9', 9), [gone('a')])
    op('node-new, all fields', 'NODE_NEW',
       node('a', '192.168.99.9', 9, u16(A('NODE_PORT'), 4711) + u32(A('NODE_FORMAT'), 1) + also +
            attr(A('NODE_MAC'), b'\2\0\0\0\0\1')), [gone('a')])
    k.do(C('NODE_NEW'), node('a', '192.168.99.9', 9))
    op('node-replace', 'NODE_REPLACE', node('a', '192.168.99.10', 10, also),
       [('NODE_REPLACE', node('a', '192.168.99.9', 9))])
    k.do(C('NODE_NEW'), node('b', '192.168.99.11', 11))
    op('node-replace that moves', 'NODE_REPLACE', node('a', '192.168.99.9', 11, u32(A('NODE_MOVE'), 1)),
       [('NODE_REPLACE', node('b', '192.168.99.11', 11, u32(A('NODE_MOVE'), 1))),
        ('NODE_REPLACE', node('a', '192.168.99.9', 9))])
    op('node-del', 'NODE_DEL', gone('a')[1], [('NODE_NEW', node('a', '192.168.99.9', 9))])
    op('node-get', 'NODE_GET', gone('a')[1])
    link = text(A('LINK_IFNAME'), 'k8snet0')
    op('link-get', 'LINK_GET', link)
    for name, there, back in (
            ('id', u32(A('LINK_ID'), 7), u32(A('LINK_ID'), 1)),
            ('port', u16(A('LINK_PORT'), 9999), u16(A('LINK_PORT'), 8472)),
            ('format', u32(A('LINK_FORMAT'), 1), u32(A('LINK_FORMAT'), 0)),
            ('format, port', u32(A('LINK_FORMAT'), 2) + u16(A('LINK_PORT'), 9999),
             u32(A('LINK_FORMAT'), 0) + u16(A('LINK_PORT'), 8472)),
            ('mtu', u32(A('LINK_MTU'), 1300), u32(A('LINK_MTU'), 0)),
            ('strict, ttl', u32(A('LINK_STRICT'), 0) + u32(A('LINK_TTL'), 9),
             u32(A('LINK_STRICT'), 1) + u32(A('LINK_TTL'), 64))):
        op('link-set ' + name, 'LINK_SET', link + there, [('LINK_SET', link + back)])

    drop = lambda name: ('SERVICE_DEL', text(A('SERVICE_NAME'), name))
    many = b''.join(backend('10.244.2.%d' % i, weight=i) for i in range(1, 30))
    local = b''.join(backend('10.244.1.%d' % i, flags=15) for i in range(1, 9))
    extra = prefix(A('SERVICE_RANGE'), '10.0.0.0', 8) + u32(A('SERVICE_AFFINITY'), 60)
    op('service-new', 'SERVICE_NEW', service('a/b:c', 10), [drop('a/b:c')])
    for i, algorithm in enumerate(('maglev', 'random', 'rr', 'lc')):
        op('service-new ' + algorithm, 'SERVICE_NEW',
           service('a/b:c', 10, 6, many, local, extra, u32(A('SERVICE_ALGORITHM'), i)), [drop('a/b:c')])
    op('service-new, node port', 'SERVICE_NEW',
       service('a/b:c', 10, 17, frontend('0.0.0.0', 'NODE_PORT', 30080),
               frontend('192.0.2.7', 'LOAD_BALANCER'), many), [drop('a/b:c')])
    k.do(C('SERVICE_NEW'), service('a/b:c', 10, 17, many))
    op('service-replace', 'SERVICE_REPLACE',
       service('a/b:c', 11, 17, local, extra, frontend('192.0.2.7', 'EXTERNAL')),
       [('SERVICE_REPLACE', service('a/b:c', 10, 17, many))])
    op('service-replace, type', 'SERVICE_REPLACE',
       text(A('SERVICE_NAME'), 'a/b:c') + u32(A('SERVICE_PROTOCOL'), 17) +
       frontend('10.96.0.10', 'EXTERNAL') + many + u32(A('SERVICE_ON_REMOVE'), 1),
       [('SERVICE_REPLACE', service('a/b:c', 10, 17, many))])
    op('service-get', 'SERVICE_GET', text(A('SERVICE_NAME'), 'a/b:c'))
    op('endpoint-new', 'ENDPOINT_NEW', endpoint('a/b:c', '10.244.3.1'),
       [('ENDPOINT_DEL', endpoint('a/b:c', '10.244.3.1')[:-8])])
    k.do(C('ENDPOINT_NEW'), endpoint('a/b:c', '10.244.3.1'))
    op('endpoint-replace', 'ENDPOINT_REPLACE', endpoint('a/b:c', '10.244.3.1', 7),
       [('ENDPOINT_REPLACE', endpoint('a/b:c', '10.244.3.1'))])
    op('endpoint-del', 'ENDPOINT_DEL', endpoint('a/b:c', '10.244.3.1')[:-8],
       [('ENDPOINT_NEW', endpoint('a/b:c', '10.244.3.1'))])
    op('service-del', 'SERVICE_DEL', drop('a/b:c')[1],
       [('SERVICE_NEW', service('a/b:c', 10, 17, many)),
        ('ENDPOINT_NEW', endpoint('a/b:c', '10.244.3.1'))])
    op('config-set', 'CONFIG_SET', prefix(A('CONFIG_PODS'), '10.244.0.0', 16) +
       prefix(A('CONFIG_SERVICES'), '10.96.0.0', 16) + attr(A('CONFIG_SEED'), b's' * 16),
       [('CONFIG_SET', u32(A('CONFIG_CLEAR'), 7))])
    op('config-get', 'CONFIG_GET', b'')
    k.do(C('CONFIG_SET'), prefix(A('CONFIG_PODS'), '10.244.0.0', 16))
    op('egress-set', 'EGRESS_SET', u32(A('EGRESS_ENABLED'), 1) +
       prefix(A('EGRESS_EXCLUDE'), '10.0.0.0', 8), [('EGRESS_SET', u32(A('EGRESS_ENABLED'), 0))])
    op('egress-get', 'EGRESS_GET', b'')
    for field, there, back in (('ENABLED', 0, 1), ('LIMIT', 10, 65536), ('PEER', 0, 1), ('INGRESS', 0, 1),
                               ('EARLY', 0, 1)):
        op('flow-cache-set ' + field.lower(), 'FLOW_CACHE_SET', u32(A('FLOW_CACHE_' + field), there),
           [('FLOW_CACHE_SET', u32(A('FLOW_CACHE_' + field), back))])
    op('flow-cache-get', 'FLOW_CACHE_GET', b'')
    op('flow-flush', 'FLOW_FLUSH', b'')
    op('explain', 'EXPLAIN', u32(A('EXPLAIN_PROTOCOL'), 17) +
       ip(A('EXPLAIN_SOURCE_IPV4'), '10.244.1.10') + u16(A('EXPLAIN_SOURCE_PORT'), 4000) +
       ip(A('EXPLAIN_DEST_IPV4'), '10.96.0.10') + u16(A('EXPLAIN_DEST_PORT'), 80))
    transaction(watch, lambda name: service(name, 20, 17, many, extra), many, drop)
    for what in 'LINK', 'NODE', 'SERVICE', 'ENDPOINT', 'STATS', 'FLOW':
        watch.mark()
        sweep(what.lower() + '-get, dump', lambda w=what: k.dump(C(w + '_GET')), None, watch.same)
    k.do(*drop_all(drop))
    first_need(node, service, drop)


def transaction(watch, make, many, drop):
    """Each step of one, with the others around it."""
    k = watch.family
    steps = [('begin', 'TRANSACTION_BEGIN', b''),
             ('a new service', 'SERVICE_NEW', make('t/x:y')),
             ('the same again', 'SERVICE_REPLACE', make('t/x:y')),
             ('one that is there', 'SERVICE_REPLACE', service('a/b:c', 10, 17, many)),
             ('an endpoint', 'ENDPOINT_REPLACE', endpoint('a/b:c', '10.244.3.9')),
             ('a node', 'NODE_NEW', node('t', '192.168.99.20', 20)),
             ('settings', 'CONFIG_SET', prefix(A('CONFIG_SERVICES'), '10.97.0.0', 16)),
             ('the flow cache', 'FLOW_CACHE_SET', u32(A('FLOW_CACHE_PEER'), 0) + u32(A('FLOW_CACHE_INGRESS'), 0)),
             ('commit', 'TRANSACTION_COMMIT', b'')]

    def abort():
        try:
            k.do(C('TRANSACTION_ABORT'))
        except nlraw.Refused:
            pass

    def back():
        for cmd, body in (drop('t/x:y'), ('SERVICE_REPLACE', service('a/b:c', 10, 17, many)),
                          ('NODE_DEL', text(A('NODE_IFNAME'), 'k8snet0') + text(A('NODE_NAME'), 't')),
                          ('FLOW_CACHE_SET', u32(A('FLOW_CACHE_PEER'), 1) + u32(A('FLOW_CACHE_INGRESS'), 1))):
            try:
                k.do(C(cmd), body)
            except nlraw.Refused:
                pass
        watch.mark()

    global total
    for at, (name, cmd, body) in enumerate(steps):
        for n in range(1, LIMIT):
            back()
            for _, c, b in steps[:at]:
                reply = k.do(C(c), b)
                if c == 'TRANSACTION_BEGIN':
                    generation = [p for kind, p, _ in nlraw.attrs(reply[0])
                                  if kind == A('TRANSACTION_GENERATION')][0]
            if name == 'commit':
                body = attr(A('TRANSACTION_GENERATION'), generation)
            failed, fired = attempt(n, lambda b=body: k.do(C(cmd), b))
            done = name == 'commit' and not (failed and failed.errno != errno.ENOBUFS)
            if failed and not fired:
                finding('transaction,', name, 'fails without a fault:', failed)
            abort()
            if not done:
                what = watch.same()
                if what:
                    finding('transaction,', name, 'fault %d: %s, and yet changed: %s' % (n, failed, what))
            total += fired
            if not fired:
                break
        print('%-28s %4d faults' % ('transaction, ' + name, n - 1), flush=True)
    back()


def drop_all(drop):
    cmd, body = drop('a/b:c')
    return C(cmd), body


def first_need(node_, service_, drop):
    """In a namespace that has no hooks yet each time, they are made as well."""
    def act():
        family.do(C('SERVICE_NEW'), service_('a/b:c', 10))

    home = os.open('/proc/self/ns/net', os.O_RDONLY)
    global total
    for n in range(1, LIMIT):
        if libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'unshare')
        family = nlraw.Family('k8snet')
        failed, fired = attempt(n, act)
        # Perhaps there was no memory for the answer alone.
        if failed and failed.errno != errno.ENOBUFS and family.dump(C('SERVICE_GET')):
            finding('the first service', 'fault %d: %s, and yet there' % (n, failed))
        family.sock.close()
        libc.setns(home, CLONE_NEWNET)
        total += fired
        if not fired:
            break
    print('%-28s %4d faults' % ('the first service', n - 1), flush=True)
    os.close(home)


# --- devices --------------------------------------------------------------

RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK = 16, 17, 18
IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_KIND = 3, 18, 1


class Route(nlraw.Route):
    def link(self, kind, name, flags=0, change=0, more=b'', nlflags=0):
        self.ask(kind, nlflags, struct.pack('=BxHiII', 0, 0, 0, flags, change) +
                 text(IFLA_IFNAME, name) + more)


def link():
    watch = Watch()
    route = Route()
    kind = nest(IFLA_LINKINFO, text(IFLA_INFO_KIND, 'k8snet'))

    def add():
        route.link(RTM_NEWLINK, 'k8snet9', more=kind, nlflags=nlraw.F_CREATE | nlraw.F_EXCL)

    def delete():
        route.link(RTM_DELLINK, 'k8snet9')
        watch.mark()

    sweep('ip link add', add, delete, watch.same)

    def up_():
        route.link(RTM_NEWLINK, 'k8snet9', 1, 1)

    def down():
        route.link(RTM_NEWLINK, 'k8snet9', 0, 1)
        watch.mark()

    add()
    family = watch.family
    body = text(A('LINK_IFNAME'), 'k8snet9')
    family.do(C('LINK_SET'), body + u32(A('LINK_ID'), 9))
    watch.mark()
    sweep('ip link set up, same port', up_, down, watch.same)
    family.do(C('LINK_SET'), body + u16(A('LINK_PORT'), 9009))
    watch.mark()
    sweep('ip link set up, new port', up_, down, watch.same)
    up_()
    watch.mark()
    sweep('ip link set down', lambda: route.link(RTM_NEWLINK, 'k8snet9', 0, 1),
          lambda: (up_(), watch.mark()), watch.same)
    sweep('ip link del', lambda: route.link(RTM_DELLINK, 'k8snet9'), lambda: (add(), watch.mark()),
          watch.same)


# --- namespaces and the module --------------------------------------------

def in_child(act):
    """What act() raises, an errno, or 0; whether its fault came."""
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        global faults
        faults = Faults()
        err = act()
        os.write(w, struct.pack('=i?', err, faults.disarm()))
        os._exit(0)
    os.close(w)
    said = os.read(r, 8)
    os.close(r)
    os.waitpid(pid, 0)
    return struct.unpack('=i?', said)


def netns():
    """
    The last allocations only: those of k8snet are among them, since devices'
    namespaces come last (register_pernet_device()). Before that it is the rest
    of the kernel that is tested.
    """
    global total
    big = 1000000

    def act(n):
        def unshare():
            faults.arm(n)
            return ctypes.get_errno() if libc.unshare(CLONE_NEWNET) else 0
        return unshare

    def count():
        act(big)()
        return big - int(os.pread(faults.fd, 32, 0).rstrip(b'\0').strip() or b'0')

    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        globals()['faults'] = Faults()
        os.write(w, b'%d' % count())
        os._exit(0)
    os.waitpid(pid, 0)
    allocations = int(os.read(r, 32))
    hit = failed = 0
    for n in range(max(1, allocations - 150), allocations + 50):
        err, fired = in_child(act(n))
        if err and not fired:
            finding('netns', 'fails without a fault: %d' % err)
            break
        hit += fired
        failed += err != 0
    total += hit
    print('%-28s %4d faults of %d allocations, %d of them mattered' % (
        'network namespace', hit, allocations, failed), flush=True)
    if not failed:
        finding('netns', 'none of the faults mattered')


def module(path):
    global total
    fd = os.open(path, os.O_RDONLY)
    hit = 0
    for n in range(1, LIMIT):
        faults.arm(n)
        failed = libc.syscall(313, fd, b'', 0)
        err = ctypes.get_errno() if failed else 0
        fired = faults.disarm()
        if os.path.exists('/sys/module/k8snet/initstate') != (not failed):
            finding('module', 'fault %d: errno %d, and yet there' % (n, err))
        if not failed and libc.syscall(176, b'k8snet', os.O_NONBLOCK):
            finding('module', 'fault %d: cannot be removed: %s' % (
                n, os.strerror(ctypes.get_errno())))
            break
        if failed and not fired:
            finding('module', 'is not loaded, without a fault: %s' % os.strerror(err))
            break
        with open('/proc/slabinfo') as f:
            left = [line.split()[0] for line in f if line.startswith('k8snet')]
        if left:
            finding('module', 'fault %d: caches are left: %s' % (n, ' '.join(left)))
        if not fired:
            break
        hit += 1
    total += hit
    print('%-28s %4d faults' % ('module', hit), flush=True)


if __name__ == '__main__':
    {'netlink': netlink, 'link': link, 'netns': netns, 'module': module}[sys.argv[1]](*sys.argv[2:])
    print('faults %d' % total)
    sys.exit(1 if found else 0)
