#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a packet costs from pod to pod, in instructions, by each way across; run by tests/bench/run.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --veth-- n2 192.168.99.2 -- p2a 10.244.2.10
#   pktgen, 64 bytes      route | vxlan | k8snet                   dropped by tc at ingress
#
# Guest time counts instructions here, so the time that pktgen took is the
# answer. Generator, first veth and drop are in every figure.

. "$(dirname "$0")/../lib.sh"

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

ktap_start
modprobe pktgen
nodes
ip -n n1 route add 10.244.2.0/24 via 192.168.99.2
ip -n n2 route add 10.244.1.0/24 via 192.168.99.1
measure "plain routing" 10.244.2.10 "$one"
ip -n n1 route del 10.244.2.0/24
ip -n n2 route del 10.244.1.0/24

flannel_node n1 192.168.99.1 192.168.99.2
flannel_node n2 192.168.99.2 192.168.99.1
measure "Linux vxlan as flannel uses it" 10.244.2.10 "$one"
ip -n n1 link del flannel.1
ip -n n2 link del flannel.1

for n in 1 2; do
	ip -n n$n link add k8snet0 type k8snet
	in_ns n$n k8snetctl node add worker via 192.168.99.$((3 - n)) pods 10.244.$((3 - n)).0/24
	ip -n n$n link set k8snet0 up
	ip -n n$n route add 10.244.0.0/16 dev k8snet0
done
measure "k8snet, no conntrack" 10.244.2.10 "$one"

# A service anywhere brings conntrack, on both nodes of a real cluster.
for n in 1 2; do in_ns n$n k8snetctl config set pods 10.244.0.0/16 services 10.96.0.0/16; done
in_ns n1 k8snetctl service add default/bench:udp udp 10.96.0.1:9 endpoint 10.244.2.10:9
measure "k8snet, conntrack on both nodes" 10.244.2.10 "$one"
measure "k8snet, service" 10.96.0.1 "$one"
for m in 10 1000; do
	for ((i = 2; i <= m; i++)); do
		echo "service add default/s$i:udp udp 10.96.$((i / 250 + 1)).$((i % 250 + 1)):9 endpoint 10.244.2.10:$i"
	done >"$T/batch"
	while read -r line; do
		# shellcheck disable=SC2086  # words
		in_ns n1 k8snetctl ${line/add/replace}
	done <"$T/batch"
	measure "k8snet, service, new flow for each packet, $m services" 10.96.0.1 "$many"
done
ktap_end
