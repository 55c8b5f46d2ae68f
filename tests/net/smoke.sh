#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Proves the harness without k8snet: two nodes joined by Linux vxlan as flannel sets it up.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'  flannel.1       br0     flannel.1  `-- p2b 10.244.2.11
#                                         |
#                                out 192.168.99.100

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_two_nodes
topo_outside
flannel_node n1 192.168.99.1 192.168.99.2
flannel_node n2 192.168.99.2 192.168.99.1
# Checksums of the underlay are to be seen as on a wire.
offload_off n1 eth0
offload_off n2 eth0

check "nodes reach each other" in_ns n1 ping -c 1 -W 5 192.168.99.2
check "a pod reaches a pod of its own node" in_ns p1a ping -c 1 -W 5 10.244.1.11

capture_start ul p-n1 udp port 8472
check "a pod reaches a pod of the other node" in_ns p1a ping -c 1 -W 5 10.244.2.10
file=$(capture_stop)
pkt decode "$file" >"$T/packets"
check_eq "the ping was two packets on the underlay" 2 "$(wc -l <"$T/packets")"
request=$(head -n 1 "$T/packets")
check_match "the request is between the nodes" '"src": "192.168.99.1", "dst": "192.168.99.2"' "$request"
check_match "the request is vxlan 1" '"vni": 1' "$request"
check_match "the request carries the pods' addresses" '"inner".*"src": "10.244.1.10", "dst": "10.244.2.10"' "$request"
check_match "the request carries an echo request" '"icmp": \{"type": 8' "$request"
check_eq "every checksum is right" 2 "$(grep -c '"csums_ok": true' "$T/packets")"

mkdir "$T/www"
head -c 300000 /dev/urandom >"$T/www/file"
http_serve p2a 80 "$T/www"
check "a file comes over HTTP" http_get p1a http://10.244.2.10/file "$T/got"
check "the file is the same" cmp "$T/www/file" "$T/got"

udp_echo p2b 5353 b2
check_match "a datagram is answered, and shows the pod's address" \
	'^b2 10.244.1.11:[0-9]+ hi$' "$(udp_ask p1b 10.244.2.11 5353 hi)"
tcp_id p2b 8080 t2
check_eq "a connection shows the pod's address and port" "t2 10.244.1.10:40000" \
	"$(ASK_FROM=40000 tcp_ask p1a 10.244.2.11 8080)"

check "the outside reaches a node" in_ns out ping -c 1 -W 5 192.168.99.1
check_fails "the outside reaches no pod" in_ns out ping -c 1 -W 1 10.244.2.10

# A crafted datagram reaches the pod through the receiver's vxlan.
capture_start p2a eth0 udp port 4242
check "a crafted frame can be sent" in_ns n1 python3 -S -c '
import pkt
a, b = "10.244.1.10", "10.244.2.10"
inner = pkt.eth("06:f1:c0:a8:63:01", "06:f1:c0:a8:63:02",
                pkt.ipv4(a, b, 17, pkt.udp(a, b, 4241, 4242, b"crafted")))
a, b = "192.168.99.1", "192.168.99.2"
pkt.send("eth0", pkt.eth("02:00:c0:a8:63:01", "02:00:c0:a8:63:02", pkt.ipv4(
    a, b, 17, pkt.udp(a, b, 50000, 8472, pkt.vxlan(1, inner)))))'
# shellcheck disable=SC2317  # called by wait_for
arrived() { [ "$(capture_count)" -ge 1 ]; }
check "the crafted datagram arrives" wait_for 5 arrived
file=$(capture_stop)
check_match "the crafted datagram is whole" "$(printf crafted | xxd -p)" "$(pkt decode "$file")"

ktap_end
