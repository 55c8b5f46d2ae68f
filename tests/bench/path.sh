#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a packet costs from pod to pod, in instructions, by k8snet and by plain routing; run by tests/bench/run.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --veth-- n2 192.168.99.2 -- p2a 10.244.2.10
#   pktgen                route | k8snet                           dropped by tc at ingress

. "$(dirname "$0")/lib.sh"

# both_nodes WORDS... - k8snetctl on both
both_nodes() {
	local n
	for n in n1 n2; do k8snetctl -n $n "$@"; done
}

ktap_start
modprobe pktgen
nodes
nodes6
if wants "plain routing" || wants "plain routing, packets of their own" || wants_more "plain routing"; then
	ip -n n1 route add 10.244.2.0/24 via 192.168.99.2
	ip -n n2 route add 10.244.1.0/24 via 192.168.99.1
	measure "plain routing" 10.244.2.10 "${one[@]}"
	measure_own "plain routing, packets of their own" 10.244.2.10 "${one[@]}"
	measure_more "plain routing" 10.244.2.10
	ip -n n1 route del 10.244.2.0/24
	ip -n n2 route del 10.244.1.0/24
fi
if wants "plain routing, IPv6" || wants "plain routing, IPv6, packets of their own"; then
	ip -n n1 route add fd00:244:2::/64 via fd99::2
	ip -n n2 route add fd00:244:1::/64 via fd99::1
	measure "plain routing, IPv6" fd00:244:2::10 "${one[@]}"
	measure_own "plain routing, IPv6, packets of their own" fd00:244:2::10 "${one[@]}"
	ip -n n1 route del fd00:244:2::/64
	ip -n n2 route del fd00:244:1::/64
fi

for n in 1 2; do
	ip -n n$n link add k8snet0 type k8snet
	k8snetctl -n n$n node add worker via 192.168.99.$((3 - n)) \
		pods 10.244.$((3 - n)).0/24,fd00:244:$((3 - n))::/64
	ip -n n$n link set k8snet0 up
	ip -n n$n route add 10.244.0.0/16 dev k8snet0
	ip -n n$n route add fd00:244::/32 dev k8snet0
done
measure "k8snet overlay, no conntrack" 10.244.2.10 "${one[@]}"

# What conntrack alone takes of a new flow, without a service and without NAT.
track="k8snet overlay, conntrack on one node, new flow for each packet"
if wants "$track"; then
	in_ns n1 nft 'table inet track { chain c { type filter hook forward priority 0; ct state new accept; }; }'
	measure "$track" 10.244.2.10 "${new[@]}"
	in_ns n1 nft delete table inet track
fi

# serve NODE - services, with which comes conntrack: one in each family with one
# endpoint, and one with two, as kube-proxy's ruleset has them, for new flows
serve() {
	k8snetctl -n "$1" config set pods 10.244.0.0/16,fd00:244::/32 services 10.96.0.0/12,fd00:96::/112
	k8snetctl -n "$1" service add default/bench:udp udp 10.96.0.1:9 endpoint 10.244.2.10:9
	k8snetctl -n "$1" service add default/pair:udp udp 10.96.0.2:9 endpoint 10.244.2.10:10 endpoint 10.244.2.10:11
	k8snetctl -n "$1" service add default/pair6:udp udp '[fd00:96::2]:9' \
		endpoint '[fd00:244:2::10]:10' endpoint '[fd00:244:2::10]:11'
	k8snetctl -n "$1" service add default/bench6:udp udp '[fd00:96::1]:9' endpoint '[fd00:244:2::10]:9'
}
serve n1
k8snetctl -n n1 flow set off
measure "k8snet service, conntrack on one node" 10.96.0.1 "${one[@]}"
measure "k8snet service, conntrack on one node, new flow for each packet" 10.96.0.2 "${new[@]}"
measure_own "k8snet service, conntrack on one node, packets of their own, new flow for each packet" 10.96.0.2 "${new[@]}"

# A real cluster has services, and conntrack, on both.
serve n2
tracked=1
both_nodes flow set off
measure "k8snet overlay, slow path" 10.244.2.10 "${one[@]}"
measure "k8snet service, slow path" 10.96.0.1 "${one[@]}"
measure_more "k8snet service, slow path" 10.96.0.1
measure "k8snet service, slow path, IPv6" fd00:96::1 "${one[@]}"

both_nodes flow set on
measure "k8snet overlay" 10.244.2.10 "${one[@]}"
measure "k8snet service" 10.96.0.1 "${one[@]}"
measure_own "k8snet service, packets of their own" 10.96.0.1 "${one[@]}"
measure_own "k8snet service, IPv6, packets of their own" fd00:96::1 "${one[@]}"
measure_more "k8snet service" 10.96.0.1
measure "k8snet service, IPv6" fd00:96::1 "${one[@]}"

measure "k8snet service, new flow for each packet" 10.96.0.2 "${new[@]}"
measure "k8snet service, IPv6, new flow for each packet" fd00:96::2 "${new6[@]}"

i=3
for m in "${sizes[@]}"; do
	name="k8snet service, $(commas "$m") services"
	wants "$name" || wants "$name, new flow for each packet" || continue
	k8snet_services "$i" "$m"
	i=$m
	measure "$name" 10.96.0.1 "${one[@]}"
	measure "$name, new flow for each packet" 10.96.0.2 "${new[@]}"
done
symbols
ktap_end
