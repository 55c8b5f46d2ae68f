# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sourced by every scenario: KTAP results, network namespaces, a two-node topology, captures and small servers.
#
# A scenario:
#	. "$(dirname "$0")/../lib.sh"
#	ktap_start
#	topo_two_nodes
#	check "pods reach each other" in_ns p1a ping -c 1 -W 2 10.244.2.10
#	ktap_end
#
# Sourcing turns on set -eEu and pipefail: what fails outside of a check ends
# the scenario with a failing result that names the line. Nothing here sleeps:
# wait for a condition with wait_for.

set -eEuo pipefail

TESTS=${TESTS:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)}
export PYTHONPATH=$TESTS
# Everything temporary of this scenario; removed at its end.
T=$(mktemp -d "${TMPDIR:-/tmp}/k8snet.XXXXXX")

_count=0
_failed=0
_ended=0
_at=
_err=
_ns=()
_pids=()

# is_uml - is this User-Mode Linux, ten times as fast as an emulated processor?
is_uml() { grep -qi 'User Mode Linux' /proc/cpuinfo; }

# is_sanitized - does this kernel look at each access to memory? It takes several
# times as long for everything.
is_sanitized() { [ -e /sys/kernel/debug/kmemleak ]; }

# --- KTAP -------------------------------------------------------------------

ktap_start() {
	_here
	echo "KTAP version 1"
}

# ok NAME, not_ok NAME [REASON], skip NAME REASON - one result each
ok() {
	_here
	_count=$((_count + 1))
	echo "ok $_count $1"
}

not_ok() {
	_here
	_count=$((_count + 1))
	_failed=$((_failed + 1))
	echo "not ok $_count $1"
	[ -z "${2-}" ] || note "$2"
}

skip() {
	_here
	_count=$((_count + 1))
	echo "ok $_count $1 # SKIP $2"
}

# note TEXT... - a comment in the results
note() {
	local line

	while IFS= read -r line; do
		printf '# %s\n' "$line"
	done <<<"$*"
}

# check NAME CMD... - ok when the command succeeds; else its output is shown.
# The command runs in this shell; its output is in $T/out afterwards.
check() {
	local name=$1 rc=0
	shift
	"$@" >"$T/out" 2>&1 || rc=$?
	if [ $rc = 0 ]; then
		ok "$name"
	else
		not_ok "$name" "exit status $rc: $*"
		_show "$T/out"
	fi
}

# check_fails NAME CMD... - ok when the command fails (but was found, and did not crash)
check_fails() {
	local name=$1 rc=0
	shift
	"$@" >"$T/out" 2>&1 || rc=$?
	if [ $rc != 0 ] && [ $rc -lt 126 ]; then
		ok "$name"
	else
		not_ok "$name" "exit status $rc, failure expected: $*"
		_show "$T/out"
	fi
}

# check_eq NAME EXPECTED ACTUAL
check_eq() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1"
		note "expected: $2"
		note "actual:   $3"
	fi
}

# check_match NAME REGEX STRING - an extended regular expression, unanchored
check_match() {
	if [[ $3 =~ $2 ]]; then
		ok "$1"
	else
		not_ok "$1"
		note "expected a match of: $2"
		note "actual: $3"
	fi
}

# cases CMD... - a result for each line "ok NAME" or "not ok NAME<tab>REASON" that
# the command prints, and one if it fails; all else is a comment
cases() {
	local line

	while IFS= read -r line; do
		case $line in
		"ok "*) ok "${line#ok }" ;;
		"not ok "*)
			line=${line#not ok }
			not_ok "${line%%	*}" "${line#*	}"
			;;
		*) note "$line" ;;
		esac
	done < <("$@" 2>&1 || echo "not ok the cases come to their end")
}

# skip_all REASON - ends a scenario that cannot run here
skip_all() {
	_ended=1
	echo "1..0 # SKIP $1"
	exit 0
}

# ktap_end - prints the plan and ends the scenario
ktap_end() {
	_ended=1
	echo "1..$_count"
	[ "$_failed" = 0 ] && exit 0
	exit 1
}

_show() {
	local line n=0

	while IFS= read -r line && [ $n -lt 40 ]; do
		printf '#   %s\n' "$line"
		n=$((n + 1))
	done <"$1"
}

# _here - remembers which line of the scenario was at work
_here() {
	local i

	for ((i = 1; i < ${#BASH_SOURCE[@]}; i++)); do
		if [ "${BASH_SOURCE[i]}" != "${BASH_SOURCE[0]}" ]; then
			_at=${BASH_SOURCE[i]##*/}:${BASH_LINENO[i - 1]}
			return
		fi
	done
}

# Called by the ERR trap: where set -e is about to end the scenario.
_on_err() {
	local rc=$? i

	[ -z "$_err" ] && [ "$BASH_SUBSHELL" = 0 ] || return 0
	_err="exit status $rc of '$BASH_COMMAND' at"
	for ((i = 1; i < ${#BASH_SOURCE[@]}; i++)); do
		_err="$_err ${BASH_SOURCE[i]##*/}:${BASH_LINENO[i - 1]}"
	done
}

_on_exit() {
	local rc=$?

	set +eu
	trap - ERR EXIT
	# The exit may have been inside of a redirection.
	exec >&"$_out" 2>&1
	if [ "$_ended" = 0 ]; then
		[ -z "$_err" ] || rc=1
		_count=$((_count + 1))
		if [ -n "$_err" ]; then
			echo "not ok $_count ended early: $_err"
		elif [ -n "$_sig" ]; then
			echo "not ok $_count stopped by $_sig after ${_at:-the start of ${0##*/}}"
		else
			echo "not ok $_count ended early with status $rc after ${_at:-the start of ${0##*/}}"
		fi
		echo "1..$_count"
		[ $rc != 0 ] || rc=1
	fi
	_cleanup
	exit $rc
}

_cleanup() {
	local p n

	# Silently: bash reports children that were killed.
	exec 2>/dev/null
	for p in "${_pids[@]}"; do
		kill -KILL "$p"
	done
	# In the guest they go with the scenario's own namespaces.
	[ -z "${K8SNET_GUEST-}" ] || _ns=()
	for n in "${_ns[@]}"; do
		ip netns pids "$n" 2>/dev/null | xargs -r kill -KILL 2>/dev/null
		ip netns del "$n" 2>/dev/null
	done
	rm -rf "$T"
}

exec {_out}>&1
_sig=
trap _on_err ERR
trap _on_exit EXIT
trap '_sig=SIGTERM; exit 143' TERM
trap '_sig=SIGINT; exit 130' INT

# --- time -------------------------------------------------------------------

mkfifo "$T/never"
exec {_never}<>"$T/never"

# now_ms - sets $now to milliseconds since boot
now_ms() {
	local up

	read -r up _ </proc/uptime
	now=$((10#${up/./} * 10))
}

# _tick SECONDS - lets time pass between two looks at a condition
_tick() { read -r -t "$1" -u "$_never" || :; }

# How many times as long as it should something may take before it has failed:
# guests share the host's processors. Nothing that succeeds is slower for it.
patience=${K8SNET_PATIENCE:-4}

# wait_for SECONDS CMD... - until the command succeeds; after the bound, times
# $patience, it prints what the command said last and fails. What takes more
# than a second is looked at less often: looking costs others their time.
wait_for() {
	# What is waited for may wait, too: each has a file of its own.
	local bound=$(($1 * patience)) now until often _waits=$((${_waits-0} + 1))
	shift
	now_ms
	until=$((now + bound * 1000))
	often=$((now + 1000))
	while :; do
		if "$@" >"$T/wait$_waits" 2>&1; then
			return 0
		fi
		now_ms
		[ "$now" -lt "$until" ] || break
		if [ "$now" -lt "$often" ]; then _tick 0.05; else _tick 0.2; fi
	done
	echo "not so after $bound s: $*"
	cat "$T/wait$_waits"
	return 1
}

# --- network namespaces -----------------------------------------------------

# ns_new NAME... - makes namespaces which are removed at the end
ns_new() {
	local n

	for n in "$@"; do
		ip netns add "$n"
		_ns+=("$n")
		# Plain IPv4: nothing on the wire that no test has sent.
		# shellcheck disable=SC2016  # for the inner shell
		_in_net "$n" busybox sh -c '
			busybox ip link set lo up
			cd /proc/sys/net
			for d in all default; do
				echo 0 >ipv4/conf/$d/rp_filter
				[ ! -e ipv6/conf/$d ] || echo 1 >ipv6/conf/$d/disable_ipv6
			done'
	done
}

# _enter NSFILE CMD... - sets $enter to the words that run CMD there. CMD with its
# path: by the name alone busybox would start a part of itself (tc, ip, ping).
_enter() {
	enter=(busybox nsenter --net="$1" -- "${@:2}")
	if [[ $2 != */* ]] && hash "$2" 2>/dev/null; then enter[4]=${BASH_CMDS[$2]}; fi
}

# _in_net NAME CMD... - as in_ns, but /sys stays that of the caller: a third of
# the instructions, and static programs start ten times as fast as others
_in_net() {
	local enter

	_enter "/run/netns/$1" "${@:2}"
	"${enter[@]}"
}

# in_ns NAME CMD... - with the /sys of the namespace if a word of it names that
in_ns() {
	local ns=$1
	shift
	if declare -F "$1" >/dev/null; then
		echo "in_ns: $1 is a function" >&2
		return 127
	fi
	case $* in
	*/sys/class/*) ip netns exec "$ns" "$@" ;;
	*) _in_net "$ns" "$@" ;;
	esac
}

# in_root CMD... - in the guest's initial network namespace
in_root() {
	local enter

	_enter /proc/1/ns/net "$@"
	"${enter[@]}"
}

# has_pktgen - is it there?
has_pktgen() { in_root modprobe pktgen 2>/dev/null || [ -e /proc/net/pktgen ]; }

# pktgen_send NS MAC COUNT SIZE FROM PORT TO PORT [WORDS...] - so many datagrams by eth0
# to that gateway, by the kernel's pktgen, which keeps a reference to each; Ethernet,
# IP and UDP are in the size. See has_pktgen.
pktgen_send() {
	local ends=("src_min $5" "src_max $5" "dst $7")

	[[ $5 != *:* ]] || ends=("src6 $5" "dst6 $7")
	in_ns "$1" busybox sh "$TESTS/pktgen" "dst_mac $2" "count $3" "clone_skb 0" "pkt_size $4" "${ends[@]}" \
		"udp_src_min $6" "udp_src_max $6" "udp_dst_min $8" "udp_dst_max $8" "${@:9}"
}

# bg_ns NAME CMD... - in the background until the end; $bg is its process
bg_ns() {
	local enter

	_enter "/run/netns/$1" "${@:2}"
	"${enter[@]}" >"$T/bg.${#_pids[@]}" 2>&1 </dev/null &
	bg=$!
	_pids+=("$bg")
}

# sysctl_ns NAME KEY=VALUE... - with the keys as paths, net/ipv4/ip_forward=1
sysctl_ns() {
	local ns=$1
	shift
	# shellcheck disable=SC2016  # for the inner shell
	_in_net "$ns" busybox sh -c '
		for kv; do echo "${kv#*=}" >"/proc/sys/${kv%%=*}" || exit 1; done' - "$@"
}

# offload_off NS DEV... - no checksum or segmentation offload: a capture then
# shows packets as they would be on a wire
offload_off() {
	local ns=$1 d
	shift
	for d in "$@"; do
		in_ns "$ns" ethtool -K "$d" tx off tso off gso off gro off >/dev/null
	done
}

# stat_ns NS DEV NAME - a counter of a device (rx_packets, ...)
stat_ns() { in_ns "$1" cat "/sys/class/net/$2/statistics/$3"; }

# mtu_is NS DEV MTU - for wait_for: an overlay's follows its underlay soon, not at once
mtu_is() { [ "$(in_ns "$1" cat "/sys/class/net/$2/mtu")" = "$3" ]; }

# --- topology ---------------------------------------------------------------
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'                  br0         `-- p2b 10.244.2.11
#                                         |
#                                out 192.168.99.100 (topo_outside)

# _plug NS ADDRESS - connects a namespace to the underlay's bridge
_plug() {
	local mac

	# shellcheck disable=SC2046,SC2183  # four words
	mac=$(printf '02:00:%02x:%02x:%02x:%02x' $(tr . ' ' <<<"$2"))
	ip -n ul -b - <<-BATCH
		link add p-$1 type veth peer name eth0 address $mac netns $1
		link set p-$1 master br0
		link set p-$1 up
	BATCH
	ip -n "$1" -b - <<-BATCH
		addr add $2/24 dev eth0
		link set eth0 up
	BATCH
}

# topo_pod NODE-NS POD-NS ADDRESS GATEWAY [WORDS...] - a pod, routed, as the ptp plug-in
# does it; the words are for both ends of its veth
topo_pod() {
	ns_new "$2"
	ip -n "$1" -b - <<-BATCH
		link add v$2 ${*:5} type veth peer name eth0 ${*:5} netns $2
		addr add $4/32 dev v$2
		link set v$2 up
		route add $3/32 dev v$2
	BATCH
	ip -n "$2" -b - <<-BATCH
		addr add $3/32 dev eth0
		link set eth0 up
		route add $4/32 dev eth0
		route add default via $4
	BATCH
}

# topo_underlay - the bridge that hosts are plugged into
topo_underlay() {
	ns_new ul
	ip -n ul -b - <<-BATCH
		link add br0 type bridge forward_delay 0 mcast_snooping 0
		link set br0 up
	BATCH
	# It is a wire, which knows nothing of IP, even if the kernel has br_netfilter.
	# shellcheck disable=SC2016  # for the inner shell
	_in_net ul busybox sh -c '
		for f in /proc/sys/net/bridge/bridge-nf-call-*; do
			[ ! -e "$f" ] || echo 0 >"$f"
		done'
}

# topo_host NS ADDRESS - a host on the underlay
topo_host() {
	ns_new "$1"
	_plug "$1" "$2"
}

# topo_two_nodes - ul, n1, n2 and their pods p1a, p1b, p2a, p2b
topo_two_nodes() {
	local n

	topo_underlay
	for n in 1 2; do
		topo_host n$n 192.168.99.$n
		sysctl_ns n$n net/ipv4/ip_forward=1
		topo_pod n$n p${n}a 10.244.$n.10 10.244.$n.1
		topo_pod n$n p${n}b 10.244.$n.11 10.244.$n.1
	done
}

# ipv6_on NS... - IPv6, with addresses that are usable at once
ipv6_on() {
	local n

	for n; do
		# shellcheck disable=SC2016  # for the inner shell
		_in_net "$n" busybox sh -c '
			cd /proc/sys/net/ipv6/conf
			for d in *; do
				echo 0 >$d/accept_dad
				echo 0 >$d/accept_ra
				echo 0 >$d/router_solicitations
			done
			# Last: in "all" it is for each device at once, and as long as
			# their addresses are looked for nobody is told of a neighbour.
			for d in *; do
				echo 0 >$d/disable_ipv6
			done'
	done
}

# topo_host6 NS N - a host of the underlay gets fd99::N as well
topo_host6() {
	ipv6_on "$1"
	ip -n "$1" addr add "fd99::$2/64" dev eth0
}

# topo_pod6 NODE-NS POD-NS ADDRESS GATEWAY - a pod that is there gets IPv6 as well
topo_pod6() {
	ipv6_on "$1" "$2"
	ip -n "$1" -b - <<-BATCH
		addr add $4/128 dev v$2
		route add $3/128 dev v$2
	BATCH
	ip -n "$2" -b - <<-BATCH
		addr add $3/128 dev eth0
		route add $4/128 dev eth0
		route add default via $4
	BATCH
}

# topo_two_nodes_dual - topo_two_nodes, and IPv6: nodes fd99::N, pods
# fd00:244:N::10 and ::11
topo_two_nodes_dual() {
	local n

	topo_two_nodes
	for n in 1 2; do
		topo_host6 n$n $n
		sysctl_ns n$n net/ipv6/conf/all/forwarding=1
		topo_pod6 n$n p${n}a fd00:244:$n::10 fd00:244:$n::1
		topo_pod6 n$n p${n}b fd00:244:$n::11 fd00:244:$n::1
	done
}

# topo_outside - out: a host that knows no way to the pods
topo_outside() {
	topo_host out 192.168.99.100
	ip -n out route add default via 192.168.99.254 dev eth0 onlink
}

# k8snet_node NS N PEER-N... - k8snet0 in node N (192.168.99.N, 10.244.N.0/24).
# K8SNET_FORMAT: the words behind "format" (vxlan id 1 port 8472)
k8snet_node() { _k8snet_node '' 192.168.99. "$@"; }

# k8snet_node_dual NS N PEER-N... - k8snet0 of both families in node N.
# K8SNET_OUTER=6: nodes talk by IPv6; K8SNET_FORMAT as with k8snet_node
k8snet_node_dual() {
	local via=192.168.99.

	[ "${K8SNET_OUTER:-4}" = 4 ] || via=fd99::
	_k8snet_node dual "$via" "$@"
}

# _k8snet_node DUAL VIA NS N PEER-N... - with IPv6 if DUAL is not empty; the
# nodes' addresses begin with VIA
_k8snet_node() {
	local dual=$1 via=$2 ns=$3 n=$4 m
	shift 4
	ip -n "$ns" link add k8snet0 type k8snet
	{
		echo "link set k8snet0 format ${K8SNET_FORMAT:-vxlan id 1 port 8472} local $via$n"
		for m; do echo "node add worker$m dev k8snet0 via $via$m pods 10.244.$m.0/24${dual:+,fd00:244:$m::/64}"; done
		echo "config set pods 10.244.0.0/16${dual:+,fd00:244::/32} services 10.96.0.0/16"
		[ -z "${K8SNET_FLOW-}" ] || echo "flow set $K8SNET_FLOW"
	} | k8snetctl -n "$ns" -b -
	{
		echo "addr add 10.244.$n.0/32 dev k8snet0"
		[ -z "$dual" ] || echo "addr add fd00:244:$n::/128 dev k8snet0"
		echo "link set k8snet0 up"
		echo "route add 10.244.0.0/16 dev k8snet0"
		[ -z "$dual" ] || echo "route add fd00:244::/32 dev k8snet0"
	} | ip -n "$ns" -b -
}

# topo_one_node - n1 alone: eth0 (dummy) 192.168.99.1, k8snet0 without nodes
topo_one_node() {
	ns_new n1
	ip -n n1 -b - <<-BATCH
		link add eth0 type dummy
		addr add 192.168.99.1/24 dev eth0
		link set eth0 up
		link add k8snet0 type k8snet
		link set k8snet0 up
	BATCH
}

# k8snet_two_nodes - k8snet0 in n1 and n2, each knowing the other
k8snet_two_nodes() {
	k8snet_node n1 1 2
	k8snet_node n2 2 1
}

# flannel_mac ADDRESS - the MAC of flannel.1 on the node with that address
flannel_mac() {
	# shellcheck disable=SC2046,SC2183  # four words
	printf '06:f1:%02x:%02x:%02x:%02x' $(tr . ' ' <<<"$1")
}

# flannel_node NS LOCAL-IP PEER-IP... - Linux vxlan, set up as flannel does it;
# the last byte N of a node's address is that of its pods, 10.244.N.0/24
flannel_node() {
	local ns=$1 local=$2 peer n
	shift 2
	ip -n "$ns" -b - <<-BATCH
		link add flannel.1 address $(flannel_mac "$local") type vxlan id 1 dev eth0 local $local dstport 8472 nolearning
		addr add 10.244.${local##*.}.0/32 dev flannel.1
		link set flannel.1 up
	BATCH
	for peer in "$@"; do
		n=${peer##*.}
		ip -n "$ns" neigh replace "10.244.$n.0" lladdr "$(flannel_mac "$peer")" \
			dev flannel.1 nud permanent
		bridge -n "$ns" fdb append "$(flannel_mac "$peer")" dev flannel.1 \
			dst "$peer" self permanent
		ip -n "$ns" route add "10.244.$n.0/24" via "10.244.$n.0" dev flannel.1 onlink
	done
}

# vxlan6 NS N PEER-N DEV VNI PORT MAC PEER-MAC - Linux vxlan for IPv6, as flannel and
# Calico set it up, in node N, and one peer
vxlan6() {
	ip -n "$1" -b - <<-BATCH
		link add $4 address $7 type vxlan id $5 dev eth0 local fd99::$2 dstport $6 nolearning
		addr add fd00:244:$2::/128 dev $4
		link set $4 up
		neigh replace fd00:244:$3:: lladdr $8 dev $4 nud permanent
	BATCH
	bridge -n "$1" fdb append "$8" dev "$4" dst "fd99::$3" self permanent
	ip -n "$1" route add "fd00:244:$3::/64" via "fd00:244:$3::" dev "$4" onlink
}

# trace_start EVENT... - $trace is a trace of our own of events like net/net_dev_queue,
# see trace(); fails if this kernel does not trace them
#
# The kernel's code is patched for each event once, and not for the names of processes
# at all: emulators have lost guests over that (tests/vm/lost-breakpoint).
trace_start() {
	local top=/sys/kernel/tracing event

	# (A namespace has a /sys of its own.)
	[ -e $top/instances ] || mount -t tracefs tracefs $top 2>/dev/null || return
	for event; do [ -d "$top/events/$event" ] || return; done
	trace=$top/instances/$$
	echo 0 >$top/options/record-cmd
	mkdir "$trace"
	echo 0 >"$trace/tracing_on"
	for event; do echo 1 >"$trace/events/$event/enable"; done
}

# trace CMD... - the trace is of that command, and of nothing before
trace() {
	local rc=0

	: >"$trace/trace"
	echo 1 >"$trace/tracing_on"
	"$@" || rc=$?
	echo 0 >"$trace/tracing_on"
	return "$rc"
}

# traced TEXT - how many events in the trace have that (an extended regular expression)
traced() {
	local n

	n=$(grep -cE "$1" "$trace/trace") || [ $? = 1 ] || return
	echo "$n"
}

# trace_stop - what was traced is gone
trace_stop() {
	echo 0 >"$trace/events/enable"
	rmdir "$trace"
}

# slabs_shrink - what a CPU has at hand counts as used, unless it is taken from it
slabs_shrink() {
	local f

	for f in /sys/kernel/slab/k8snet*/shrink; do
		# The cache may just have gone.
		[ ! -w "$f" ] || echo 1 >"$f" || :
	done
}

# slabs_empty - nothing is in the module's caches; else it says what is
slabs_empty() {
	slabs_shrink
	! grep -E '^k8snet[^ ]* +[1-9]' /proc/slabinfo
}

# --- packets ----------------------------------------------------------------

_captures=0

# capture_start NS DEV [FILTER] - $capture is the file from then on
capture_start() {
	local enter

	_captures=$((_captures + 1))
	capture=$T/capture$_captures.pcap
	_enter "/run/netns/$1" tcpdump -i "$2" -n -U --immediate-mode -Z root -s 0 \
		-B 8192 -w "$capture" "${@:3}"
	"${enter[@]}" >/dev/null 2>"$capture.err" </dev/null &
	_pids+=($!)
	echo $! >"$capture.pid"
	if ! wait_for 20 _says "$capture.err" 'listening on'; then
		cat "$capture.err"
		return 1
	fi
}

# _says FILE TEXT
_says() {
	local all=

	[ -e "$1" ] || return 1
	IFS= read -r -d '' all <"$1" || :
	[[ $all == *"$2"* ]]
}

# shellcheck disable=SC2120  # the file may be left out
# capture_stop [FILE] - ends the last capture (or that one) and prints its file
capture_stop() {
	local file=${1-$capture} pid size=-1 last i

	pid=$(cat "$file.pid")
	# What was seen must be written: stop when the file has stopped growing.
	for ((i = 0; i < 20; i++)); do
		last=$size
		size=$(stat -c %s "$file" 2>/dev/null || echo 0)
		[ "$size" != "$last" ] || break
		_tick 0.1
	done
	kill -INT "$pid" 2>/dev/null || :
	wait_for 10 _gone "$pid" || return 1
	echo "$file"
}

# _gone PID - that process has ended (perhaps nobody has waited for it yet)
_gone() {
	local stat

	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ $stat == *") Z "* ]]
}

# shellcheck disable=SC2120  # the file may be left out
# capture_count [FILE] - how many packets a capture has seen so far
capture_count() {
	local n

	n=$(tcpdump -Z root -r "${1-$capture}" -n --count 2>/dev/null) || n=0
	echo "${n%% *}"
}

# pkt ARG... - tests/pkt.py; decode FILE, send DEV HEX...
pkt() { python3 -S -c 'import sys, pkt; sys.exit(pkt.main())' "$@"; }

# pkt_ns NS ARG... - the same in a namespace
pkt_ns() {
	local ns=$1
	shift
	in_ns "$ns" python3 -S -c 'import sys, pkt; sys.exit(pkt.main())' "$@"
}

# --- servers and clients ----------------------------------------------------

# Not grep -q: it ends at the first match, and cat at the broken pipe.
# From /proc: ss takes half a second on an emulated processor.
_listening() {
	local state=0A

	[ "$2" = tcp ] || state=07
	_in_net "$1" busybox cat "/proc/net/$2" "/proc/net/${2}6" 2>/dev/null |
		busybox grep -E "^ *[0-9]+: [0-9A-F]+:$3 [0-9A-F]+:0000 $state " >/dev/null
}

# wait_listen NS tcp|udp PORT - until something listens there
wait_listen() {
	wait_for 30 _listening "$1" "$2" "$(printf %04X "$3")"
}

# http_serve NS PORT DIR - to both families
http_serve() {
	bg_ns "$1" busybox httpd -f -p "$2" -h "$3"
	wait_listen "$1" tcp "$2"
}

# http_get NS URL OUTFILE - with an IPv6 address in brackets
http_get() { in_ns "$1" curl -sS -f --max-time "${HTTP_TIMEOUT:-10}" -o "$3" "$2"; }

# Answers one datagram or connection: TAG, the client's address, what it said.
# socat writes an IPv6 address out, [fd00:0244:...:0010]; here it is [fd00:244::10].
cat >"$T/answer" <<'ANSWER'
l= a=$SOCAT_PEERADDR
[ "$1" = tcp ] || IFS= read -r l || :
[ "${a#\[}" = "$a" ] || a=$(echo "$a" | busybox sed -E \
	's/(\[|:)0{1,3}([0-9a-f])/\1\2/g; s/(:0){2,}:?/::/; s/^\[0::/[::/')
printf '%s %s:%s%s\n' "$2" "$a" "$SOCAT_PEERPORT" "${l:+ $l}"
ANSWER

# udp_echo NS PORT TAG [4|6] - answers each datagram with "TAG address:port text"
udp_echo() {
	bg_ns "$1" socat -T 5 "UDP${4-4}-RECVFROM:$2,fork" "EXEC:busybox sh $T/answer udp $3"
	wait_listen "$1" udp "$2"
}

# tcp_id NS PORT TAG [4|6] - answers each connection with "TAG address:port"
tcp_id() {
	bg_ns "$1" socat -T 5 "TCP${4-4}-LISTEN:$2,reuseaddr,fork,backlog=64" "EXEC:busybox sh $T/answer tcp $3"
	wait_listen "$1" tcp "$2"
}

# Says $ASK_TEXT and prints what comes back on standard error.
cat >"$T/ask" <<'ASK'
printf '%s\n' "$ASK_TEXT"
IFS= read -r -t "$1" l && printf '%s\n' "$l" >&2
ASK

# _to ADDRESS PORT - sets $to, what socat calls them behind UDP or TCP
_to() {
	to=4:$1:$2
	[[ $1 != *:* ]] || to=6:[$1]:$2
}

# udp_ask NS ADDRESS PORT [TEXT] - prints the answer; fails without one.
# ASK_FROM=PORT: from that port, below 32768, which no other client is given;
# ASK_TIMEOUT=SECONDS (5)
udp_ask() {
	local answer wait=${ASK_TIMEOUT:-5} to

	_to "$2" "$3"
	answer=$(ASK_TEXT=${4-hello} in_ns "$1" socat -lf /dev/null -t 0.1 -T "$wait" \
		"UDP$to${ASK_FROM:+,sourceport=$ASK_FROM}" \
		"EXEC:busybox sh $T/ask $wait" 2>&1) || :
	[ -n "$answer" ] && printf '%s\n' "$answer"
}

# tcp_ask NS ADDRESS PORT - prints what the server says; fails when it says nothing
tcp_ask() {
	local answer to

	_to "$2" "$3"
	answer=$(in_ns "$1" timeout "${ASK_TIMEOUT:-5}" \
		socat -u "TCP$to,connect-timeout=${ASK_TIMEOUT:-5}${ASK_FROM:+,sourceport=$ASK_FROM,reuseaddr}" -) || :
	[ -n "$answer" ] && printf '%s\n' "$answer"
}

# --- programs that answer ------------------------------------------------------

declare -A _answerer=() _ask=() _said=()

# answerer NAME FILE [ARG...] - a Python program that answers each line of its input with one
answerer() {
	local name=$1 in out
	shift
	mkfifo "$T/$name.in" "$T/$name.out"
	python3 -S "$@" <"$T/$name.in" >"$T/$name.out" 2>"$T/$name.err" &
	_answerer[$name]=$!
	_pids+=($!)
	exec {in}>"$T/$name.in" {out}<"$T/$name.out"
	_ask[$name]=$in
	_said[$name]=$out
}

# answer NAME WORD... - asks it that, prints its answer and fails unless that is ok
answer() {
	local name=$1 said
	shift
	printf '%s\n' "$*" >&"${_ask[$name]}"
	if ! IFS= read -r -t $((60 * patience)) said <&"${_said[$name]}"; then
		echo "no answer to: $name $*"
		cat "$T/$name.err"
		# An answer that comes late is not one to the next question.
		kill -KILL "${_answerer[$name]}"
		rm "$T/$name.in" "$T/$name.out"
		unset "_answerer[$name]"
		return 1
	fi
	printf '%s\n' "$said"
	[[ $said == ok* ]]
}

# traffic COMMAND... - tests/traffic.py: prints its answer and fails unless that is ok
traffic() {
	[ -n "${_answerer[traffic]-}" ] || answerer traffic "$TESTS/traffic.py"
	answer traffic "$@"
}

# talk_start - tests/talk.py, for what follows
talk_start() { answerer talk "$TESTS/talk.py"; }

# talk COMMAND... - prints its answer and fails unless that is ok
talk() { answer talk "$@"; }

# --- crafted packets and counters from one process -----------------------------

# probe_start [FILE ARG...] - tests/probe.py, or a program around it
probe_start() {
	[ $# -gt 0 ] || set -- "$TESTS/probe.py"
	answerer probe "$@"
}

# probe COMMAND... - prints its answer and fails unless that is ok
probe() { answer probe "$@"; }

# counted NAME NS CHANGES FRAME... - ok when the frames change that in the counters, and nothing else
counted() {
	local name=$1
	shift
	check "$name" probe count "$@"
}
