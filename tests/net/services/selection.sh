#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Selection of endpoints: Maglev is the same on every node, and moves few flows; weights with every algorithm.
#
#   p1a, p1b - n1 --.
#                   +--[ul]-- rt -- inet        (tests/services.sh)
#   p2a, p2b - n2 --'
#
# The endpoints are of no node: conntrack says where a flow was sent.
#
# timeout: 300

# Words are split where several are meant.
# shellcheck disable=SC2086
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=../../services.sh
. "$TESTS/services.sh"

ktap_start
topo_cluster 2
FLOWS=4000
end=([4]=10.244.9. [6]=fd00:244:9::)
# ends N... - the words of these endpoints, in that order
ends() {
	local n
	for n; do
		echo "endpoint 10.244.9.$n:80 endpoint [fd00:244:9::$n]:80"
	done
}
# choices NODE FAMILY - "port endpoint" of each flow that is sent through a node now
choices() {
	local f=$2
	route_external "$1"
	# (Status 1: there were none.)
	in_ns "$1" conntrack -D -f ipv$f -p udp --orig-dst ${vip[f]}10 >/dev/null 2>&1 || [ $? = 1 ]
	pods flood inet ${vip[f]}10 53 20000 $FLOWS >/dev/null
	in_ns "$1" conntrack -L -f ipv$f -p udp --orig-dst ${vip[f]}10 2>/dev/null |
		busybox sed -n 's/.*dst=[^ ]* sport=\([0-9]*\) dport=53 .*src=\([^ ]*\) dst=.*/\1 \2/p' | sort
}

# near BOUND NUMBER... - is none of them further from zero?
near() {
	local bound=$1 x
	shift
	for x; do [ "${x#-}" -le "$bound" ] || return 1; done
}

# shellcheck disable=SC2046  # words
{
	service add d/m:udp udp .10:53 $(ends {1..100})
	# On the other node they come one by one, the last one first.
	k8snetctl -n n2 service replace d/m:udp udp "10.96.0.10:53,[fd00:96::10]:53"
	for n in {100..1}; do
		echo "endpoint add d/m:udp 10.244.9.$n:80"
		echo "endpoint add d/m:udp [fd00:244:9::$n]:80"
	done >"$T/batch"
	k8snetctl -n n2 -b "$T/batch"
	for f in 4 6; do
		choices n1 $f >"$T/before$f"
		check_eq "conntrack has all flows, IPv$f" $FLOWS "$(wc -l <"$T/before$f")"
		choices n2 $f >"$T/other"
		check "every node chooses the same endpoints, whatever the order they came in, IPv$f" \
			diff "$T/before$f" "$T/other"
		check_eq "all 100 endpoints are chosen, IPv$f" 100 "$(cut -d ' ' -f 2 "$T/before$f" | sort -u | wc -l)"
	done
	service replace d/m:udp udp .10:53 $(ends {1..49} {51..100})
	for f in 4 6; do
		choices n1 $f >"$T/after"
		busybox awk -v gone="${end[f]}50" '
			NR == FNR { was[$1] = $2; next }
			was[$1] == gone { must++; next }
			{ may++; moved += was[$1] != $2 }
			END { printf "%d %d %d\n", must, may, moved }' "$T/before$f" "$T/after" >"$T/count"
		read -r must may moved <"$T/count"
		note "IPv$f: 1 of 100 endpoints goes: $must flows must move, $moved of the other $may do ($(busybox awk "BEGIN { printf \"%.2f\", 100 * $moved / $may }") %)"
		check "at most 1 % of the flows that need not move do move, IPv$f" [ $((moved * 100)) -le "$may" ]
	done
	service replace d/m:udp udp .10:53 $(ends {1..100})
	for f in 4 6; do
		choices n1 $f >"$T/again"
		check "with the endpoint back, all is as before, IPv$f" diff "$T/before$f" "$T/again"
	done

	# Weights 1, 2, 3: shares of 1/6, 1/3, 1/2.
	FLOWS=3000
	for algorithm in maglev random rr lc; do
		service replace d/m:udp udp .10:53 algorithm $algorithm
		service replace d/m:udp udp .10:53 algorithm $algorithm \
			$(for n in 1 2 3; do echo "endpoint 10.244.9.$n:80,weight=$n endpoint [fd00:244:9::$n]:80,weight=$n"; done)
		for f in 4 6; do
			choices n1 $f | cut -d ' ' -f 2 | sort | uniq -c | busybox awk '{ print $1 }' | xargs >"$T/shares"
			read -r a b c <"$T/shares"
			off=150
			[ $algorithm != rr ] || off=0
			note "$algorithm, IPv$f: $a $b $c"
			check "weights 1, 2, 3 with $algorithm, IPv$f" near $off $((a - 500)) $((b - 1000)) $((c - 1500))
		done
	done
}

# Whatever port a client comes from, it is never seen as that of a NodePort or a
# reserved one: 4,000 clients' ports around both.
sysctl_ns n1 net/ipv4/ip_local_reserved_ports=33300-33310,40000-40010
service add d/snat:udp udp .11:53 nodeport 30011 @p2a:80
route_external n1
# _ports_are FAMILY N - writes the ports that clients got to $T/ports. (The last
# packets may be on their way when the sender has done.)
_ports_are() {
	in_ns n1 conntrack -L -f ipv$1 -p udp --orig-port-dst 30011 2>/dev/null |
		busybox sed -n 's/.*dport=\([0-9]*\).*dport=\([0-9]*\).*/\2/p' >"$T/ports"
	[ "$(wc -l <"$T/ports")" = "$2" ] || { echo "it has $(wc -l <"$T/ports")"; false; }
}
for f in 4 6; do
	of $f @n1
	in_ns n1 conntrack -F 2>/dev/null
	pods flood inet "$of" 30011 29500 4000 >/dev/null
	pods flood inet "$of" 30011 39990 30 >/dev/null
	check "conntrack has the flows, IPv$f" wait_for 5 _ports_are $f 4030
	check_eq "SNAT ports are none of the NodePort range, none of the reserved ones, and each is used once, IPv$f" "0 4030" \
		"$(busybox awk '($1 >= 30000 && $1 <= 32767) || ($1 >= 33300 && $1 <= 33310) ||
			($1 >= 40000 && $1 <= 40010)' "$T/ports" | wc -l) $(sort -u "$T/ports" | wc -l)"
done

# Many clients that all come from one port, as NTP servers do; more than there are
# ports below 1024.
in_ns n1 conntrack -F 2>/dev/null
pods clients inet 2001:db8:51:: fd99::1 30011 100 1500 >/dev/null
check "1500 clients that have the same port are in conntrack" wait_for 5 _ports_are 6 1500
check_eq "with 1500 ports" 1500 "$(sort -u "$T/ports" | wc -l)"

ktap_end
