#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The routed row: BIRD tells each node the other's pod prefixes, pods and services talk without encapsulation; where BGP has no route, the overlay takes over.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10
#       fd00:244:1::10 n1 192.168.99.1 --[ul]-- n2 192.168.99.2   fd00:244:2::10
#   p1b --------------'  fd99::1     br0     fd99::2 `-- p2b
#                        bird      (BGP)        bird

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_two_nodes_dual
# Nothing here is asymmetric: the strictest of reverse path filters is content.
for n in n1 n2; do
	sysctl_ns $n net/ipv4/conf/all/rp_filter=1 net/ipv4/conf/eth0/rp_filter=1
done

# --- BIRD, configured as Calico does it (confd's bird.cfg, with a node mesh) -----

# bird_conf N PEER-N - the configuration of node N
bird_conf() {
	cat <<-BIRD
		log stderr { warning, error, fatal, bug };
		router id 192.168.99.$1;

		filter calico_kernel_programming {
			if net.type = NET_IP4 && net ~ 10.244.0.0/16 then accept;
			if net.type = NET_IP6 && net ~ fd00:244::/32 then accept;
			reject;
		}
		filter calico_export_to_bgp_peers {
			if proto = "block4" || proto = "block6" then accept;
			reject;
		}

		protocol device { scan time 2; }
		protocol direct { ipv4; ipv6; interface -"vp*", "*"; }
		# What of the node's own block no pod has is nowhere else either.
		protocol static block4 { ipv4; route 10.244.$1.0/24 blackhole; }
		protocol static block6 { ipv6; route fd00:244:$1::/64 blackhole; }
		protocol kernel kernel4 {
			scan time 2;
			ipv4 { export filter calico_kernel_programming; };
		}
		protocol kernel kernel6 {
			scan time 2;
			ipv6 { export filter calico_kernel_programming; };
		}

		template bgp bgp_template {
			local as 64512;
			multihop;
			connect delay time 1;
			connect retry time 1;
			error wait time 1, 30;
		}
		protocol bgp Mesh_4 from bgp_template {
			source address 192.168.99.$1;
			neighbor 192.168.99.$2 as 64512;
			ipv4 {
				gateway recursive;
				import all;
				export filter calico_export_to_bgp_peers;
			};
		}
		protocol bgp Mesh_6 from bgp_template {
			source address fd99::$1;
			neighbor fd99::$2 as 64512;
			ipv6 {
				gateway recursive;
				import all;
				export filter calico_export_to_bgp_peers;
			};
		}
	BIRD
}

# bird_start N PEER-N - $bg is its process
bird_start() {
	bird_conf "$1" "$2" >"$T/bird$1.conf"
	bird -p -c "$T/bird$1.conf"
	bg_ns "n$1" bird -f -c "$T/bird$1.conf" -s "$T/bird$1.ctl" -P "$T/bird$1.pid"
}

# _via NS PREFIX ADDRESS - is that the route, and of BIRD?
_via() {
	local route

	route=$(ip -n "$1" -"${4:-4}" route show "$2" proto bird)
	echo "$route"
	[[ $route == "$2 via $3 dev eth0 "* ]]
}

# _no_route NS PREFIX
_no_route() { [ -z "$(ip -n "$1" -"${3:-4}" route show "$2" proto bird)" ]; }

# frames FILTER - of the last capture, which has ended
frames() {
	local n

	n=$(tcpdump -Z root -r "$capture" -n --count "$@" 2>/dev/null)
	echo "${n%% *}"
}
TUNNEL='udp port 8472 or udp port 8285 or ip proto 4 or ip proto 41'

bird_start 1 2
bird_start 2 1
bird2=$bg
check "n1 learns n2's pods" wait_for 30 _via n1 10.244.2.0/24 192.168.99.2
check "n2 learns n1's pods" wait_for 30 _via n2 10.244.1.0/24 192.168.99.1
check "n1 learns n2's IPv6 pods" wait_for 30 _via n1 fd00:244:2::/64 fd99::2 6
check "n2 learns n1's IPv6 pods" wait_for 30 _via n2 fd00:244:1::/64 fd99::1 6
check_match "what is of a node's own block and no pod's goes nowhere" '^blackhole 10\.244\.1\.0/24 proto bird' \
	"$(ip -n n1 route show 10.244.1.0/24)"

# --- plain packets ---------------------------------------------------------------

mkdir "$T/www"
head -c 1048576 /dev/urandom >"$T/www/file"
http_serve p2a 80 "$T/www"
tcp_id p2b 8080 p2b

capture_start ul p-n1 not tcp port 179
check_eq "pods reach each other, two hops" 62 \
	"$(in_ns p1a ping -c 1 -W 5 10.244.2.10 | sed -n 's/.*ttl=\([0-9]*\).*/\1/p')"
check "by IPv6 as well" in_ns p2a ping -c 1 -W 5 fd00:244:1::10
check "1 MB comes over HTTP" http_get p1a http://10.244.2.10/file "$T/got"
check_eq "its SHA-256 is equal" "$(sha256sum <"$T/www/file")" "$(sha256sum <"$T/got")"

# Services and egress need no overlay device.
k8snetctl -n n1 config set pods 10.244.0.0/16 services 10.96.0.0/16
k8snetctl -n n1 egress set on
k8snetctl -n n1 service add default/web:http tcp 10.96.0.10:80 endpoint 10.244.2.11:8080
check_match "a service works, and the server sees the pod" '^p2b 10\.244\.1\.11:44000$' \
	"$(ASK_FROM=44000 tcp_ask p1b 10.96.0.10 80)"
capture_stop >/dev/null
check "all of that is seen on the underlay" [ "$(frames 'net 10.244.0.0/16')" -gt 20 ]
check "so is IPv6" [ "$(frames 'ip6 net fd00:244::/32')" -ge 2 ]
check_eq "and none of it encapsulated" 0 "$(frames "$TUNNEL")"

# --- where BGP has no route, the overlay has one ---------------------------------

k8snet_two_nodes
capture_start ul p-n1 not tcp port 179
check "with an overlay beside it, BGP's longer prefixes win" in_ns p1a ping -c 1 -W 5 10.244.2.10
capture_stop >/dev/null
check_eq "and packets stay plain" "2 0" "$(frames icmp) $(frames "$TUNNEL")"

# A BIRD that ends says so (RFC 4486), and takes its routes along.
kill -TERM "$bird2"
check "BIRD of n2 ends: n1 forgets n2's pods" wait_for 30 _no_route n1 10.244.2.0/24
check "their IPv6 too" wait_for 30 _no_route n1 fd00:244:2::/64 6
check "and n2 n1's" wait_for 30 _no_route n2 10.244.1.0/24
capture_start ul p-n1 not tcp port 179
check "the overlay takes over" in_ns p1a ping -c 1 -W 5 10.244.2.10
check_match "for services as well" '^p2b 10\.244\.1\.11:44001$' \
	"$(ASK_FROM=44001 tcp_ask p1b 10.96.0.10 80)"
capture_stop >/dev/null
check "now packets are encapsulated" [ "$(frames "$TUNNEL")" -gt 6 ]
check_eq "all of them" 0 "$(frames 'src net 10.244.0.0/16')"

bird_start 2 1
check "BIRD is back" wait_for 30 _via n1 10.244.2.0/24 192.168.99.2
check "on both nodes" wait_for 30 _via n2 10.244.1.0/24 192.168.99.1
capture_start ul p-n1 not tcp port 179
check "pods still reach each other" in_ns p1a ping -c 1 -W 5 10.244.2.10
capture_stop >/dev/null
check_eq "without encapsulation" "2 0" "$(frames icmp) $(frames "$TUNNEL")"

ktap_end
