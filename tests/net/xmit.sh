#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Out of the underlay's device at once: whoever looks at what leaves by it, or holds it up, is not left out, and packets are as the device wants them.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --[ul]-- n2 192.168.99.2 -- p2a 10.244.2.10 (echo)
#                      |     |          br0
#                      |     +-- nic0 192.168.50.1, a NIC that tells what it was given
#                      +-- vlan0, bond0, vx0: other underlays to n2

. "$(dirname "$0")/../lib.sh"

# By the stack and by the cache, whatever the suite has.
unset K8SNET_FLOW

# talk COMMAND... - tests/talk.py: prints its answer and fails unless that is ok
talk() { answer talk "$@"; }

ktap_start
answerer talk "$TESTS/talk.py"
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

# --- other underlays -------------------------------------------------------------------

# over DEV - the nodes talk by that device
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
	for n in 1 2; do
		ip -n n$n addr del 192.168.99.$n/24 dev "$1"
		ip -n n$n addr add 192.168.99.$n/24 dev eth0
	done
}
for n in 1 2; do
	ip -n n$n -b - <<-BATCH
		link add link eth0 name vlan0 type vlan id 7
		link set vlan0 up
		addr add 192.168.98.$n/24 dev eth0
		link add vx0 type vxlan id 9 local 192.168.98.$n remote 192.168.98.$((3 - n)) dstport 4799
		link set vx0 up
	BATCH
done
over vlan0
over vx0

# --- what a driver gets -----------------------------------------------------------------

nic() { in_ns n1 ethtool -i nic0 | sed -n 's/^bus-info: //p'; }
given() { nic | cut -d' ' -f1; }
insmod /k8snet/testnic.ko
ip -n n1 -b - <<-BATCH
	link add nic0 type testnic
	link set nic0 up
	addr add 192.168.50.1/24 dev nic0
	neigh add 192.168.50.2 lladdr 02:00:00:00:00:02 dev nic0 nud permanent
BATCH
k8snetctl -n n1 node add worker3 dev k8snet0 via 192.168.50.2 pods 10.244.3.0/24
# (What a socket has sent has a checksum that is to be finished.)
talk open nic p1a udp 10.244.1.10 40003 10.244.3.10 9090 >/dev/null
check "a NIC's first packet" talk tell nic 1 100
check_eq "is in the queue that it wants, with the checksum that it cannot make" "1 1 finished" "$(nic)"
check "another one" talk tell nic 1 100
check_eq "as well" "2 1 finished" "$(nic)"
in_ns p1a ethtool -K eth0 tx off >/dev/null
check "one whose checksum was made before" talk tell nic 1 100
check_eq "has an outer one to be finished" "3 1 unfinished" "$(nic)"

dropped=$(stat_ns n1 nic0 tx_dropped)
tx_dropped() { k8snetctl -n n1 -j node show "$1" | gojq '.[0].stats.tx_dropped'; }
lost=$(tx_dropped worker3)
echo 1 >/sys/module/testnic/parameters/busy
check "while it takes none, one" talk tell nic 1 100
check_eq "is given to it" "4 1 unfinished" "$(nic)"
check_eq "and counted as dropped" "1 1" "$(($(stat_ns n1 nic0 tx_dropped) - dropped)) $(($(tx_dropped worker3) - lost))"
check "its queue is stopped then: another one" talk tell nic 1 100
check_eq "is not" 4 "$(given)"
check_eq "but counted" "2 2" "$(($(stat_ns n1 nic0 tx_dropped) - dropped)) $(($(tx_dropped worker3) - lost))"
echo 0 >/sys/module/testnic/parameters/busy
ip -n n1 link set nic0 down
ip -n n1 link set nic0 up
ip -n n1 neigh replace 192.168.50.2 lladdr 02:00:00:00:00:02 dev nic0 nud permanent
check "when it takes packets again" talk tell nic 1 100
check_eq "it has them" "5 1 unfinished" "$(nic)"
in_ns p1a ethtool -K eth0 tx on >/dev/null
k8snetctl -n n1 node del worker3 dev k8snet0
ip -n n1 link del nic0

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
