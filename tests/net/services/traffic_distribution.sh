#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What test/e2e/network/traffic_distribution.go of Kubernetes asserts, by its names, from EndpointSlices with hints.
#
#   zone a:  p1a, p1b - n1 --.
#            p2a, p2b - n2 --+--[ul]-- rt        (tests/services.sh)
#   zone b:  p3a ------ n3 --'
#
# The control plane's part, hints for each endpoint, is done here; what each node
# makes of them is "k8snetctl apply".
#
# timeout: 300

# Words are split where several are meant.
# shellcheck disable=SC2086
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=../../services.sh
. "$TESTS/services.sh"

ktap_start
topo_cluster 3
pods_all="p1a p1b p2a p2b p3a"
for p in $pods_all; do pods serve $p $p tcp,80 >/dev/null; done
zone_of() { case $1 in *3*) echo b ;; *) echo a ;; esac; }

# slices KIND POD... - a service, its slices and the nodes on all nodes; KIND is
# the trafficDistribution: zone or node. notready=POD: that one is not ready
slices() {
	local kind=$1 f p n sep out ready
	shift
	out='{"apiVersion":"v1","kind":"List","items":['
	for n in 1 2 3; do
		out+='{"apiVersion":"v1","kind":"Node","metadata":{"name":"n'$n'","labels":{"topology.kubernetes.io/zone":"'$(zone_of $n)'"}},'
		out+='"spec":{"podCIDRs":["10.244.'$n'.0/24","fd00:244:'$n'::/64"]},"status":{"addresses":[{"type":"InternalIP","address":"192.168.99.'$n'"}]}},'
	done
	out+='{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"d"},"spec":{"type":"ClusterIP",'
	out+='"clusterIP":"10.96.0.10","clusterIPs":["10.96.0.10","fd00:96::10"],"ipFamilies":["IPv4","IPv6"],"ports":[{"name":"http","port":80,"protocol":"TCP","targetPort":80}]}}'
	for f in 4 6; do
		out+=',{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"web-'$f'","namespace":"d","labels":{"kubernetes.io/service-name":"web"}},'
		out+='"addressType":"IPv'$f'","ports":[{"name":"http","port":80,"protocol":"TCP"}],"endpoints":['
		sep=
		for p; do
			ready=true
			[ "${notready-}" != "$p" ] || ready=false
			n=n${p:1:1}
			out+=$sep'{"addresses":["'$(pod $p $f)'"],"conditions":{"ready":'$ready',"serving":'$ready',"terminating":false},"nodeName":"'$n'","zone":"'$(zone_of $n)'",'
			out+='"hints":{"forZones":[{"name":"'$(zone_of $n)'"}]'
			[ $kind != node ] || out+=',"forNodes":[{"name":"'$n'"}]'
			out+='}}'
			sep=,
		done
		out+=']}'
	done
	out+=']}'
	printf '%s\n' "$out" >"$T/objects"
	for n in $_nodes; do
		k8snetctl -n $n apply -f "$T/objects" dev k8snet0 node $n >/dev/null 2>"$T/apply.err" || {
			cat "$T/apply.err"
			return 1
		}
	done
}
d="Traffic Distribution should route traffic"
for kind in Close SameZone; do
	slices zone p1a p3a
	see names p2b tcp .10 80
	see names p3a tcp .10 80
	saw "$d to an endpoint in the same zone when using Prefer$kind" "p1a p3a"
	slices zone p1a p2a p3a
	see names p1b tcp .10 80
	see names p2b tcp .10 80
	see names p3a tcp .10 80
	saw "$d correctly between pods on multiple nodes when using Prefer$kind" "p1a,p2a p1a,p2a p3a"
done
slices zone p1a p2a
see names p3a tcp .10 80
saw "a zone without an endpoint: all of them" "p1a,p2a"
slices node p1a p2a p3a
for c in p1b p2b p3a n1 n2 n3; do see names $c tcp .10 80; done
saw "$d to an endpoint on the same node when using PreferSameNode" "p1a p2a p3a p1a p2a p3a"
slices node p1a p3a
see names p1b tcp .10 80
see names p2b tcp .10 80
see names p3a tcp .10 80
saw "$d to an endpoint on the same node or fall back to same zone when using PreferSameNode" "p1a p1a p3a"
slices node p1a p2a p3a
see names p1b tcp .10 80
notready=p1a
slices node p1a p2a p3a
see names p1b tcp .10 80
notready=
slices node p1a p2a p3a
see names p1b tcp .10 80
saw "$d to an endpoint on the same node when using PreferSameNode and fall back when the endpoint becomes unavailable" "p1a p2a p1a"

ktap_end
