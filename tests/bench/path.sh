#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a packet costs from pod to pod, in instructions, by each way across; run by tests/bench/run.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --veth-- n2 192.168.99.2 -- p2a 10.244.2.10
#   pktgen, 64 bytes      route | vxlan | k8snet                   dropped by tc at ingress

. "$(dirname "$0")/lib.sh"

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
