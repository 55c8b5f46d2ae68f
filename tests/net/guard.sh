#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Nobody but a node puts packets into the overlay: the strict check, tunnel packets of pods, the tunnel kept out of conntrack and rules.
#
#   evil 192.168.99.77 --.
#                        |
#   p1a 10.244.1.10 --.  |                            .-- p2a 10.244.2.10
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'  k8snet0        br0     k8snet0    `-- p2b 10.244.2.11
#
# Both nodes know of worker3 too, 192.168.99.3 with 10.244.3.0/24, which is not there.
#
# timeout: 400

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_two_nodes
topo_host evil 192.168.99.77
k8snet_node n1 1 2 3
k8snet_node n2 2 1 3
# Conntrack at work on both nodes.
for n in n1 n2; do
	in_ns "$n" k8snetctl service add default/web:http udp 10.96.0.10:4242 \
		endpoint 10.244.1.11:4242
	in_ns "$n" k8snetctl egress set on
done

# --- counters -----------------------------------------------------------------

# counters NS - a line "NAME N" for each: drops by reason, rx of nodes and of the device
counters() {
	{
		k8snetctl -n "$1" -j stats
		k8snetctl -n "$1" -j node show
		ip -n "$1" -s -j link show dev k8snet0
	} | jq -r '.[] |
		if has("counter") then .counter[] | "\(.reason) \(.packets)"
		elif has("via") then "\(.name).rx \(.stats.rx_packets)"
		else .stats64.rx | "rx \(.packets)", "dropped \(.dropped)" end'
}

declare -A base

# counters_mark NS - changes are counted from here
counters_mark() {
	local name n

	counters "$1" >"$T/counters"
	base=()
	while read -r name n; do base[$name]=$n; done <"$T/counters"
}

# changes NS - "NAME+N ..." of all that have changed
changes() {
	local name n all=()

	counters "$1" >"$T/counters"
	while read -r name n; do
		[ "$n" = "${base[$name]}" ] || all+=("$name+$((n - base[$name]))")
	done <"$T/counters"
	echo "${all[*]}"
}

_changed() {
	local now

	now=$(changes "$1")
	echo "changed: $now, expected: $2"
	[ "$now" = "$2" ]
}

# counted NAME NS CHANGES - ok when that, and nothing else, has changed since counters_mark
counted() { check "$1" wait_for 5 _changed "$2" "$3"; }

# --- frames -------------------------------------------------------------------

vp1a=$(in_ns n1 cat /sys/class/net/vp1a/address)
python3 -S - "$vp1a" >"$T/frames" <<'FRAMES'
import sys
import pkt

N1, N2, W3, EVIL = '192.168.99.1', '192.168.99.2', '192.168.99.3', '192.168.99.77'
POD = '10.244.1.11'
count = 0


def mac(addr):
    return '02:00:' + ':'.join('%02x' % int(b) for b in addr.split('.'))


def frame(name, outer, dst, inner, l2=None, macs=('0a:58:c0:a8:63:02', '0a:58:c0:a8:63:01'),
          fragments=False, port=8472):
    """A VXLAN packet from outer to dst that carries a datagram from inner to the pod."""
    global count
    count += 1
    datagram = pkt.ipv4(inner, POD, 17, pkt.udp(inner, POD, 1000 + count, 4242,
                                               (name + '\n').encode()))
    tunnel = pkt.udp(outer, dst, 50000 + count, port,
                     pkt.vxlan(1, pkt.eth(*macs, datagram)))
    parts = [pkt.ipv4(outer, dst, 17, tunnel)]
    if fragments:
        parts = [pkt.ipv4(outer, dst, 17, tunnel[:24], ident=count, flags=1),
                 pkt.ipv4(outer, dst, 17, tunnel[24:], ident=count, flags=0, frag=3)]
    for part in parts:
        print(name, pkt.eth(mac(outer), l2 or mac(dst), part).hex())


frame('good', N2, N1, '10.244.2.10')
frame('unknown', EVIL, N1, '10.244.2.10')
frame('other-node', N2, N1, '10.244.3.5')
frame('own-pod', N2, N1, '10.244.1.10')
frame('foreign', N2, N1, '198.51.100.7')
for i, m in enumerate(('00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01',
                       '02:de:ad:be:ef:00')):
    frame('mac%d' % i, N2, N1, '10.244.2.10', macs=(m, m))
# From p1a, which has its node as its gateway.
gw = sys.argv[1]
frame('pod-own', '10.244.1.10', N1, '10.244.2.10', gw)
frame('pod-as-node', N2, N1, '10.244.2.10', gw)
frame('pod-as-worker3', W3, N1, '10.244.3.5', gw)
frame('pod-to-node', '10.244.1.10', N2, '10.244.1.10', gw)
frame('pod-as-node-to-node', W3, N2, '10.244.3.5', gw)
frame('pod-in-fragments', '10.244.1.10', N2, '10.244.1.10', gw, fragments=True)
frame('pod-to-second', W3, '192.168.99.202', '10.244.3.5', gw)
frame('pod-to-port', '10.244.1.10', W3, '10.244.1.10', gw, port=9999)
frame('pod-to-evil', '10.244.1.10', EVIL, '10.244.1.10', gw)
FRAMES

# injector NS - a process that sends what inject asks for out of eth0
injector() {
	mkfifo "$T/inject.$1"
	exec {_injector}<>"$T/inject.$1"
	bg_ns "$1" python3 -S -c '
import sys
import pkt
for line in open(sys.argv[1]):
    pkt.send("eth0", bytes.fromhex(line.split()[1]))' "$T/inject.$1"
}

# inject NS NAME... - lets the host send those frames
inject() {
	local ns=$1 name
	shift
	for name; do
		grep "^$name " "$T/frames" >"$T/inject.$ns"
	done
}

injector n2
injector evil
injector p1a

# The pod writes down what it gets.
: >"$T/got"
bg_ns p1b socat -u UDP4-RECV:4242 "OPEN:$T/got,append"
wait_listen p1b udp 4242
capture_start p1b eth0 udp dst port 4242
pod_capture=$capture

# got LINE... - that is all that the pod has got
_got() {
	cat "$T/got"
	[ "$(cat "$T/got")" = "$(printf '%s\n' "$@")" ]
}

# --- strict source ------------------------------------------------------------

counters_mark n1
inject n2 good
counted "a node's packet is accepted" n1 "worker2.rx+1 rx+1"

counters_mark n1
inject evil unknown
counted "one from an unknown address is dropped" n1 "rx-outer-source+1 dropped+1"
counters_mark n1
inject n2 other-node
counted "a node cannot speak for another node's pods" n1 "rx-inner-source+1 dropped+1"
counters_mark n1
inject n2 own-pod
counted "nor for our own pods" n1 "rx-inner-source+1 dropped+1"
counters_mark n1
inject n2 foreign
counted "nor for the rest of the world" n1 "rx-inner-source+1 dropped+1"
check_eq "the node's own counter has what it sent in vain" 3 \
	"$(k8snetctl -n n1 -j node show worker2 | jq '.[0].stats.rx_dropped')"

# What the device has dropped in all is what it has dropped for some reason.
dropped=$(ip -n n1 -s -j link show dev k8snet0 | jq '.[0].stats64.rx.dropped')
check_eq "the device's RX dropped is the sum of its reasons" "$dropped 4" \
	"$(k8snetctl -n n1 -j stats | jq -r '[.[] | select(.ifname == "k8snet0").counter[] |
		select(.reason | startswith("rx-")).packets] | add') $dropped"

counters_mark n1
inject n2 mac0 mac1 mac2 mac3
counted "the inner MAC addresses do not matter" n1 "worker2.rx+4 rx+4"
check "the pod got what was accepted, and nothing else" wait_for 5 _got good mac0 mac1 mac2 mac3

# --- tunnel packets of pods ---------------------------------------------------

counters_mark n1
inject p1a pod-own
counted "a pod is not a node" n1 "rx-outer-source+1 dropped+1"
counters_mark n1
inject p1a pod-as-node
counted "a pod that pretends to be a node is found out" n1 "rx-outer-device+1 dropped+1"
counters_mark n1
inject p1a pod-as-worker3
counted "also when that node has never sent anything" n1 "rx-outer-device+1 dropped+1"

capture_start ul p-n1 udp port 8472 or udp port 9999 or '(ip[6:2] & 0x1fff != 0)'
counters_mark n1
inject p1a pod-to-node
counted "a pod cannot send to another node's tunnel" n1 "forward-tunnel+1"
counters_mark n1
inject p1a pod-as-node-to-node
counted "nor as another node" n1 "forward-tunnel+1"
counters_mark n1
inject p1a pod-in-fragments
counted "nor in fragments" n1 "forward-tunnel+1"
ip -n n2 addr add 192.168.99.202/24 dev eth0
counters_mark n1
inject p1a pod-to-second
counted "nor as a node to an address that only that node has" n1 "forward-tunnel+1"
k8snetctl -n n1 node replace worker3 dev k8snet0 via 192.168.99.3 pods 10.244.3.0/24 port 9999
counters_mark n1
inject p1a pod-to-port
counted "nor to a port that is only that node's" n1 "forward-tunnel+1"
k8snetctl -n n1 node replace worker3 dev k8snet0 via 192.168.99.3 pods 10.244.3.0/24
counters_mark n1
inject p1a pod-to-port
counted "which is free again when the node leaves it" n1 ""
counters_mark n1
check_fails "no process of the node can, and is told so" in_ns n1 setpriv --reuid 65534 --clear-groups \
	bash -c 'echo forged >/dev/udp/192.168.99.2/8472'
counted "and it is counted" n1 "output-tunnel+1"
capture_stop >/dev/null
check_eq "none of all that came to the wire" "" "$(pkt decode "$capture")"
capture_start ul p-n1 udp port 8472 or '(ip[6:2] & 0x1fff != 0)'
counters_mark n2
inject p1a pod-to-evil
_seen() { [ "$(capture_count)" -ge 1 ]; }
check "the port of a host that is no node is the pod's to use" wait_for 5 _seen
capture_stop >/dev/null
check_eq "that is all that came to the wire" "192.168.99.1 192.168.99.77" \
	"$(pkt decode "$capture" | jq -r '"\(.ip.src) \(.ip.dst)"')"
check_eq "the other node has seen none of it" "" "$(changes n2)"

# The number alone makes no tunnel.
udp_echo p1b 5353 p1b
for n in n1 n2; do
	in_ns "$n" k8snetctl service add default/8472:udp udp 10.96.0.11:8472 endpoint 10.244.1.11:5353
done
check_match "a service can have the port of the tunnel" '^p1b 10\.244\.1\.10:[0-9]+ hi$' \
	"$(udp_ask p1a 10.96.0.11 8472 hi || echo "no answer")"
check_match "also from the other node" '^p1b 10\.244\.2\.10:[0-9]+ hi$' \
	"$(udp_ask p2a 10.96.0.11 8472 hi || echo "no answer")"

# --- strict off ---------------------------------------------------------------

k8snetctl -n n1 link set k8snet0 strict off
counters_mark n1
inject evil unknown
counted "not strict: an unknown address is accepted" n1 "rx+1"
counters_mark n1
inject n2 other-node own-pod foreign
counted "not strict: any inner source is accepted" n1 "worker2.rx+3 rx+3"
counters_mark n1
inject p1a pod-as-node
counted "not strict: from any device" n1 "worker2.rx+1 rx+1"
check "not strict: all of it reaches the pod" wait_for 5 _got good mac0 mac1 mac2 mac3 \
	unknown other-node own-pod foreign pod-as-node

k8snetctl -n n1 link set k8snet0 strict on
counters_mark n1
inject evil unknown
inject n2 foreign
inject p1a pod-as-node
counted "strict again" n1 "rx-outer-source+1 rx-outer-device+1 rx-inner-source+1 dropped+3"
capture_stop "$pod_capture" >/dev/null
check_eq "ten packets came to the pod in all" 10 "$(capture_count "$pod_capture")"

# --- out of the reach of conntrack and rules ------------------------------------

# An outer source that no masquerading would choose.
ip -n n1 addr add 192.168.99.11/24 dev eth0
k8snetctl -n n1 link set k8snet0 local 192.168.99.11
k8snetctl -n n2 node replace worker1 dev k8snet0 via 192.168.99.11 pods 10.244.1.0/24
# What kube-proxy and others do to everything they can reach.
in_ns n1 nft -f - <<'RULES'
table ip rules {
	counter inner { }
	counter outer { }
	counter marked { }
	chain tag {
		type filter hook prerouting priority mangle;
		iifname "vp1a" meta mark set 0x4000
	}
	chain out {
		type filter hook output priority filter;
		udp dport 8472 counter name outer
		meta mark 0x4000 udp dport 8472 counter name marked
	}
	chain post {
		type filter hook postrouting priority mangle;
		meta mark 0x4000 oifname "k8snet0" counter name inner
		meta mark 0x4000 udp dport 8472 counter name marked
	}
	chain nat_post {
		type nat hook postrouting priority srcnat;
		meta l4proto udp masquerade to :1024-1030
	}
}
RULES
udp_echo p2a 5353 p2a
capture_start ul p-n1 udp port 8472
said=$(udp_ask p1a 10.244.2.10 5353 hi || echo "no answer")
check_match "the rules apply to the inner packets" '^p2a 10\.244\.1\.0:10(2[4-9]|30) hi$' "$said"
capture_stop >/dev/null
pkt decode "$capture" >"$T/packets"
check_eq "the outer packets have the addresses that they were made with" \
	"192.168.99.11 192.168.99.2
192.168.99.2 192.168.99.11" "$(jq -r '"\(.ip.src) \(.ip.dst)"' "$T/packets" | sort)"
check_eq "and their ports" "0" \
	"$(jq -r 'select(.udp.sport < 32768 or .udp.dport != 8472).udp.sport' "$T/packets" | wc -l)"
check_eq "the mark stays with the inner packet" "inner 1,marked 0,outer 1" \
	"$(in_ns n1 nft -j list counters | jq -r '[.nftables[] | .counter // empty |
		"\(.name) \(.packets)"] | sort | join(",")')"
for n in n1 n2; do
	in_ns "$n" conntrack -L >"$T/conntrack" 2>&1
	check_match "conntrack on $n knows the inner connection" 'dport=5353' "$(cat "$T/conntrack")"
	check_eq "but no tunnel" "" "$(grep -E ' src=192\.168\.99\.[0-9]+ dst=192\.168\.99\.[0-9]+ sport=[0-9]+ dport=8472' \
		"$T/conntrack" || [ $? = 1 ])"
done

ktap_end
