#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Out of the underlay's device at once: whoever looks at what leaves by it, or holds it up, is not left out, and packets are as the device wants them.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --[ul]-- n2 192.168.99.2 -- p2a 10.244.2.10 (echo)
#                      |     |          br0
#                      |     +-- nic0 192.168.50.1, a NIC that tells what it was given
#                      +-- vlan0, mac0, vx0: other underlays to n2

. "$(dirname "$0")/../lib.sh"

# By the stack and by the cache, whatever the suite has.
unset K8SNET_FLOW

ktap_start
talk_start
topo_two_nodes
k8snet_node n1 1 2
k8snet_node n2 2 1
# With conntrack, or there is nothing to remember.
for n in n1 n2; do
	k8snetctl -n $n config set services 10.96.0.0/16
	k8snetctl -n $n service add default/echo:udp udp 10.96.0.20:90 endpoint 10.244.2.10:9090
done
check "an echo on a pod of the other node" talk echo p2a 10.244.2.10 9090
talk open udp p1a udp 10.244.1.10 40001 10.96.0.20 90 >/dev/null
talk open tcp p1a tcp 10.244.1.10 40002 10.244.2.10 9090 >/dev/null

hits() { k8snetctl -n n1 -j flow stats | gojq .counter.hit; }
# say N - so many requests and answers, by the cache or not as it is to be
_say() {
	local before after

	before=$(hits)
	talk say udp "$1" 100 || return
	after=$(hits)
	if [ "$mode" = off ]; then
		[ "$after" = "$before" ]
	else
		[ $((after - before)) -ge $((2 * $1)) ]
	fi || { echo "$((after - before)) hits"; false; }
}
say() { wait_for 10 _say "$1"; }

# seen CMD... - a number of that rises by at least 5 when 5 packets have left
seen() {
	local before

	before=$("$@") && talk say udp 5 100 && [ $(($("$@") - before)) -ge 5 ]
}
nft_seen() { in_ns n1 nft -j list counter netdev t c | gojq '.nftables[] | select(.counter).counter.packets'; }
tc_seen() { in_ns n1 tc -j -s filter show dev eth0 egress | gojq '[.[].options.actions[]?.stats.packets] | add'; }
queue_seen() { in_ns n1 tc -j -s qdisc show dev eth0 root | gojq '.[0].packets'; }
_captured() { [ "$(capture_count)" -ge "$1" ] || { echo "it has $(capture_count)"; false; }; }

for mode in off on; do
	for n in n1 n2; do k8snetctl -n $n flow set $mode; done
	how="by the stack"
	[ $mode = off ] || how="by the cache"
	check "$how: packets come and go" say 5

	capture_start n1 eth0 'udp dst port 8472'
	check "$how: packets while somebody captures" talk say udp 5 100
	check "$how: are captured, both ways" wait_for 5 _captured 10
	capture_stop >/dev/null

	in_ns n1 nft 'table netdev t {
		counter c { }
		chain c { type filter hook egress device "eth0" priority 0; udp dport 8472 counter name c; }
	}'
	check "$how: netfilter's egress hook has them" seen nft_seen
	in_ns n1 nft delete table netdev t
	check "$how: (they go on)" say 3

	in_ns n1 tc qdisc add dev eth0 clsact
	in_ns n1 tc filter add dev eth0 egress matchall action pass
	check "$how: so has tc" seen tc_seen
	in_ns n1 tc qdisc del dev eth0 clsact
	check "$how: (they go on)" say 3

	in_ns n1 tc qdisc add dev eth0 root pfifo
	check "$how: so has a queueing discipline" seen queue_seen
	in_ns n1 tc qdisc del dev eth0 root
	check "$how: (they go on)" say 3

	in_ns n1 ethtool -K eth0 tx off >/dev/null
	check "$how: a device that makes no checksums" say 5
	in_ns n1 ethtool -K eth0 tx on >/dev/null

	in_ns n1 ethtool -K eth0 tso off gso off >/dev/null
	capture_start n2 eth0 'src 192.168.99.1 and greater 1600'
	check "$how: large messages, by a device that does not cut them" talk say tcp 20 100000
	check_eq "$how: (are cut before)" 0 "$(capture_count)"
	capture_stop >/dev/null
	in_ns n1 ethtool -K eth0 tso on gso on >/dev/null

	ip -n n1 link set eth0 down
	check_fails "$how: nothing leaves by a device that is down" talk say udp 1 100
	ip -n n1 link set eth0 up
	check "$how: when it is up it does" say 3
done

# --- a pod's veth with several queues ------------------------------------------------------

topo_pod n1 p1q 10.244.1.12 10.244.1.1 numtxqueues 2
talk open queues p1q udp 10.244.1.12 40006 10.96.0.20 90 >/dev/null
hits_peer() { k8snetctl -n n1 -j flow stats | gojq '.counter["hit-peer"]'; }
_to_queues() {
	local before

	before=$(hits_peer)
	talk say queues 5 100 && [ $(($(hits_peer) - before)) -ge 5 ]
}
check "a pod receives at once, however many queues its veth has" wait_for 10 _to_queues

# The number of the queue that a packet came in by is nothing to the pod.
busybox modprobe act_skbedit 2>/dev/null
if in_ns p1q tc qdisc add dev eth0 clsact && in_ns p1q tc filter add dev eth0 egress matchall \
	action skbedit queue_mapping 1 && trace_start net/netif_receive_skb_entry; then
	talk echo p1a 10.244.1.10 9091 >/dev/null
	talk open numbered p1q udp 10.244.1.12 40007 10.244.1.10 9091 >/dev/null
	# _unnumbered - do both pods get five packets, each by the first queue?
	_unnumbered() {
		local got

		trace talk say numbered 5 100 || return
		got="$(traced 'dev=eth0 .*queue_mapping=0 .*len=128 ') $(traced 'dev=eth0 .*queue_mapping=[1-9].*len=128 ')"
		[ "$got" = "10 0" ] || { echo "$got"; false; }
	}
	for mode in off on; do
		k8snetctl -n n1 flow set $mode
		check "flow cache $mode: a pod is not told by which queue a packet came in" wait_for 10 _unnumbered
	done
	trace_stop
else
	skip "a pod is not told by which queue a packet came in" "this kernel has no skbedit or does not trace"
fi

# --- the usual way, for whom wants it -----------------------------------------------------

# queued DEV LEN - packets that dev_queue_xmit() has had for it, by its tracepoint; say's
# have 142 bytes, and 50 of tunnel to a node (the pods have an eth0, too)
queued() { traced "net_dev_queue: dev=$1 .*len=$2\$"; }
# queued_are TO-NODE TO-POD - are there so many, of five requests and answers?
queued_are() {
	local got

	trace talk say udp 5 100 || return
	got="$(queued eth0 192) $(queued vp1a 142)"
	[ "$got" = "$*" ] || { echo "$got"; false; }
}

# hops STATE - both next hops of n1 are made that
hops() {
	ip -n n1 neigh change 192.168.99.2 dev eth0 nud "$1" &&
		ip -n n1 neigh change 10.244.1.10 dev vp1a nud "$1"
}
# hops_are STATE - are they?
hops_are() {
	local got

	got=$(ip -n n1 -j neigh show | gojq -r \
		'[.[] | select(.dst == ("192.168.99.2", "10.244.1.10")).state[]] | join(" ")')
	[ "$got" = "$1 $1" ] || { echo "$got"; false; }
}
# hops_answer LEVEL - do they, when they are asked? 0: yes, 8: no (arp_ignore)
hops_answer() {
	sysctl_ns n2 net/ipv4/conf/eth0/arp_ignore="$1"
	sysctl_ns p1a net/ipv4/conf/eth0/arp_ignore="$1"
}
# _past_while STATE [BECOMES] - they are that, or become the other by the first packet; all
# go past the queue
_past_while() {
	hops "$1" && queued_are 0 0 && hops_are "${2-$1}"
}
_unheard() { ! talk say udp 1 100; }

if trace_start net/net_dev_queue; then
	# (Into the pod's end at once is another way past it.)
	k8snetctl -n n1 flow set peer off
	for mode in off on; do
		for n in n1 n2; do k8snetctl -n $n flow set $mode; done
		to_pod=0
		[ $mode = on ] || to_pod=5
		check "flow cache $mode: packets come and go" say 5
		check "flow cache $mode: past dev_queue_xmit() where it may" wait_for 10 queued_are 0 $to_pod
		k8snetctl -n n1 flow set early off
		check "flow cache $mode: not when all is to take the long way" wait_for 10 queued_are 5 5
		k8snetctl -n n1 flow set early on
	done

	for peer in off on; do
		k8snetctl -n n1 flow set peer $peer
		for dev in eth0 vp1a; do
			sysctl_ns n1 net/ipv4/neigh/$dev/delay_first_probe_time=60 net/ipv4/neigh/$dev/ucast_solicit=60
		done
		check "peer $peer: past it while next hops are about to be asked whether they are there" \
			wait_for 20 _past_while stale DELAY
		hops_answer 8
		check "peer $peer: and while they are asked" wait_for 20 _past_while probe PROBE
		for dev in eth0 vp1a; do sysctl_ns n1 net/ipv4/neigh/$dev/ucast_solicit=1; done
		check "peer $peer: not when they have not answered" wait_for 20 _unheard
		hops_answer 0
		check "peer $peer: but when they do" wait_for 20 talk say udp 5 100
	done
	trace_stop
else
	skip "packets that are to take the long way" "this kernel has no tracepoints"
fi

# --- what a socket is told -----------------------------------------------------------------

cat >"$T/stamps" <<'PY'
"""To how many devices three datagrams to that address have come, as their socket is told (SOF_TIMESTAMPING_TX_SCHED)."""
import select
import sys
import _socket as socket

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 37, 1 << 8 | 1 << 4)
poll, n = select.poll(), 0
poll.register(s, select.POLLERR)
for i in range(3):
    s.sendto(b'stamp', (sys.argv[1], 9090))
    while poll.poll(200):
        s.recvmsg(1000, 1000, socket.MSG_ERRQUEUE)
        n += 1
print(n)
PY
# (The third one is the bridge's port: nothing between has let go of the socket.)
check_eq "a socket's three packets have come to three devices" 9 "$(in_ns n1 python3 -S "$T/stamps" 10.244.2.10)"

# --- other underlays -------------------------------------------------------------------

# over DEV [CMD...] - the nodes talk by that device, and do more there
over() {
	local n
	for n in 1 2; do
		ip -n n$n addr del 192.168.99.$n/24 dev eth0
		ip -n n$n addr add 192.168.99.$n/24 dev "$1"
	done
	check "$1: packets come and go" say 5
	capture_start n1 "$1" 'udp dst port 8472'
	check "$1: and are captured" seen capture_count
	capture_stop >/dev/null
	"${@:2}"
	for n in 1 2; do
		ip -n n$n addr del 192.168.99.$n/24 dev "$1"
		ip -n n$n addr add 192.168.99.$n/24 dev eth0
	done
}
# beside KIND DEV WORDS... - such a device in both nodes, or it is skipped
beside() {
	local n
	for n in 1 2; do
		if ! ip -n n$n link add name "$2" "${@:3}" 2>/dev/null; then
			skip "over $1" "this kernel has no $1"
			return 1
		fi
		ip -n n$n link set "$2" up
	done
}
for n in 1 2; do
	# eth0 is no answer for one that is beside it.
	sysctl_ns n$n net/ipv4/conf/all/arp_ignore=1
	ip -n n$n addr add 192.168.98.$n/24 dev eth0
done
if beside VLAN vlan0 link eth0 type vlan id 7; then over vlan0; fi
if beside macvlan mac0 link eth0 type macvlan mode bridge; then over mac0; fi

# read_udp NS - how many datagrams its sockets have read
read_udp() { in_ns "$1" sed -n 's/^Udp: \([0-9][0-9]*\) .*/\1/p' /proc/net/snmp; }
_have_read() { [ $(($(read_udp p2a) - before)) = "$1" ] || { echo "$(($(read_udp p2a) - before)) were"; false; }; }
_kept_settled() {
	local before

	before=$(hits)
	talk say kept 2 100 && [ $(($(hits) - before)) -ge 4 ]
}
# kept DEV - packets that their sender keeps are copied, with more room than they
# have, and with a checksum that is yet to be made for a device that makes none
kept() {
	local before passed

	if ! has_pktgen; then
		skip "packets that their sender keeps" "this kernel has no pktgen"
		return
	fi
	talk open kept p1a udp 10.244.1.10 40005 10.96.0.20 90 >/dev/null
	check "$1: a connection is in the cache" wait_for 10 _kept_settled
	in_ns n1 ethtool -K "$1" tx off >/dev/null
	before=$(read_udp p2a)
	passed=$(hits)
	pktgen_send p1a "$(in_ns n1 cat /sys/class/net/vp1a/address)" 50 100 10.244.1.10 40005 10.96.0.20 90 \
		"flag UDPCSUM" >/dev/null
	check "$1: 50 packets that their sender keeps are read" wait_for 5 _have_read 50
	check "$1: they were in the cache" [ $(($(hits) - passed)) -ge 50 ]
	in_ns n1 ethtool -K "$1" tx on >/dev/null
}
beside vxlan vx0 type vxlan id 9 dev eth0 dstport 4799 nolearning
for n in 1 2; do
	in_ns n$n bridge fdb append 00:00:00:00:00:00 dev vx0 dst 192.168.98.$((3 - n))
done
over vx0 kept vx0

# --- what a driver gets -----------------------------------------------------------------

# nic_new [WORDS...] - a new NIC, which node worker3 is behind
nic_new() {
	ip -n n1 link add nic0 "$@" type testnic
	ip -n n1 -b - <<-BATCH
		link set nic0 up
		addr add 192.168.50.1/24 dev nic0
		neigh add 192.168.50.2 lladdr 02:00:00:00:00:02 dev nic0 nud permanent
	BATCH
}
nic() { in_ns n1 ethtool -i nic0 | sed -n 's/^bus-info: //p'; }
tx_dropped() { k8snetctl -n n1 -j node show "$1" | gojq '.[0].stats.tx_dropped'; }
# dropped - by the device and for the node, since nic_dropped and node_dropped
dropped() { echo "$(($(stat_ns n1 nic0 tx_dropped) - nic_dropped)) $(($(tx_dropped worker3) - node_dropped))"; }

insmod /k8snet/testnic.ko
k8snetctl -n n1 node add worker3 dev k8snet0 via 192.168.50.2 pods 10.244.3.0/24
talk open nic p1a udp 10.244.1.10 40003 10.244.3.10 9090 >/dev/null
nic_new numtxqueues 2
in_ns p1a ethtool -K eth0 tx off >/dev/null
for i in 1 2; do
	check "a packet to a NIC with two queues, $i" talk tell nic 1 100
	check_eq "is in the queue that it wants, $i" "$i 1 unfinished" "$(nic)"
done
in_ns p1a ethtool -K eth0 tx on >/dev/null
ip -n n1 link del nic0

nic_new
for i in 1 2; do
	# (What a socket has sent has a checksum that is to be finished.)
	check "to a NIC with one, $i" talk tell nic 1 100
	check_eq "with the checksum that it cannot make, $i" "$i 0 finished" "$(nic)"
done
in_ns p1a ethtool -K eth0 tx off >/dev/null
check "a packet whose checksum was made before" talk tell nic 1 100
check_eq "has an outer one to be finished" "3 0 unfinished" "$(nic)"
in_ns n1 ethtool -K nic0 tx off >/dev/null
check "to a NIC that makes none" talk tell nic 1 100
check_eq "has none" "4 0 finished" "$(nic)"
in_ns n1 ethtool -K nic0 tx on >/dev/null

nic_dropped=$(stat_ns n1 nic0 tx_dropped)
node_dropped=$(tx_dropped worker3)
echo 1 >/sys/module/testnic/parameters/busy
check "while it takes none, one" talk tell nic 1 100
check_eq "is given to it" "5 0 unfinished" "$(nic)"
check_eq "and counted as dropped" "1 1" "$(dropped)"
check "its queue is stopped then: another one" talk tell nic 1 100
check_eq "is not" "5 0 unfinished" "$(nic)"
check_eq "but counted" "2 2" "$(dropped)"
echo 0 >/sys/module/testnic/parameters/busy
ip -n n1 link set nic0 down
ip -n n1 link set nic0 up
ip -n n1 neigh replace 192.168.50.2 lladdr 02:00:00:00:00:02 dev nic0 nud permanent
for i in 6 7; do
	check "when it takes packets again, one" talk tell nic 1 100
	check_eq "is there, $i" "$i 0 unfinished" "$(nic)"
done
# (Its neighbour is permanent: only the queue says that there is no wire.)
ip -n n1 link set nic0 carrier off
_is_cut() { [[ $(ip -n n1 link show nic0) == *" state DOWN "* ]]; }
check "(the kernel's worker knows of the wire in its time)" wait_for 10 _is_cut
check "a packet when the wire is cut" talk tell nic 1 100
check_eq "is not given to it" "7 0 unfinished" "$(nic)"
k8snetctl -n n1 node del worker3 dev k8snet0
ip -n n1 link del nic0
rmmod testnic
in_ns p1a ethtool -K eth0 tx on >/dev/null

# --- IPv4 by way of IPv6 ----------------------------------------------------------------

# The next hop's header is one for IPv6 (RFC 5549).
ipv6_on n1 n2
for n in 1 2; do
	ip -n n$n -b - <<-BATCH
		addr add fd99::$n/64 dev eth0
		route add 192.168.99.$((3 - n))/32 via inet6 fd99::$((3 - n)) dev eth0
	BATCH
done
for mode in off on; do
	for n in n1 n2; do k8snetctl -n $n flow set $mode; done
	check "IPv6 next hop, flow cache $mode: the first packets" say 2
	check "IPv6 next hop, flow cache $mode: those behind them, none lost" talk say udp 10 100
done
for n in 1 2; do ip -n n$n route del 192.168.99.$((3 - n))/32; done

# --- in a circle ------------------------------------------------------------------------

# The overlay reaches a node by a tunnel that goes through the overlay to that node.
ip -n n1 -b - <<-BATCH
	link add vx1 type vxlan id 10 remote 10.244.9.1 dstport 4799
	link set vx1 up
	addr add 192.168.60.1/24 dev vx1
	neigh add 192.168.60.2 lladdr 02:00:00:00:00:02 dev vx1 nud permanent
BATCH
k8snetctl -n n1 node add round dev k8snet0 via 192.168.60.2 pods 10.244.9.0/24
talk open round p1a udp 10.244.1.10 40004 10.244.9.9 9090 >/dev/null
for i in 1 2; do check "a packet in a circle, $i" talk tell round 1 100; done
check "is dropped in the end" test "$(stat_ns n1 vx1 tx_errors)" -ge 1 -o "$(stat_ns n1 vx1 tx_dropped)" -ge 1
check "the others go on" say 3

ktap_end
