#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a packet costs from pod to pod, in instructions, by what a cluster is made of today; run by tests/bench/run.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --veth-- n2 192.168.99.2 -- p2a 10.244.2.10
#   pktgen, 64 bytes      ipip | geneve | vxlan                    dropped by tc at ingress
#                         + kube-proxy's nftables, iptables, IPVS, + a flowtable

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/rivals.sh"

ktap_start
modprobe pktgen
nodes

with_nodes6=
# nodes6_vxlan - IPv6, over a vxlan as flannel has it for that
nodes6_vxlan() {
	[ -n "$with_nodes6" ] || nodes6
	with_nodes6=1
	vxlan6 n1 1 2 flannel-v6.1 1 8472 02:00:00:00:06:01 02:00:00:00:06:02
	vxlan6 n2 2 1 flannel-v6.1 1 8472 02:00:00:00:06:02 02:00:00:00:06:01
}

# --- tunnels alone ---------------------------------------------------------------
if wants "Linux ipip"; then
	for n in 1 2; do
		ip -n n$n link add flannel.ipip type ipip local 192.168.99.$n remote any
		ip -n n$n link set flannel.ipip up
		ip -n n$n route add 10.244.$((3 - n)).0/24 via 192.168.99.$((3 - n)) dev flannel.ipip onlink
	done
	measure "Linux ipip as flannel uses it" 10.244.2.10 "${one[@]}"
	for n in 1 2; do ip -n n$n link del flannel.ipip; done
fi
if wants "Linux geneve"; then
	for n in 1 2; do
		ip -n n$n link add gnv type geneve id 1 remote 192.168.99.$((3 - n)) dstport 6081
		ip -n n$n link set gnv address 02:00:00:00:01:0$n up
		ip -n n$n route add 10.244.$((3 - n)).0/24 via 10.244.$((3 - n)).0 dev gnv onlink
		ip -n n$n neigh replace 10.244.$((3 - n)).0 lladdr 02:00:00:00:01:0$((3 - n)) dev gnv nud permanent
	done
	measure "Linux geneve" 10.244.2.10 "${one[@]}"
	for n in 1 2; do ip -n n$n link del gnv; done
fi
flannel_node n1 192.168.99.1 192.168.99.2
flannel_node n2 192.168.99.2 192.168.99.1
measure "Linux vxlan as flannel uses it" 10.244.2.10 "${one[@]}"
measure_more "Linux vxlan as flannel uses it" 10.244.2.10
if wants "Linux vxlan as flannel uses it, IPv6"; then
	nodes6_vxlan
	measure "Linux vxlan as flannel uses it, IPv6" fd00:244:2::10 "${one[@]}"
	for n in 1 2; do ip -n n$n link del flannel-v6.1; done
fi

# --- and services ----------------------------------------------------------------
port=53 server_port=5353 tracked=1

# sized NAME LOAD [COUNT...] - established and new flows after LOAD N, for each
# number of services; of packets of new flows so many, where it is not 4,000
sized() {
	local i name count

	for ((i = 0; i < ${#sizes[@]}; i++)); do
		name="flannel vxlan + $1, $(commas "${sizes[i]}") services"
		wants "$name" || wants "$name, new flow for each packet" || wants_more "$name" || continue
		"$2" "${sizes[i]}"
		measure "$name" 10.96.10.2 "${one[@]}"
		count=${*:i + 3:1}
		measure "$name, new flow for each packet" 10.96.10.2 64 "${count:-$packets}" "${new[@]}"
		[ "${sizes[i]}" != 1000 ] || measure_more "$name" 10.96.10.2
	done
}

# sixth NAME LOAD [OWN] - established and new flows of IPv6 after LOAD 1000; by what OWN is
# said of with packets that the kernel has alone
sixth() {
	local name="flannel vxlan + $1, 1,000 services, IPv6${3:+, packets of their own}"

	wants "$name" || wants "$name, new flow for each packet" || return 0
	if [ -z "$six" ]; then
		nodes6_vxlan
		six=6
	fi
	"$2" 1000
	"measure${3:+_own}" "$name" fd00:a::10:96:10:2 "${one[@]}"
	"measure${3:+_own}" "$name, new flow for each packet" fd00:a::10:96:10:2 "${new6[@]}"
}

sized "kube-proxy nftables" rival_nftables
on_both nft flush ruleset
sized "minimal nftables" rival_minimal
sized "minimal nftables + flowtable" rival_flowtable
on_both nft flush ruleset
sized "kube-proxy IPVS" rival_ipvs
rival_ipvs_end

sixth "kube-proxy nftables" rival_nftables
on_both nft flush ruleset
sixth "minimal nftables" rival_minimal
# (A flowtable of Linux 6.12 writes into packets of IPv6 that somebody else has, too:
# BUG_ON(skb_shared(skb)) in pskb_expand_head().)
sixth "minimal nftables + flowtable" rival_flowtable own
on_both nft flush ruleset
sixth "kube-proxy IPVS" rival_ipvs
rival_ipvs_end
# Tables of iptables stay: these after all else of IPv6, those of IPv4 last.
sixth "kube-proxy iptables" rival_iptables
if [ -n "$six" ]; then
	for n in 1 2; do ip -n n$n link del flannel-v6.1; done
	six=
fi

# Each packet of a new flow goes through all rules.
sized "kube-proxy iptables" rival_iptables "$packets" "$packets" 400 40
symbols
ktap_end
