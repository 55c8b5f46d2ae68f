#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every wire format, IPv4 and IPv6 inside and outside, presets, several devices on one port: the traffic, and every byte of its frames.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10
#       fd00:244:1::10 n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#                         fd99::1       br0        fd99::2
#                         k8snet0, 1, 2            k8snet0, 1, 2
#
# p1a and p2a have an address behind each device: 10.244, 10.245, 10.246.

. "$(dirname "$0")/../lib.sh"

declare -A outer=([4]=192.168.99. [6]=fd99::)
declare -A inner=([4]=10.244.%d.10 [6]=fd00:244:%d::10)
# Derived ones, of 192.168.99.N and fd99::N.
declare -A mac=([4]=0a:58:c0:a8:63:0 [6]=0a:58:00:00:00:0)
eth="02:00:c0:a8:63:01 02:00:c0:a8:63:02"
pods="10.244.%d.0/24,fd00:244:%d::/64"

# both_nodes WORDS - k8snetctl in n1 and n2; %1 is the node's own number, %2 the other's
both_nodes() {
	local w

	w=${*//%1/1}
	# shellcheck disable=SC2086  # words
	k8snetctl -n n1 ${w//%2/2}
	w=${*//%1/2}
	# shellcheck disable=SC2086  # words
	k8snetctl -n n2 ${w//%2/1}
}

# carried NAME INNER WORD... - traffic of a family goes both ways, in frames as the words say
carried() {
	local name=$1 a b
	shift
	# shellcheck disable=SC2059  # a format
	printf -v a "${inner[$1]:-$1}" 1
	# shellcheck disable=SC2059  # a format
	printf -v b "${inner[$1]:-$1}" 2
	shift
	check "$name" traffic both p1a "$a" p2a "$b" 300000
	check "$name: the frame, byte for byte" traffic wire p1a "$a" p2a "$b" "$@"
}

ktap_start
topo_two_nodes_dual
k8snet_node_dual n1 1 2
k8snet_node_dual n2 2 1
# A capture then shows what would be on a wire.
for n in n1 n2 p1a p2a; do offload_off $n eth0; done
check "the underlay is watched" traffic watch ul p-n1

# --- every format of a node, with every pair of families ----------------------

# What follows a format's outer addresses on the wire.
declare -A tunnel=([vxlan]="8472 1" [udp]=8285 [ipip]='' [direct]='')

# words FORMAT OUTER - the frame from n1 to n2
words() {
	local o=${outer[$2]}

	case $1 in
	vxlan) echo "$eth vxlan ${o}1 ${o}2 ${tunnel[$1]} ${mac[$2]}1 ${mac[$2]}2" ;;
	direct) echo "$eth direct" ;;
	*) echo "$eth $1 ${o}1 ${o}2 ${tunnel[$1]}" ;;
	esac
}

for o in 4 6; do
	for format in vxlan udp ipip direct; do
		both_nodes node replace worker%2 dev k8snet0 "via ${outer[$o]}%2" \
			"pods ${pods//%d/%2}" format $format
		for i in 4 6; do
			# shellcheck disable=SC2046  # words
			carried "$format, IPv$i in IPv$o" $i $(words $format $o)
		done
	done
done
# The next hop's link-layer address is asked for, not the pod's.
both_nodes node replace worker%2 dev k8snet0 via 192.168.99.%2 "pods ${pods//%d/%2}" format direct
for n in n1 n2; do ip -n $n neigh flush dev eth0; done
check "direct, a next hop that is not known yet: not even the first packet is lost" \
	traffic frame p1a 10.244.1.10 p2a 10.244.2.10
both_nodes node replace worker%2 dev k8snet0 via fd99::%2 "pods ${pods//%d/%2}" format direct
for n in n1 n2; do ip -n $n neigh flush dev eth0; done
check "the same in IPv6" traffic frame p1a fd00:244:1::10 p2a fd00:244:2::10
check_eq "the node is shown with its format and address" "direct direct fd99::2" \
	"$(k8snetctl -n n1 -j node show worker2 | gojq -r '.[0] | "\(.format) \(.current_format) \(.via)"')"

# --- presets ------------------------------------------------------------------

# calico_mac NAME - 66 and five bytes of the name's SHA-1
calico_mac() {
	local sum

	sum=$(printf %s "$1" | sha1sum)
	printf '66:%s:%s:%s:%s:%s' "${sum:0:2}" "${sum:2:2}" "${sum:4:2}" "${sum:6:2}" "${sum:8:2}"
}

# preset NAME OUTER [OWN-MAC PEER-MAC] - k8snet0 of both nodes has it
preset() {
	both_nodes link set k8snet0 preset "$1" mac "${3-auto}"
	both_nodes node replace worker%2 dev k8snet0 "via ${outer[$2]}%2" \
		"pods ${pods//%d/%2}" "${4:+mac $4}"
}

preset flannel 4
# shellcheck disable=SC2046  # words
carried "preset flannel" 4 $(words vxlan 4)
preset flannel-udp 4
# shellcheck disable=SC2046  # words
carried "preset flannel-udp" 4 $(words udp 4)
preset calico 4 calico:worker%1 calico
# shellcheck disable=SC2086  # words
carried "preset calico, its port, VNI and MAC rule" 4 $eth vxlan 192.168.99.1 192.168.99.2 \
	4789 4096 "$(calico_mac worker1)" "$(calico_mac worker2)"
preset calico 6 calico:worker%1-v6 calico
# shellcheck disable=SC2086  # words
carried "preset calico over IPv6, with the MAC rule for it" 6 $eth vxlan fd99::1 fd99::2 \
	4789 4096 "$(calico_mac worker1-v6)" "$(calico_mac worker2-v6)"
preset calico-ipip 4
# shellcheck disable=SC2046  # words
carried "preset calico-ipip" 4 $(words ipip 4)
both_nodes node replace worker%2 dev k8snet0 via 192.168.99.%2 "pods ${pods//%d/%2}" format vxlan
# shellcheck disable=SC2086  # words
carried "its VXLAN nodes are on the device's port" 4 $eth vxlan 192.168.99.1 192.168.99.2 \
	4789 4096 "${mac[4]}1" "${mac[4]}2"

# --- several devices ----------------------------------------------------------

preset flannel 4
for n in 1 2; do
	ip -n n$n -b - <<-BATCH
		link add k8snet1 type k8snet
		link add k8snet2 type k8snet
	BATCH
done
both_nodes link set k8snet1 id 2 port 8472
both_nodes link set k8snet2 id 1 port 4789
both_nodes node add worker%2 dev k8snet1 via 192.168.99.%2 pods 10.245.%2.0/24
both_nodes node add worker%2 dev k8snet2 via 192.168.99.%2 pods 10.246.%2.0/24
for n in 1 2; do
	ip -n n$n -b - <<-BATCH
		addr add 10.245.$n.0/32 dev k8snet1
		addr add 10.246.$n.0/32 dev k8snet2
		link set k8snet1 up
		link set k8snet2 up
		route add 10.245.0.0/16 dev k8snet1
		route add 10.246.0.0/16 dev k8snet2
		route add 10.245.$n.10/32 dev vp${n}a
		route add 10.246.$n.10/32 dev vp${n}a
	BATCH
	ip -n p${n}a -b - <<-BATCH
		addr add 10.245.$n.10/32 dev eth0
		addr add 10.246.$n.10/32 dev eth0
	BATCH
done
vxlan="$eth vxlan 192.168.99.1 192.168.99.2"
macs="${mac[4]}1 ${mac[4]}2"
# shellcheck disable=SC2086  # words
{
	carried "the first device, VNI 1 on port 8472" 4 $vxlan 8472 1 $macs
	carried "a second VNI on the same port" 10.245.%d.10 $vxlan 8472 2 $macs
	carried "the same VNI on another port" 10.246.%d.10 $vxlan 4789 1 $macs
}
check_eq "one socket of each family is there for a port" "2 2" \
	"$(in_ns n1 ss -Hlun | awk '{ n[$4 ~ /:8472$/]++; m[$4 ~ /:4789$/]++ } END { print n[1], m[1] }')"

# Formats that do not say whose a packet is, to one node by several devices:
# the pod's address tells.
both_nodes node replace worker%2 dev k8snet1 via 192.168.99.%2 pods 10.245.%2.0/24 format ipip
both_nodes node replace worker%2 dev k8snet2 via 192.168.99.%2 pods 10.246.%2.0/24 format ipip
# shellcheck disable=SC2046  # words
{
	carried "one device VXLAN, another IPIP to the same node" 10.245.%d.10 $(words ipip 4)
	carried "two devices IPIP to the same node" 10.246.%d.10 $(words ipip 4)
}
both_nodes node replace worker%2 dev k8snet0 via 192.168.99.%2 "pods ${pods//%d/%2}" format udp
both_nodes node replace worker%2 dev k8snet1 via 192.168.99.%2 pods 10.245.%2.0/24 format udp
# shellcheck disable=SC2046  # words
{
	carried "a device with raw packets on a port" 4 $(words udp 4)
	carried "and another on the same port" 10.245.%d.10 $(words udp 4)
}

# --- what is refused of it -----------------------------------------------------

# refused NAME STATUS-AND-TEXT WORD...
refused() {
	local name=$1 text=$2 rc=0
	shift 2
	k8snetctl -n n1 "$@" >"$T/out" 2>&1 || rc=$?
	check_eq "$name" "1 k8snetctl: $text" "$rc $(cat "$T/out")"
}

refused "a VNI that another device has on the port" \
	"link k8snet1: id 1: another device on this port has this identifier" \
	link set k8snet1 id 1
refused "a port where another device has the VNI" \
	"link k8snet2: another device on this port has this identifier" \
	link set k8snet2 port 8472
ip -n n1 -b - <<-BATCH
	link add linux1 type vxlan id 77 dstport 4790
	link set linux1 up
BATCH
refused "the port of a Linux vxlan device" \
	"link k8snet2: port 4790: something else listens on this UDP port" \
	link set k8snet2 port 4790
# shellcheck disable=SC2046  # words
carried "nothing of it has changed anything" 4 $(words udp 4)

check_eq "no packet was dropped but those that told a pod the MTU" "" \
	"$(for n in n1 n2; do k8snetctl -n $n -j stats; done | gojq -r '.[].counter[] |
		select(.packets > 0 and .reason != "tx-too-big") | "\(.reason) \(.packets)"')"

ktap_end
