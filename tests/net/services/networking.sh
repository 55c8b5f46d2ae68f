#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# "Granular Checks: Services" of test/e2e/network/networking.go of Kubernetes, by their names, on the primary family.
#
#   p1a, p1b - n1 --.
#                   +--[ul]-- rt -- inet        (tests/services.sh)
#   p2a, p2b - n2 --'
#
# p1b is the client, p1a, p2a and p2b are endpoints. FAMILY=6 runs the same for
# the secondary family (services/dual_stack).

# Words are split where several are meant.
# shellcheck disable=SC2086
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=../../services.sh
. "$TESTS/services.sh"

f=${GRANULAR:-4}
g="Granular Checks: Services"
[ $f = 4 ] || g="Granular Checks: Services Secondary IP Family"

ktap_start
topo_cluster 2
for p in p1a p2a p2b; do
	pods serve $p $p tcp,8080 udp,8081 sctp,8082 >/dev/null
done
# on WORD... - the words, with this family's addresses
on() {
	of $f "$*"
	echo "$of"
}
all=p1a,p2a,p2b
# eps PORT ENDPOINT... - the words for service
eps() {
	local port=$1 p
	shift
	for p; do echo "@$p:$port"; done
}
ports=([80]='tcp,8080' [90]='udp,8081' [95]='sctp,8082')
# shellcheck disable=SC2046  # words
for port in 80 90 95; do
	proto=${ports[port]%,*}
	service add d/net:$port $proto .10:$port nodeport 300$port $(eps ${ports[port]#*,} p1a p2a p2b)
	service add d/aff:$port $proto .11:$port affinity 10800 $(eps ${ports[port]#*,} p1a p2a p2b)
done

# shellcheck disable=SC2046  # words
for from in pod:p1b node:n1 endpoint:p1a; do
	for kind in http:80 udp:90 sctp:95; do
		proto=${ports[${kind#*:}]%,*}
		got=
		for to in ".10 ${kind#*:}" "@n1 300${kind#*:}" "@n2 300${kind#*:}"; do
			got+="$(pods names ${from#*:} $proto $(on "$to")) "
		done
		check_eq "$g should function for ${from%:*}-Service: ${kind%:*}" "$all $all $all " "$got"
	done
done

# shellcheck disable=SC2046  # words
{
	service add d/second:80 tcp .12:80 nodeport 30082 $(eps 8080 p1a p2a p2b)
	got="$(pods names p1b tcp $(on .12 80)) $(pods names p1b tcp $(on @n2 30082))"
	service del d/second:80
	got+=" $(pods names p1b tcp $(on .12 80) n=2 timeout=.4) $(pods names p1b tcp $(on @n2 30082) n=2 timeout=.4)"
	got+=" $(pods names p1b tcp $(on .10 80)) $(pods names p1b tcp $(on @n2 30080))"
	check_eq "$g should function for multiple endpoint-Services with same selector" \
		"$all $all timeout refused $all $all" "$got"

	for kind in http:80:tcp udp:90:udp; do
		IFS=: read -r name port proto <<<"$kind"
		got="$(pods names p1b $proto $(on .10 $port)) "
		service replace d/net:$port $proto .10:$port nodeport 300$port $(eps ${ports[port]#*,} p1a p2b)
		got+="$(pods names p1b $proto $(on .10 $port))"
		check_eq "$g should update endpoints: $name" "$all p1a,p2b" "$got"

		got="$(pods names p1b $proto $(on @n1 300$port)) "
		service replace d/net:$port $proto .10:$port $(eps ${ports[port]#*,} p1a p2a p2b)
		got+="$(pods names p1b $proto $(on @n1 300$port) n=3 timeout=.4) "
		got+="$(pods names p1b $proto $(on .10 $port))"
		check_eq "$g should update nodePort: $name" "p1a,p2b refused $all" "$got"

		got=$(for i in {1..10}; do pods names p1b $proto $(on .11 $port) n=1; done | sort -u | wc -l)
		check_eq "$g should function for client IP based session affinity: $name" 1 "$got"
		check "$g should be able to handle large requests: $name" \
			pods echo p1b $proto $(on .10 $port) 2000
	done

	# Endpoints in the nodes' own namespaces.
	got=
	for n in n1 n2; do pods serve $n $n at=$(on @$n) tcp,8083 udp,8084 >/dev/null; done
	service add d/host:80 tcp .13:80 nodeport 30083 @n1:8083 @n2:8083
	service add d/host:90 udp .13:90 nodeport 30093 @n1:8084 @n2:8084
	for kind in tcp:80:83 udp:90:93; do
		IFS=: read -r proto port np <<<"$kind"
		for c in p1b n1; do
			got+="$(pods names $c $proto $(on .13 $port)) "
			for n in @n1 @n2; do got+="$(pods names $c $proto $(on $n 300$np)) "; done
		done
		check "handle large requests: $proto(hostNetwork)" pods echo p1b $proto $(on .13 $port) 2000
	done
	check_eq "$g should function for service endpoints using hostNetwork" \
		"$(printf 'n1,n2 %.0s' {1..12})" "$got"
	got=
	for proto in tcp:80 udp:90; do
		got+="$(pods ask p1b ${proto%:*} $(on .13 ${proto#*:}) n=20 | tr , '\n' | cut -d ' ' -f 2 | sort -u | xargs) "
	done
	check_eq "and they see the pod's own address" "$(on @p1b @p1b) " "$got"
}

ktap_end
