#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Affinity by client address: its timeout, what it forgets, its bound, all frontends of a service port as one.
#
#   p1a, p1b - n1 --.
#                   +--[ul]-- rt -- inet        (tests/services.sh)
#   p2a, p2b - n2 --'
#
# timeout: 300

# Words are split where several are meant.
# shellcheck disable=SC2086
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=../../services.sh
. "$TESTS/services.sh"

ktap_start
topo_cluster 2
for p in p1b p2a p2b; do pods serve $p $p tcp,80 udp,80 >/dev/null; done
three="@p1b:80 @p2a:80 @p2b:80"
_past() { now_ms && [ "$now" -ge "$1" ]; }
# pass MS - that time goes by
pass() {
	now_ms
	wait_for 30 _past $((now + $1))
}

# Each new connection begins the time anew. rr makes a choice that is not
# remembered another one.
for kind in "clusterIP:.10 80" "NodePort:@n1 30010"; do
	service add d/time:tcp tcp .10:80 nodeport 30010 affinity 2 algorithm rr $three
	for f in 4 6; do
		of $f "${kind#*:}"
		to=$of
		got=
		now_ms
		first=$now
		while [ $((now - first)) -lt 3500 ]; do
			got+="$(pods names p1a tcp $to n=1) "
			pass 400
		done
		check_eq "Services should have session affinity timeout work for service with type ${kind%%:*}: refreshed by each connection, IPv$f" \
			1 "$(xargs -n 1 <<<"$got" | sort -u | wc -l)"
		pass 2300
		check "Services should have session affinity timeout work for service with type ${kind%%:*}, IPv$f" \
			[ "$(pods names p1a tcp $to n=1)" != "${got%% *}" ]
	done
	service del d/time:tcp
done

service add d/all:tcp tcp .11:80 nodeport 30011 lb=11 ext=12 affinity 10800 algorithm rr @p1b:80 @p2a:80 @p2b:80
for to in ".11 80" "@n1 30011" "+11 80" "+12 80" ".11 80"; do
	see names p1a tcp "$to" n=2
done
for f in 4 6; do
	check_eq "ClusterIP, NodePort, LoadBalancer and external address have one affinity, IPv$f" 1 \
		"$(xargs -n 1 <<<"${_got[$f]}" | sort -u | wc -l)"
	_got[$f]=
done

# What is gone, or gets no new connections, is forgotten.
for how in gone notready; do
	service add d/forget:udp udp .12:53 affinity 10800 algorithm rr $three
	for f in 4 6; do
		of $f ".12 53"
		one=$(pods names p1a udp $of n=1)
		left="${three/@$one:80/}"
		[ $how = gone ] || left+=" @$one:80,notready"
		service replace d/forget:udp udp .12:53 affinity 10800 algorithm rr $left
		two=$(pods names p1a udp $of n=1)
		service replace d/forget:udp udp .12:53 affinity 10800 algorithm rr $three
		three_=$(pods names p1a udp $of n=1)
		note "$one, then $two, then $three_"
		check "an endpoint that is $how is forgotten, the next one remembered, IPv$f" \
			[ "$one" != "$two" ] && [ "$two" = "$three_" ]
	done
	service del d/forget:udp
done

# 65,536 clients are remembered: the one that was away longest goes first.
k8snetctl -n n1 service add d/many:udp udp "[fd00:96::13]:53" affinity 10800 algorithm rr \
	endpoint "[fd00:244:9::1]:80" endpoint "[fd00:244:9::2]:80" endpoint "[fd00:244:9::3]:80"
# choice POD PORT - where conntrack says that a datagram from there goes
choice() {
	pods flood "$1" fd00:96::13 53 "$2" 1 >/dev/null
	in_ns n1 conntrack -L -f ipv6 -p udp --orig-dst fd00:96::13 --orig-port-src "$2" 2>/dev/null |
		sed 's/.* src=\([^ ]*\) dst=.*/\1/'
}
old=$(choice p1a 1001)
young=$(choice p1b 1002)
# Pods, as their addresses say, which come by the way of p1a.
# Conntrack may have no room for all of them at once.
for first in 0 1 2 3; do
	pods clients p1a fd00:244:1:1:: fd00:96::13 53 $((first * 16384 + 1)) $((first < 3 ? 16384 : 16383)) >/dev/null
	in_ns n1 conntrack -F 2>/dev/null
done
check_eq "65,537 clients came" 65537 "$(svc n1 d/many:udp new)"
records=$(awk '$1 == "k8snet_client" { print $2 }' /proc/slabinfo)
note "$records records of clients"
check "the table is bounded" [ "$records" -le 66000 ]
check_eq "a client that came later is remembered" "$young" "$(choice p1b 1003)"
check "the one that was away longest is not" [ "$(choice p1a 1004)" != "$old" ]

ktap_end
