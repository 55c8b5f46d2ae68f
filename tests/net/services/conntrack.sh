#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What test/e2e/network/conntrack.go of Kubernetes asserts, by its names, in both families.
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
for p in p1a p1b p2a p2b; do
	pods serve $p $p tcp,80 udp,80 udp,81 >/dev/null
done
c="Conntrack should be able to preserve UDP traffic when"

_lost_none() { [ "$(pods lost "$1" last=10)" = 0 ]; }

# cycles NAME CLIENT ADDRESS PORT WORD... - a client that goes on sending from one
# port sees server 1, then server 2; "service WORD... @server" makes the service
cycles() {
	local name=$1 client=$2 addr=$3 port=$4 one=${ONE:-p2a} two=${TWO:-p2b} f ms
	shift 4
	for f in 4 6; do
		of $f "$addr"
		pods stream s$f $client $of $port from=12345 >/dev/null
	done
	service add "$@"
	service replace "$@" @$one:80
	for f in 4 6; do
		check "$name: server 1, IPv$f" pods moved s$f $one
		pods heard s$f >/dev/null
	done
	service replace "$@" @$one:80,terminating @$two:80
	service replace "$@" @$two:80
	for f in 4 6; do
		ms=$(pods moved s$f $two)
		note "$ms ms between the last answer of server 1 and the first one of server 2"
		# A pause of its own would be that of a timeout, 30 s; a loaded machine has some, too.
		check "$name, IPv$f" [ "${ms:-9999}" -lt 1500 ]
		check_eq "nobody else answers, IPv$f" "$one,$two" "$(pods heard s$f)"
		pods close s$f >/dev/null
	done
	service del "$1"
}

cycles "$c server pod cycles for a NodePort service" p1a @n2 30053 \
	d/np:udp udp .10:53 nodeport 30053
cycles "$c server pod cycles for a ClusterIP service" p1a .11 53 d/cip:udp udp .11:53
cycles "$c server pod cycles for a ClusterIP service and client is hostNetwork" n1 .12 53 \
	d/host:udp udp .12:53
ONE=p1b TWO=p1a cycles "$c server pod cycles for a ClusterIP service with InternalTrafficPolicy set to Local" n1 .13 53 \
	d/itp:udp udp .13:53 internal local
cycles "from the internet, server pod cycles for a NodePort service" inet @n1 30054 \
	d/inet:udp udp .14:53 nodeport 30054
ONE=p1b TWO=p1a cycles "the same with externalTrafficPolicy Local" inet @n1 30055 \
	d/local:udp udp .15:53 nodeport 30055 external-policy local

# kubernetes#105657: the endpoint is known, and not ready, before it is ready.
service add d/init:udp udp .16:53
for f in 4 6; do
	of $f .16
	pods stream s$f p1a "$of" 53 from=12346 >/dev/null
done
service replace d/init:udp udp .16:53 @p2a:80,notready
check_eq "an endpoint that is not ready hears nothing" " " "$(pods heard s4) $(pods heard s6)"
service replace d/init:udp udp .16:53 @p2a:80
for f in 4 6; do
	check "$c initial unready endpoints get ready, IPv$f" pods moved s$f p2a
	pods close s$f >/dev/null
done

service add d/port:udp udp .17:53 nodeport 30057 @p2a:80
for f in 4 6; do
	of $f @n2
	pods stream s$f p1a "$of" 30057 from=12347 >/dev/null
	pods moved s$f p2a >/dev/null
done
pods quit p2a udp,81 >/dev/null
pods serve p2a other udp,81 >/dev/null
service replace d/port:udp udp .17:53 nodeport 30057 @p2a:81
for f in 4 6; do
	check "Conntrack should be able to cleanup conntrack entries when UDP service target port changes for a NodePort service, IPv$f" \
		pods moved s$f other
	check_eq "no entry to the old port is left, IPv$f" 0 \
		"$(in_ns n2 conntrack -L -f ipv$f -p udp --orig-port-dst 30057 --reply-port-src 80 2>/dev/null | wc -l)"
done
# The service goes, and with it the stream's answers, at once.
service del d/port:udp
for f in 4 6; do
	pods heard s$f >/dev/null
	check_eq "its NodePort stops answering a stream that goes on, IPv$f" 20 "$(pods lost s$f last=20)"
	pods close s$f >/dev/null
done

# A policy that gets stricter ends the flows that it would not have let begin.
service add d/policy:udp udp .19:53 nodeport 30059 lb=19 @p2a:80
for f in 4 6; do
	of $f @n1
	pods stream s$f inet "$of" 30059 from=12348 >/dev/null
	pods moved s$f p2a >/dev/null
done
service replace d/policy:udp udp .19:53 nodeport 30059 lb=19 external-policy local @p2a:80
for f in 4 6; do
	check_eq "policy Local while a stream runs: the node without an endpoint drops it, IPv$f" 20 "$(pods lost s$f last=20)"
	pods heard s$f >/dev/null
done
service replace d/policy:udp udp .19:53 nodeport 30059 lb=19 @p2a:80
for f in 4 6; do
	check "and Cluster again: it goes on, IPv$f" wait_for 5 _lost_none s$f
	pods close s$f >/dev/null
done

# One socket's port to two services, whose only endpoint has another port than they
# have: what comes back must tell one from the other.
service add d/one:udp udp .20:53 @p2a:80
service add d/two:udp udp .21:53 @p2a:80
for f in 4 6; do
	of $f .20
	one=$of
	of $f .21
	two=$of
	check_eq "the server sees the port that the client has, IPv$f" "p2a $(pod p1a $f) 12349" \
		"$(pods ask p1a udp $one 53 from=12349)"
	said=$(pods ask p1a udp $two 53 from=12349)
	check "another one of the client that is asked by way of another service, IPv$f" \
		[ "${said% *}" = "p2a $(pod p1a $f)" -a "${said##* }" != 12349 ]
	check_eq "and the first one still, IPv$f" "p2a $(pod p1a $f) 12349" \
		"$(pods ask p1a udp $one 53 from=12349)"
done

# A server that sends what is out of its connection's window: the client must not
# see it with the server's own address, and answer with a reset.
service add d/boom:tcp tcp .18:80 @p2a:80
for f in 4 6; do
	of $f .18
	pods hold c$f p1a "$of" 80 from=2100$f >/dev/null
	capture_start p1a eth0 "tcp and dst port 2100$f and not host $of"
	before=$(svc_drops n1 service-invalid)
	pods segment p2a "$(pod p2a $f)" "$(pod p1a $f)" 80 2100$f >/dev/null
	_counted() { [ "$(svc_drops n1 service-invalid)" -gt "$before" ]; }
	check "Conntrack should drop INVALID conntrack entries [Privileged], IPv$f" wait_for 5 _counted
	check_eq "the client sees no backend address, IPv$f" 0 "$(capture_count "$(capture_stop)")"
	hears "and its connection is well, IPv$f" fine talk c$f
done
# The same on the node itself, to a process of it.
service replace d/boom:tcp tcp .18:80 @p2a:80
for f in 4 6; do
	of $f .18
	pods hold h$f n1 "$of" 80 from=2200$f >/dev/null
	of $f @k1
	before=$(svc_drops n1 service-invalid)
	pods segment p2a "$(pod p2a $f)" "$of" 80 2200$f >/dev/null
	check "nor does a process of the node answer it with a reset, IPv$f" wait_for 5 _counted
	hears "the connection is well, IPv$f" fine talk h$f
done

ktap_end
