#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A cluster in the middle of a migration: each of four nodes has another wire format, all meet all, and one changes its format.
#
#   p1a 10.244.1.10, fd00:244:1::10 -- n1 192.168.99.1 vxlan  --.    .-- n3 ipip   -- p3a
#                                                               [ul]
#   p2a 10.244.2.10, fd00:244:2::10 -- n2 192.168.99.2 udp    --'    `-- n4 direct -- p4a
#
# A node is sent to in its own format; each has one device for all of them.

. "$(dirname "$0")/../lib.sh"

# Of a node's device, and of a node where others have it.
device=('' "vxlan" "udp port 8285" "ipip" "direct")
format=('' vxlan udp ipip direct)

# words I J - the frame from node I to node J, in the format of J
words() {
	local eth="02:00:c0:a8:63:0$1 02:00:c0:a8:63:0$2" ip="192.168.99.$1 192.168.99.$2"

	case ${format[$2]} in
	vxlan) echo "$eth vxlan $ip 8472 1 0a:58:c0:a8:63:0$1 0a:58:c0:a8:63:0$2" ;;
	udp) echo "$eth udp $ip 8285" ;;
	ipip) echo "$eth ipip $ip" ;;
	direct) echo "$eth direct" ;;
	esac
}

# frames I J - a frame of each inner family from I to J, byte for byte
frames() {
	local w

	read -ra w <<<"$(words "$1" "$2")"
	check "node $1 sends $3 to node $2, IPv4" traffic wire \
		"p$1a" "10.244.$1.10" "p$2a" "10.244.$2.10" "${w[@]}"
	check "and IPv6" traffic wire \
		"p$1a" "fd00:244:$1::10" "p$2a" "fd00:244:$2::10" "${w[@]}"
}

# meet I J - their pods, both families, both ways
meet() {
	check "nodes $1 (${format[$1]}) and $2 (${format[$2]})" traffic both \
		"p$1a" "10.244.$1.10" "p$2a" "10.244.$2.10" 1000000
	check "and IPv6" traffic both \
		"p$1a" "fd00:244:$1::10" "p$2a" "fd00:244:$2::10" 1000000
}

# to_node VERB I J... - node I has the others, each with its format
to_node() {
	local verb=$1 i=$2 j
	shift 2
	for j; do
		[ "$i" = "$j" ] || k8snetctl -n "n$i" node "$verb" "worker$j" dev k8snet0 \
			via "192.168.99.$j" pods "10.244.$j.0/24,fd00:244:$j::/64" format "${format[j]}"
	done
}

ktap_start
topo_underlay
for i in 1 2 3 4; do
	topo_host n$i 192.168.99.$i
	ipv6_on n$i
	sysctl_ns n$i net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1
	topo_pod n$i p${i}a 10.244.$i.10 10.244.$i.1
	topo_pod6 n$i p${i}a fd00:244:$i::10 fd00:244:$i::1
	ip -n n$i link add k8snet0 type k8snet
	# shellcheck disable=SC2086  # words
	k8snetctl -n n$i link set k8snet0 format ${device[i]}
	to_node add $i 1 2 3 4
	ip -n n$i -b - <<-BATCH
		addr add 10.244.$i.0/32 dev k8snet0
		addr add fd00:244:$i::/128 dev k8snet0
		link set k8snet0 up
		route add 10.244.0.0/16 dev k8snet0
		route add fd00:244::/32 dev k8snet0
	BATCH
	# Frames then are as they would be on a wire.
	offload_off n$i eth0
	offload_off p${i}a eth0
done

for i in 1 2 3 4; do
	for ((j = i + 1; j <= 4; j++)); do
		meet $i $j
	done
done
for i in 1 2 3 4; do
	check "the way out of node $i is watched" traffic watch ul p-n$i
	for j in 1 2 3 4; do
		[ $i = $j ] || frames $i $j "${format[j]}"
	done
done

# Node 1 goes over to raw IP in UDP, as the others learn one after another.
format[1]=udp
k8snetctl -n n1 link set k8snet0 preset flannel-udp
for i in 2 3 4; do to_node replace $i 1; done
for j in 2 3 4; do meet 1 $j; done
check "the way out of node 2 is watched" traffic watch ul p-n2
frames 2 1 "udp now"

check_eq "no node has dropped a packet but those that told a pod the MTU" "" \
	"$(for i in 1 2 3 4; do k8snetctl -n n$i -j stats; done | gojq -r '.[].counter[] |
		select(.packets > 0 and .reason != "tx-too-big") | "\(.reason) \(.packets)"')"

ktap_end
