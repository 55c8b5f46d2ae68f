#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A k8snet node among nodes that run what others use: Linux vxlan as flannel and as Calico set it up, FOU, bareudp, flanneld's udp proxy, tunl0, plain routes.
#
#   p1a 10.244.1.10   -- n1 192.168.99.1 ---.       .-- n2 flannel.1, flannel-v6.1
#   fd00:244:1::10          fd99::1         |       |-- n3 FOU: ipip, sit, ip6tnl in UDP
#                        k8snet0: flannel --[ul]----|-- n4 bareudp
#                        k8snet1: calico    br0     |-- n5 flanneld's udp proxy (IPv4)
#                                                   |-- n6 tunl0, sit, ip6tnl
#                                                   |-- n7 vxlan.calico, vxlan-v6.calico
#                                                   `-- n8 routes only
#
# Each peer N has the addresses 192.168.99.N and fd99::N and a pod pNa with
# 10.244.N.10 and fd00:244:N::10.
# timeout: 600

. "$(dirname "$0")/../lib.sh"

# What each stream of TCP carries: 100 MB with each peer, both ways, and less
# where the same peer speaks another combination of families.
BULK=100000000
SOME=1000000

# meets NAME PEER FAMILY BYTES - pods of n1 and of the peer, both ways
meets() {
	if [ "$3" = 4 ]; then
		check "$1" traffic both p1a 10.244.1.10 "p$2a" "10.244.$2.10" "$4"
	else
		check "$1" traffic both p1a fd00:244:1::10 "p$2a" "fd00:244:$2::10" "$4"
	fi
	note "$(cat "$T/out")"
}

# calico_mac NAME - 66 and five bytes of the name's SHA-1
calico_mac() {
	local sum

	sum=$(printf %s "$1" | sha1sum)
	printf '66:%s:%s:%s:%s:%s' "${sum:0:2}" "${sum:2:2}" "${sum:4:2}" "${sum:6:2}" "${sum:8:2}"
}

ktap_start
# Those that are not built in.
modprobe -a ipip sit ip6_tunnel fou fou6 tun
# Its peers are chosen by routes.
bareudp=0
if modprobe -q bareudp && ip route add 192.0.2.1 encap ip dst 192.0.2.2 dev lo 2>/dev/null; then
	ip route del 192.0.2.1
	bareudp=1
fi

topo_underlay
for n in 1 2 3 4 5 6 7 8; do
	[ $n != 4 ] || [ $bareudp = 1 ] || continue
	topo_host n$n 192.168.99.$n
	topo_host6 n$n $n
	sysctl_ns n$n net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1
	topo_pod n$n p${n}a 10.244.$n.10 10.244.$n.1
	topo_pod6 n$n p${n}a fd00:244:$n::10 fd00:244:$n::1
done

# --- the k8snet node ----------------------------------------------------------

flannel6=06:f1:00:00:00:0
ip -n n1 -b - <<-BATCH
	link add k8snet0 type k8snet
	link add k8snet1 type k8snet
	addr add 10.244.1.0/32 dev k8snet0
	addr add fd00:244:1::/128 dev k8snet0
BATCH
k8snetctl -n n1 link set k8snet0 preset flannel mac "$(flannel_mac 192.168.99.1)"
k8snetctl -n n1 link set k8snet1 preset calico mac calico:worker1

# node DEV PEER OUTER PODS WORD...
node() {
	local dev=$1 n=$2 via=192.168.99.$2 name=worker$2
	[ "$3" = 4 ] || {
		via=fd99::$n
		name=worker$n-v6
	}
	k8snetctl -n n1 node add "$name" dev "$dev" via "$via" pods "$4" "${@:5}"
}
for n in 2 7; do
	dev=k8snet0
	own="mac $(flannel_mac 192.168.99.2)"
	own6="mac ${flannel6}2"
	[ $n != 7 ] || dev=k8snet1 own='mac calico' own6='mac calico:worker7'
	# shellcheck disable=SC2086  # words
	node $dev $n 4 10.244.$n.0/24 $own
	# shellcheck disable=SC2086  # words
	node $dev $n 6 fd00:244:$n::/64 $own6
done
node k8snet0 3 4 10.244.3.0/24,fd00:244:3::/64 format udp
[ $bareudp = 0 ] || node k8snet0 4 4 10.244.4.0/24,fd00:244:4::/64 format udp
node k8snet0 5 4 10.244.5.0/24 format udp
node k8snet0 6 4 10.244.6.0/24,fd00:244:6::/64 format ipip
node k8snet0 8 4 10.244.8.0/24 format direct
node k8snet0 8 6 fd00:244:8::/64 format direct
ip -n n1 -b - <<-BATCH
	link set k8snet0 up
	link set k8snet1 up
	route add 10.244.0.0/16 dev k8snet0
	route add fd00:244::/32 dev k8snet0
	route add 10.244.7.0/24 dev k8snet1
	route add fd00:244:7::/64 dev k8snet1
BATCH

# --- Linux vxlan, as flannel does it ------------------------------------------

flannel_node n2 192.168.99.2 192.168.99.1
# All of a flannel node has one MAC for each family; ours is the same for both.
vxlan6 n2 2 1 flannel-v6.1 1 8472 ${flannel6}2 "$(flannel_mac 192.168.99.1)"
meets "flannel vxlan" 2 4 $BULK
meets "flannel vxlan, IPv6 in IPv6" 2 6 $SOME

# --- Linux vxlan, as Calico does it -------------------------------------------

ip -n n7 -b - <<-BATCH
	link add vxlan.calico address $(calico_mac worker7) type vxlan id 4096 dev eth0 local 192.168.99.7 dstport 4789 nolearning
	addr add 10.244.7.0/32 dev vxlan.calico
	link set vxlan.calico mtu 1450 up
	neigh replace 10.244.1.0 lladdr $(calico_mac worker1) dev vxlan.calico nud permanent
BATCH
bridge -n n7 fdb append "$(calico_mac worker1)" dev vxlan.calico dst 192.168.99.1 self permanent
ip -n n7 route add 10.244.1.0/24 via 10.244.1.0 dev vxlan.calico onlink
vxlan6 n7 7 1 vxlan-v6.calico 4096 4789 "$(calico_mac worker7-v6)" "$(calico_mac worker1-v6)"
meets "Calico VXLAN" 7 4 $BULK
meets "Calico VXLAN, IPv6 in IPv6" 7 6 $SOME

# --- raw IP in UDP ------------------------------------------------------------

ip -n n3 fou add port 8285 ipproto 4
ip -n n3 -b - <<-BATCH
	link add fou4 type ipip local 192.168.99.3 remote 192.168.99.1 ttl 64 encap fou encap-sport auto encap-dport 8285 encap-csum
	link set fou4 up
	route add 10.244.1.0/24 dev fou4
BATCH
meets "Linux FOU" 3 4 $BULK
# One port for both inner families: GUE variant 1 has the same bytes.
ip -n n3 fou del port 8285
ip -n n3 fou add port 8285 gue
ip -n n3 -b - <<-BATCH
	link add fou6 type sit local 192.168.99.3 remote 192.168.99.1 ttl 64 encap fou encap-sport auto encap-dport 8285 encap-csum
	link set fou6 up
	route add fd00:244:1::/64 dev fou6
BATCH
meets "Linux FOU, IPv6 in IPv4" 3 6 $SOME
meets "GUE variant 1, IPv4 in IPv4" 3 4 $SOME
k8snetctl -n n1 node replace worker3 dev k8snet0 via fd99::3 pods 10.244.3.0/24,fd00:244:3::/64 format udp
ip -n n3 fou del port 8285
ip -n n3 -6 fou add port 8285 gue
ip -n n3 -b - <<-BATCH
	link add fou66 type ip6tnl mode any local fd99::3 remote fd99::1 encaplimit none hoplimit 64 encap fou encap-sport auto encap-dport 8285 encap-udp6-csum
	link set fou66 up
	route replace 10.244.1.0/24 dev fou66
	route replace fd00:244:1::/64 dev fou66
BATCH
meets "Linux FOU, IPv6 in IPv6" 3 6 $SOME
meets "Linux FOU, IPv4 in IPv6" 3 4 $SOME

if [ $bareudp = 1 ]; then
	ip -n n4 -b - <<-BATCH
		link add bareudp0 mtu 1452 type bareudp dstport 8285 ethertype ipv4 multiproto
		link set bareudp0 up
		route add 10.244.1.0/24 encap ip dst 192.168.99.1 csum dev bareudp0
		route add fd00:244:1::/64 encap ip dst 192.168.99.1 csum dev bareudp0
	BATCH
	meets "Linux bareudp" 4 4 $BULK
	meets "Linux bareudp, IPv6 in IPv4" 4 6 $SOME
	k8snetctl -n n1 node replace worker4 dev k8snet0 via fd99::4 \
		pods 10.244.4.0/24,fd00:244:4::/64 format udp
	ip -n n4 -b - <<-BATCH
		route replace 10.244.1.0/24 encap ip6 dst fd99::1 csum dev bareudp0
		route replace fd00:244:1::/64 encap ip6 dst fd99::1 csum dev bareudp0
	BATCH
	meets "Linux bareudp, IPv4 in IPv6" 4 4 $SOME
	meets "Linux bareudp, IPv6 in IPv6" 4 6 $SOME
else
	skip "Linux bareudp" "this kernel has no bareudp, or no routes into tunnels"
fi

# proxy MTU - flanneld with its device
proxy() {
	bg_ns n5 /k8snet/flanneld flannel0 192.168.99.5 "$1" 10.244.1.0/24=192.168.99.1
	proxy=$bg
	disown "$proxy"
	check "flanneld's udp proxy is there" wait_for 10 grep ready "$T/bg.$((${#_pids[@]} - 1))"
	ip -n n5 -b - <<-BATCH
		link set flannel0 mtu $1 up
		addr add 10.244.5.0/16 dev flannel0
	BATCH
}
proxy 1472
# A veth hands checksums over unfinished, which user space cannot know.
in_ns n1 ethtool -K eth0 tx off >/dev/null
meets "flanneld's udp proxy" 5 4 $SOME
check_eq "it takes one from the TTL, the tunnel none" 61 \
	"$(in_ns p1a ping -c 1 -W 5 10.244.5.10 | sed -n 's/.*ttl=\([0-9]*\).*/\1/p')"
# Each packet wakes the proxy twice: 100 MB of 1,472 bytes take it minutes on an
# emulated processor, so they come in jumbo frames, of 9,000.
underlay_mtu() {
	local n

	for n in 1 5; do
		ip -n ul link set p-n$n mtu "$1"
		ip -n n$n link set eth0 mtu "$1"
		ip -n n$n link set vp${n}a mtu "$1"
		ip -n p${n}a link set eth0 mtu "$1"
		# What it has learned of the path was by the other MTU.
		_in_net p${n}a busybox sh -c 'echo 1 >/proc/sys/net/ipv4/route/flush'
	done
}
kill "$proxy"
check "flanneld ends" wait_for 10 _gone "$proxy"
proxy 8972
underlay_mtu 9000
meets "flanneld's udp proxy, on an underlay of jumbo frames" 5 4 $BULK
kill "$proxy"
wait_for 10 _gone "$proxy"
underlay_mtu 1500
in_ns n1 ethtool -K eth0 tx on tso on gso on >/dev/null

# --- IP in IP -----------------------------------------------------------------

ip -n n6 -b - <<-BATCH
	link set tunl0 mtu 1480 up
	addr add 10.244.6.0/32 dev tunl0
	route add 10.244.1.0/24 via 192.168.99.1 dev tunl0 onlink
	link add sit1 type sit local 192.168.99.6 remote 192.168.99.1 ttl inherit
	link set sit1 up
	route add fd00:244:1::/64 dev sit1
BATCH
meets "tunl0 as Calico sets it up" 6 4 $BULK
meets "Linux sit, IPv6 in IPv4" 6 6 $SOME
k8snetctl -n n1 node replace worker6 dev k8snet0 via fd99::6 pods 10.244.6.0/24,fd00:244:6::/64 format ipip
ip -n n6 -b - <<-BATCH
	link add tnl6 type ip6tnl mode any local fd99::6 remote fd99::1 encaplimit none hoplimit 64
	link set tnl6 up
	route replace 10.244.1.0/24 dev tnl6
	route replace fd00:244:1::/64 dev tnl6
BATCH
meets "Linux ip6tnl, IPv4 in IPv6" 6 4 $SOME
meets "Linux ip6tnl, IPv6 in IPv6" 6 6 $SOME

# --- no encapsulation -----------------------------------------------------------

ip -n n8 -b - <<-BATCH
	route add 10.244.1.0/24 via 192.168.99.1
	route add fd00:244:1::/64 via fd99::1
BATCH
meets "routes only, as flannel's host-gw and Calico's BGP" 8 4 $SOME
meets "routes only, IPv6" 8 6 $SOME

check_eq "no packet was dropped but those that told a pod the MTU" "" \
	"$(k8snetctl -n n1 -j stats | gojq -r '.[].counter[] |
		select(.packets > 0 and .reason != "tx-too-big") | "\(.reason) \(.packets)"')"

ktap_end
