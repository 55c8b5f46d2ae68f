# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sourced by scenarios of services, behind lib.sh: a cluster of three nodes with a router to the internet, and services on all of them.
#
#   p1a 10.244.1.10 --.
#   p1b 10.244.1.11 --n1 192.168.99.1 --.
#   p2a 10.244.2.10 --.                 |
#   p2b 10.244.2.11 --n2 192.168.99.2 --[ul: br0]-- rt 192.168.99.254 -- inet 198.51.100.10
#   p3a 10.244.3.10 ---n3 192.168.99.3 -'              198.51.100.1
#
# and IPv6: pods fd00:244:N::10 and ::11, nodes fd99::N, rt fd99::254, inet
# 2001:db8:51::10. ClusterIPs 10.96.0.N and fd00:96::N, external ones (LoadBalancer
# as well) 203.0.113.N and 2001:db8:113::N, which rt sends to a node (route_external).

# By family; what is behind them are the same digits in both.
# shellcheck disable=SC2034
{
	vip=([4]=10.96.0. [6]=fd00:96::)
	ext=([4]=203.0.113. [6]=2001:db8:113::)
	node=([4]=192.168.99. [6]=fd99::)
	inet=([4]=198.51.100.10 [6]=2001:db8:51::10)
}

_nodes=

# _pod_is POD 4|6 - sets $_pod to its address: p2a is 10.244.2.10
_pod_is() {
	local last=10

	[ "${1:2:1}" = a ] || last=11
	if [ "$2" = 4 ]; then _pod=10.244.${1:1:1}.$last; else _pod=fd00:244:${1:1:1}::$last; fi
}

# pod POD 4|6 - prints it
pod() {
	_pod_is "$@"
	echo "$_pod"
}

# topo_cluster N - nodes n1 to nN with their pods, router, internet, k8snet0
topo_cluster() {
	local n m p peers

	topo_underlay
	for ((n = 1; n <= $1; n++)); do
		_nodes+=" n$n"
		topo_host n$n 192.168.99.$n
		topo_host6 n$n $n
		# Every refusal is looked at: none may be left out (RFC 1812 section 4.3.2.8).
		sysctl_ns n$n net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1 \
			net/ipv4/icmp_ratelimit=0 net/ipv6/icmp/ratelimit=0
		for p in a b; do
			[ $n$p != 3b ] || continue
			topo_pod n$n p$n$p "$(pod p$n$p 4)" 10.244.$n.1
			topo_pod6 n$n p$n$p "$(pod p$n$p 6)" fd00:244:$n::1
		done
	done
	topo_host rt 192.168.99.254
	topo_host6 rt 254
	ns_new inet
	ip -n rt link add inet type veth peer name eth0 netns inet
	ipv6_on rt inet
	sysctl_ns rt net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1
	ip -n rt -b - <<-BATCH
		addr add 198.51.100.1/24 dev inet
		addr add 2001:db8:51::1/64 dev inet
		link set inet up
	BATCH
	ip -n inet -b - <<-BATCH
		addr add 198.51.100.10/24 dev eth0
		addr add 2001:db8:51::10/64 dev eth0
		link set eth0 up
		route add default via 198.51.100.1
		route add default via 2001:db8:51::1
	BATCH
	route_external n1
	for ((n = 1; n <= $1; n++)); do
		peers=()
		for ((m = 1; m <= $1; m++)); do [ $m = $n ] || peers+=("$m"); done
		ip -n n$n -b - <<-BATCH
			route add default via 192.168.99.254
			route add default via fd99::254
		BATCH
		k8snet_node_dual n$n $n "${peers[@]}"
		# Nodes talk by IPv4; that they have IPv6 addresses as well must be said.
		for m in "${peers[@]}"; do
			echo "node replace worker$m dev k8snet0 via 192.168.99.$m pods 10.244.$m.0/24,fd00:244:$m::/64,fd99::$m/128"
		done >"$T/nodes"
		echo "config set services 10.96.0.0/16,fd00:96::/112" >>"$T/nodes"
		k8snetctl -n n$n -b "$T/nodes"
	done
	answerer pods "$TESTS/pods.py"
}

# route_external NODE - where external addresses and ClusterIPs go from outside
route_external() {
	local n=${1#n} net

	for net in 203.0.113.0/24 10.96.0.0/16; do
		ip -n rt route replace $net via "192.168.99.$n"
	done
	for net in 2001:db8:113::/64 fd00:96::/112; do
		ip -n rt -6 route replace $net via "fd99::$n"
	done
}

# service VERB NAME PROTOCOL FRONTENDS [WORD...] - on all nodes. Short words, for
# both families (or that of $FAMILY):
#	.N:PORT			among the frontends: ClusterIP N
#	ext=N, lb=N		external and LoadBalancer addresses
#	@POD:PORT[,...]		an endpoint, local where it is
#	@nN:PORT[,...]		one that is a node
service() {
	local n words w f a name rest out

	for n in $_nodes; do
		words=()
		for w; do
			case $w in
			.*)
				out=
				for f in ${FAMILY:-4 6}; do
					a=${vip[f]}${w:1}
					[ "$f" = 4 ] || a="[${a%:*}]:${w##*:}"
					out+=,$a
				done
				words+=("${out:1}")
				;;
			ext=* | lb=*)
				[ "${w%%=*}" = ext ] && words+=(external) || words+=(loadbalancer)
				out=
				for f in ${FAMILY:-4 6}; do out+=,${ext[f]}${w#*=}; done
				words+=("${out:1}")
				;;
			@*)
				name=${w:1} rest=
				name=${name%%:*}
				rest=${w#*:}
				[ "${name:1:1}" != "${n:1}" ] || rest+=,local
				for f in ${FAMILY:-4 6}; do
					a=${node[f]}${name:1}
					if [ "${name:0:1}" = p ]; then
						_pod_is "$name" "$f"
						a=$_pod
					fi
					[ "$f" = 4 ] || a="[$a]"
					words+=(endpoint "$a:$rest")
				done
				;;
			*) words+=("$w") ;;
			esac
		done
		ctl "$n" service "${words[@]}"
	done
}

# ctl NODE WORD... - k8snetctl there, in one process that stays: starting it is
# what takes time
declare -A _ctl_ask=() _ctl_said=()
ctl() {
	local n=$1 line rc=0
	shift
	if [ -z "${_ctl_ask[$n]-}" ]; then
		mkfifo "$T/$n.in" "$T/$n.out"
		k8snetctl -n "$n" -j -f -b - <"$T/$n.in" >"$T/$n.out" 2>&1 &
		_pids+=($!)
		exec {_fd}>"$T/$n.in"
		_ctl_ask[$n]=$_fd
		exec {_fd}<"$T/$n.out"
		_ctl_said[$n]=$_fd
	fi
	# The second command has an answer, which comes when the first one is done.
	printf '%s\negress show\n' "$*" >&"${_ctl_ask[$n]}"
	while IFS= read -r -t 60 line <&"${_ctl_said[$n]}"; do
		[[ $line != "{"* ]] || return $rc
		echo "$line" >&2
		rc=1
	done
	return 1
}

# ctl_quit - those processes end, for who removes the module
ctl_quit() {
	local n

	for n in "${!_ctl_ask[@]}"; do
		_fd=${_ctl_ask[$n]}
		exec {_fd}>&-
		_fd=${_ctl_said[$n]}
		exec {_fd}<&-
		rm "$T/$n.in" "$T/$n.out"
	done
	_ctl_ask=()
	_ctl_said=()
}

# svc NODE NAME FIELD - a field of a service there
svc() { k8snetctl -n "$1" -j service show "$2" | gojq -r ".[0].$3"; }

# svc_drops NODE REASON - how many connections were refused for that reason there
svc_drops() {
	k8snetctl -n "$1" -j stats -z | gojq "[.[] | select(.ifname == null).counter[] |
		select(.reason == \"$2\").packets][0]"
}

# pods COMMAND... - tests/pods.py: prints its answer, without the "ok", and fails unless it is that
pods() {
	local said rc=0

	said=$(answer pods "$@") || rc=1
	said=${said#ok}
	printf '%s\n' "${said# }"
	return $rc
}

# hears NAME WANTED WORD... - a check that "pods WORD..." says that
hears() {
	local name=$1 wanted=$2 said
	shift 2
	said=$(pods "$@") || :
	check_eq "$name" "$wanted" "$said"
}

# hears_like NAME REGEX WORD... - the same with a regular expression
hears_like() {
	local name=$1 wanted=$2 said
	shift 2
	said=$(pods "$@") || :
	check_match "$name" "$wanted" "$said"
}

# soon NAME WANTED WORD... - as hears, but it may take a few seconds to be so
_says_so() { [ "$(pods "${@:2}")" = "$1" ]; }
soon() {
	local name=$1 wanted=$2
	shift 2
	check "$name" wait_for 5 _says_so "$wanted" "$@"
}

# --- the same in both families --------------------------------------------------

declare -A _got=([4]='' [6]='')

# of FAMILY WORD... - sets $of to the words, with addresses of that family for
# .N (ClusterIP N), +N (external address N), @nN (node), @p1a (pod), @kN and @gN
# (what other nodes and its own pods see node N as), @inet, @rt
of() {
	local f=$1 w so_far
	shift
	of=
	# shellcheck disable=SC2048,SC2086  # words
	for w in $*; do
		so_far=$of
		case $w in
		at=*)
			of $f "${w#at=}"
			w=at=$of
			of=$so_far
			;;
		.[0-9]*) w=${vip[f]}${w:1} ;;
		+[0-9]*) w=${ext[f]}${w:1} ;;
		@n[0-9]*) w=${node[f]}${w:2} ;;
		@rt*) w=${node[f]}254${w:3} ;;
		@inet*) w=${inet[f]}${w:5} ;;
		@p[0-9]*)
			_pod_is "${w:1:3}" "$f"
			w=$_pod${w:4}
			;;
		@[kg][0-9]*)
			_node_is "${w:1:1}" "${w:2:1}" "$f"
			w=$_node${w:3}
			;;
		esac
		of+=${of:+ }$w
	done
}

# _node_is k|g N 4|6 - sets $_node to what others (k), or its own pods (g), see it as
_node_is() {
	_node=10.244.$2.0
	[ "$3" = 4 ] || _node=fd00:244:$2::
	[ "$1" = k ] || [ "$3" = 6 ] || _node=10.244.$2.1
	[ "$1" = k ] || [ "$3" = 4 ] || _node+=1
}

# see WORD... - what "pods WORD..." says, in either family, goes to what was seen
see() {
	local f

	for f in 4 6; do
		of $f "$*"
		# shellcheck disable=SC2086  # words
		_got[$f]+="${_got[$f]:+ }$(pods $of)"
	done
}

# saw NAME WANTED - a check for each family that this was seen
saw() {
	local f

	for f in 4 6; do
		of $f "$2"
		check_eq "$1, IPv$f" "$of" "${_got[$f]}"
		_got[$f]=
	done
}

# saw_like NAME REGEX - the same with a regular expression
saw_like() {
	local f

	for f in 4 6; do
		of $f "$2"
		check_match "$1, IPv$f" "$of" "${_got[$f]}"
		_got[$f]=
	done
}

# _captured N - has the last capture so many packets?
_captured() { [ "$(capture_count)" -ge "$1" ]; }
