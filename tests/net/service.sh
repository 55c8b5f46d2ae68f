#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ClusterIP services: from pods and from the node, hairpin, masquerade, refusals, selection, counters.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10   web, dns
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'  k8snet0         br0    k8snet0  `-- p2b 10.244.2.11   web, dns
#                                         |
#                                out 192.168.99.100
#
#   default/web:http 10.96.0.10:80 tcp -> p2a:8080 p2b:8080
#   kube-system/dns:dns 10.96.0.53:53 udp -> p2a:5353 p2b:5353

. "$(dirname "$0")/../lib.sh"

# field NS OBJECT NAME FIELD - of a service (and, with an address, an endpoint)
svc() {
	in_ns "$1" k8snetctl -j service show "$2" |
		python3 -S -c "import json,sys; print(json.load(sys.stdin)[0]['$3'])"
}
eps() {
	in_ns "$1" k8snetctl -j endpoint show "$2" |
		python3 -S -c "import json,sys; print(*[e['new'] for e in json.load(sys.stdin)])"
}
drops() {
	in_ns "$1" k8snetctl -j stats -z | python3 -S -c "
import json, sys
for s in json.load(sys.stdin):
	for c in s['counter']:
		if c['reason'] == '$2':
			print(c['packets'])"
}
# refused NS ADDRESS PORT - the client hears so, and before it would send its SYN again
refused() {
	local start took

	start=$(now_ms)
	# A client that blocks in connect(): the hardest to answer in time.
	in_ns "$1" timeout 10 socat -u "TCP4:$2:$3" - >"$T/refused" 2>&1 && return 1
	took=$(($(now_ms) - start))
	cat "$T/refused"
	echo "after $took ms"
	grep -q 'Connection refused' "$T/refused" && [ "$took" -lt 900 ]
}

ktap_start
topo_two_nodes
topo_outside
k8snet_two_nodes
# A connection from the node to a ClusterIP needs any route at all to start on.
ip -n n1 route add default via 192.168.99.254 dev eth0 onlink
for n in n1 n2; do
	in_ns $n k8snetctl service add default/web:http tcp 10.96.0.10:80 \
		endpoint 10.244.2.10:8080 endpoint 10.244.2.11:8080
	in_ns $n k8snetctl service add kube-system/dns:dns udp 10.96.0.53:53 \
		endpoint 10.244.2.10:5353 endpoint 10.244.2.11:5353
done
mkdir "$T/www"
head -c 1048576 /dev/urandom >"$T/www/file"
http_serve p2a 8080 "$T/www"
http_serve p2b 8080 "$T/www"
udp_echo p2a 5353 a
udp_echo p2b 5353 b
tcp_id p2a 9090 a
tcp_id p2b 9090 b
in_ns n1 k8snetctl service add default/id:tcp tcp 10.96.0.20:90 \
	endpoint 10.244.2.10:9090 endpoint 10.244.2.11:9090

check "1 MB by HTTP through a ClusterIP" http_get p1a http://10.96.0.10/file "$T/got"
check_eq "its SHA-256 is equal" "$(sha256sum <"$T/www/file")" "$(sha256sum <"$T/got")"
check_match "UDP through a ClusterIP; the server sees the pod's own address and port" \
	'^[ab] 10.244.1.10:21000 hi$' "$(ASK_FROM=21000 udp_ask p1a 10.96.0.53 53 hi)"
check_match "TCP through a ClusterIP; the server sees the pod's own address and port" \
	'^[ab] 10.244.1.11:42000$' "$(ASK_FROM=42000 tcp_ask p1b 10.96.0.20 90)"
check_match "from the node itself, masqueraded to the address of the way there" \
	'^[ab] 10.244.1.0:[0-9]+$' "$(tcp_ask n1 10.96.0.20 90)"
check_match "UDP from the node itself" '^[ab] 10.244.1.0:[0-9]+ hi$' "$(udp_ask n1 10.96.0.53 53 hi)"

# From outside of the cluster, by a route through the node: the answer must
# come back the same way.
ip -n out route add 10.96.0.0/16 via 192.168.99.1
check_match "off-cluster to a ClusterIP is masqueraded" '^[ab] 10.244.1.0:[0-9]+$' \
	"$(tcp_ask out 10.96.0.20 90)"

# The same node: no overlay, still the pod's own address.
tcp_id p1b 9090 local
in_ns n1 k8snetctl service add default/near:tcp tcp 10.96.0.21:90 endpoint 10.244.1.11:9090
check_match "an endpoint on the same node" '^local 10.244.1.10:43000$' \
	"$(ASK_FROM=43000 tcp_ask p1a 10.96.0.21 90)"
check_match "hairpin: a pod reaches itself, from another address" '^local 10.244.1.1:[0-9]+$' \
	"$(tcp_ask p1b 10.96.0.21 90)"
tcp_id n1 9091 host
in_ns n1 k8snetctl service add default/host:tcp tcp 10.96.0.22:90 endpoint 192.168.99.1:9091
check_match "an endpoint that is the node, from a pod" '^host 10.244.1.10:[0-9]+$' \
	"$(tcp_ask p1a 10.96.0.22 90)"
check_match "an endpoint that is the node, from the node" '^host 192.168.99.1:[0-9]+$' \
	"$(tcp_ask n1 10.96.0.22 90)"

# Selection: both are used; the same connection always gets the same one,
# whatever the order in which the endpoints were told.
choices() {
	local port all=

	for port in $(seq 50001 50016); do
		all+=$(ASK_FROM=$port udp_ask "$1" 10.96.0.53 53 x | cut -c 1)
		in_ns n1 conntrack -D -p udp --orig-port-src "$port" >/dev/null 2>&1
	done
	echo "$all"
}
first=$(choices p1a)
note "16 flows went to $first"
check_match "both endpoints are chosen" 'a.*b|b.*a' "$first"
in_ns n1 k8snetctl service del kube-system/dns:dns
in_ns n1 k8snetctl service add kube-system/dns:dns udp 10.96.0.53:53 \
	endpoint 10.244.2.11:5353 endpoint 10.244.2.10:5353
check_eq "the same flows get the same endpoints, whatever the order" "$first" "$(choices p1a)"
check_eq "each choice is counted, for the service" 16 "$(svc n1 kube-system/dns:dns new)"
a=${first//b/} b=${first//a/}
check_eq "and for each endpoint" "${#a} ${#b}" "$(eps n1 kube-system/dns:dns)"
in_ns n1 k8snetctl config set seed 000102030405060708090a0b0c0d0e0f
check "another seed, other choices" [ "$(choices p1a)" != "$first" ]
in_ns n1 k8snetctl config set seed none
in_ns n1 k8snetctl service replace kube-system/dns:dns udp 10.96.0.53:53 \
	endpoint 10.244.2.10:5353,weight=100 endpoint 10.244.2.11:5353
check_eq "endpoints that stay keep their counters" 32 \
	"$(eps n1 kube-system/dns:dns | { read -r x y; echo $((x + y)); })"
heavy=$(choices p1a)
check_match "weights: 100 to 1" '^a*b?a*$' "$heavy"

# Endpoints come and go one at a time.
in_ns n1 k8snetctl endpoint del kube-system/dns:dns 10.244.2.10:5353
check_eq "one endpoint left, all go there" bbbbbbbbbbbbbbbb "$(choices p1a)"
in_ns n1 k8snetctl endpoint del kube-system/dns:dns 10.244.2.11:5353
before=$(svc n1 kube-system/dns:dns rejected)
check_fails "none left: UDP is not answered" udp_ask p1a 10.96.0.53 53 hi
check "and the refusal is counted" [ "$(svc n1 kube-system/dns:dns rejected)" -gt "$before" ]
in_ns n1 k8snetctl endpoint add kube-system/dns:dns 10.244.2.10:5353
check_match "added again, answered again" '^a ' "$(udp_ask p1a 10.96.0.53 53 hi)"

# Refusals are heard at once: from pods, from the node, from outside.
for n in n1 n2; do
	in_ns $n k8snetctl service add default/none:http tcp 10.96.0.30:80
done
before=$(drops n1 service-no-endpoint)
for client in p1a n1 out; do
	check "no endpoint: connection refused at once, from $client" refused $client 10.96.0.30 80
done
check_eq "each refusal is counted, by reason" $((before + 3)) "$(drops n1 service-no-endpoint)"
check_eq "and by service" 3 "$(svc n1 default/none:http rejected)"
before=$(drops n1 service-unknown-port)
for client in p1a n1 out; do
	check "a port that the service has not: refused at once, from $client" refused $client 10.96.0.10 81
done
check_eq "each is counted" $((before + 3)) "$(drops n1 service-unknown-port)"
before=$(drops n1 service-unused-address)
check_match "an address that no service has: silence" '2 packets transmitted, 0 received, 100%' \
	"$(in_ns p1a ping -c 2 -i 0.2 -W 1 10.96.77.77)"
check_eq "counted, each packet" $((before + 2)) "$(drops n1 service-unused-address)"

# Established connections outlive their service and its endpoints.
bg_ns p2a socat -T 30 TCP4-LISTEN:7070,reuseaddr,fork EXEC:busybox\ cat
wait_listen p2a tcp 7070
in_ns n1 k8snetctl service add default/echo:tcp tcp 10.96.0.40:70 endpoint 10.244.2.10:7070
mkfifo "$T/talk"
bg_ns p1a bash -c "exec socat -T 30 - TCP4:10.96.0.40:70 <>'$T/talk' >'$T/heard'"
exec 7<>"$T/talk"
heard() { grep -qx "$1" "$T/heard"; }
echo one >&7
check "a connection through a service" wait_for 5 heard one
in_ns n1 k8snetctl service replace default/echo:tcp tcp 10.96.0.40:70
echo two >&7
check "outlives its endpoint" wait_for 5 heard two
in_ns n1 k8snetctl service del default/echo:tcp
echo three >&7
check "outlives its service" wait_for 5 heard three
check_fails "while no new one is made" tcp_ask p1a 10.96.0.40 70

# Nothing was dropped that no test has provoked.
check_eq "the overlay dropped nothing" "" "$(in_ns n1 k8snetctl -j stats k8snet0 | python3 -S -c '
import json, sys
print(*[c["reason"] for s in json.load(sys.stdin) for c in s["counter"] if c["packets"]])')"

ktap_end
