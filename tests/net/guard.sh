#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Nobody but a node puts packets into the overlay: the strict check and its switch, tunnel packets of pods and processes.
#
#   evil 192.168.99.77 --.
#                        |
#   p1a 10.244.1.10 --.  |                            .-- p2a 10.244.2.10
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'  k8snet0        br0     k8snet0    `-- p2b 10.244.2.11
#
# Both nodes know of worker3 too, 192.168.99.3 with 10.244.3.0/24, which is not there.
# strict.sh has the same for the other formats and IPv6.

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_two_nodes
topo_host evil 192.168.99.77
k8snet_node n1 1 2 3
k8snet_node n2 2 1 3
# Conntrack at work on both nodes.
for n in n1 n2; do
	k8snetctl -n "$n" service add default/web:http udp 10.96.0.10:4242 \
		endpoint 10.244.1.11:4242
	k8snetctl -n "$n" egress set on
done

cat >"$T/guard.py" <<'GUARD'
import sys
import _socket as socket
import pkt
import probe
from traffic import in_ns

N1, N2, W3, EVIL = '192.168.99.1', '192.168.99.2', '192.168.99.3', '192.168.99.77'
POD = '10.244.1.11'


def mac(addr):
    return '02:00:' + ':'.join('%02x' % int(b) for b in addr.split('.'))


def frame(name, ns, outer, dst, inner, l2=None, macs=('0a:58:c0:a8:63:02', '0a:58:c0:a8:63:01'),
          fragments=False, port=8472):
    """A VXLAN packet from outer to dst that carries a datagram from inner to the pod."""
    number = len(probe.FRAMES)
    datagram = pkt.ipv4(inner, POD, 17, pkt.udp(inner, POD, 1000 + number, 4242, name.encode()))
    tunnel = pkt.udp(outer, dst, 50000 + number, port, pkt.vxlan(1, pkt.eth(*macs, datagram)))
    parts = [pkt.ipv4(outer, dst, 17, tunnel)]
    if fragments:
        parts = [pkt.ipv4(outer, dst, 17, tunnel[:24], ident=number, flags=1),
                 pkt.ipv4(outer, dst, 17, tunnel[24:], ident=number, flags=0, frag=3)]
    probe.FRAMES[name] = [(ns, 'eth0', pkt.eth(mac(outer), l2 or mac(dst), p)) for p in parts]


frame('good', 'n2', N2, N1, '10.244.2.10')
frame('unknown', 'evil', EVIL, N1, '10.244.2.10')
frame('stranger', 'evil', EVIL, N1, '198.51.100.7')
frame('other-node', 'n2', N2, N1, '10.244.3.5')
frame('own-pod', 'n2', N2, N1, '10.244.1.10')
frame('foreign', 'n2', N2, N1, '198.51.100.7')
for i, m in enumerate(('00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01',
                       '02:de:ad:be:ef:00')):
    frame('mac%d' % i, 'n2', N2, N1, '10.244.2.10', macs=(m, m))
# From p1a, which has its node as its gateway.
gw = sys.argv[1]
frame('pod-own', 'p1a', '10.244.1.10', N1, '10.244.2.10', gw)
frame('pod-as-node', 'p1a', N2, N1, '10.244.2.10', gw)
frame('pod-as-worker3', 'p1a', W3, N1, '10.244.3.5', gw)
frame('pod-to-node', 'p1a', '10.244.1.10', N2, '10.244.1.10', gw)
frame('pod-as-node-to-node', 'p1a', W3, N2, '10.244.3.5', gw)
frame('pod-in-fragments', 'p1a', '10.244.1.10', N2, '10.244.1.10', gw, fragments=True)
frame('pod-to-second', 'p1a', W3, '192.168.99.202', '10.244.3.5', gw)
frame('pod-to-port', 'p1a', '10.244.1.10', W3, '10.244.1.10', gw, port=9999)
frame('pod-to-service', 'p1a', '10.244.1.10', '10.96.0.12', '10.244.1.10', gw, port=53)
frame('pod-to-evil', 'p1a', '10.244.1.10', EVIL, '10.244.1.10', gw)

for ns in 'n1', 'n2':
    probe.watch(ns)
pod = probe.Capture('p1b', 'eth0')
wire = probe.Capture('ul', 'p-n1')
arrived = []
# Else the pod would say that nobody listens.
taker = in_ns('p1b', socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
taker.bind(('', 4242))


def got(*want):
    """All that the pod has got, by name."""
    arrived.extend(f[42:].decode() for f in pod.wait(
        len(want) - len(arrived), lambda f: f[12:14] == b'\x08\0' and f[36:38] == b'\x10\x92'))
    if arrived != list(want):
        raise probe.Failed(' '.join(arrived))


def sent(*want):
    """All IPv4 that n1 has sent since this was asked last, "source>destination"."""
    seen = ['%s>%s' % (p['ip']['src'], p['ip']['dst']) for p in (
        pkt.decode_eth(f, pkt.VXLAN_PORTS) for f in wire.wait(
            len(want), lambda f: f[12:14] == b'\x08\0', outgoing=False))]
    if seen != list(want):
        raise probe.Failed(' '.join(seen))


probe.COMMANDS.update(got=got, sent=sent)
probe.main()
GUARD
probe_start "$T/guard.py" "$(in_ns n1 cat /sys/class/net/vp1a/address)"

# --- strict source ------------------------------------------------------------

counted "a node's packet is accepted" n1 worker2.rx+1,rx+1 good
counted "one from an unknown address is dropped" n1 rx-outer-source+1,dropped+1 unknown
counted "a node cannot speak for another node's pods" n1 \
	rx-inner-source+1,dropped+1,worker2.dropped+1 other-node
counted "nor for our own pods" n1 rx-inner-source+1,dropped+1,worker2.dropped+1 own-pod
counted "nor for the rest of the world" n1 rx-inner-source+1,dropped+1,worker2.dropped+1 foreign
check_eq "the node's own counter has what it sent in vain" 3 \
	"$(k8snetctl -n n1 -j node show worker2 | gojq '.[0].stats.rx_dropped')"

# What the device has dropped in all is what it has dropped for some reason.
dropped=$(ip -n n1 -s -j link show dev k8snet0 | gojq '.[0].stats64.rx.dropped')
check_eq "the device's RX dropped is the sum of its reasons" "$dropped 4" \
	"$(k8snetctl -n n1 -j stats | gojq -r '[.[] | select(.ifname == "k8snet0").counter[] |
		select(.reason | startswith("rx-")).packets] | add') $dropped"

counted "the inner MAC addresses do not matter" n1 worker2.rx+4,rx+4 mac0 mac1 mac2 mac3
check "the pod got what was accepted, and nothing else" probe got good mac0 mac1 mac2 mac3

# --- tunnel packets of pods ---------------------------------------------------

counted "a pod is not a node" n1 rx-outer-source+1,dropped+1 pod-own
counted "a pod that pretends to be a node is found out" n1 rx-outer-device+1,dropped+1 pod-as-node
counted "also when that node has never sent anything" n1 rx-outer-device+1,dropped+1 pod-as-worker3

counted "a pod cannot send to another node's tunnel" n1 forward-tunnel+1 pod-to-node
counted "nor as another node" n1 forward-tunnel+1 pod-as-node-to-node
counted "nor in fragments" n1 forward-tunnel+1 pod-in-fragments
ip -n n2 addr add 192.168.99.202/24 dev eth0
counted "nor as a node to an address that only that node has" n1 forward-tunnel+1 pod-to-second
k8snetctl -n n1 node replace worker3 dev k8snet0 via 192.168.99.3 pods 10.244.3.0/24 port 9999
counted "nor to a port that is only that node's" n1 forward-tunnel+1 pod-to-port
k8snetctl -n n1 service add default/trick:udp udp 10.96.0.12:53 endpoint 192.168.99.2:8472
counted "nor through a service" n1 forward-tunnel+1 pod-to-service
# as_nobody ADDRESS PORT - a process of the node sends a datagram there
as_nobody() {
	in_ns n1 setpriv --reuid 65534 --clear-groups \
		bash -c "LC_ALL=C; echo forged >/dev/udp/$1/$2" 2>&1 || echo "refused"
}
ip -n n1 route add 10.96.0.0/16 via 192.168.99.2
check_match "no process of the node can, and is told so" 'Operation not permitted.*refused' \
	"$(as_nobody 192.168.99.2 8472)"
check "and it is counted" probe changed n1 forward-tunnel+1,output-tunnel+1
check_match "nor through a service" 'Operation not permitted.*refused' "$(as_nobody 10.96.0.12 53)"
check "which is counted, too" probe changed n1 forward-tunnel+1,output-tunnel+2
check "none of all that came to the wire" probe sent
k8snetctl -n n1 node replace worker3 dev k8snet0 via 192.168.99.3 pods 10.244.3.0/24
counted "a port is free again when the node leaves it" n1 - pod-to-port
counted "the port of a host that is no node is the pod's to use" n1 - pod-to-evil
# Nobody answers for worker3's address.
check "that is all that came to the wire" probe sent "192.168.99.1>192.168.99.77"
check "the other node has seen none of it" probe changed n2 -

# The number alone makes no tunnel.
udp_echo p1b 5353 p1b
for n in n1 n2; do
	k8snetctl -n "$n" service add default/8472:udp udp 10.96.0.11:8472 endpoint 10.244.1.11:5353
done
check_match "a service can have the port of the tunnel" '^p1b 10\.244\.1\.10:[0-9]+ hi$' \
	"$(udp_ask p1a 10.96.0.11 8472 hi || echo "no answer")"
check_match "also from the other node" '^p1b 10\.244\.2\.10:[0-9]+ hi$' \
	"$(udp_ask p2a 10.96.0.11 8472 hi || echo "no answer")"

# --- strict off ---------------------------------------------------------------

k8snetctl -n n1 link set k8snet0 strict off
counted "not strict: an unknown address is accepted" n1 rx+1 stranger
counted "not strict: and counted with the node whose pod it is" n1 worker2.rx+1,rx+1 unknown
counted "not strict: any inner source is accepted" n1 worker2.rx+3,rx+3 other-node own-pod foreign
counted "not strict: from any device" n1 worker2.rx+1,rx+1 pod-as-node
check "not strict: all of it reaches the pod" probe got good mac0 mac1 mac2 mac3 \
	stranger unknown other-node own-pod foreign pod-as-node

k8snetctl -n n1 link set k8snet0 strict on
counted "strict again" n1 \
	rx-outer-source+1,rx-outer-device+1,rx-inner-source+1,dropped+3,worker2.dropped+1 \
	unknown foreign pod-as-node
check "eleven packets came to the pod in all" probe got good mac0 mac1 mac2 mac3 \
	stranger unknown other-node own-pod foreign pod-as-node

ktap_end
