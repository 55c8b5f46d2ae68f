#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# How long packets of a flow may be: a device, a route or a router that says otherwise has an effect on the next packet.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10 (server)
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#                                         br0
#
#   with IPv6 as well: fd00:244:N::10, fd99::N

. "$(dirname "$0")/../lib.sh"

# It is about the cache.
unset K8SNET_FLOW

ktap_start
topo_two_nodes_dual
k8snet_node_dual n1 1 2
k8snet_node_dual n2 2 1
# By hand, so that they do not follow the underlay.
for n in n1 n2; do ip -n $n link set k8snet0 mtu 1440; done

cat >"$T/fits.py" <<'PY'
import os
import struct
import _socket as socket
import nlraw
import pkt
import probe
from traffic import in_ns

FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
POD = {4: ('10.244.1.10', '10.244.2.10'), 6: ('fd00:244:1::10', 'fd00:244:2::10')}
HEAD = {4: 28, 6: 48}
BIG = 1350
servers, clients = {}, {}
for f in 4, 6:
    servers[f] = in_ns('p2a', socket.socket, FAMILY[f], socket.SOCK_DGRAM)
    servers[f].bind((POD[f][1], 9090))
    clients[f] = in_ns('p1a', socket.socket, FAMILY[f], socket.SOCK_DGRAM)
    # Whatever was said of the path: IP_MTU_DISCOVER and its twin, PROBE.
    clients[f].setsockopt(*((socket.IPPROTO_IP, 10, 3) if f == 4 else (socket.IPPROTO_IPV6, 23, 3)))
    clients[f].connect((POD[f][1], 9090))
    for s in servers[f], clients[f]:
        s.settimeout(probe.PATIENCE)
routers = in_ns('n2', socket.socket, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
routes = {n: in_ns(n, nlraw.Route) for n in ('n1', 'n2')}
# What one processor sends by one way comes through in order.
os.sched_setaffinity(0, {0})


def size(ns, device, mtu):
    """RTM_NEWLINK, IFLA_MTU: a process would take longer than a tick."""
    body = struct.pack('=BxHiII', 0, 0, in_ns(ns, socket.if_nametoindex, device), 0, 0)
    routes[ns].ask(16, 0, body + nlraw.u32(4, mtu))


def heard_by_n1():
    """How many ICMP messages."""
    return probe.snmp('n1', 'Icmp')['IcmpInMsgs']


def said(mtu):
    """Fragmentation needed, of the way from n1 to n2, and n1 has heard it."""
    before = heard_by_n1()
    about = pkt.ipv4('192.168.99.1', '192.168.99.2', 17, pkt.udp('192.168.99.1', '192.168.99.2', 50000, 8472, bytes(1400)))
    routers.sendto(pkt.icmp(3, 4, b'\0\0' + mtu.to_bytes(2, 'big'), about[:548]), ('192.168.99.1', 0))
    # It passes two queues and the packet after it one: where ksoftirqd sees to
    # them, as Linux 6.1 has it do for a time when there is much, it would be late.
    if not probe.wait(lambda: heard_by_n1() > before):
        raise probe.Failed('n1 has not heard of %d' % mtu)


def unsaid():
    with open('/proc/sys/net/ipv4/route/flush', 'w') as f:
        f.write('1')


# What is done before, what makes the way too narrow, and what undoes it.
CHANGES = {'underlay': (None, lambda: size('n1', 'eth0', 1300), lambda: size('n1', 'eth0', 1500)),
           'overlay': (None, lambda: size('n1', 'k8snet0', 1300), lambda: size('n1', 'k8snet0', 1440)),
           'pod': (None, lambda: size('n2', 'vp2a', 1300), lambda: size('n2', 'vp2a', 1500)),
           'router': (None, lambda: said(1390), lambda: in_ns('n1', unsaid)),
           'once-more': (lambda: said(1450), lambda: said(1390), lambda: in_ns('n1', unsaid))}


def streams():
    probe.streams([(clients[f], servers[f]) for f in (4, 6)])


def send(f, what, length):
    try:
        clients[f].send(what + bytes(length - HEAD[f] - len(what)))
    except OSError:
        # What an ICMP error has said meanwhile; it is gone with that.
        clients[f].send(what + bytes(length - HEAD[f] - len(what)))


def heard(f):
    return servers[f].recv(2000).rstrip(b'\0')


def fits(rounds, change, f):
    f = int(f)
    before, narrow, wide = CHANGES[change]
    for i in range(int(rounds)):
        if before:
            before()
        for n in range(3):
            send(f, b'warm', BIG)
            if heard(f) != b'warm':
                raise probe.Failed('round %d: not even before' % (i + 1))
        narrow()
        send(f, b'late', BIG)
        send(f, b'end', 100)
        got = heard(f)
        wide()
        if got != b'end':
            raise probe.Failed('round %d: %s' % (i + 1, got))


probe.COMMANDS.update(streams=streams, fits=fits)
probe.main()
PY
probe_start "$T/fits.py"
check "connections that have been there for some time" probe streams
hits() { k8snetctl -n "$1" -j flow stats | gojq '.counter.hit'; }

declare -A said=(
	[underlay]="the underlay's device carries less" [overlay]="the overlay's does" [pod]="the pod's does"
	[router]="a router says so" [once-more]="and once more, of a way that it has said something of before"
)
for change in underlay overlay pod router once-more; do
	for f in 4 6; do
		before=$(hits n1) before2=$(hits n2)
		check "IPv$f: ${said[$change]}" probe fits 20 $change $f
		# (Two of three, for those that teach.)
		check "IPv$f: of packets that have gone by the cache before" \
			[ $(($(hits n1) - before)) -ge 40 -a $(($(hits n2) - before2)) -ge 40 ]
	done
done
ktap_end
