# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sourced by the benches: two nodes, and packets from the pod of one to that of the other, counted in instructions.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --veth-- n2 192.168.99.2 -- p2a 10.244.2.10
#   pktgen                                                         dropped by tc at ingress
#
# Guest time counts instructions here (see tests/bench/run), so the time that
# pktgen took is the answer. Generator, first veth and drop are in every figure.
# With --native it is time, and the median of several runs.
#
# BENCH_UNIT   instructions or nanoseconds
# BENCH_RUNS   how often each is measured
# BENCH_ONLY   measure only what has a name that matches (an extended regular
#              expression)
# BENCH_PACKETS  how many packets (4000)
# BENCH_PROFILE  not empty: mark each measurement for tests/bench/profile.c

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

unit=${BENCH_UNIT:-instructions}
runs=${BENCH_RUNS:-1}
packets=${BENCH_PACKETS:-4000}
only=${BENCH_ONLY:-.}
# Where packets go, and what a service makes of it.
port=9
server_port=9

# Sources of packets: one flow, 10,000 in turn, another for each packet.
one=("udp_src_min 4000" "udp_src_max 4000")
# shellcheck disable=SC2034  # used by those who source this
ten_thousand=("udp_src_min 10000" "udp_src_max 19999")
# shellcheck disable=SC2034  # for those who source this
new=("udp_src_min 1024" "udp_src_max 65000" "flag UDPSRC_RND" "src_min 10.244.1.20" "src_max 10.244.1.250" "flag IPSRC_RND")
# (Of IPv6 pktgen has one source only.)
# shellcheck disable=SC2034  # for those who source this
new6=("udp_src_min 1024" "udp_src_max 65023")

# As all senders but pktgen do it: who gets a packet has it alone.
own=("flag !SHARED")

# measure_own NAME ARGS... - as measure, if this kernel's pktgen can do that
measure_own() {
	wants "$1" || return 0
	if generate p1a 1 64 "${own[@]}" 2>/dev/null; then
		measure "$@" "${own[@]}"
	else
		skip "$1" "pktgen of this kernel keeps what it has sent"
	fi
}

# wants NAME - is it to be measured?
wants() { [[ $1 =~ $only ]]; }

# wants_more NAME - is anything of measure_more?
wants_more() { wants "$1, 1,400 B" || wants "$1, 10,000 flows"; }

# generate NS COUNT SIZE WORDS... - ns per packet from that pod, into $took
generate() {
	local ns=$1 count=$2 size=$3 usec
	shift 3

	in_ns "$ns" busybox sh "$TESTS/pktgen" "count $count" "clone_skb 0" "delay 0" "pkt_size $size" \
		"dst_mac ${gateway_mac[$ns]}" "$@" >"$T/pktgen"
	! grep 'pktgen refused' "$T/pktgen" >&2 || return
	usec=$(sed -n 's/^Result: OK: \([0-9]*\)(.*/\1/p' "$T/pktgen")
	took=$((usec * 1000 / count))
}
declare -A gateway_mac=()

# looked - k8snet, where it has a service, looks at all connections, as it does once
# a second otherwise, in the middle of a measurement
looked() {
	local n
	for n in n1 n2; do k8snetctl -n $n service show default/pair:udp >/dev/null 2>&1 || :; done
}

# forget - chains of flows that an earlier run left are no part of a figure
forget() {
	local n
	looked
	for n in n1 n2; do in_ns $n conntrack -F >/dev/null 2>&1 || :; done
	looked
	[ ! -e /proc/net/ip_vs_conn ] || wait_for 30 _ipvs_forgot
}

# IPVS has connections of its own, and cannot be told to forget them (see rival_ipvs).
_ipvs_forgot() {
	local n
	for n in n1 n2; do
		! in_ns $n grep -m 1 '^UDP' /proc/net/ip_vs_conn || return
	done
}

# median CMD... - runs what sets $took so many times, and sets it to the median; $spread
median() {
	local i all=()
	for ((i = 0; i < runs; i++)); do
		"$@" || return
		all+=("$took")
	done
	mapfile -t all < <(printf '%s\n' "${all[@]}" | sort -n)
	took=${all[runs / 2]}
	spread=" (${all[0]} to ${all[-1]})"
	[ "$unit" = nanoseconds ] || spread=
}

# figure NAME OF - what $took is, for each OF; tests/bench/report.py reads it
figure() { ok "$1: $took $unit per $2$spread"; }

# ends FROM TO - sets $ends to what pktgen calls them
ends() {
	if [[ $2 = *:* ]]; then
		ends=("src6 $1" "dst6 $2")
	else
		ends=("src_min $1" "src_max $1" "dst $2")
	fi
}

# there DEST COUNT SIZE FLOWS... - packets from p1a
there() {
	local from=10.244.1.10 ends
	[[ $1 != *:* ]] || from=fd00:244:1::10
	ends "$from" "$1"
	generate p1a "$2" "$3" "${ends[@]}" "udp_dst_min $port" "udp_dst_max $port" "${@:4}"
}

# back DEST COUNT SIZE FLOWS... - the server's answers to what was sent to DEST
back() {
	local from=10.244.2.10 to=10.244.1.10 ends flows=("${@:4}")
	[[ $1 != *:* ]] || from=fd00:244:2::10 to=fd00:244:1::10
	ends "$from" "$to"
	generate p2a "$2" "$3" "${ends[@]}" "udp_src_min $server_port" "udp_src_max $server_port" \
		"${flows[@]/udp_src/udp_dst}"
}

# measure_more NAME DEST - the same with large packets, and with 10,000 flows
measure_more() {
	measure "$1, 1,400 B" "$2" 1400 "${one[@]}"
	measure "$1, 10,000 flows" "$2" 64 20000 "${ten_thousand[@]}"
}

# are_new FLOWS... - is each packet of another flow?
are_new() { [[ "$*" = "${new[*]}"* || "$*" = "${new6[*]}"* ]]; }

# afresh ARGS... - as there, while conntrack knows of no flow
afresh() {
	forget
	there "$@"
}

# measure NAME DEST [SIZE [COUNT]] FLOWS... - packets to $port of DEST, of 64 bytes, of
# IPv6 the 78 that pktgen makes of them
measure() {
	local name=$1 dest=$2 size=64 count=$packets runs=$runs how=there before after
	shift 2
	# What pktgen writes into each must fit, or it says so for each, to the console, too.
	[[ $dest != *:* ]] || size=78
	[[ $1 != [0-9]* ]] || { size=$1; shift; }
	[[ $1 != [0-9]* ]] || { count=$1; shift; }
	wants "$name" || return 0
	prime "$dest" "$count" "$size" "$@"
	! are_new "$@" || how=afresh
	# Something that is due once a second is in one of them: nftables looks through its
	# sets with a timeout, 3,700 of a packet.
	[ -n "${BENCH_PROFILE-}" ] || [ "$runs" -ge 3 ] || runs=3
	before=$(stat_ns p2a eth0 rx_packets)
	BENCH_MARK=${BENCH_PROFILE-} median $how "$dest" "$count" "$size" "$@"
	after=$(stat_ns p2a eth0 rx_packets)
	if [ $((after - before)) -ge $((runs * count * 99 / 100)) ]; then
		figure "$name" packet
		note "packets $count"
	else
		not_ok "$name" "only $((after - before)) of $((runs * count)) arrived"
	fi
}

# prime DEST COUNT SIZE FLOWS... - flows become established: packets go each way
prime() {
	local i whose=()

	[[ $* != *"${own[0]}" ]] || whose=("${own[@]}")
	forget
	if are_new "${@:4}"; then
		# Neighbours and routes; and memory for that many connections, whose new pages
		# are cleared first, 800 of a packet. See afresh.
		there "$1" 10 "$3" "${one[@]}" "${whose[@]}"
		there "$@"
		return
	fi
	for i in 1 2 3; do
		there "$@"
		back "$@"
		[ $i != 1 ] || [ -z "$tracked" ] || wait_for 10 _settled
	done
}

# Are the flows streams, as conntrack has it after two seconds?
tracked=
_settled() {
	local n
	in_ns p1a busybox sh -c 'cd /proc/net/pktgen; echo "count 1" >eth0; echo start >pgctrl'
	for n in n1 n2; do
		# (Not grep -q: conntrack would fail for want of a reader.)
		in_ns $n conntrack -L -p udp 2>/dev/null | grep -E "ASSURED|OFFLOAD" >/dev/null || return 1
	done
}

# nodes - the two nodes directly, without a bridge between
nodes() {
	local n
	for n in 1 2; do
		ns_new n$n
		sysctl_ns n$n net/ipv4/ip_forward=1
		topo_pod n$n p${n}a 10.244.$n.10 10.244.$n.1
		ip -n n$n route add 10.244.$n.0/24 dev vp${n}a
		gateway_mac[p${n}a]=$(in_ns n$n cat /sys/class/net/vp${n}a/address)
		in_ns p${n}a tc qdisc add dev eth0 clsact
		in_ns p${n}a tc filter add dev eth0 ingress matchall action drop
	done
	ip -n n1 link add eth0 type veth peer name eth0 netns n2
	for n in 1 2; do
		ip -n n$n addr add 192.168.99.$n/24 dev eth0
		ip -n n$n link set eth0 up
	done
	for n in 1 2; do
		ip -n n$n neigh replace 192.168.99.$((3 - n)) dev eth0 nud permanent \
			lladdr "$(in_ns n$((3 - n)) cat /sys/class/net/eth0/address)"
		ip -n n$n neigh replace 10.244.$n.10 dev vp${n}a nud permanent \
			lladdr "$(in_ns p${n}a cat /sys/class/net/eth0/address)"
	done
}

# nodes6 - pods and nodes get IPv6 as well
nodes6() {
	local n
	for n in 1 2; do
		topo_pod6 n$n p${n}a fd00:244:$n::10 fd00:244:$n::1
		sysctl_ns n$n net/ipv6/conf/all/forwarding=1
		ip -n n$n neigh replace fd00:244:$n::10 dev vp${n}a nud permanent \
			lladdr "$(in_ns p${n}a cat /sys/class/net/eth0/address)"
		ip -n n$n addr add fd99::$n/64 dev eth0
		ip -n n$n neigh replace fd99::$((3 - n)) dev eth0 nud permanent \
			lladdr "$(in_ns n$((3 - n)) cat /sys/class/net/eth0/address)"
	done
}

# symbols - the addresses of the guest's functions, for tests/bench/profile.py
symbols() {
	[ -n "${BENCH_PROFILE-}" ] || return 0
	[ -z "${BENCH_SYMBOLS-}" ] || grep -E ' [tTwW] [^[]*$' /proc/kallsyms | gzip -9 | base64 | sed 's/^/# SYM kernel /'
	grep -E ' [tTwW] .*\[' /proc/kallsyms | gzip -9 | base64 | sed 's/^/# SYM modules /'
}

# --- many services -----------------------------------------------------------------
# Numbers of services.
# shellcheck disable=SC2034  # for those who source this
sizes=(10 1000 10000 100000)

# commas N - 1,000 for 1000
commas() { if [ "$1" -lt 1000 ]; then echo "$1"; else echo "${1%???},${1: -3}"; fi; }

# k8snet_services FROM TO - services FROM to TO, of $port, on both nodes
k8snet_services() {
	local node

	{
		echo "transaction begin"
		others "$2" "@" | tail -n +$(($1 + 1)) |
			sed "s,.*,service add default/s&:udp udp &:$port endpoint 10.244.2.10:$server_port,"
		echo "transaction commit"
	} >"$T/batch"
	for node in n1 n2; do k8snetctl -n $node -b "$T/batch"; done
}

# others N TEXT - TEXT for each of N services, its address for @
others() {
	busybox awk -v n="$1" -v text="$2" 'BEGIN {
		for (i = 0; i < n; i++) {
			line = text
			gsub("@", "10." 100 + int(i / 62500) "." int(i / 250) % 250 "." i % 250 + 1, line)
			print line
		}
	}'
}
