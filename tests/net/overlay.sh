#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The overlay: pods of two nodes reach each other through k8snet0, and every counter says so.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'  k8snet0         br0    k8snet0  `-- p2b 10.244.2.11

. "$(dirname "$0")/../lib.sh"

# node_stat NS NODE FIELD
node_stat() {
	in_ns "$1" k8snetctl -j node show "$2" |
		python3 -S -c "import json,sys; print(json.load(sys.stdin)[0]['stats']['$3'])"
}

# drops NS DEV REASON
drops() {
	in_ns "$1" k8snetctl -j stats -z "$2" | python3 -S -c "
import json, sys
for s in json.load(sys.stdin):
	for c in s['counter']:
		if c['reason'] == '$3' and s.get('ifname') == '$2':
			print(c['packets'])"
}

ktap_start
topo_two_nodes

# Autoloaded by its link kind, every option defaulted.
check "ip link add needs no option and no modprobe" \
	ip -n n1 link add k8snet0 type k8snet
check_eq "the defaults are flannel's" "vxlan 1 8472 True 64 0 unset" \
	"$(in_ns n1 k8snetctl -j link show k8snet0 | python3 -S -c '
import json, sys
l = json.load(sys.stdin)[0]
print(l["format"], l["id"], l["port"], l["strict"], l["ttl"], l["dscp"], l["df"])')"
ip -n n1 link del k8snet0
k8snet_two_nodes
offload_off n1 eth0
offload_off n2 eth0

check "a pod reaches a pod of the other node" in_ns p1a ping -c 3 -i 0.2 -W 5 10.244.2.10
check "and the other way round" in_ns p2b ping -c 2 -i 0.2 -W 5 10.244.1.11
check "the node itself reaches a remote pod" in_ns n1 ping -c 1 -W 5 10.244.2.11
check_eq "a hop is a node, the tunnel none: TTL 62" 62 \
	"$(in_ns p1a ping -c 1 -W 5 10.244.2.10 | sed -n 's/.*ttl=\([0-9]*\).*/\1/p')"

mkdir "$T/www"
head -c 1048576 /dev/urandom >"$T/www/file"
http_serve p2a 80 "$T/www"
check "1 MB comes over HTTP" http_get p1a http://10.244.2.10/file "$T/got"
check_eq "its SHA-256 is equal" "$(sha256sum <"$T/www/file")" "$(sha256sum <"$T/got")"
udp_echo p2b 5353 b2
check_match "a datagram is answered, and shows the pod's address" \
	'^b2 10.244.1.11:[0-9]+ hi$' "$(udp_ask p1b 10.244.2.11 5353 hi)"

# With segmentation left to the underlay: the same bytes.
in_ns n1 ethtool -K eth0 tx on tso on gso on gro on >/dev/null
in_ns n2 ethtool -K eth0 tx on tso on gso on gro on >/dev/null
check "1 MB comes over HTTP with offloads" http_get p1a http://10.244.2.10/file "$T/got2"
check_eq "and its SHA-256 is equal" "$(sha256sum <"$T/www/file")" "$(sha256sum <"$T/got2")"
offload_off n1 eth0
offload_off n2 eth0

# Counters: one ping is one packet of 84 bytes each way, on every level.
rx=$(node_stat n1 worker2 rx_packets) tx=$(node_stat n1 worker2 tx_packets)
rxb=$(node_stat n1 worker2 rx_bytes) txb=$(node_stat n1 worker2 tx_bytes)
drx=$(stat_ns n1 k8snet0 rx_packets) dtx=$(stat_ns n1 k8snet0 tx_packets)
in_ns p1a ping -c 5 -i 0.2 -W 5 10.244.2.10 >/dev/null
check_eq "the node's packets in" $((rx + 5)) "$(node_stat n1 worker2 rx_packets)"
check_eq "the node's packets out" $((tx + 5)) "$(node_stat n1 worker2 tx_packets)"
check_eq "the node's bytes in" $((rxb + 5 * 84)) "$(node_stat n1 worker2 rx_bytes)"
check_eq "the node's bytes out" $((txb + 5 * 84)) "$(node_stat n1 worker2 tx_bytes)"
check_eq "the device's packets in" $((drx + 5)) "$(stat_ns n1 k8snet0 rx_packets)"
check_eq "the device's packets out" $((dtx + 5)) "$(stat_ns n1 k8snet0 tx_packets)"
check_eq "the only node has all packets of the device" \
	"$(stat_ns n1 k8snet0 rx_packets) $(stat_ns n1 k8snet0 tx_packets)" \
	"$(node_stat n1 worker2 rx_packets) $(node_stat n1 worker2 tx_packets)"

# Nobody has the address: the pod is told, the drop has a name and adds up.
before=$(drops n1 k8snet0 tx-no-node)
check_match "no node has the address: host unreachable" 'Destination Host Unreachable' \
	"$(in_ns p1a ping -c 1 -W 5 10.244.9.9)"
check_eq "and it is counted" $((before + 1)) "$(drops n1 k8snet0 tx-no-node)"
check_eq "ip -s link adds it up" "$(drops n1 k8snet0 tx-no-node)" \
	"$(stat_ns n1 k8snet0 tx_dropped)"

# The longest prefix wins, in both directions.
topo_host n3 192.168.99.3
sysctl_ns n3 net/ipv4/ip_forward=1
topo_pod n3 p3a 10.244.2.77 10.244.3.1
k8snet_node n3 3 1 2
in_ns n1 k8snetctl node add worker3 dev k8snet0 via 192.168.99.3 pods 10.244.3.0/24,10.244.2.77/32
check "a /32 inside of another node's /24 goes to its own node" in_ns p1a ping -c 1 -W 5 10.244.2.77
check "the /24 stays where it is" in_ns p1a ping -c 1 -W 5 10.244.2.10
check_eq "both packets of the /32 are counted for its node" "1 1" \
	"$(node_stat n1 worker3 rx_packets) $(node_stat n1 worker3 tx_packets)"

# A prefix moves from one node to another in one message each, live.
in_ns n1 k8snetctl node replace worker3 dev k8snet0 via 192.168.99.3 pods 10.244.3.0/24
check_fails "the /32 withdrawn, its pod is no more reached" in_ns p1a ping -c 1 -W 1 10.244.2.77
check_eq "counters outlive a replacement" 1 "$(node_stat n1 worker3 tx_packets)"
in_ns n1 k8snetctl node del worker3 dev k8snet0
check_match "a node that is gone is not found" 'no node of this name' \
	"$(in_ns n1 k8snetctl node show worker3 dev k8snet0 2>&1)"

# MTU follows the underlay; what is too big is answered, not lost.
check_eq "MTU is the underlay's less 50" 1450 "$(in_ns n1 cat /sys/class/net/k8snet0/mtu)"
for n in n1 n2; do ip -n $n link set eth0 mtu 1400; done
check "MTU follows the underlay" wait_for 5 mtu_is n1 k8snet0 1350
check_match "a packet too big is answered with the MTU" 'mtu ?= ?1350' \
	"$(in_ns p1a ping -c 1 -W 5 -M "do" -s 1400 10.244.2.10 2>&1)"
check "TCP finds the smaller MTU" http_get p1b http://10.244.2.10/file "$T/got3"
check "and the bytes are right" cmp "$T/www/file" "$T/got3"
for n in n1 n2; do ip -n $n link set eth0 mtu 1500; done
check "MTU grows back" wait_for 5 mtu_is n1 k8snet0 1450
in_ns n1 k8snetctl link set k8snet0 mtu 1280
for n in n1 n2; do ip -n $n link set eth0 mtu 1400; done
# By the time that the other node's has followed, this one's would have, too.
check "the other node's follows" wait_for 5 mtu_is n2 k8snet0 1350
check "a fixed MTU is left alone" mtu_is n1 k8snet0 1280
for n in n1 n2; do ip -n $n link set eth0 mtu 1500; done
in_ns n1 k8snetctl link set k8snet0 mtu auto
check "until it is automatic again" mtu_is n1 k8snet0 1450
check "and the other's again" wait_for 5 mtu_is n2 k8snet0 1450

# Where the stack has been told another MTU and forwards it, the device answers.
ip -n n1 route replace 10.244.0.0/16 dev k8snet0 mtu lock 9000
check_match "a packet too big for the device is answered by the device" 'mtu ?= ?1450' \
	"$(in_ns p1b ping -c 1 -W 5 -M "do" -s 1460 10.244.2.11 2>&1)"
check_eq "and counted" 1 "$(drops n1 k8snet0 tx-too-big)"
ip -n n1 route replace 10.244.0.0/16 dev k8snet0

# Settings change live.
for n in n1 n2; do in_ns $n k8snetctl link set k8snet0 id 4096 port 4789; done
check "another identifier and port, while up" in_ns p1a ping -c 1 -W 5 10.244.2.10
check_fails "the old port is closed" _listening n1 udp "$(printf %04X 8472)"
in_ns n1 k8snetctl link set k8snet0 preset flannel
check_fails "two that disagree do not talk" in_ns p1a ping -c 1 -W 1 10.244.2.10
in_ns n2 k8snetctl link set k8snet0 preset flannel
check "until they agree again" in_ns p1a ping -c 1 -W 5 10.244.2.10

check_eq "no other drop than those provoked" "tx-no-node tx-too-big" \
	"$(in_ns n1 k8snetctl -j stats k8snet0 | python3 -S -c '
import json, sys
print(*sorted(c["reason"] for s in json.load(sys.stdin) for c in s["counter"] if c["packets"]))')"

ktap_end
