#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Egress: pods that talk to the outside have the node's address, all others their own.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'  k8snet0         br0    k8snet0  `-- p2b 10.244.2.11
#                                         |
#                                out 192.168.99.100 (knows no way to pods)

. "$(dirname "$0")/../lib.sh"

egress_new() {
	in_ns n1 k8snetctl -j egress show |
		python3 -S -c 'import json,sys; print(json.load(sys.stdin)["new"])'
}

ktap_start
topo_two_nodes
topo_outside
# A flow that conntrack knows before k8snet is there: nobody can translate it.
in_ns n1 nft add table ip old
in_ns n1 nft 'add chain ip old c { type filter hook forward priority 0; }'
in_ns n1 nft add rule ip old c ct state invalid drop
# It is there for longer than the slowest machine takes until it is asked for.
sysctl_ns n1 net/netfilter/nf_conntrack_udp_timeout=900
old_flow() {
	local i

	for i in 1 2 3; do
		in_ns p1a socat -u STDIN UDP4:192.168.99.100:5354,sourceport=26000 <<<"$i"
	done
}
old_flow
check "conntrack knows a flow" [ "$(in_ns n1 conntrack -L -p udp --orig-port-src 26000 2>/dev/null | wc -l)" = 1 ]
k8snet_two_nodes
tcp_id out 8080 out
udp_echo out 5353 out
tcp_id p2a 8080 pod
tcp_id n2 8080 node
tcp_id p1b 8080 near
export ASK_TIMEOUT=2
! is_sanitized || ASK_TIMEOUT=10

check_fails "without egress the outside cannot answer a pod" tcp_ask p1a 192.168.99.100 8080
in_ns n1 k8snetctl egress set on
old_flow
check_eq "a flow older than that is left alone, and not counted" 0 "$(egress_new)"
check_match "with it, the outside sees the node" '^out 192.168.99.1:[0-9]+$' \
	"$(tcp_ask p1a 192.168.99.100 8080)"
check_match "UDP as well" '^out 192.168.99.1:[0-9]+ hi$' "$(udp_ask p1b 192.168.99.100 5353 hi)"
check "and ping" in_ns p1a ping -c 1 -W 5 192.168.99.100
check_eq "the source port is kept where it is free" "out 192.168.99.1:44444" \
	"$(ASK_FROM=44444 tcp_ask p1a 192.168.99.100 8080)"
check_eq "each connection is counted once" 4 "$(egress_new)"

check_eq "pod to pod of another node keeps its address" "pod 10.244.1.10:45000" \
	"$(ASK_FROM=45000 tcp_ask p1a 10.244.2.10 8080)"
check_eq "pod to pod of the same node keeps its address" "near 10.244.1.10:45001" \
	"$(ASK_FROM=45001 tcp_ask p1a 10.244.1.11 8080)"
# The node answers a pod's own address through its own k8snet0.
check_eq "pod to node keeps its address" "node 10.244.1.10:45002" \
	"$(ASK_FROM=45002 tcp_ask p1a 192.168.99.2 8080)"
check_eq "the node's own traffic is not touched" "out 192.168.99.1:45003" \
	"$(ASK_FROM=45003 tcp_ask n1 192.168.99.100 8080)"
check_eq "none of these is counted" 4 "$(egress_new)"

# A service whose endpoint is outside: the client pod must be known there.
in_ns n1 k8snetctl service add default/ext:tcp tcp 10.96.0.90:80 endpoint 192.168.99.100:8080
check_match "a service with an endpoint outside" '^out 192.168.99.1:[0-9]+$' \
	"$(tcp_ask p1a 10.96.0.90 80)"

ip -n n1 addr add 192.168.99.200/32 dev eth0
in_ns n1 k8snetctl egress set on source 192.168.99.200
check_match "a given source address" '^out 192.168.99.200:[0-9]+$' \
	"$(tcp_ask p1a 192.168.99.100 8080)"
in_ns n1 k8snetctl egress set on exclude 192.168.99.100/32
check_fails "an excluded destination sees the pod's own address, and cannot answer" \
	tcp_ask p1a 192.168.99.100 8080
ip -n out route add 10.244.1.0/24 via 192.168.99.1
check_match "with a way back it can" '^out 10.244.1.10:[0-9]+$' "$(tcp_ask p1a 192.168.99.100 8080)"
ip -n out route del 10.244.1.0/24
in_ns n1 k8snetctl egress set on
check_match "a setting that is not repeated is default again" '^out 192.168.99.1:[0-9]+$' \
	"$(tcp_ask p1a 192.168.99.100 8080)"
in_ns n1 k8snetctl egress set off
check_fails "off is off" tcp_ask p1a 192.168.99.100 8080
check_match "and shown" '"enabled": ?false' "$(in_ns n1 k8snetctl -j egress show)"

ktap_end
