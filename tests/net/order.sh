#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packets that come together arrive in the order they were sent in, whichever of them has to see to something.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10 (server)
#   (client)           n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'                  br0
#   (server)                              |
#                                out 192.168.99.100 (client)
#
#   p3a 10.244.3.10 (client) -- n3 -- p3b 10.244.3.11 (server): services, no overlay
#
#   all but out with IPv6 as well: fd00:244:N::10 and ::11, fd99::N
#
# There are short ways into a pod and a long one, past which others would come.

. "$(dirname "$0")/../lib.sh"

# Each way is taken here, whatever the suite has.
unset K8SNET_FLOW

ktap_start
busybox modprobe sch_netem 2>/dev/null
topo_two_nodes_dual
topo_outside
topo_host n3 192.168.99.3
sysctl_ns n3 net/ipv4/ip_forward=1
topo_pod n3 p3a 10.244.3.10 10.244.3.1
topo_pod n3 p3b 10.244.3.11 10.244.3.1
# Registered first, it stays behind k8snet's hook of the same priority.
for n in n1 n2 n3; do
	in_ns $n nft 'table inet last { chain post { type filter hook postrouting priority 2147483647; udp dport 9 drop; }; }'
done
k8snet_node_dual n1 1 2
k8snet_node_dual n2 2 1
k8snetctl -n n3 service add default/alone:x udp 10.96.0.22:91 endpoint 10.244.3.11:9091
for n in n1 n2; do
	k8snetctl -n $n service add default/near:x udp 10.96.0.21:91 endpoint 10.244.1.11:9091
	k8snetctl -n $n service add default/far:x udp 10.96.0.20:91 nodeport 30091 endpoint 10.244.2.10:9091
done

cat >"$T/order.py" <<'PY'
import struct
import _socket as socket
import nlraw
import probe
from traffic import in_ns

# Client, where it sends to, its family; node, device and address of the pod.
WAYS = {'node': ('p1a', ('10.244.1.11', 9091), 4, 'n1', 'vp1b', '10.244.1.11'),
        'node6': ('p1a', ('fd00:244:1::11', 9091), 6, 'n1', 'vp1b', 'fd00:244:1::11'),
        'near': ('p1a', ('10.96.0.21', 91), 4, 'n1', 'vp1b', '10.244.1.11'),
        'overlay': ('p1a', ('10.244.2.10', 9091), 4, 'n2', 'vp2a', '10.244.2.10'),
        'overlay6': ('p1a', ('fd00:244:2::10', 9091), 6, 'n2', 'vp2a', 'fd00:244:2::10'),
        'far': ('p1a', ('10.96.0.20', 91), 4, 'n2', 'vp2a', '10.244.2.10'),
        'nodeport': ('out', ('192.168.99.2', 30091), 4, 'n2', 'vp2a', '10.244.2.10'),
        'alone': ('p3a', ('10.96.0.22', 91), 4, 'n3', 'vp3b', '10.244.3.11')}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
BURST = 8
clients, servers = {}, {}
for way, (client, to, f, node, device, pod) in WAYS.items():
    clients[way] = in_ns(client, socket.socket, FAMILY[f], socket.SOCK_DGRAM)
    clients[way].connect(to)
    if pod not in servers:
        servers[pod] = in_ns(device[1:], socket.socket, FAMILY[f], socket.SOCK_DGRAM)
        servers[pod].bind((pod, 9091))
    for s in clients[way], servers[pod]:
        s.settimeout(probe.PATIENCE)
caches = {n: in_ns(n, nlraw.Family, 'k8snet') for n in ('n1', 'n2', 'n3')}
routes = {n: in_ns(n, nlraw.Route) for n in ('n1', 'n2', 'n3')}


def streams():
    probe.streams([(clients[way], servers[WAYS[way][5]]) for way in WAYS])


def stale(way):
    """The pod was not heard of for some time: RTM_NEWNEIGH, NUD_STALE, NDA_DST."""
    f, node, device, pod = WAYS[way][2:]
    body = struct.pack('=BBHiHBB', FAMILY[f], 0, 0, in_ns(node, socket.if_nametoindex, device), 4, 0, 0)
    routes[node].ask(28, nlraw.F_REPLACE, body + nlraw.attr(1, socket.inet_pton(FAMILY[f], pod)))


def forgotten(way):
    """No node knows the flow."""
    for cache in caches.values():
        cache.do(probe.uapi['CMD_FLOW_FLUSH'])


PREPARE = {'stale': stale, 'forgotten': forgotten}


def order(rounds, prepare, way):
    out = []
    for i in range(int(rounds)):
        PREPARE[prepare](way)
        for n in range(BURST):
            clients[way].send(b'%d' % n)
        out.append(b''.join(servers[WAYS[way][5]].recv(100) for n in range(BURST)).decode())
    # Two processors might have shared the packets of a round.
    if out.count('01234567') <= len(out) // 2:
        raise probe.Failed(' '.join(out))


probe.COMMANDS.update(streams=streams, order=order)
probe.main()
PY
probe_start "$T/order.py"
check "connections that have been there for some time" probe streams

if ! in_ns p1a tc qdisc add dev eth0 root netem slot 10ms 2>/dev/null; then
	skip "packets that come together" "this kernel has no netem"
	ktap_end
	exit
fi
for n in out p3a; do in_ns $n tc qdisc add dev eth0 root netem slot 10ms; done
ways="node node6 near overlay overlay6 far nodeport alone"
counted_flow() { k8snetctl -n "$1" -j flow stats | gojq ".counter[\"$2\"]"; }
flow_set() { for n in n1 n2 n3; do k8snetctl -n $n flow set "$@"; done; }

# Where the packet that teaches takes the queue, those behind it do, too.
for way in $ways; do
	check "somebody behind us, $way: a flow that becomes known" probe order 20 forgotten "$way"
done
for n in n1 n2 n3; do in_ns $n nft delete table inet last; done
flow_set early off
for way in $ways; do
	check "early off, $way: a flow that becomes known" probe order 20 forgotten "$way"
done
flow_set early on

for mode in off on; do
	flow_set $mode
	[ $mode = off ] || check "flow cache on: there are flows" probe streams
	for way in $ways; do
		check "flow cache $mode, $way: a pod that is to be asked whether it is there" probe order 20 stale "$way"
	done
done
for way in $ways; do
	case $way in n*[!t] | near) n=n1 ;; alone) n=n3 ;; *) n=n2 ;; esac
	learned=$(counted_flow $n learned) peer=$(counted_flow $n hit-peer)
	check "$way: a flow that becomes known" probe order 20 forgotten "$way"
	check "$way: in each round" [ $(($(counted_flow $n learned) - learned)) -ge 20 ]
	check "$way: by which packets come to the pod at once" [ $(($(counted_flow $n hit-peer) - peer)) -ge 100 ]
done
ktap_end
