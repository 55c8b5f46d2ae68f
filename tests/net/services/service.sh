#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What test/e2e/network/service.go of Kubernetes asserts, by its names, in both families.
#
#   p1a, p1b - n1 --.
#   p2a, p2b - n2 --+--[ul]-- rt -- inet        (tests/services.sh)
#   p3a ------ n3 --'
#
# Not here: what only the API server does (collisions and the range of NodePorts, listing, status).
#
# timeout: 300

# Words are split where several are meant.
# shellcheck disable=SC2086
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=../../services.sh
. "$TESTS/services.sh"

ktap_start
topo_cluster 3
for p in p1a p1b p2a p2b p3a; do
	pods serve $p $p tcp,80 udp,80 tcp,81 udp,81 >/dev/null
done
pods serve n1 n1 tcp,8080 >/dev/null
pods serve n2 n2 tcp,8080 >/dev/null
s=Services

service add d/basic:http tcp .10:80
see names p3a tcp .10 80
for e in @p1a:80 "@p1a:80 @p2a:80" @p2a:80 ""; do
	service replace d/basic:http tcp .10:80 $e
	see names p3a tcp .10 80
done
saw "$s should serve a basic endpoint from pods" "refused p1a p1a,p2a p2a refused"

service add d/multi:one tcp .11:80 @p1a:80
service add d/multi:two tcp .11:81 @p2a:81
see names p3a tcp .11 80
see names p3a tcp .11 81
service replace d/multi:one tcp .11:80
see names p3a tcp .11 80
see names p3a tcp .11 81
service replace d/multi:two tcp .11:81
see names p3a tcp .11 81
saw "$s should serve multiport endpoints from pods" "p1a p2a refused p2a refused"

service del d/multi:two
service replace d/multi:one tcp .11:80 @p1a:80
see names p3a tcp .11 80
see names p3a tcp .11 81
service add d/multi:two tcp .11:81 @p1a:81
see names p3a tcp .11 81
service del d/multi:one
see names p3a tcp .11 80
see names p3a tcp .11 81
saw "$s should be updated after adding or deleting ports" "p1a refused p1a refused p1a"

service add d/both:t tcp .12:80 @p1a:80
service add d/both:u udp .12:80 @p2a:80
see names p3a tcp .12 80
see names p3a udp .12 80
service replace d/both:u udp .12:80 @p1b:81
see names p3a tcp .12 80
see names p3a udp .12 80
service del d/both:t
see names p3a tcp .12 80
see names p3a udp .12 80
saw "$s should serve endpoints on same port and different protocols" "p1a p2a p1a p1b refused p1b"

service add d/source:http tcp .13:80 @p1b:80
see ask p1a tcp .13 80 from=21000
see ask p2a tcp .13 80 from=21000
saw "$s should preserve source pod IP for traffic thru service cluster IP" \
	"p1b @p1a 21000 p1b @p2a 21000"

see ask p1b tcp .13 80
saw_like "$s should allow pods to hairpin back to themselves through services" '^p1b @g1 [0-9]+$'

service add d/up1:http tcp .14:80 @p1a:80 @p1b:80 @p2a:80
service add d/up2:http tcp .15:80 @p2b:80 @p3a:80
see names p3a tcp .14 80
see names n3 tcp .14 80
see names p3a tcp .15 80
service del d/up1:http
see names p3a tcp .14 80 n=2 timeout=.5
see names p3a tcp .15 80
service add d/up3:http tcp .16:80 @p1a:80
see names p3a tcp .16 80
saw "$s should be able to up and down services" \
	"p1a,p1b,p2a p1a,p1b,p2a p2b,p3a timeout p2b,p3a p1a"
service add d/up1:http tcp .14:80 @p1a:80 @p1b:80
see names p3a tcp .14 80
saw "$s should work after the service has been recreated" p1a,p1b

service add d/np:http tcp .17:80 nodeport 30080 @p1a:80 @p2a:80
for c in p1a p3a n1 n3; do see names $c tcp .17 80; done
for n in n1 n2 n3; do
	for c in p1a n1 inet; do see names $c tcp @$n 30080; done
done
saw "$s should be able to create a functioning NodePort service" \
	"$(printf 'p1a,p2a %.0s' {1..12})p1a,p2a"

service add d/ext:http tcp .18:80 ext=250 @p2a:80
see names p1a tcp +250 80
see names n1 tcp +250 80
see names inet tcp +250 80
saw "$s should be possible to connect to a service via ExternalIP when the external IP is not assigned to a node" \
	"p2a p2a p2a"

service add d/same:t tcp .19:80 @p1a:80
service add d/same:u udp .19:80 @p1a:80
see ask p3a tcp @n2 30019 n=1 timeout=1
service replace d/same:t tcp .19:80 nodeport 30019 @p1a:80
service replace d/same:u udp .19:80 nodeport 30019 @p1a:80
for p in tcp udp; do
	see names p3a $p .19 80
	for n in n1 n2 n3; do see names p3a $p @$n 30019; done
done
saw "$s should be able to update service type to NodePort listening on same port number but different protocols" \
	"refused p1a p1a p1a p1a p1a p1a p1a p1a"

# An ExternalName service is one that a node knows nothing of.
see ask p3a tcp .20 80 timeout=.4
service add d/name:http tcp .20:80 @p1a:80
see names p3a tcp .20 80
saw "$s should be able to change the type from ExternalName to ClusterIP" "timeout p1a"
service del d/name:http
see ask p3a tcp .20 80 timeout=.4
saw "$s should be able to change the type from ClusterIP to ExternalName" timeout
service add d/name:http tcp .20:80 nodeport 30020 @p1a:80
see names p3a tcp .20 80
see names p3a tcp @n3 30020
saw "$s should be able to change the type from ExternalName to NodePort" "p1a p1a"
service del d/name:http
see ask p3a tcp .20 80 timeout=.4
see ask p3a tcp @n3 30020 timeout=.4
saw "$s should be able to change the type from NodePort to ExternalName" "timeout refused"

# The control plane says ready of all endpoints of a service with publishNotReadyAddresses.
service add d/unready:http tcp .21:80 nodeport 30021 @p1a:80
see names p3a tcp .21 80
see names p3a tcp @n2 30021
saw "$s should be able to connect to terminating and unready endpoints if PublishNotReadyAddresses is true" \
	"p1a p1a"
service replace d/unready:http tcp .21:80 nodeport 30021 @p1a:80,notready @p2a:80,terminating,notready
see ask p3a tcp .21 80
see ask p3a tcp @n2 30021
see ask n3 tcp .21 80
see ask inet tcp @n2 30021
saw "$s should not be able to connect to terminating and unready endpoints if PublishNotReadyAddresses is false" \
	"refused refused refused refused"

# 15 connections one after the other.
fifteen() {
	local i f

	for f in 4 6; do
		of $f "$*"
		_got[$f]+="${_got[$f]:+ }$(for ((i = 0; i < 15; i++)); do
			pods names $of n=1
		done | sort -u | wc -l)"
	done
}
three="@p1a:80 @p2a:80 @p2b:80"
{
	service add d/aff:http tcp .22:80 nodeport 30022 affinity 10800 $three
	fifteen p3a tcp .22 80
	saw "$s should have session affinity work for service with type clusterIP" 1
	fifteen p3a tcp @n3 30022
	saw "$s should have session affinity work for NodePort service" 1
	service replace d/aff:http tcp .22:80 nodeport 30022 $three
	see names p3a tcp .22 80
	see names p3a tcp @n3 30022
	service replace d/aff:http tcp .22:80 nodeport 30022 affinity 10800 $three
	fifteen p3a tcp .22 80
	saw "$s should be able to switch session affinity for service with type clusterIP" \
		"p1a,p2a,p2b p1a,p2a,p2b 1"
	fifteen p3a tcp @n3 30022
	saw "$s should be able to switch session affinity for NodePort service" 1
}
# The timeouts of affinity are in services/affinity.

# A label that says the service is another proxy's is read by the agent: for
# the node it goes and comes.
service del d/basic:http
see ask p3a tcp .10 80 timeout=.4
service add d/basic:http tcp .10:80 @p1a:80
see names p3a tcp .10 80
saw "$s should implement service.kubernetes.io/service-proxy-name" "timeout p1a"
skip "$s should implement service.kubernetes.io/headless" "the same for a node"

service replace d/basic:http tcp .10:80 nodeport 30010
for c in p1a n1 inet; do
	see ask $c tcp .10 80
	see ask $c udp .10 80
	see ask $c tcp @n1 30010
done
saw "$s should be rejected when no endpoints exist" \
	"refused refused refused refused refused refused refused refused refused"
service replace d/basic:http tcp .10:80 @p1a:80,notready
see ask p3a tcp .10 80
saw "$s should be rejected for evicted pods (no endpoints exist)" refused

service add d/itp:http tcp .23:80 internal local @p1a:80
see names p1b tcp .23 80 n=5
see names p2a tcp .23 80 n=5 timeout=.4
saw "$s should respect internalTrafficPolicy=Local Pod to Pod" "p1a timeout"
see names n1 tcp .23 80 n=5
see names n2 tcp .23 80 n=5 timeout=.4
saw "$s should respect internalTrafficPolicy=Local Pod (hostNetwork: true) to Pod" "p1a timeout"
service replace d/itp:http tcp .23:80 internal local @n1:8080
see names p1b tcp .23 80 n=5
see names p2a tcp .23 80 n=5 timeout=.4
see names n1 tcp .23 80 n=5
see names n2 tcp .23 80 n=5 timeout=.4
saw "$s should respect internalTrafficPolicy=Local Pod and Node, to Pod (hostNetwork: true)" \
	"n1 timeout n1 timeout"

service add d/etp:http tcp .24:80 nodeport 30024 external-policy local @p2a:80
see ask n1 tcp @n2 30024 from=21001
see ask inet tcp @n2 30024 from=21001
saw "$s should support externalTrafficPolicy=Local for type=NodePort" \
	"p2a @n1 21001 p2a @inet 21001"

skip "$s should fail health check node port if there are only terminating endpoints" \
	"the health-check node port is the agent's"
t="@p1a:80,terminating @p1b:80,notready"
{
	service add d/term:http tcp .25:80 nodeport 30025 $t
	for c in p1b p2a n1 n2; do see names $c tcp .25 80 n=5; done
	saw "$s should fallback to terminating endpoints when there are no ready endpoints with internalTrafficPolicy=Cluster" \
		"p1a p1a p1a p1a"
	see names n3 tcp @n1 30025 n=5
	see names n3 tcp @n2 30025 n=5
	see names inet tcp @n2 30025 n=5
	saw "$s should fallback to terminating endpoints when there are no ready endpoints with externallTrafficPolicy=Cluster" \
		"p1a p1a p1a"
	service replace d/term:http tcp .25:80 nodeport 30025 internal local external-policy local $t
	see names p1b tcp .25 80 n=5
	see names p2a tcp .25 80 n=5 timeout=.4
	saw "$s should fallback to terminating endpoints when there are no ready endpoints with internalTrafficPolicy=Local" \
		"p1a timeout"
	see names n3 tcp @n1 30025 n=5
	see names inet tcp @n1 30025 n=5
	see names n3 tcp @n2 30025 n=5 timeout=.4
	saw "$s should fallback to terminating endpoints when there are no ready endpoints with externalTrafficPolicy=Local" \
		"p1a p1a timeout"
}

# The endpoint is on n2, the client pod on n1; n3 has neither.
policy() {
	service replace d/etp:http tcp .24:80 nodeport 30024 external-policy $1 @p2a:80
}
policy local
see ask p1a tcp @n2 30024 from=21002
see names p1a tcp @n1 30024 n=5
see names p1a tcp @n3 30024 n=5 timeout=.4
policy cluster
for n in n1 n2 n3; do see names p1a tcp @$n 30024 n=5; done
policy local
before=$(svc_drops n3 service-no-local-endpoint)
see names p1a tcp @n3 30024 n=5 timeout=.4
check_eq "the short way is for pods of the node: another node's pod is refused by policy Local, counted" \
	$((before + 10)) "$(svc_drops n3 service-no-local-endpoint)"
saw "$s should be able to change NodePort when ExternalTrafficPolicy changes" \
	"p2a @p1a 21002 p2a timeout p2a p2a p2a timeout"

for n in 0 1; do service add d/named:p$n tcp .26:9$n @p1a:8$n @p2a:8$((1 - n)); done
see names p3a tcp .26 90
see names p3a tcp .26 91
saw "$s should support named targetPorts that resolve to different ports on different endpoints" \
	"p1a,p2a p1a,p2a"

# What a change of a running service has to do at once (issue 4, point 6).
service replace d/same:t tcp .19:80 nodeport 30119 @p1a:80
see names inet tcp @n1 30119 n=5
see names inet tcp @n1 30019 n=2 timeout=.4
see names inet udp @n1 30019 n=5
saw "a NodePort that changes: the new one answers, the old one does not, that of the other protocol stays" \
	"p1a refused p1a"

ktap_end
