#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Path MTU: computed, learned per node, told to pods; a path that is smaller than everybody thinks swallows nothing.
#
#   p1a 10.1.I.10 --- n1 192.168.99.1I --[ul]-- r1 ==1400== r2 --- n2 192.168.98.1I --- p2a 10.2.I.10
#       fd01:I::10       fd99::1I                                     fd98::1I             fd02:I::10
#
# n2 is eight nodes to n1, and the reverse, each with its own address and pods:
# I is 1 to 4 for vxlan, udp, ipip and direct over IPv4, 5 to 8 over IPv6. So
# each learns its path by itself. Pods have an MTU of 1450, outer packets DF.

. "$(dirname "$0")/../lib.sh"

formats=(vxlan udp ipip direct)
overhead=(50 28 20 0 70 48 40 0)

# name I - sets $name, $family, $over of a node
name() {
	family=4
	[ "$1" -le 4 ] || family=6
	name=${formats[($1 - 1) % 4]}$family
	over=${overhead[$1 - 1]}
}

# node VERB NS I WORDS... - the other end's address I, with its pods
node() {
	local verb=$1 ns=$2 i=$3 m=2 via=192.168.98.1
	shift 3
	name "$i"
	[ "$ns" = n1 ] || m=1 via=192.168.99.1
	[ $family = 4 ] || via=fd9$((m == 2 ? 8 : 9))::1
	in_ns "$ns" k8snetctl node "$verb" "$name" dev k8snet0 via "$via$i" \
		format "${name%?}" pods "10.$m.$i.0/24,fd0$m:$i::/64" "$@"
}

# paths NS - "NAME=MTU ..." of the nodes it knows, by name
paths() {
	in_ns "$1" k8snetctl node show | busybox awk '$1 != "NAME" { print $1 "=" $6 }' |
		busybox sort | busybox xargs
}

# expected LINK [LEARNED] - the same, with that much on the outside; what n1
# learns of a path it learns for tunnels, without one it is the pod that does
expected() {
	local i

	for i in 1 2 3 4 5 6 7 8; do
		name $i
		if [ "$over" != 0 ]; then
			echo "$name=$((${2-$1} - over))"
		else
			echo "$name=$1"
		fi
	done | busybox sort | busybox xargs
}

# path_is NS NAME MTU
# shellcheck disable=SC2317  # called by wait_for
path_is() { [[ " $(paths "$1") " == *" $2=$3 "* ]]; }

# middle MTU - of the link between the routers
middle() {
	ip -n r1 link set mid mtu "$1"
	ip -n r2 link set mid mtu "$1"
}

# forget - what nodes and pods have learned of paths
forget() {
	local n

	for n in n1 n2 p1a p2a; do
		# shellcheck disable=SC2016  # for the inner shell
		_in_net $n busybox sh -c '
			echo 1 >/proc/sys/net/ipv4/route/flush && ip -6 route flush cache'
	done
}

# fragments NS - how many it has made
fragments() {
	# shellcheck disable=SC2016  # for awk
	_in_net "$1" busybox awk '
		FILENAME ~ /6$/ { if ($1 == "Ip6FragCreates") sum += $2; next }
		/^Ip:/ && at { sum += $at }
		/^Ip:/ { for (i = 2; i <= NF; i++) if ($i == "FragCreates") at = i }
		END { print sum + 0 }' /proc/net/snmp /proc/net/snmp6
}

# more_fragments NS N - more than that
more_fragments() { [ "$(fragments "$1")" -gt "$2" ]; }

# send NS I FAMILY BYTES - TCP from its pod address I to the other's, of that family
send() {
	local a=1 b=2 head=fd0 tail=:$2::10
	[ "$1" = p1a ] || a=2 b=1
	[ "$3" = 6 ] || head=10. tail=.$2.10
	traffic tcp "p${a}a" "$head$a$tail" "p${b}a" "$head$b$tail" "$4"
}

# big NS ADDRESS SIZE WORDS... - one echo of that size altogether, DF set
big() {
	local ns=$1 to=$2 head=28 size=$3
	shift 3
	[[ $to != *:* ]] || head=48
	in_ns "$ns" ping -c 1 -W $((2 * patience)) -M "do" -s $((size - head)) "$@" "$to" 2>&1
}

# learn ADDRESS SIZE - provoke an error about a packet to it, wherever it comes
# from; n1 is to learn of it what it does not know yet
learn() {
	local was

	was=$(paths n1)
	[[ $(big p1a "$1" "$2" -W 0.3) == *mtu* ]] || wait_for 3 _learned "$was" >/dev/null || :
}
# shellcheck disable=SC2317  # called by wait_for
_learned() { [ "$(paths n1)" != "$1" ]; }

ktap_start
topo_underlay
topo_host n1 192.168.99.1
topo_host r1 192.168.99.254
ns_new r2 n2
ip -n r1 link add mid mtu 1400 type veth peer name mid mtu 1400 netns r2
ip -n n2 link add eth0 type veth peer name eth0 netns r2
for n in 1 2; do
	topo_pod n$n p${n}a 10.$n.1.10 10.$n.0.1
	topo_pod6 n$n p${n}a fd0$n:1::10 fd0$n::1
	for i in 2 3 4 5 6 7 8; do
		echo "addr add 10.$n.$i.10/32 dev eth0"
		echo "addr add fd0$n:$i::10/128 dev eth0"
	done | ip -n p${n}a -b -
	ip -n p${n}a link set eth0 mtu 1450
	ip -n n$n -b - <<-BATCH
		link set vp${n}a mtu 1450
		route add 10.$n.0.0/16 dev vp${n}a
		route add fd0$n::/16 dev vp${n}a
	BATCH
done
ipv6_on r1 r2
for n in n1 n2 r1 r2; do sysctl_ns $n net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1; done
ip -n r1 -b - <<-BATCH
	addr add fd99::254/64 dev eth0
	addr add 192.168.97.1/24 dev mid
	addr add fd97::1/64 dev mid
	link set mid up
	route add 192.168.98.0/24 via 192.168.97.2
	route add fd98::/64 via fd97::2
	route add 10.1.0.0/16 via 192.168.99.1
	route add fd01::/16 via fd99::1
	route add 10.2.0.0/16 via 192.168.97.2
	route add fd02::/16 via fd97::2
BATCH
ip -n r2 -b - <<-BATCH
	addr add 192.168.97.2/24 dev mid
	addr add fd97::2/64 dev mid
	link set mid up
	addr add 192.168.98.254/24 dev eth0
	addr add fd98::254/64 dev eth0
	link set eth0 up
	route add 192.168.99.0/24 via 192.168.97.1
	route add fd99::/64 via fd97::1
	route add 10.1.0.0/16 via 192.168.97.1
	route add fd01::/16 via fd97::1
	route add 10.2.0.0/16 via 192.168.98.1
	route add fd02::/16 via fd98::1
BATCH
ip -n n2 addr add 192.168.98.1/24 dev eth0
for n in 1 2; do
	here=9$((10 - n)) there=9$((7 + n))
	{
		cat <<-BATCH
			addr add fd$here::1/64 dev eth0 nodad
			link set eth0 up
			link add k8snet0 type k8snet
			addr add 10.$n.1.1/32 dev k8snet0
			addr add fd0$n:1::1/128 dev k8snet0
			link set k8snet0 up
			route add 10.$((3 - n)).0.0/16 dev k8snet0
			route add fd0$((3 - n))::/16 dev k8snet0
		BATCH
		for i in 1 2 3 4; do
			echo "addr add 192.168.$here.1$i/32 dev eth0"
			echo "route add 192.168.$there.1$i via 192.168.$here.254 src 192.168.$here.1$i"
		done
		for i in 5 6 7 8; do
			echo "addr add fd$here::1$i/128 dev eth0 nodad"
			echo "route add fd$there::1$i via fd$here::254 src fd$here::1$i"
		done
	} | ip -n n$n -b -
	in_ns n$n k8snetctl link set k8snet0 df set
	for i in 1 2 3 4 5 6 7 8; do node add n$n $i; done
	# Real packets on the wire, for a start.
	offload_off n$n eth0
done
# Tunnel packets are not tracked: an error about one must not be invalid.
in_ns n1 nft -f - <<-NFT
	table inet fw {
		chain input {
			type filter hook input priority 0
			ct state invalid counter drop
		}
	}
NFT

# What is computed: the link, or the route's own MTU, less what the format adds.
check_eq "the path of each node: the link's 1500 less its format's bytes" "$(expected 1500)" "$(paths n1)"
check_eq "the device's MTU is that of the smallest" 1430 "$(in_ns n1 cat /sys/class/net/k8snet0/mtu)"
ip -n n1 route add 192.168.98.19 via 192.168.99.254 mtu 1300
ip -n n1 route add fd98::19 via fd99::254 mtu 1390
in_ns n1 k8snetctl node add metric4 dev k8snet0 via 192.168.98.19 pods 10.3.4.0/24
in_ns n1 k8snetctl node add metric6 dev k8snet0 via fd98::19 pods 10.3.6.0/24
check_match "a route's own MTU counts" 'metric4=1250 metric6=1320' "$(paths n1)"
check_eq "but the device keeps what IPv6 needs" 1280 "$(in_ns n1 cat /sys/class/net/k8snet0/mtu)"
for n in metric4 metric6; do in_ns n1 k8snetctl node del $n dev k8snet0; done
check "and grows back when their nodes go" wait_for 5 mtu_is n1 k8snet0 1430
# From here on each node's own path decides.
for n in n1 n2; do in_ns $n k8snetctl link set k8snet0 mtu 1500; done

# Everything that is a fragment, behind the routers and in front of them.
is_fragment='(ip and ip[6:2] & 0x3fff != 0) or (ip6 and ip6[6] = 44)'
capture_start r2 eth0 "$is_fragment"
behind=$capture
capture_start n1 eth0 "$is_fragment"
before=$capture

# transfers WHAT - 10 MB over the inner family that the outer is not, 1 MB back over the other
transfers() {
	local i

	for i in 1 2 3 4 5 6 7 8; do
		name $i
		check "$name, $1: 10 MB over IPv$((10 - family))" send p1a $i $((10 - family)) 10485760
		check "$name, $1: 1 MB back over IPv$family" send p2a $i $family 1048576
		[ $i != 1 ] || [ "$1" != "path 1400" ] ||
			check_eq "the path is learned, for that node alone" \
				"$(expected 1500 | sed 's/vxlan4=1450/vxlan4=1350/')" "$(paths n1)"
	done
}

transfers "path 1400"
check_eq "all paths are learned, there" "$(expected 1500 1400)" "$(paths n1)"
check_eq "and back" "$(expected 1500 1400)" "$(paths n2)"
check "it was the device that told the pod" [ "$(stat_ns n1 k8snet0 tx_dropped)" -ge 6 ]

# Again after the path has grown, now with packets of 64 KiB.
middle 1500
forget
for n in n1 n2; do in_ns $n ethtool -K eth0 tx on tso on gso on gro on >/dev/null; done
transfers "path 1500"
check_eq "nothing smaller is known any more" "$(expected 1500)" "$(paths n1)"
check "a pod's full-size packets fit again, IPv4" big p1a 10.2.1.10 1450
check "and IPv6" big p1a fd02:1::10 1450 -I fd01:1::10
check_eq "all of that was without a fragment on the wire, both ways" "0 0" \
	"$(capture_count "$behind") $(capture_count "$before")"

# Who is told what.
middle 1400
learn 10.2.1.10 1450
learn fd02:5::10 1430
check_match "the node tells the pod: fragmentation needed" 'From 10.1.0.1 .*[Ff]rag needed.*mtu ?= ?1350' \
	"$(big p1a 10.2.1.10 1450)"
check_match "or packet too big" 'From fd01::1 .*[Pp]acket too big: mtu=1330' "$(big p1a fd02:5::10 1430)"
check_match "a process of the node itself is told" 'mtu ?= ?1350' "$(big n1 10.2.1.10 1450 -I 10.1.1.1)"

# What is learned from now on is known for two seconds. On a slow host they may
# be over when we look: then once more. With sanitizers they always are.
expires=2
! is_sanitized || expires=10
sysctl_ns n1 net/ipv4/route/mtu_expires=$expires net/ipv6/route/mtu_expires=$expires
forget
# learns NAME ADDRESS SIZE MTU
learns() {
	learn "$2" "$3"
	path_is n1 "$1" "$4"
}
check "learned, IPv4" wait_for 5 learns vxlan4 10.2.1.10 1450 1350
check "it expires" wait_for 10 path_is n1 vxlan4 1450
check "learned, IPv6" wait_for 5 learns vxlan6 fd02:5::10 1430 1330
check "it expires, too" wait_for 10 path_is n1 vxlan6 1430
sysctl_ns n1 net/ipv4/route/mtu_expires=600 net/ipv6/route/mtu_expires=600
check_eq "no error about a tunnel packet was invalid" 0 \
	"$(in_ns n1 nft list table inet fw | sed -n 's/.*packets \([0-9]*\).*/\1/p')"

# Through a service: the error is about the endpoint's address, the pod knows the service's.
forget
in_ns n1 k8snetctl config set pods 10.1.0.0/16,10.2.0.0/16 services 10.96.0.0/16
in_ns n1 k8snetctl service add default/web tcp 10.96.0.10:80 endpoint 10.2.1.10:8080
ip -n n1 route add 10.96.0.0/16 dev k8snet0
bg_ns p2a socat -u TCP4-LISTEN:8080 "OPEN:$T/got,creat"
wait_listen p2a tcp 8080
head -c 300000 /dev/urandom >"$T/sent"
check "300 KB to a service whose endpoint is behind the path" in_ns p1a timeout 20 \
	socat -u "FILE:$T/sent" TCP4:10.96.0.10:80
check "arrive whole" wait_for 10 cmp "$T/sent" "$T/got"
check_match "the pod has learned it for the service" 'mtu 1350' "$(in_ns p1a ip route get 10.96.0.10)"

# Errors that no router can have sent are not believed.
forge() {
	python3 -S - "$@" <<-'PY'
		import sys
		import pkt
		import traffic
		import _socket as socket
		df, mtu = map(int, sys.argv[1:])
		s = traffic.in_ns('r1', socket.socket, socket.AF_INET, socket.SOCK_RAW, 1)
		for i, proto, body in ((1, 17, pkt.udp('192.168.99.11', '192.168.98.11', 50000, 8472, bytes(1400))),
		                       (3, 4, bytes(1400))):
		    about = pkt.ipv4('192.168.99.1%d' % i, '192.168.98.1%d' % i, proto, body, flags=2 * df)
		    s.sendto(pkt.icmp(3, 4, b'\0\0' + mtu.to_bytes(2, 'big'), about[:548]), ('192.168.99.1%d' % i, 0))
	PY
}
forget
forge 0 700
check_eq "frag-needed about packets without DF is ignored" "$(expected 1500)" "$(paths n1)"
forge 1 1390
check_match "the same with DF is not" 'ipip4=1370 .*vxlan4=1340' "$(paths n1)"

# A node with a port that we do not listen on.
in_ns n2 k8snetctl link set k8snet0 port 9285
for i in 1 5; do
	node replace n2 $i port 8472
	node replace n1 $i port 9285
done
forget
learn 10.2.1.10 1450
learn fd02:5::10 1430
check_match "the path of a node with a port of its own is learned" 'vxlan4=1350 vxlan6=1330' "$(paths n1)"

# Who may be fragmented is, by us. The other end learns of its way back first.
had=$(fragments n1)
check "a pod's packet without DF goes in fragments" in_ns p1a ping -c 3 -i 0.2 -W $((2 * patience)) -M dont -s 1400 10.2.1.10
check "which n1 has made" more_fragments n1 "$had"
middle 1300
learn 10.2.1.10 1350
learn fd02:5::10 1330
check_match "less than IPv6 needs is left" 'vxlan4=1250 vxlan6=1230' "$(paths n1)"
check_match "the pod is told what IPv6 needs at least" 'mtu=1280' "$(big p1a fd02:1::10 1330 -I fd01:1::10)"
had=$(fragments n1)
check "and such packets go, over IPv4" big p1a fd02:1::10 1280 -I fd01:1::10 -c 3 -i 0.2
check "and over IPv6" big p1a fd02:5::10 1280 -I fd01:5::10 -c 3 -i 0.2
check "in fragments that n1 has made" more_fragments n1 $((had + 3))
check_match "IPv4 is told what is left" 'mtu ?= ?1250' "$(big p1a 10.2.1.10 1350)"

# Without encapsulation a packet too big for the first link is fragmented as it is.
middle 1500
forget
for n in n1 r1; do ip -n $n link set eth0 mtu 1400; done
sysctl_ns p1a net/ipv4/ip_no_pmtu_disc=1
had=$(fragments n1)
check "direct, TCP without DF, 64 KiB packets" send p1a 4 4 300000
check "n1 has fragmented them" more_fragments n1 $((had + 200))
had=$(fragments n1)
in_ns p1a ethtool -K eth0 tso off gso off >/dev/null
check "direct, TCP without DF, small packets" send p1a 4 4 300000
check "n1 has fragmented them as well" more_fragments n1 $((had + 200))
for n in n1 r1; do ip -n $n link set eth0 mtu 1500; done
sysctl_ns p1a net/ipv4/ip_no_pmtu_disc=0

# With DF unset it is the router that does it.
middle 1400
for n in n1 n2; do in_ns $n k8snetctl link set k8snet0 df unset; done
forget
had=$(fragments r1) seen=$(capture_count "$behind")
check "without DF, 300 KB" send p1a 1 4 300000
check "the router has fragmented them" more_fragments r1 $((had + 200))
check "and the capture sees fragments" [ "$(capture_count "$behind")" -gt "$seen" ]
check_match "nothing is learned" 'vxlan4=1450' "$(paths n1)"

ktap_end
