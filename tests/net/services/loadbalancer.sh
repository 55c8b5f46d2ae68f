#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What test/e2e/network/loadbalancer.go of Kubernetes asserts, by its names, in both families.
#
#   p1a, p1b - n1 --.
#                   +--[ul]-- rt -- inet        (tests/services.sh)
#   p2a, p2b - n2 --'
#
# The load balancer is rt, which sends the addresses to a node (route_external).
#
# timeout: 300

# Words are split where several are meant.
# shellcheck disable=SC2086
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=../../services.sh
. "$TESTS/services.sh"

ktap_start
topo_cluster 2
for p in p1a p1b p2a p2b; do
	pods serve $p $p tcp,80 udp,80 >/dev/null
done
l=LoadBalancers

# ClusterIP, then NodePort, then LoadBalancer; other ports; scaled down and up; back.
for proto in tcp udp; do
	np=3010
	[ $proto = tcp ] || np=3020
	service add d/mut:$proto $proto .10:80 @p1a:80 @p2a:80
	see names p1b $proto .10 80
	service replace d/mut:$proto $proto .10:80 nodeport ${np}1 @p1a:80 @p2a:80
	see names inet $proto @n1 ${np}1
	service replace d/mut:$proto $proto .10:80 nodeport ${np}1 lb=10 @p1a:80 @p2a:80
	see names inet $proto @n1 ${np}1
	see names inet $proto +10 80
	service replace d/mut:$proto $proto .10:80 nodeport ${np}2 lb=10 @p1a:80 @p2a:80
	see names inet $proto @n1 ${np}1 n=2 timeout=.4
	see names inet $proto @n1 ${np}2
	see names inet $proto +10 80
	service replace d/mut:$proto $proto .10:81 nodeport ${np}2 lb=10 @p1a:80 @p2a:80
	see names inet $proto @n1 ${np}2
	see names inet $proto +10 81
	see names p1b $proto .10 80 n=2
	service replace d/mut:$proto $proto .10:81 nodeport ${np}2 lb=10
	see names inet $proto @n1 ${np}2 n=2
	see names inet $proto +10 81 n=2
	service replace d/mut:$proto $proto .10:81 nodeport ${np}2 lb=10 @p1a:80 @p2a:80
	see names inet $proto @n1 ${np}2
	see names inet $proto +10 81
	service replace d/mut:$proto $proto .10:81 @p1a:80 @p2a:80
	see names inet $proto @n1 ${np}2 n=2 timeout=.4
	see names p1b $proto .10 81
	a=p1a,p2a
	saw "$l should be able to change the type and ports of a ${proto^^} service" \
		"$a $a $a $a refused $a $a $a $a refused refused refused $a $a refused $a"
	service del d/mut:$proto
done

# Ranges: a pod, and nobody else; then the other pod, edited while it runs.
ranges() {
	local list=$1
	shift
	service "$1" d/range:http tcp .11:80 nodeport 30111 lb=11 ranges "$list" @p2a:80
}
ranges 10.244.1.10/32,fd00:244:1::10/128 add
see names p1a tcp +11 80 n=3
see names p1b tcp +11 80 n=2 timeout=.4
see names inet tcp +11 80 n=2 timeout=.4
see names inet tcp @n1 30111 n=3
see names p1b tcp .11 80 n=3
ranges 10.244.1.11/32,fd00:244:1::11/128 replace
see names p1a tcp +11 80 n=2 timeout=.4
see names p1b tcp +11 80 n=3
ranges 198.51.100.0/24,2001:db8:51::/64 replace
see names p1a tcp +11 80 n=2 timeout=.4
see names inet tcp +11 80 n=3
service replace d/range:http tcp .11:80 lb=11 @p2a:80
see names p1b tcp +11 80 n=3
saw "$l should only allow access from service loadbalancer source ranges" \
	"p2a timeout timeout p2a p2a timeout p2a timeout p2a p2a"
check_match "what the ranges refuse is counted" '^[1-9]' "$(svc_drops n1 service-source-range)"

# If a range has the node in it, a connection from the LB address itself may
# come, which is what the node's own connections to that address come from where
# a proxy has put the address on the node.
for n in n1 n2; do
	ip -n $n addr add 203.0.113.11/32 dev lo
	ip -n $n addr add 2001:db8:113::11/128 dev lo nodad
done
ranges 192.168.99.0/24,fd99::/64 replace
see names n1 tcp +11 80 n=3
see ask n1 tcp +11 80 at=+11
ranges 198.51.100.0/24,2001:db8:51::/64 replace
see names n1 tcp +11 80 n=2 timeout=.4
saw_like "a range that the node is in lets the LB address itself in (the node-address rule)" '^p2a p2a @k1 [0-9]+ timeout$'
for n in n1 n2; do
	ip -n $n addr del 203.0.113.11/32 dev lo
	ip -n $n addr del 2001:db8:113::11/128 dev lo
done

service add d/nonp:http tcp .12:80 lb=12 @p1a:80
see names inet tcp +12 80 n=3
service replace d/nonp:http tcp .12:80 nodeport 30112 lb=12 @p1a:80
see names inet tcp +12 80 n=3
see names inet tcp @n2 30112 n=3
saw "$l should be able to create LoadBalancer Service without NodePort and change it" "p1a p1a p1a"

# A UDP client on the internet that does not change its port.
cycles() {
	local name=$1 one=$2 two=$3 f
	service add d/udp:udp udp .13:80 lb=13 @$one:80
	for f in 4 6; do
		pods stream s$f inet ${ext[f]}13 80 from=12345 >/dev/null
		pods moved s$f $one >/dev/null
	done
	service replace d/udp:udp udp .13:80 lb=13 @$two:80
	for f in 4 6; do
		check "$name, IPv$f" pods moved s$f $two
		pods close s$f >/dev/null
	done
	service del d/udp:udp
}
cycles "$l should be able to preserve UDP traffic when server pod cycles for a LoadBalancer service on different nodes" p1a p2a
cycles "$l should be able to preserve UDP traffic when server pod cycles for a LoadBalancer service on the same nodes" p2a p2b

# A rolling update: new pods come, old ones terminate, and go when nobody uses them.
rolling() {
	local f i bad=0 policy=$1 said
	service add d/roll:http tcp .14:80 lb=14 external-policy $policy @p1a:80 @p2a:80
	for i in "@p1a:80 @p2a:80 @p1b:80" "@p1a:80,terminating @p2a:80 @p1b:80" \
		"@p2a:80 @p1b:80 @p2b:80" "@p2a:80,terminating @p1b:80 @p2b:80" "@p1b:80 @p2b:80"; do
		service replace d/roll:http tcp .14:80 lb=14 external-policy $policy $i
		for f in 4 6; do
			said=$(pods names inet tcp ${ext[f]}14 80 n=20)
			case $said in *timeout* | *refused* | *reset*) bad=$((bad + 1)) ;; esac
		done
	done
	service del d/roll:http
	check_eq "$l should not have connectivity disruption during rolling update with externalTrafficPolicy=${policy^}" 0 $bad
}
rolling cluster
rolling local

three="@p1a:80 @p1b:80 @p2a:80"
for policy in local cluster; do
	{
		service add d/aff:http tcp .15:80 lb=15 external-policy $policy affinity 10800 $three
		for f in 4 6; do
			_got[$f]=$(for ((i = 0; i < 15; i++)); do pods names inet tcp ${ext[f]}15 80 n=1; done | sort -u | wc -l)
		done
		saw "$l should have session affinity work for LoadBalancer service with ${policy^} traffic policy" 1
		service replace d/aff:http tcp .15:80 lb=15 external-policy $policy $three
		see names inet tcp +15 80
		service replace d/aff:http tcp .15:80 lb=15 external-policy $policy affinity 10800 $three
		for f in 4 6; do
			_got[$f]+=" $(for ((i = 0; i < 15; i++)); do pods names inet tcp ${ext[f]}15 80 n=1; done | sort -u | wc -l)"
		done
		want=p1a,p1b
		[ $policy = local ] || want+=,p2a
		saw "$l should be able to switch session affinity for LoadBalancer service with ${policy^} traffic policy" "$want 1"
		service del d/aff:http
	}
done

e="LoadBalancers ExternalTrafficPolicy: Local [Feature:LoadBalancer]"
service add d/etp:http tcp .16:80 nodeport 30116 lb=16 external-policy local @p1a:80
see ask inet tcp +16 80 from=21000
saw "$e should work for type=LoadBalancer" "p1a @inet 21000"
see names inet tcp @n1 30116 n=3
see names inet tcp @n2 30116 n=2 timeout=.4
service replace d/etp:http tcp .16:80 nodeport 30116 lb=16 external-policy local @p2a:80
see names inet tcp @n1 30116 n=2 timeout=.4
see names inet tcp @n2 30116 n=3
see names inet tcp +16 80 n=2 timeout=.4
route_external n2
see names inet tcp +16 80 n=3
saw "$e should only target nodes with endpoints" "p1a timeout timeout p2a timeout p2a"
see ask p1a tcp +16 80 from=21001
see ask p2b tcp +16 80 from=21001
saw "$e should work from pods" "p2a @p1a 21001 p2a @p2b 21001"
see names n1 tcp +16 80 n=3
see ask n1 tcp +16 80
saw_like "and from processes of a node without an endpoint, masqueraded" '^p2a p2a @k1 [0-9]+$'
route_external n1
service replace d/etp:http tcp .16:80 nodeport 30116 lb=16 @p2a:80
see names inet tcp +16 80 n=3
see ask inet tcp +16 80
see names inet tcp @n1 30116 n=3
service replace d/etp:http tcp .16:80 nodeport 30116 lb=16 external-policy local @p2a:80
see names inet tcp @n1 30116 n=2 timeout=.4
route_external n2
see ask inet tcp +16 80 from=21002
saw_like "$e should handle updates to ExternalTrafficPolicy field" \
	'^p2a p2a @k1 [0-9]+ p2a timeout p2a @inet 21002$'
skip "$e health check node ports" "the health-check node port is the agent's"

ktap_end
