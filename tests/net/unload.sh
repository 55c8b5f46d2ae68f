#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Nothing is left behind, and nothing breaks, when the module, devices, the underlay or namespaces go under traffic.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'  k8snet0        br0     k8snet0  `-- p2b 10.244.2.11
#
#   far: where n1's k8snet0 is moved to, 10.244.1.100
#
# timeout: 600

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_two_nodes

# --- traffic ------------------------------------------------------------------

floods=()
# flood NS ADDRESS - datagrams to there until flood_end (two minutes at most)
flood() {
	bg_ns "$1" python3 -S "$TESTS/flood.py" 12000 0 "$2"
	# Silently: bash reports children that were killed.
	disown "$bg"
	floods+=("$bg")
}

# flood_end - all of them must still be at it
flood_end() {
	check "(the traffic has lasted until now)" kill -KILL "${floods[@]}"
	floods=()
}

# flood_pause, flood_on - a look at what is left takes an emulated processor
# ten times as long while it is flooded
flood_pause() { kill -STOP "${floods[@]}"; }
flood_on() { kill -CONT "${floods[@]}"; }

# flowing NS DEV COUNTER - waits until it has grown by 200
flowing() {
	local at

	at=$(stat_ns "$@")
	wait_for 20 _grown "$1" "$2" "$3" $((at + 200))
}
_grown() { [ "$(stat_ns "$1" "$2" "$3")" -ge "$4" ]; }

# drops NS DEV REASON - that counter
drops() {
	# shellcheck disable=SC2016  # gojq's
	k8snetctl -n "$1" -j stats | gojq --arg d "$2" --arg r "$3" \
		'.[] | select((.ifname // "") == $d).counter[] | select(.reason == $r).packets'
}
_drops_from() { [ "$(drops "$1" "$2" "$3")" -ge "$4" ]; }

# drops_count NS DEV REASON - waits until it counts on
drops_count() {
	local at

	at=$(drops "$1" "$2" "$3")
	wait_for 20 _drops_from "$1" "$2" "$3" $((at + 20))
}

# tx_reasons NS - the sum of the device's reasons not to send
tx_reasons() {
	k8snetctl -n "$1" -j stats | gojq '[.[] | select(.ifname == "k8snet0").counter[] |
		select(.reason | startswith("tx-")).packets] | add'
}

_no_link() { ! ip -n "$1" link show dev "$2"; }

# port_in NS - is UDP port 8472 in use there?
port_in() { _in_net "$1" busybox grep -q ':2118 ' /proc/net/udp; }

mkdir "$T/www"
truncate -s 200M "$T/www/big"
http_serve p2a 80 "$T/www"
bg_ns p2a socat -u UDP4-RECV:9000 OPEN:/dev/null
bg_ns p1a socat -u UDP4-RECV:9000 OPEN:/dev/null
bg_ns p1b socat TCP4-LISTEN:7000,fork,reuseaddr PIPE
wait_listen p1b tcp 7000
# Somebody else's NAT, which stays, and conntrack with it.
in_ns n1 nft 'table ip other { chain c { type nat hook prerouting priority dstnat; ip daddr 203.0.113.1 dnat to 203.0.113.2; }; }'

# --- the module goes ------------------------------------------------------------

setup() {
	local n

	k8snet_two_nodes
	for n in n1 n2; do
		k8snetctl -n "$n" -b - <<-BATCH
			service add default/web:http tcp 10.96.0.10:80 endpoint 10.244.2.10:80
			service add default/echo:tcp tcp 10.96.0.20:70 endpoint 10.244.1.11:7000
			service add default/sink:udp udp 10.96.0.30:9000 endpoint 10.244.2.10:9000
			egress set on
		BATCH
	done
}

# hooks NS - the module's hooks there, if the kernel tells; else nothing
hooks() {
	[ "$lists_hooks" = 0 ] ||
		in_ns "$1" nft list hooks 2>/dev/null | grep 'k8snet\]' || [ $? = 1 ]
}
# (nft lists none where the kernel does not tell, and takes its time.)
lists_hooks=0
! modprobe -qn nfnetlink_hook || lists_hooks=1

# slabs - what is in the module's caches, "NAME N" each
slabs() {
	slabs_shrink
	awk '/^k8snet/ { print $1, $2 }' /proc/slabinfo
}

nothing_left() {
	local n left

	if [ -e /sys/module/k8snet ]; then
		echo "the module is loaded"
		return 1
	fi
	if grep '^k8snet' /proc/slabinfo; then
		echo "has caches"
		return 1
	fi
	if compgen -G '/sys/module/*/holders/k8snet'; then
		echo "holds modules"
		return 1
	fi
	for n in ul n1 n2 p1a p1b p2a p2b; do
		if port_in "$n"; then
			echo "$n has a socket on port 8472"
			return 1
		fi
	done
	for n in n1 n2; do
		left=$(hooks "$n")
		if [ -n "$left" ]; then
			echo "$n has hooks: $left"
			return 1
		fi
	done
	! port_in_root
}
port_in_root() { in_root busybox grep -q ':2118 ' /proc/net/udp; }

mkfifo "$T/say"
exec {say}<>"$T/say"
: >"$T/heard"

modprobe nf_nat
# nat_refs - how many use nf_nat; nothing where it is no module
nat_refs() { [ ! -e /sys/module/nf_nat/refcnt ] || cat /sys/module/nf_nat/refcnt; }
refs=$(nat_refs)
for round in 1 2 3; do
	setup
	if [ "$round" = 1 ]; then
		# Proves that nothing_left can find something.
		check_fails "before: the module is there" nothing_left
		check "before: the tunnel's socket is there" port_in n1
		if [ $lists_hooks = 1 ]; then
			check_match "before: the hooks are there" 'k8snet' "$(hooks n1)"
		else
			skip "before: the hooks are there" "this kernel does not list hooks"
		fi
		bg_ns p1a socat "OPEN:$T/say,rdonly!!OPEN:$T/heard,append" TCP4:10.96.0.20:70
		local_client=$bg
		disown "$local_client"
		echo one >&"$say"
		check "before: a connection to a service of this node" wait_for 10 _says "$T/heard" one
	fi
	bg_ns p1a curl -s -o /dev/null --limit-rate 1M --max-time 120 http://10.244.2.10/big
	transfers=("$bg")
	bg_ns p1a curl -s -o /dev/null --limit-rate 1M --max-time 120 http://10.96.0.10/big
	transfers+=("$bg")
	disown "${transfers[@]}"
	flood p1a 10.244.2.10
	flood p2a 10.244.1.10
	flood p1b 10.96.0.30
	check "round $round: traffic flows" flowing n1 k8snet0 tx_packets
	check "round $round: both ways" flowing n1 k8snet0 rx_packets
	# shellcheck disable=SC2317  # called by wait_for
	_established() {
		in_ns n1 conntrack -L -p tcp 2>/dev/null |
			grep 'ESTABLISHED src=10.244.1.10 dst=10.96.0.10 .*src=10.244.2.10 dst=10.244.1.10 ' >/dev/null
	}
	check "round $round: also through a service" wait_for 10 _established
	check "round $round: the module can be removed" rmmod k8snet
	flood_pause
	check "round $round: nothing of it is left" nothing_left
	if [ -n "$refs" ]; then
		check_eq "round $round: nf_nat is as free as before" "$refs" "$(nat_refs)"
	else
		skip "round $round: nf_nat is as free as before" "it is built into this kernel, which does not count its users"
	fi
	check "round $round: no device is left" _no_link n1 k8snet0
	check "round $round: conntrack still has the connection, translated" _established
	flood_on
	flood_end
	check "round $round: the transfers were still at it" kill -KILL "${transfers[@]}"
	check "round $round: the node forwards as before" in_ns p1a ping -c 1 -W 5 10.244.1.11
	check_fails "round $round: but not to the other node" in_ns p1a ping -c 1 -W 1 10.244.2.10
	if [ "$round" = 1 ]; then
		echo two >&"$say"
		check "a connection to a service of this node lives on" wait_for 10 _says "$T/heard" two
		modprobe k8snet
		echo three >&"$say"
		check "also when the module is back" wait_for 10 _says "$T/heard" three
		kill -KILL "$local_client"
	fi
done

# --- devices and the underlay go ---------------------------------------------------

setup
flood p1a 10.244.2.10
flood p2a 10.244.1.10
check "traffic flows again" flowing n1 k8snet0 rx_packets
check "a device is removed under traffic" ip -n n1 link del k8snet0
check_fails "and its socket with it" port_in n1
check "a device is removed while it is sent to" ip -n n2 link del k8snet0
k8snet_two_nodes
check "new devices carry the traffic" flowing n1 k8snet0 rx_packets

check "the underlay is removed under traffic" ip -n n1 link del eth0
# Its address has gone with it.
check "what then goes nowhere is counted" drops_count n1 k8snet0 tx-no-local
check "the device is there" ip -n n1 link show dev k8snet0
_plug n1 192.168.99.1
check "the traffic is back with the underlay" flowing n1 k8snet0 rx_packets
check "the underlay goes once more" ip -n n1 link del eth0
check "and the device after it" ip -n n1 link del k8snet0
flood_end
_plug n1 192.168.99.1

# --- a device elsewhere ------------------------------------------------------------

k8snet_node n1 1 2
ns_new far
# live_in_far - gives the device, which a move has stripped, its address and route
live_in_far() {
	ip -n n1 link set k8snet0 netns far
	ip -n far -b - <<-BATCH
		addr add 10.244.1.100/32 dev k8snet0
		link set k8snet0 up
		route add 10.244.0.0/16 dev k8snet0
	BATCH
}
live_in_far
check "a device that was moved uses the underlay that it was made in" \
	in_ns far ping -c 2 -W 5 10.244.2.10
check "also toward it" in_ns p2a ping -c 2 -W 5 10.244.1.100
check "its socket is where it was" port_in n1
check_fails "not where it is" port_in far
check_eq "it is shown where it is" "k8snet0 1" \
	"$(k8snetctl -n far -j link show | gojq -r '.[] | "\(.ifname) \(.nodes)"')"
check_eq "and nowhere else" "[]" "$(k8snetctl -n n1 -j link show)"
check "its port can be set from there" k8snetctl -n far link set k8snet0 port 9472
check "which moves the socket" wait_listen n1 udp 9472
check_fails "away from the other one" port_in n1
check "and back" k8snetctl -n far link set k8snet0 port 8472
check_fails "an address of its new namespace is no underlay address" \
	k8snetctl -n far link set k8snet0 local 10.244.1.100
check_match "and it says so" "local 10.244.1.100: the local address must be one of the device's creating namespace" \
	"$(cat "$T/out")"
check "traffic flows as before" in_ns far ping -c 2 -W 5 10.244.2.10

# The other namespace first: the device goes with it.
flood far 10.244.2.10
flood p2a 10.244.1.100
check "traffic flows from there" flowing n2 k8snet0 rx_packets
flood_end
ip netns del far
# shellcheck disable=SC2317  # called by wait_for
_no_port() { ! port_in "$1"; }
check "the device goes with the namespace that it is in" wait_for 20 _no_port n1
check "the node is as it was" in_ns n1 ping -c 1 -W 5 192.168.99.2

# The node first: the device stays.
k8snet_node n1 1 2
ns_new far
live_in_far
flood far 10.244.2.10
flood p2a 10.244.1.100
flood p1a 10.244.2.10
check "traffic flows from there again" flowing n2 k8snet0 rx_packets
ip netns del n1
check "the node is gone" wait_for 30 _no_link p1a eth0
check "the device is still there" ip -n far link show dev k8snet0
check "what it cannot send is counted" drops_count far k8snet0 tx-no-local
at=$(stat_ns n2 k8snet0 rx_packets)
check "and goes on to be" drops_count far k8snet0 tx-no-local
flood_pause
check_eq "the device's TX dropped is the sum of its reasons" "$(tx_reasons far)" \
	"$(stat_ns far k8snet0 tx_dropped)"
flood_on
check_eq "nothing of it arrives" "$at" "$(stat_ns n2 k8snet0 rx_packets)"
check_eq "it is shown, with its node" "k8snet0 1" \
	"$(k8snetctl -n far -j link show | gojq -r '.[] | "\(.ifname) \(.nodes)"')"
check "its node can be removed" k8snetctl -n far node del worker2 dev k8snet0
ip -n far link set k8snet0 down
check_fails "it cannot be switched on" ip -n far link set k8snet0 up
check_match "and the log says why" 'cannot listen for VNI 1 on port 8472: the namespace that the device was created in is gone' \
	"$(dmesg)"
check "it can be removed" ip -n far link del k8snet0
flood_end

# The nodes under their pods' traffic, both at once.
topo_host n1 192.168.99.1
sysctl_ns n1 net/ipv4/ip_forward=1
for p in p1a p1b; do ip netns del $p; done
topo_pod n1 p1a 10.244.1.10 10.244.1.1
setup_n1() {
	k8snet_node n1 1 2
	in_ns n1 k8snetctl service add default/sink:udp udp 10.96.0.30:9000 endpoint 10.244.2.10:9000
	in_ns n1 k8snetctl egress set on
}
setup_n1
flood p1a 10.96.0.30
flood p2a 10.244.1.10
flood p2b 10.244.1.10
check "traffic flows on the new node" flowing n1 k8snet0 tx_packets
ip netns del n1
ip netns del n2
check "a node goes under its pods' traffic" wait_for 30 _no_link p1a eth0
check "so does the other" wait_for 30 _no_link p2a eth0
flood_end

# --- what is left -------------------------------------------------------------------

check "the caches are empty" wait_for 30 slabs_empty

for ((i = 0; i < 40; i++)); do
	printf 'link %s\n' "add k8snet0 type k8snet" "set k8snet0 up" "del k8snet0"
done >"$T/batch"
ns_new x
check "forty devices come and go" ip -n x -b "$T/batch"
check_fails "none stays" ip -n x link show dev k8snet0
check_fails "nor does a socket" port_in x

for i in 1 2 3 4 5; do
	ns_new "d$i"
	ip -n "d$i" link set lo up
	ip -n "d$i" -b - <<-BATCH
		link add k8snet0 type k8snet
		link set k8snet0 up
	BATCH
	k8snetctl -n "d$i" -b - <<-BATCH
		node add w1 via 192.0.2.1 pods 10.1.0.0/24,10.1.2.0/24
		node add w2 via 192.0.2.2 pods 10.1.1.0/24
		config set pods 10.0.0.0/8 services 10.96.0.0/16
		service add a/b:c tcp 10.96.0.1:80,10.96.0.2:80 endpoint 10.1.0.1:80 endpoint 10.1.0.2:80
		egress set on
	BATCH
done
# (How many is not exact: KFENCE has some of them.)
check_eq "five namespaces fill the caches" \
	"k8snet_addr k8snet_endpoint k8snet_frontend k8snet_node k8snet_podnet k8snet_service" \
	"$(slabs | grep -v ' 0$' | cut -d ' ' -f 1 | sort | xargs)"
for i in 1 2 3 4 5; do ip netns del "d$i"; done
check "which go with them" wait_for 30 slabs_empty
check "and the module may go" rmmod k8snet

ktap_end
