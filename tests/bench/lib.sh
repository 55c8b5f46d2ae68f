# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sourced by the benches: two nodes, and packets from the pod of one to that of the other, counted in instructions.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --veth-- n2 192.168.99.2 -- p2a 10.244.2.10
#   pktgen, 64 bytes                                               dropped by tc at ingress
#
# Guest time counts instructions here (see tests/bench/run), so the time that
# pktgen took is the answer. Generator, first veth and drop are in every figure.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

packets=${BENCH_PACKETS:-20000}

# pktgen DEST NEW - ns per packet from p1a; NEW=1: another source for each packet
pktgen() {
	local usec

	# shellcheck disable=SC2016  # for the inner shell
	in_ns p1a busybox sh -c '
		cd /proc/net/pktgen
		echo rem_device_all >kpktgend_0
		echo add_device eth0 >kpktgend_0
		for c in "count '"$packets"'" "clone_skb 0" "delay 0" "pkt_size 64" \
			"dst_mac '"$gw"'" "dst '"$1"'" "src_min 10.244.1.10" "src_max 10.244.1.10" \
			"udp_dst_min 9" "udp_dst_max 9" '"$2"'; do
			echo "$c" >eth0 || echo "pktgen refused $c" >&2
		done
		echo start >pgctrl'
	usec=$(in_ns p1a sed -n 's/^Result: OK: \([0-9]*\)(.*/\1/p' /proc/net/pktgen/eth0)
	echo $((usec * 1000 / packets))
}
one='"udp_src_min 4000" "udp_src_max 4000"'
many='"udp_src_min 1024" "udp_src_max 65000" "flag UDPSRC_RND" "src_min 10.244.1.20" "src_max 10.244.1.250" "flag IPSRC_RND"'

# measure NAME DEST FLOWS
measure() {
	local before after got n

	pktgen "$2" "$3" >/dev/null
	# Chains of flows that an earlier run left are no part of the figure.
	for n in n1 n2; do in_ns $n conntrack -F >/dev/null 2>&1; done
	[ "$3" = "$many" ] || pktgen "$2" "$3" >/dev/null
	before=$(stat_ns p2a eth0 rx_packets)
	got=$(pktgen "$2" "$3")
	after=$(stat_ns p2a eth0 rx_packets)
	if [ $((after - before)) -ge $((packets * 99 / 100)) ]; then
		ok "$1: $got instructions per packet"
	else
		not_ok "$1" "only $((after - before)) of $packets arrived"
	fi
}

# The two nodes directly, without a bridge between.
nodes() {
	local n
	for n in 1 2; do
		ns_new n$n
		sysctl_ns n$n net/ipv4/ip_forward=1
		topo_pod n$n p${n}a 10.244.$n.10 10.244.$n.1
		ip -n n$n route add 10.244.$n.0/24 dev vp${n}a
	done
	ip -n n1 link add eth0 type veth peer name eth0 netns n2
	for n in 1 2; do
		ip -n n$n addr add 192.168.99.$n/24 dev eth0
		ip -n n$n link set eth0 up
	done
	gw=$(in_ns n1 cat /sys/class/net/vp1a/address)
	in_ns p2a tc qdisc add dev eth0 clsact
	in_ns p2a tc filter add dev eth0 ingress protocol ip flower dst_ip 10.244.2.10 ip_proto udp action drop
	in_ns p1a ip link set eth0 mtu 1400
}

