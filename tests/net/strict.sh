#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The strict check and the guard in every format and family: who may not send is dropped, counted and told of; peers behind NAT with it off.
#
#   evil 192.168.99.77 fd99::77 --.
#                                 |
#   p1a 10.244.1.10 --.           |             .-- (10.244.2.0/24 over IPv4, 10.245.2.0/24 over IPv6)
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2 fd99::2
#   p1b 10.244.1.11 --'  fd99::1         br0
#                        k8snet0          |
#                                        nat 192.168.99.254 fd99::254 -- n3 172.16.3.3 fd03::3 -- p3a 10.244.3.10
#
# Pods have fd00:244:N::/64 too, or fd00:245:N::/64. The frames of n2 and of the forgers are crafted.

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_underlay
for h in "n1 1" "n2 2" "evil 77"; do
	# shellcheck disable=SC2086  # two words
	set -- $h
	topo_host "$1" "192.168.99.$2"
	topo_host6 "$1" "$2"
done
sysctl_ns n1 net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1
for p in a b; do
	n=$([ $p = a ] && echo 10 || echo 11)
	topo_pod n1 "p1$p" "10.244.1.$n" 10.244.1.1
	topo_pod6 n1 "p1$p" "fd00:244:1::$n" fd00:244:1::1
done

# k8snet0 listens for all formats: each has a node. Those of IPv6 have prefixes
# of their own, for one prefix has one node.
ip -n n1 -b - <<-BATCH
	link add k8snet0 type k8snet
	addr add 10.244.1.0/32 dev k8snet0
	addr add fd00:244:1::/128 dev k8snet0
BATCH
node() { k8snetctl -n n1 node "$1" "$2" dev k8snet0 via "$3" pods "$4" "${@:5}"; }
node add two 192.168.99.2 10.244.2.0/24,fd00:244:2::/64
node add two6 fd99::2 10.245.2.0/24,fd00:245:2::/64
node add three 192.168.99.3 10.244.3.0/24,fd00:244:3::/64 format udp
node add three6 fd99::3 10.245.3.0/24,fd00:245:3::/64 format ipip
ip -n n1 -b - <<-BATCH
	link set k8snet0 up
	route add 10.244.0.0/15 dev k8snet0
	route add fd00:244::/31 dev k8snet0
BATCH

cat >"$T/strict.py" <<'PY'
import sys
import time
import _socket as socket
import pkt
import probe
from traffic import in_ns

GW = sys.argv[1]                       # MAC of n1 toward p1a
VIA = {4: '192.168.99.%d', 6: 'fd99::%d'}
# Pods behind node N, by the family of the underlay, then their own.
POD = {(4, 4): '10.244.%d.10', (4, 6): 'fd00:244:%d::10',
       (6, 4): '10.245.%d.10', (6, 6): 'fd00:245:%d::10'}
P1A = {4: '10.244.1.10', 6: 'fd00:244:1::10'}
P1B = {4: '10.244.1.11', 6: 'fd00:244:1::11'}
FOREIGN = {4: '198.51.100.7', 6: '2001:db8::7'}
FORMATS = 'vxlan', 'udp', 'ipip'
FAMILIES = [(o, i) for o in (4, 6) for i in (4, 6)]
ETHERTYPE = {4: 0x0800, 6: 0x86dd}
PORT = {'vxlan': 8472, 'udp': 8285}
text = 0


def ip(family, *args, **kw):
    return (pkt.ipv4 if family == 4 else pkt.ipv6)(*args, **kw)


def mac(host):
    return '02:00:c0:a8:63:%02x' % host


def datagram(src, dst, i):
    global text
    text += 1
    return ip(i, src, dst, 17, pkt.udp(src, dst, 4000, 4242, b'%06d' % text))


def tunnel(fmt, src, dst, inner, o, i):
    """inner in the outer headers of a format, and the protocol of all that."""
    if fmt == 'ipip':
        return ip(o, src, dst, 4 if i == 4 else 41, inner)
    if fmt == 'vxlan':
        inner = pkt.vxlan(1, pkt.eth('0a:58:00:00:00:02', '0a:58:00:00:00:01', inner,
                                     ETHERTYPE[i]))
    return ip(o, src, dst, 17, pkt.udp(src, dst, 50000 + text % 1000, PORT[fmt], inner))


def add(name, ns, outer, to, inner, families=FAMILIES):
    """
    A frame for each format and pair of families out of ns: outer source,
    outer destination and inner source, functions of them.
    """
    l2 = {'n2': (mac(2), mac(1)), 'evil': (mac(77), mac(1)), 'p1a': ('02:00:00:00:00:0a', GW)}[ns]
    for fmt in FORMATS:
        for o, i in families:
            packet = tunnel(fmt, outer(o, i), to(o, i), datagram(inner(o, i), P1B[i], i), o, i)
            probe.FRAMES.setdefault('%s-%s' % (name, fmt), []).append(
                (ns, 'eth0', pkt.eth(*l2, packet, ETHERTYPE[o])))


def via(n):
    return lambda o, i: VIA[o] % n


def pod(n):
    return lambda o, i: POD[o, i] % n


own = lambda o, i: P1A[i]
own_outer = lambda o, i: P1A[o]
same = [(4, 4), (6, 6)]

add('good', 'n2', via(2), via(1), pod(2))
add('host', 'n2', via(2), via(1), via(2), same)
add('unknown', 'evil', via(77), via(1), pod(2))
add('other', 'n2', via(2), via(1), pod(3))
add('pods', 'n2', via(2), via(1), own)
add('foreign', 'n2', via(2), via(1), lambda o, i: FOREIGN[i])
add('nodes', 'n2', via(2), via(1), via(3), same)
add('pod-own', 'p1a', own_outer, via(1), pod(2))
add('pod-as-node', 'p1a', via(2), via(1), pod(2))
add('pod-to-node', 'p1a', own_outer, via(2), own)
add('pod-as-node-to-node', 'p1a', via(3), via(2), pod(3))
add('pod-as-node-to-stranger', 'p1a', via(3), via(77), pod(3))
add('pod-as-us-to-stranger', 'p1a', via(1), via(77), own, [(6, 4), (6, 6)])
add('pod-as-us4-to-stranger', 'p1a', via(1), via(77), own, [(4, 4), (4, 6)])
add('pod-to-stranger', 'p1a', own_outer, via(77), own)


def single(name, ns, dst_mac, packet, o):
    probe.FRAMES[name] = [(ns, 'eth0', pkt.eth({'n2': mac(2), 'p1a': '02:00:00:00:00:0a'}[ns],
                                               dst_mac, packet, ETHERTYPE[o]))]


# A first fragment whose headers end before UDP's begins: a destination options
# header is all that it holds.
single('pod-cut', 'p1a', GW, pkt.ipv6(P1A[6], VIA[6] % 2, 44, bytes.fromhex('3c00000100000001') +
                                       bytes.fromhex('1100010400000000')), 6)
# What a process of n2 answers to a client in a pod whose port is the tunnel's.
for o in 4, 6:
    src = VIA[o] % 2
    single('answer%d' % o, 'n2', mac(1), ip(o, src, P1A[o], 17, pkt.udp(
        src, P1A[o], 53, 8472, b'answer')), o)
    inner = ip(o, src, P1A[o], 17, pkt.udp(src, P1A[o], 53, 8472, b'answer'))
    single('answer-inside%d' % o, 'n2', mac(1), tunnel('vxlan', src, VIA[o] % 1, inner, o, o), o)


def too_big(fmt, o, mtu):
    """That a packet from n1 to n2 was, says a router."""
    about = tunnel(fmt, VIA[o] % 1, VIA[o] % 2, datagram(P1B[4], '10.244.2.10', 4), o, 4)
    if o == 4:
        return pkt.ipv4('192.168.99.254', VIA[o] % 1, 1, pkt.icmp(
            3, 4, mtu.to_bytes(4, 'big'), about))
    return pkt.ipv6('fd99::254', VIA[o] % 1, 58, pkt.icmp6(
        'fd99::254', VIA[o] % 1, 2, 0, mtu.to_bytes(4, 'big'), about))


# UDP and IP in IP take their errors in different places.
for fmt, o, mtu in ('vxlan', 4, 1400), ('vxlan', 6, 1410), ('ipip', 4, 1420), ('ipip', 6, 1430):
    for ns, gw in ('n2', mac(1)), ('p1a', GW):
        single('too-big-%s-%s%d' % (ns, fmt, o), ns, gw, too_big(fmt, o, mtu), o)

probe.watch('n1')
pods = {p: probe.Capture(p, 'eth0') for p in ('p1a', 'p1b')}
wire = probe.Capture('ul', 'p-n1')
takers = []
for ns, port in ('p1b', 4242), ('p1a', 4242), ('p1a', 8472):
    takers.append(in_ns(ns, socket.socket, socket.AF_INET6, socket.SOCK_DGRAM))
    takers[-1].bind(('::', port))


def port_of(frame):
    """Destination port of a plain UDP packet, else None."""
    o = 4 if frame[12:14] == b'\x08\0' else 6 if frame[12:14] == b'\x86\xdd' else 0
    at = 14 + {4: 20, 6: 40, 0: 0}[o]
    proto = frame[23] if o == 4 else frame[20]
    return int.from_bytes(frame[at + 2:at + 4], 'big') if o and proto == 17 else None


def got(ns, port, n):
    """So many datagrams to a port have come to a pod since this was asked last."""
    seen = pods[ns].wait(int(n), lambda f: port_of(f) == int(port), outgoing=False)
    if len(seen) != int(n):
        raise probe.Failed('%d' % len(seen))


def sent(n):
    """So many tunnel packets has n1 sent since then, and from where to where."""
    seen = [pkt.decode_eth(f, pkt.VXLAN_PORTS) for f in wire.wait(
        int(n), lambda f: port_of(f) in (8472, 8285) or
        (f[12:14] == b'\x08\0' and f[23] in (4, 41)) or
        (f[12:14] == b'\x86\xdd' and f[20] in (4, 41, 44)), outgoing=False)]
    if len(seen) != int(n):
        raise probe.Failed('%d: %s' % (len(seen), seen[:2]))
    return ' '.join(sorted({'%s>%s' % (l['src'], l['dst'])
                            for p in seen for l in (p.get('ip') or p.get('ip6'),)}))


def drain():
    """Forgets what has come and gone so far."""
    for capture in *pods.values(), wire:
        capture.take()


def process(dst, port):
    """What a process in n1 gets for sending there."""
    s = in_ns('n1', socket.socket, socket.AF_INET6 if ':' in dst else socket.AF_INET,
              socket.SOCK_DGRAM)
    try:
        s.sendto(b'forged', (dst, int(port)))
    except PermissionError:
        return 'refused'
    return 'sent'


def flood(name, n):
    """Sends the first frame of a name n times; how many tenths of a second it took."""
    ns, dev, frame = probe.FRAMES[name][0]
    probe.mark()
    start = time.monotonic()
    for _ in range(int(n)):
        probe.sockets[ns, dev].send(frame)
    return '%d' % ((time.monotonic() - start) * 10 + 1)


def count(ns, want, *names):
    """As probe.count(); nat4 and nat6 are datagrams of a process in p3a."""
    probe.mark()
    for name in names:
        o = {'nat4': 4, 'nat6': 6}.get(name)
        if not o:
            probe.send(name)
            continue
        s = in_ns('p3a', socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((POD[o, 4] % 3, 0))
        s.sendto(b'%s' % name.encode(), (P1B[4] if o == 6 else P1A[4], 4242))
    probe.changed(ns, want)


probe.COMMANDS.update(count=count, drain=drain, got=got, sent=sent, process=process, flood=flood)
probe.main()
PY
probe_start "$T/strict.py" "$(in_ns n1 cat /sys/class/net/vp1a/address)"

# Before there is conntrack, which would wait for the rest of it.
counted "a fragment without its headers does not get to a node" n1 forward-tunnel+1 pod-cut
# With it, the table must stay empty of tunnels.
k8snetctl -n n1 config set pods 10.244.0.0/15 services 10.96.0.0/16
k8snetctl -n n1 egress set on
monitor=$T/monitor
bg_ns n1 sh -c "exec k8snetctl -j monitor drops >$monitor 2>&1"
check "the monitor listens" wait_for 10 _says "$monitor" 'monitoring drops'

for f in vxlan udp ipip; do
	counted "$f: a node's packets are accepted" n1 two.rx+2,two6.rx+2,rx+4 good-$f
	counted "$f: also those of its own address" n1 two.rx+1,two6.rx+1,rx+2 host-$f
	check "$f: the pod has them" probe got p1b 4242 6
	counted "$f: from an unknown address" n1 rx-outer-source+4,dropped+4 unknown-$f
	counted "$f: of another node's pods" n1 \
		rx-inner-source+4,dropped+4,two.dropped+2,two6.dropped+2 other-$f
	counted "$f: of another node itself" n1 \
		rx-inner-source+2,dropped+2,two.dropped+1,two6.dropped+1 nodes-$f
	counted "$f: of our own pods" n1 \
		rx-inner-source+4,dropped+4,two.dropped+2,two6.dropped+2 pods-$f
	counted "$f: of the rest of the world" n1 \
		rx-inner-source+4,dropped+4,two.dropped+2,two6.dropped+2 foreign-$f
	counted "$f: from a pod" n1 rx-outer-source+4,dropped+4 pod-own-$f
	counted "$f: from a pod with the address of a node" n1 rx-outer-device+4,dropped+4 pod-as-node-$f
	counted "$f: from a pod to another node" n1 forward-tunnel+4 pod-to-node-$f
	counted "$f: from a pod as a node to another node" n1 forward-tunnel+4 pod-as-node-to-node-$f
	counted "$f: from a pod as a node to anybody" n1 forward-tunnel+4 pod-as-node-to-stranger-$f
	counted "$f: from a pod as this node to anybody" n1 forward-tunnel+2 pod-as-us-to-stranger-$f
	counted "$f: which IPv4 sees to by itself" n1 - pod-as-us4-to-stranger-$f
	check "$f: the pod has none of that" probe got p1b 4242 0
	check "$f: nor has the wire" probe sent 0
	counted "$f: a pod may send to who is no node" n1 - pod-to-stranger-$f
	check "$f: that is on the wire" probe sent 4
	check_match "$f: from where it should be" "^ok 192.168.99.1>192.168.99.77 fd00:244:1::10>fd99::77$" "$(cat "$T/out")"
done
for a in 192.168.99.2 fd99::2; do
	for port in 8472 8285; do
		check_eq "a process may not send to $a port $port" "ok refused" "$(probe process $a $port)"
	done
done
check "that is counted" probe changed n1 output-tunnel+4
check_eq "nobody else's port is closed" "ok sent" "$(probe process 192.168.99.77 8472)"

# The port of a client is not a tunnel because of its number.
counted "the answer of a node to a pod's client" n1 - answer4 answer6
counted "the same through the overlay" n1 two.rx+1,two6.rx+1,rx+2 answer-inside4 answer-inside6
check "the client has them" probe got p1a 8472 4

# --- errors about tunnel packets ------------------------------------------------

path_mtu() { k8snetctl -n n1 -j node show "$1" dev k8snet0 | gojq '.[0].path_mtu'; }
set -- vxlan 4 two 1350 vxlan 6 two6 1340 ipip 4 two 1400 ipip 6 two6 1390
while [ $# -gt 0 ]; do
	node replace two 192.168.99.2 10.244.2.0/24,fd00:244:2::/64 format "$1"
	node replace two6 fd99::2 10.245.2.0/24,fd00:245:2::/64 format "$1"
	ip -n n1 route flush cache
	ip -6 -n n1 route flush cache
	before=$(path_mtu "$3")
	counted "$1 over IPv$2: a pod's word on the path" n1 forged-error+1 "too-big-p1a-$1$2"
	check_eq "$1 over IPv$2: has no weight" "$before" "$(path_mtu "$3")"
	counted "$1 over IPv$2: a router's" n1 - "too-big-n2-$1$2"
	check_eq "$1 over IPv$2: has" "$4" "$(path_mtu "$3")"
	shift 4
done

# --- events -------------------------------------------------------------------

# Of each reason the first event, which is the first packet's.
check_eq "each is told of, with its addresses and device" \
	"forged-error 192.168.99.254 - vp1a -
forward-tunnel 10.244.1.10 - vp1a -
output-tunnel 192.168.99.1 - - -
rx-inner-source 192.168.99.2 10.244.3.10 eth0 k8snet0
rx-outer-device 192.168.99.2 10.244.2.10 vp1a k8snet0
rx-outer-source 192.168.99.77 10.244.2.10 eth0 k8snet0" \
	"$(grep '^{' "$monitor" | gojq -rs 'group_by(.reason)[][0] |
		[.reason, .outer, .inner, .iifname, .ifname] | map(. // "-") | join(" ")')"
before=$(grep -c '^{' "$monitor")
check "a flood of 1000" probe flood unknown-vxlan 1000
took=$(cat "$T/out")
check "is counted" probe changed n1 rx-outer-source+1000,dropped+1000
told=$(($(grep -c '^{' "$monitor") - before))
check "but at most ten times a second told of ($told, in ${took#ok }00 ms)" \
	[ "$told" -le $((${took#ok } + 2)) ]
check "at least once" [ "$told" -ge 1 ]
in_ns n1 conntrack -L >"$T/conntrack" 2>&1
in_ns n1 conntrack -L -f ipv6 >>"$T/conntrack" 2>&1
check_eq "no packet to this node is in conntrack" "" \
	"$(grep -E 'dst=(192\.168\.99\.1|fd99::1) (sport=[0-9]+ dport=(8472|8285)|src)' "$T/conntrack" || [ $? = 1 ])"

# --- IPsec --------------------------------------------------------------------

# As strict as can be.
ip -n n1 -b - <<-BATCH
	xfrm policy add src 192.168.99.2 dst 192.168.99.1 proto 4 dir in action block
	xfrm policy add src fd99::2 dst fd99::1 proto 41 dir in action block
	xfrm policy add src 192.168.99.1 dst 192.168.99.2 proto 4 dir out action block
BATCH
counted "IP in IP that a policy wants protected" n1 two.rx+1,two6.rx+1,rx+2,rx-policy+2,dropped+2 good-ipip
probe mark >/dev/null
check_fails "is not sent without" in_ns p1a ping -c 1 -W 1 10.244.2.10
check "but dropped, there being no way" probe changed n1 tx-no-route+1
ip -n n1 xfrm policy flush

# --- strict off, for peers behind NAT ---------------------------------------------

# A real node this time. What it sends comes from nat; what it is sent goes to
# the address that it has.
topo_host nat 192.168.99.254
topo_host6 nat 254
ns_new n3
ipv6_on n3
ip -n nat -b - <<-BATCH
	link add eth1 type veth peer name eth0 netns n3
	addr add 172.16.3.1/24 dev eth1
	link set eth1 up
BATCH
ipv6_on nat
ip -n nat addr add fd03::1/64 dev eth1
for n in nat n3; do sysctl_ns $n net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1; done
ip -n n3 -b - <<-BATCH
	addr add 172.16.3.3/24 dev eth0
	addr add fd03::3/64 dev eth0
	link set eth0 up
	route add default via 172.16.3.1
	route add default via fd03::1
BATCH
topo_pod n3 p3a 10.244.3.10 10.244.3.1
topo_pod6 n3 p3a fd00:244:3::10 fd00:244:3::1
for a in 10.245.3.10/32 fd00:245:3::10/128; do
	ip -n p3a addr add $a dev eth0
	ip -n n3 route add $a dev vp3a
done
# Stateless: a conntrack entry of protocol 4 would let answers out unchanged.
in_ns nat nft -f - <<'RULES'
table inet nat {
	chain out {
		type filter hook postrouting priority 0;
		oifname "eth0" udp dport { 8472, 8285 } udp sport set 1024
		oifname "eth0" ip saddr 172.16.3.3 ip saddr set 192.168.99.254
		oifname "eth0" ip6 saddr fd03::3 ip6 saddr set fd99::254
	}
}
RULES
ip -n n1 route add 172.16.3.0/24 via 192.168.99.254
ip -n n1 route add fd03::/64 via fd99::254
ip -n n3 link add k8snet0 type k8snet
ip -n n3 link set k8snet0 up
ip -n n3 route add 10.244.1.0/24 dev k8snet0
ip -n n3 route add fd00:244:1::/64 dev k8snet0

# behind_nat FORMAT - n1 and n3 know each other, over IPv4 for p1a, over IPv6 for p1b
behind_nat() {
	node replace three 172.16.3.3 10.244.3.0/24,fd00:244:3::/64 format "$1"
	node replace three6 fd03::3 10.245.3.0/24,fd00:245:3::/64 format "$1"
	k8snetctl -n n3 node replace one dev k8snet0 via 192.168.99.1 \
		pods 10.244.1.0/24,fd00:244:1::/64 format "$1"
	k8snetctl -n n3 node replace one6 dev k8snet0 via fd99::1 \
		pods 10.244.1.11/32,fd00:244:1::11/128 format "$1"
}

for f in vxlan udp ipip; do
	behind_nat $f
	probe drain >/dev/null
	k8snetctl -n n1 link set k8snet0 strict on
	counted "$f: a node behind NAT is a stranger" n1 rx-outer-source+2,dropped+2 nat4 nat6
	k8snetctl -n n1 link set k8snet0 strict off
	counted "$f: unless the device is not strict" n1 three.rx+1,three6.rx+1,rx+2 nat4 nat6
	for p in p1a p1b; do
		check "$f: which $p has" probe got $p 4242 1
	done
	for p in "p1a 10.244.1.10 p3a 10.244.3.10" "p1a fd00:244:1::10 p3a fd00:244:3::10" \
		"p3a 10.245.3.10 p1b 10.244.1.11" "p3a fd00:245:3::10 p1b fd00:244:1::11"; do
		# shellcheck disable=SC2086  # words
		check "$f: $p" traffic ping $p
	done
	check "$f: the requests and answers to it" probe sent 4
	check_eq "$f: go to its own address" "ok 192.168.99.1>172.16.3.3 fd99::1>fd03::3" "$(cat "$T/out")"
done
in_ns n1 conntrack -L >"$T/conntrack" 2>&1
in_ns n1 conntrack -L -f ipv6 >>"$T/conntrack" 2>&1
check_eq "nor is any of that in conntrack" "" \
	"$(grep -E '(src|dst)=(192\.168\.99\.254|172\.16\.3\.3|fd99::254|fd03::3) ' "$T/conntrack" || [ $? = 1 ])"

ktap_end
