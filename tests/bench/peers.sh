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

# --- and services ----------------------------------------------------------------
port=53 server_port=5353 tracked=1

# both NAME - established and new
both() {
	measure "flannel vxlan + $1" 10.96.10.2 "${one[@]}"
	measure "flannel vxlan + $1, new flow for each packet" 10.96.10.2 "${new[@]}"
}

if wants "flannel vxlan + kube-proxy nftables"; then
	rival_nftables
	both "kube-proxy nftables, 1,000 services"
	rival_nftables_more
	both "kube-proxy nftables, 10,000 services"
	on_both nft flush ruleset
fi
# The least that nftables can do for services: one map, and a verdict by it.
if wants "flannel vxlan + minimal nftables"; then
	cat >"$T/minimal.nft" <<'NFT'
table ip lb {
	map services {
		type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
		elements = { 10.96.10.2 . udp . 53 : 10.244.2.10 . 5353 }
	}
	chain prerouting {
		type nat hook prerouting priority dstnat
		dnat ip to ip daddr . meta l4proto . th dport map @services
	}
	chain postrouting {
		type nat hook postrouting priority srcnat
		ip saddr != 10.244.0.0/16 masquerade
	}
}
NFT
	for ((i = 0; i < 1000; i++)); do
		echo "add element ip lb services { 10.97.$((i / 250)).$((i % 250 + 1)) . udp . 53 : 10.244.2.10 . 5353 }"
	done >>"$T/minimal.nft"
	on_both nft -f "$T/minimal.nft"
	both "minimal nftables, 1,000 services"
	for n in 1 2; do
		in_ns n$n nft -f - <<-NFT
			table ip fast {
				flowtable f {
					hook ingress priority 0
					devices = { vp${n}a, flannel.1 }
				}
				chain forward {
					type filter hook forward priority 0
					ip protocol udp flow add @f
				}
			}
		NFT
	done
	both "minimal nftables + flowtable, 1,000 services"
	on_both nft flush ruleset
fi

if wants "flannel vxlan + kube-proxy IPVS"; then
	rival_ipvs
	both "kube-proxy IPVS, 1,000 services"
	rival_ipvs_more
	both "kube-proxy IPVS, 10,000 services"
	rival_ipvs_end
fi

# The last one: the tables of iptables stay, and cost, when they are empty.
if wants "flannel vxlan + kube-proxy iptables"; then
	rival_iptables
	both "kube-proxy iptables, 1,000 services"
fi
symbols
ktap_end
