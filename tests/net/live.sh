#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Everything changes under traffic: at most what is on its way is lost, TCP lives on, and nobody has to set anything up again.
#
#                                              .-- n2 192.168.99.2 fd99::2 --.
#   p1a 10.244.1.10 -- n1 192.168.99.1 --[ul]--|   k8snet0                   |-- p2a 10.244.2.10
#       fd00:244:1::10    fd99::1        br0   '-- n3 192.168.99.3 fd99::3 --'       fd00:244:2::10
#                         k8snet0                  k8snet0
#
#   far: where n1's k8snet0 goes and comes back from, 10.244.1.100
#
# tests/stream.py keeps numbered datagrams and a TCP connection going both ways
# between p1a and p2a, IPv4 and IPv6, and says after each change what was lost.
#
# timeout: 300

. "$(dirname "$0")/../lib.sh"

# drops NS REASON - that counter of k8snet0
drops() {
	# shellcheck disable=SC2016  # gojq's
	k8snetctl -n "$1" -j stats k8snet0 |
		gojq --arg r "$2" '.[].counter[] | select(.reason == $r).packets'
}
_drops_from() { [ "$(drops "$1" "$2")" -ge "$3" ]; }

# drops_more NS REASON N - waits until it has counted N more
drops_more() { wait_for 10 _drops_from "$1" "$2" $(($(drops "$1" "$2") + $3)); }

# ctl NS - a batch from standard input
ctl() { k8snetctl -n "$1" -b -; }

# flow_stats - what has become of the traffic since the last call, as fields of $flow
flow_stats() {
	echo >&"${STREAM[1]}"
	IFS= read -r -t 60 -u "${STREAM[0]}" line || line="the streams have ended: $(cat "$T/stream.err")"
	read -ra flow <<<"$line"
}

_numbers='^[0-9]+ [0-9]+ [0-9]+ [0-9]+ [0-9]+ [0-9]+$'

# lossless NAME CMD... - not one datagram is lost while the command runs
lossless() {
	local name=$1 line
	shift
	if ! "$@" >"$T/out" 2>&1; then
		not_ok "$name" "$* failed: $(cat "$T/out")"
		return
	fi
	flow_stats
	if [[ $line =~ $_numbers ]]; then
		check_eq "$name: nothing is lost" "0 0 0 0" "${flow[*]:1:4}"
	else
		not_ok "$name" "$line"
	fi
}

# recovers NAME CMD... - lost is only what was sent while the command ran; $flow
recovers() {
	local name=$1 line
	shift
	if ! "$@" >"$T/out" 2>&1; then
		not_ok "$name" "$* failed: $(cat "$T/out")"
		return
	fi
	flow_stats
	if [[ $line =~ $_numbers ]]; then
		check_eq "$name: all goes on at once" "0 0" "${flow[*]:3:2}"
		note "of ${flow[0]} datagrams each way, ${flow[1]} and ${flow[2]} were sent meanwhile and lost; TCP stood for ${flow[5]} ms"
	else
		not_ok "$name" "$line"
	fi
}

# --- set-up -------------------------------------------------------------------

ktap_start
topo_underlay
for n in 1 2 3; do
	topo_host n$n 192.168.99.$n
	topo_host6 n$n $n
	sysctl_ns n$n net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1 \
		net/ipv4/conf/all/promote_secondaries=1
done
topo_pod n1 p1a 10.244.1.10 10.244.1.1
topo_pod6 n1 p1a fd00:244:1::10 fd00:244:1::1
topo_pod n2 p2a 10.244.2.10 10.244.2.1
topo_pod6 n2 p2a fd00:244:2::10 fd00:244:2::1
# The other pod's second way out, by n3.
ip -n n3 -b - <<-BATCH
	link add vp2a type veth peer name eth1 netns p2a
	addr add 10.244.2.2/32 dev vp2a
	addr add fd00:244:2::2/128 dev vp2a
	link set vp2a up
	route add 10.244.2.10/32 dev vp2a
	route add fd00:244:2::10/128 dev vp2a
BATCH
ip -n p2a -b - <<-BATCH
	addr add fd00:244:2::10/128 dev eth1 nodad
	link set eth1 up
	route add 10.244.2.2/32 dev eth1
	route add fd00:244:2::2/128 dev eth1
BATCH
ns_new far
ipv6_on far

# device NS N - k8snet0's addresses and routes, which Linux takes when it moves
device() {
	ip -n "$1" -b - <<-BATCH
		addr add 10.244.$2.0/32 dev k8snet0
		addr add fd00:244:$2::/128 dev k8snet0
		link set k8snet0 up
		route add 10.244.0.0/16 dev k8snet0
		route add fd00:244::/32 dev k8snet0
	BATCH
}

# node N VIA... - the words that say how node N is reached, with its prefixes
node() {
	local n=$1
	shift
	echo "node replace worker$n dev k8snet0 pods 10.244.$n.0/24,fd00:244:$n::/64 via $*"
}

for n in 1 2 3; do
	ip -n n$n link add k8snet0 type k8snet
	device n$n $n
	for m in 1 2 3; do [ $m = $n ] || node $m 192.168.99.$m; done |
		cat - <(echo "link set k8snet0 local 192.168.99.$n") | ctl n$n
done

# IPv4's TCP retries within 200 ms at first, then in longer and longer pauses;
# what is lost on the way is seen at once, by the datagrams.
coproc STREAM { exec python3 -S "$TESTS/stream.py" p1a p2a 10.244.1.10,10.244.2.10 \
	fd00:244:1::10,fd00:244:2::10 2>"$T/stream.err"; }
# shellcheck disable=SC2153  # set by coproc
_pids+=("$STREAM_PID")
IFS= read -r -t 60 -u "${STREAM[0]}" line || line=$(cat "$T/stream.err")
check_eq "traffic flows" ready "$line"
lossless "nothing changes" true

# --- a node's address ------------------------------------------------------------

# A /32, and a route that is nobody's: the kernel takes a second address of the
# same prefix away for a moment when the first one goes (__inet_del_ifa()).
lossless "n2 gets a second address, and the others learn it" eval '
	ip -n n2 addr add 192.168.99.22/32 dev eth0 &&
	ip -n n2 route add 192.168.99.0/24 dev eth0 metric 10 &&
	node 2 192.168.99.2 also 192.168.99.22 | ctl n1'
lossless "n2 sends from it" k8snetctl -n n2 link set k8snet0 local 192.168.99.22
lossless "the others send to it, and forget the old one" eval 'node 2 192.168.99.22 | ctl n1'
lossless "which n2 loses" ip -n n2 addr del 192.168.99.2/24 dev eth0
both_move() {
	ip -n n1 addr add 192.168.99.11/24 dev eth0 &&
	ip -n n2 addr add 192.168.99.2/24 dev eth0 &&
	{ echo link set k8snet0 local 192.168.99.11; node 2 192.168.99.2; } | ctl n1 &&
	{ echo link set k8snet0 local 192.168.99.2; node 1 192.168.99.11; } | ctl n2
}
recovers "both nodes change their addresses, without that care" both_move
recovers "and back" eval '
	{ echo link set k8snet0 local 192.168.99.1; node 2 192.168.99.2; } | ctl n1 &&
	node 1 192.168.99.1 | ctl n2'
ip -n n1 addr del 192.168.99.11/24 dev eth0
ip -n n2 addr del 192.168.99.22/32 dev eth0

# --- formats, prefixes, options ---------------------------------------------------

# formats WORD... - the format of both nodes, on a port that both listen on
formats() {
	node 2 192.168.99.2 format "$@" | ctl n1 &&
	node 1 192.168.99.1 format "$@" | ctl n2
}
lossless "VXLAN becomes raw UDP" formats udp port 8472
lossless "raw UDP becomes IP in IP" formats ipip
lossless "IP in IP becomes no encapsulation" formats direct
lossless "which becomes what the devices say" eval '
	node 2 192.168.99.2 | ctl n1 &&
	node 1 192.168.99.1 | ctl n2'
lossless "the devices' own format changes" eval '
	k8snetctl -n n1 link set k8snet0 format ipip &&
	k8snetctl -n n2 link set k8snet0 format ipip'
lossless "and back" eval '
	k8snetctl -n n1 link set k8snet0 format vxlan &&
	k8snetctl -n n2 link set k8snet0 format vxlan'

halves=10.244.2.0/25,10.244.2.128/25,fd00:244:2::/65,fd00:244:2:0:8000::/65
lossless "a node's prefixes are cut in halves" \
	k8snetctl -n n1 node replace worker2 dev k8snet0 via 192.168.99.2 pods $halves
lossless "and joined" eval 'node 2 192.168.99.2 | ctl n1'

printf "link set k8snet0 %s\n" "ttl 9" "dscp inherit" "df set" "mac 02:00:00:00:00:09" \
	"strict off" "strict on" "ttl inherit dscp 46 df unset mac auto" "ttl 64 dscp 0" >"$T/options"
options() { ctl n1 <"$T/options" && ctl n2 <"$T/options"; }
lossless "TTL, DSCP, DF, MAC address, strictness" options
lossless "a smaller MTU" k8snetctl -n n1 link set k8snet0 mtu 1300
lossless "and the automatic one" k8snetctl -n n1 link set k8snet0 mtu auto
recovers "another identifier and port, on both" eval '
	k8snetctl -n n1 link set k8snet0 id 7 port 9472 &&
	k8snetctl -n n2 link set k8snet0 id 7 port 9472'
recovers "and back" eval '
	k8snetctl -n n1 link set k8snet0 id 1 port 8472 &&
	k8snetctl -n n2 link set k8snet0 id 1 port 8472'

# --- the underlay -----------------------------------------------------------------

recovers "the underlay's device goes down and up" eval '
	ip -n n1 link set eth0 down &&
	ip -n n1 -b - <<-BATCH
		link set eth0 up
		addr add fd99::1/64 dev eth0 nodad
	BATCH'
# (6.1 does not rename a device that is up.)
rename() {
	ip -n n1 -b - <<-BATCH
		link set $1 down
		link set $1 name $2
		link set $2 up
		addr add fd99::1/64 dev $2 nodad
	BATCH
}
recovers "it is renamed" rename eth0 uplink
recovers "and renamed back" rename uplink eth0

# replug MTU REASON - another eth0 in place of the one there is, with n1's
# addresses, on a wire where all have that MTU. The addresses come late, when
# packets have been dropped for that reason for a while. (nodad: as long as an
# address is tentative the kernel sends from another one, and who is asked for its
# MAC address from there goes on with the old one for 5 s.)
replug() {
	ip -n n1 link del eth0 &&
	ip -n ul -b - <<-BATCH &&
		link set p-n2 mtu $1
		link set p-n3 mtu $1
		link add p-n1 mtu $1 type veth peer name eth0 mtu $1 netns n1
		link set p-n1 master br0 up
	BATCH
	ip -n n2 link set eth0 mtu "$1" && ip -n n3 link set eth0 mtu "$1" &&
	ip -n n1 link set eth0 up && drops_more n1 "$2" 20 &&
	ip -n n1 -b - <<-BATCH
		addr add 192.168.99.1/24 dev eth0
		addr add fd99::1/64 dev eth0 nodad
	BATCH
}
recovers "it is deleted, and made again with a smaller MTU" replug 1400 tx-no-local
check "the overlay's MTU follows" wait_for 5 mtu_is n1 k8snet0 1350
recovers "once more, with the usual one" replug 1500 tx-no-local
check "the overlay's MTU follows again" wait_for 5 mtu_is n1 k8snet0 1450

recovers "the local address goes and comes back" eval '
	ip -n n1 addr del 192.168.99.1/24 dev eth0 &&
	drops_more n1 tx-no-local 5 &&
	ip -n n1 addr add 192.168.99.1/24 dev eth0'

recovers "the way to a node changes: what comes in by the old one is refused" eval '
	ip -n n1 -b - <<-BATCH &&
		link add other type dummy
		link set other up
		route add 192.168.99.2 dev other
	BATCH
	drops_more n1 rx-outer-device 5 &&
	ip -n n1 link del other'

# --- the device goes to another namespace -----------------------------------------------

recovers "the device moves to another namespace and back" eval '
	ip -n n1 link set k8snet0 netns far &&
	device far 1 &&
	in_ns far ping -q -c 1 -W 5 -I 10.244.1.0 10.244.2.10 &&
	ip -n far link set k8snet0 netns n1 &&
	device n1 1'

# --- a prefix goes to another node ------------------------------------------------

pods2=10.244.2.0/24,fd00:244:2::/64
# exit_by GATEWAY DEV - the other pod's way out
exit_by() {
	ip -n p2a -b - <<-BATCH
		route replace default via 10.244.2.$1 dev $2
		route replace default via fd00:244:2::$1 dev $2
	BATCH
}
take_over() {
	k8snetctl -n n1 node replace worker3 dev k8snet0 via 192.168.99.3 pods "10.244.3.0/24,$pods2" "$@"
}
check_fails "a prefix is not taken by mistake" take_over
check_match "and it says how it is" "another node of the device has this prefix; move takes it over" \
	"$(cat "$T/out")"
recovers "the pod's prefixes move to another node" eval 'take_over move && exit_by 2 eth1'
check_eq "no datagram to the pod is lost" 0 "${flow[1]}"
check_eq "the other node has lost its prefixes, not its place" \
	'{"worker2":[],"worker3":["10.244.3.0/24","10.244.2.0/24","fd00:244:2::/64"]}' \
	"$(k8snetctl -n n1 -j node | gojq -c 'map({(.name): .pods}) | add')"
recovers "and back, the other order" eval '
	exit_by 1 eth0 &&
	node 2 192.168.99.2 move | ctl n1'
check_eq "again no datagram to the pod is lost" 0 "${flow[1]}"

# --- an underlay of IPv6 ---------------------------------------------------------------

lossless "all learn the IPv6 addresses" eval '
	node 2 192.168.99.2 also fd99::2 | ctl n1 &&
	node 1 192.168.99.1 also fd99::1 | ctl n2'
lossless "the underlay becomes IPv6" eval '
	node 2 fd99::2 also 192.168.99.2 | ctl n1 &&
	node 1 fd99::1 also 192.168.99.1 | ctl n2'
lossless "the IPv4 addresses are forgotten" eval '
	node 2 fd99::2 | ctl n1 &&
	node 1 fd99::1 | ctl n2'
formats6() {
	node 2 fd99::2 format "$@" | ctl n1 &&
	node 1 fd99::1 format "$@" | ctl n2
}
lossless "raw UDP over IPv6" formats6 udp port 8472
lossless "IP in IP over IPv6" formats6 ipip
lossless "VXLAN over IPv6" formats6 vxlan
recovers "its device is deleted and made again" replug 1400 tx-no-route
check "the overlay's MTU is less that of IPv6" wait_for 5 mtu_is n1 k8snet0 1330
lossless "a local address is chosen" k8snetctl -n n1 link set k8snet0 local fd99::1
recovers "the local address goes and comes back" eval '
	ip -n n1 addr del fd99::1/64 dev eth0 &&
	drops_more n1 tx-no-local 5 &&
	ip -n n1 addr add fd99::1/64 dev eth0 nodad'
recovers "the way to a node changes: what comes in by the old one is refused" eval '
	ip -n n1 -b - <<-BATCH &&
		link add other type dummy
		link set other up
		route add fd99::2 dev other
	BATCH
	drops_more n1 rx-outer-device 5 &&
	ip -n n1 link del other'

# Bash forgets the process when it has ended.
tell=${STREAM[1]} pid=$STREAM_PID
exec {tell}>&-
check "the TCP connections have lived through all of it" wait_for 10 _gone "$pid"
check_eq "and there is nothing to complain of" "" "$(cat "$T/stream.err")"
ktap_end
