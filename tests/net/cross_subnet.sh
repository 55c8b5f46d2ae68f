#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Format direct and CrossSubnet: plain packets to a node on the same link, encapsulated ones to a node behind a router, as the underlay changes; with rp_filter strict; and who may send plain packets.
#
#   p1a 10.244.1.10 --.        evil .99.77        .-- p2a 10.244.2.10
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2 (br9)
#   p1b 10.244.1.11 --'                 |           :  `- vm 192.168.99.78
#                        n4 .99.4 ------'           : and later 192.168.77.2
#                         `- p4 has its k8snet0
#                                rt 192.168.99.254  :
#                                rt 192.168.77.254 -+-- n3 192.168.77.3 -- p3a 10.244.3.10

. "$(dirname "$0")/../lib.sh"

# n2 has its underlay address on a bridge, which shows netfilter what it forwards.
loaded=
if [ ! -e /proc/sys/net/bridge ]; then
	modprobe br_netfilter
	loaded=br_netfilter
fi

ktap_start
topo_underlay
for n in 1 2; do
	topo_host n$n 192.168.99.$n
	topo_pod n$n p${n}a 10.244.$n.10 10.244.$n.1
done
topo_pod n1 p1b 10.244.1.11 10.244.1.1
topo_host rt 192.168.99.254
topo_host evil 192.168.99.77
ns_new n3
topo_pod n3 p3a 10.244.3.10 10.244.3.1
ip -n rt -b - <<-BATCH
	link add br77 type bridge forward_delay 0 mcast_snooping 0
	addr add 192.168.77.254/24 dev br77
	link set br77 up
	link add to-n2 type veth peer name eth1 netns n2
	link set to-n2 master br77 up
	link add to-n3 type veth peer name eth0 netns n3
	link set to-n3 master br77 up
BATCH
ip -n n3 -b - <<-BATCH
	addr add 192.168.77.3/24 dev eth0
	link set eth0 up
	route add 192.168.99.0/24 via 192.168.77.254
BATCH
# As a host of virtual machines has it.
ip -n n2 -b - <<-BATCH
	link add br9 type bridge forward_delay 0 mcast_snooping 0
	link set br9 up
	addr flush dev eth0
	link set eth0 master br9
	addr add 192.168.99.2/24 dev br9
	route add 192.168.77.0/24 via 192.168.99.254
BATCH
ns_new vm
ip -n n2 -b - <<-BATCH
	link add to-vm type veth peer name eth0 netns vm
	link set to-vm master br9 up
BATCH
ip -n vm -b - <<-BATCH
	addr add 192.168.99.78/24 dev eth0
	link set eth0 up
	route add 10.244.1.0/24 via 192.168.99.1
BATCH
ip -n n1 route add 192.168.77.0/24 via 192.168.99.254
# Without redirects that would repair the detours of this test.
sysctl_ns rt net/ipv4/ip_forward=1 net/ipv4/conf/all/send_redirects=0 \
	net/ipv4/conf/eth0/send_redirects=0
declare -A addr=([1]=192.168.99.1 [2]=192.168.99.2 [3]=192.168.77.3)
for n in 1 2 3; do
	# All devices, also those that are still to come.
	sysctl_ns n$n net/ipv4/ip_forward=1 net/ipv4/conf/all/rp_filter=1
	ip -n n$n -b - <<-BATCH
		link add k8snet0 type k8snet
		addr add 10.244.$n.0/32 dev k8snet0
		link set k8snet0 up
		route add 10.244.0.0/16 dev k8snet0
	BATCH
	k8snetctl -n n$n link set k8snet0 cross-subnet on
	for m in 1 2 3; do
		[ $m = $n ] || k8snetctl -n n$n node add worker$m via "${addr[$m]}" \
			pods 10.244.$m.0/24,fd00:244:$m::/64
	done
done

# formats NS - "NODE FORMAT-IN-USE PATH-MTU, ..."
formats() {
	k8snetctl -n "$1" -j node show |
		gojq -r '[.[] | "\(.name) \(.current_format) \(.path_mtu)"] | join(", ")'
}

# drops NS REASON
drops() {
	# shellcheck disable=SC2016  # gojq's
	k8snetctl -n "$1" -j stats -z | gojq --arg r "$2" \
		'[.[] | select(.ifname == "k8snet0").counter[] | select(.reason == $r).packets] | add'
}

# filtered NS - packets that rp_filter has dropped
filtered() {
	# shellcheck disable=SC2016  # awk's
	_in_net "$1" busybox awk '$1 == "TcpExt:" {
		if (at) print $at
		for (i = 1; i <= NF; i++) if ($i == "IPReversePathFilter") at = i
	}' /proc/net/netstat
}

_filtered() { [ "$(filtered n1)" = $((before + 1)) ]; }

# --- what is on the wire --------------------------------------------------------

capture_start ul p-n1 'net 10.244.0.0/16 or ip6 net fd00:244::/32 or udp port 8472 or ip proto 4'
declare -A seen=([plain]=0 [vxlan]=0 [ipip]=0) now_seen=([plain]=0 [vxlan]=0 [ipip]=0)
# Pings only; a VXLAN packet has the protocol of an inner IPv4 header there, or of an IPv6 one.
PINGS='icmp or icmp6 or (ip proto 4 and ip[29] = 1) or (udp port 8472 and (udp[39] = 1 or udp[36] = 58))'

# _wire PLAIN VXLAN IPIP - that many more than before
_wire() {
	local line got

	now_seen=([plain]=0 [vxlan]=0 [ipip]=0)
	while IFS= read -r line; do
		case $line in
		*": UDP, "*) now_seen[vxlan]=$((now_seen[vxlan] + 1)) ;;
		*": IP 10.244."*) now_seen[ipip]=$((now_seen[ipip] + 1)) ;;
		*) now_seen[plain]=$((now_seen[plain] + 1)) ;;
		esac
	done < <(tcpdump -Z root -r "$capture" -n -t -q "$PINGS" 2>/dev/null)
	got="$((now_seen[plain] - seen[plain])) $((now_seen[vxlan] - seen[vxlan])) $((now_seen[ipip] - seen[ipip]))"
	echo "plain, vxlan, ipip: $got, expected: $*"
	[ "$got" = "$*" ]
}

# wire NAME ADDRESS PLAIN VXLAN IPIP - p1a pings it once: what n1's link sees of it
wire() {
	local name=$1 pod=$2 f
	shift 2
	if in_ns p1a ping -c 1 -W 5 "$pod" >"$T/ping"; then
		check "$name" wait_for 5 _wire "$@"
	else
		not_ok "$name" "$(cat "$T/ping")"
	fi
	for f in "${!seen[@]}"; do seen[$f]=${now_seen[$f]}; done
}

# A connection that lives through all of it.
bg_ns p2a socat -T 100 TCP4-LISTEN:7070,reuseaddr,fork EXEC:busybox\ cat
wait_listen p2a tcp 7070
mkfifo "$T/talk"
bg_ns p1a bash -c "exec socat -T 100 - TCP4:10.244.2.10:7070 <>'$T/talk' >'$T/heard'"
exec 7<>"$T/talk"
_heard() { busybox grep -qx "$1" "$T/heard"; }
lives() {
	echo "$1" >&7
	check "a connection lives on $1" wait_for 20 _heard "$1"
}

# --- the underlay decides --------------------------------------------------------

lives "at first"
wire "a node on the same link: plain" 10.244.2.10 2 0 0
wire "a node behind a router: VXLAN" 10.244.3.10 0 2 0
check_eq "node show has the format in use, and what the way carries" \
	"worker2 direct 1500, worker3 vxlan 1450" "$(formats n1)"

# Each node decides for itself, and takes what the other has decided.
ip -n n1 route add 192.168.99.2/32 via 192.168.99.254
wire "a route by the router appears on one node: VXLAN there, plain back" 10.244.2.10 1 1 0
check_eq "node show follows" "worker2 vxlan 1450, worker3 vxlan 1450" "$(formats n1)"
ip -n n2 route add 192.168.99.1/32 via 192.168.99.254
wire "on both: VXLAN" 10.244.2.10 0 2 0
lives "behind the router"
for n in 1 2 3; do k8snetctl -n n$n link set k8snet0 format ipip; done
wire "another format: IPIP" 10.244.2.10 0 0 2
wire "for both of them" 10.244.3.10 0 0 2
check_eq "node show follows the format" "worker2 ipip 1480, worker3 ipip 1480" "$(formats n1)"
lives "in IPIP"
ip -n n1 route replace 192.168.99.2/32 via 192.168.99.2 dev eth0 onlink
wire "a gateway that is the node itself is none (one node)" 10.244.2.10 1 0 1
ip -n n1 route del 192.168.99.2/32
ip -n n2 route del 192.168.99.1/32
wire "the routes are gone: plain" 10.244.2.10 2 0 0
lives "on the link again"

# --- a node moves behind the router ----------------------------------------------

ip -n n2 -b - <<-BATCH
	route del 192.168.77.0/24
	addr del 192.168.99.2/24 dev br9
	link set eth1 up
	addr add 192.168.77.2/24 dev eth1
	route add 192.168.99.0/24 via 192.168.77.254
BATCH
for n in n1 n3; do
	k8snetctl -n $n node replace worker2 via 192.168.77.2 pods 10.244.2.0/24,fd00:244:2::/64
done
wire "a node has moved behind the router: IPIP" 10.244.2.10 0 0 2
check_eq "as node show says" "worker2 ipip 1480, worker3 ipip 1480" "$(formats n1)"
check_eq "and direct to whom it has moved to" "worker1 ipip 1480, worker2 direct 1500" "$(formats n3)"
check "there as well pods reach each other" in_ns p3a ping -c 1 -W 5 10.244.2.10
lives "where it has moved to"
ip -n n2 -b - <<-BATCH
	addr del 192.168.77.2/24 dev eth1
	link set eth1 down
	addr add 192.168.99.2/24 dev br9
	route add 192.168.77.0/24 via 192.168.99.254
BATCH
for n in n1 n3; do
	k8snetctl -n $n node replace worker2 via 192.168.99.2 pods 10.244.2.0/24,fd00:244:2::/64
done
wire "it is back: plain" 10.244.2.10 2 0 0
lives "where it was"

# --- both families, inside and outside -------------------------------------------

topo_host6 n1 1
ipv6_on n2 n3
ip -n n2 addr add fd99::2/64 dev br9
for n in 1 2; do
	sysctl_ns n$n net/ipv6/conf/all/forwarding=1
	topo_pod6 n$n p${n}a fd00:244:$n::10 fd00:244:$n::1
	ip -n n$n route add fd00:244::/32 dev k8snet0
done
wire "IPv6 pods, IPv4 underlay: plain" fd00:244:2::10 2 0 0
k8snetctl -n n1 node replace worker2 via fd99::2 pods 10.244.2.0/24,fd00:244:2::/64
k8snetctl -n n2 node replace worker1 via fd99::1 pods 10.244.1.0/24,fd00:244:1::/64
wire "IPv4 pods, IPv6 underlay: plain" 10.244.2.10 2 0 0
wire "IPv6 pods, IPv6 underlay: plain" fd00:244:2::10 2 0 0
ip -n n1 route add fd99::2/128 via fd99::fe dev eth0
check_eq "a route by an IPv6 router: encapsulated" "worker2 ipip 1460, worker3 ipip 1480" "$(formats n1)"
ip -n n1 route del fd99::2/128 via fd99::fe dev eth0
check_eq "it is gone: direct" "worker2 direct 1500, worker3 ipip 1480" "$(formats n1)"
k8snetctl -n n1 node replace worker2 via 192.168.99.2 pods 10.244.2.0/24,fd00:244:2::/64
k8snetctl -n n2 node replace worker1 via 192.168.99.1 pods 10.244.1.0/24,fd00:244:1::/64

# --- what comes in plain is the device's, as all else is --------------------------

# carried - of worker2, then of the device: packets and bytes in and out
carried() {
	{
		k8snetctl -n n1 -j node show worker2
		k8snetctl -n n1 -j link show k8snet0
	} | gojq -s 'map(.[0].stats | .rx_packets, .rx_bytes, .tx_packets, .tx_bytes)'
}
carried >"$T/before"
in_ns p1a ping -c 3 -i 0.1 -W 5 10.244.2.10 >/dev/null
seen[plain]=$((seen[plain] + 6))
# shellcheck disable=SC2016  # gojq's
check_eq "node and device count them both ways" "3 252 3 252 3 252 3 252" \
	"$(carried | gojq -r --slurpfile b "$T/before" '[., $b[0]] | transpose | map(.[0] - .[1]) | join(" ")')"
check_eq "strict rp_filter has dropped nothing so far" "0 0 0" \
	"$(filtered n1) $(filtered n2) $(filtered n3)"

# What a pod sends to another node itself is plain in any case, and here the answer is.
check "a pod reaches another node's own address" in_ns p1a ping -c 1 -W 5 192.168.99.2
# Frames from a pod that n2's bridge forwards are none of n2's business.
before=$(stat_ns n2 k8snet0 rx_packets)
check "a pod reaches a host behind a node's bridge" in_ns p1a ping -c 1 -W 5 192.168.99.78
check_eq "and the node lets the frames pass" "$before" "$(stat_ns n2 k8snet0 rx_packets)"
seen[plain]=$((seen[plain] + 4))

# The device in a pod, its underlay where it was made.
topo_host n4 192.168.99.4
ns_new p4
ip -n n4 link add k8snet0 type k8snet
ip -n n4 link set k8snet0 netns p4
ip -n p4 -b - <<-BATCH
	addr add 10.244.4.10/32 dev k8snet0
	link set k8snet0 up
	route add 10.244.0.0/16 dev k8snet0
BATCH
k8snetctl -n p4 link set k8snet0 cross-subnet on
k8snetctl -n p4 node add worker1 via 192.168.99.1 pods 10.244.1.0/24
k8snetctl -n n1 node add worker4 via 192.168.99.4 pods 10.244.4.0/24,192.168.99.4/32
wire "a device that is not where its underlay is: plain" 10.244.4.10 2 0 0
# What pods have for life must hold when a router turns up.
check_eq "its MTU leaves room for headers, though its only node needs none" \
	"worker1 direct 1500, MTU 1450" "$(formats p4), MTU $(in_ns p4 cat /sys/class/net/k8snet0/mtu)"
check "a node whose prefixes hold its own address is reached at it" in_ns n1 ping -c 1 -W 5 192.168.99.4
k8snetctl -n n1 node del worker4

# --- who may send plain packets ---------------------------------------------------

bg_ns p1a socat -u UDP4-RECV:4242 "OPEN:$T/sink1,creat,append"
bg_ns p2a socat -u UDP4-RECV:4242 "OPEN:$T/sink2,creat,append"
wait_listen p1a udp 4242
wait_listen p2a udp 4242
# say NS FROM TO WORD
say() { in_ns "$1" socat -u STDIN "UDP4-SENDTO:$3:4242,bind=$2" <<<"$4"; }
# One pod with the address of another node's, and of one behind the router.
ip -n p1b -b - <<-BATCH
	addr add 10.244.2.11/32 dev lo
	addr add 10.244.3.11/32 dev lo
BATCH
# (Its requests for the gateway's MAC would have the false address, too.)
in_ns p1b ping -c 1 -W 5 10.244.1.1 >/dev/null
# A host of the link that pretends to be a pod of n2.
ip -n evil -b - <<-BATCH
	addr add 10.244.2.12/32 dev lo
	route add 10.244.1.0/24 via 192.168.99.1
BATCH
# _counted NS REASON N - are N more counted than in $before?
_counted() {
	local n

	n=$(drops "$1" "$2")
	echo "$2: $before before, $n now, $3 expected"
	[ $((n - before)) = "$3" ]
}
_got() { busybox grep -qx "$2" "$1"; }

for rp in 1 0; do
	sysctl_ns n1 net/ipv4/conf/all/rp_filter=$rp
	before=$(drops n1 rx-outer-device)
	if [ $rp = 1 ]; then
		bg_ns n1 k8snetctl monitor drops count 1
		monitor=$T/bg.$((${#_pids[@]} - 1))
		wait_for 10 _says "$monitor" "monitoring drops"
	fi
	say p1b 10.244.2.11 10.244.1.10 pod-as-remote-pod
	say p1b 10.244.3.11 10.244.2.10 pod-as-another
	check "rp_filter $rp: a pod with the address of another node's pod is stopped, and counted" \
		wait_for 5 _counted n1 rx-outer-device 2
done
check_match "an event tells: no outer header, the pod's device" \
	'k8snet0 rx-outer-device from - inner 10\.244\.2\.11 iif vp1b' "$(cat "$monitor")"
# What keeps it off the link is the underlay's business, as in any network that is routed.
say evil 10.244.2.12 10.244.1.10 host-as-pod
check "direct: whoever is on the link is not told from a pod" wait_for 5 _got "$T/sink1" host-as-pod
k8snetctl -n n1 link set k8snet0 strict off
say p1b 10.244.2.11 10.244.1.10 not-strict
check "not strict: from any device" wait_for 5 _got "$T/sink1" not-strict
k8snetctl -n n1 link set k8snet0 strict on

for n in 1 2 3; do k8snetctl -n n$n link set k8snet0 cross-subnet off; done
wire "cross-subnet off: all is encapsulated" 10.244.2.10 0 0 2
before=$(filtered n1)
sysctl_ns n1 net/ipv4/conf/all/rp_filter=1
say evil 10.244.2.12 10.244.1.10 filtered
check "nothing sends plain, and strict rp_filter drops what is" wait_for 5 _filtered
check_eq "so only those were let through" "host-as-pod not-strict" "$(xargs <"$T/sink1")"
check "and nothing from a pod to the other node" [ ! -s "$T/sink2" ]
# What a pod sends to another node itself is plain in any format, and answered
# through the overlay by the node's address: strict rp_filter takes neither.
check_fails "nor does a pod reach another node's own address then" in_ns p1a ping -c 1 -W 0.5 192.168.99.2
for n in n1 n2; do sysctl_ns $n net/ipv4/conf/all/rp_filter=2; done
check "with rp_filter 2 it does" in_ns p1a ping -c 1 -W 5 192.168.99.2

# An address of another node that becomes our own: no loop.
k8snetctl -n n1 link set k8snet0 cross-subnet on
before=$(drops n1 tx-loop)
ip -n n1 addr add 192.168.99.2/32 dev lo
check_fails "what is for a node whose address is ours goes nowhere" in_ns p1a ping -c 1 -W 0.3 10.244.2.10
check "a node's address that has become our own: dropped and counted" wait_for 5 _counted n1 tx-loop 1
ip -n n1 addr del 192.168.99.2/32 dev lo
lives "to the end"

# --- large packets, aggregated ones, fragments ----------------------------------------

k8snetctl -n n2 link set k8snet0 cross-subnet on
for n in n1 n2; do sysctl_ns $n net/ipv4/conf/all/rp_filter=1; done
filtered="$(filtered n1) $(filtered n2)"
mkdir "$T/www"
head -c 4194304 /dev/urandom >"$T/www/file"
http_serve p2a 80 "$T/www"
check "4 MB come over HTTP, direct" http_get p1a http://10.244.2.10/file "$T/got"
check "whole" cmp "$T/www/file" "$T/got"
# Where conntrack is, it puts fragments together and takes apart again as they were.
in_ns n2 nft -f - <<'RULES'
table inet track {
	chain forward {
		type filter hook forward priority 0;
		ct state invalid drop
	}
}
RULES
check "fragments reach a pod" in_ns p1a ping -c 1 -W 5 -s 3000 10.244.2.10
# (The first ones of each pod are too big for the device, and the pod is told.)
check "IPv6 fragments as well" in_ns p1a ping -c 4 -i 0.2 -W 5 -s 3000 fd00:244:2::10
check_eq "rp_filter has dropped nothing else" "$filtered" "$(filtered n1) $(filtered n2)"

[ -z "$loaded" ] || rmmod "$loaded"
ktap_end
