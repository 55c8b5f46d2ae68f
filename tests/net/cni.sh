#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pods as a container runtime makes them: the CNI plugins ptp and bridge with the configurations of tools/cni; same node, overlay, services, egress; two containers of a pod; nothing left behind.
#
#   a, b  by ptp, or by bridge --.                              .-- r  by ptp
#   10.244.1.2, .3                n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   fd00:244:1::2, ::3            k8snet0         br0    k8snet0   10.244.2.2, fd00:244:2::2
#                                                  |
#                                         out 192.168.99.100

. "$(dirname "$0")/../lib.sh"

CONF=$TESTS/../tools/cni
# Built in, or for this scenario alone.
loaded=
if [ ! -e /proc/sys/net/bridge ]; then
	modprobe br_netfilter
	loaded=br_netfilter
fi

# --- a runtime ------------------------------------------------------------------

# cni_conf N FILE - what a runtime hands the plugin of the list, for node N
cni_conf() {
	sed "s/10\.244\.1\.0/10.244.$1.0/; s/fd00:244:1:/fd00:244:$1:/" "$CONF/$2" |
		gojq -c '.plugins[0] + {cniVersion, name}'
}

# cni COMMAND N POD - calls it as the specification says; $T/POD.result is the result of ADD
cni() {
	local prev={}

	[ "$1" = ADD ] || prev="{\"prevResult\": $(cat "$T/$3.result")}"
	gojq -c ". + $prev" "$T/conf$2" >"$T/stdin"
	# /var/lib/cni, where host-local has its records, is each node's own.
	# shellcheck disable=SC2016  # for the inner shell
	CNI_COMMAND=$1 CNI_CONTAINERID=$3 CNI_NETNS=/run/netns/$3 CNI_IFNAME=eth0 CNI_PATH=/usr/lib/cni \
		_in_net "n$2" busybox unshare -m busybox sh -c \
		'mount --bind "$1" /var/lib/cni && exec "$2"' - "$T/lib$2" \
		"/usr/lib/cni/$(gojq -r .type "$T/conf$2")" <"$T/stdin"
}

# pod N POD - a sandbox: its network namespace, and ADD
pod() {
	ns_new "$2"
	ipv6_on "$2"
	cni ADD "$1" "$2" >"$T/$2.result" || cat "$T/$2.result"
}

# state - of n1: what pods may have left there
state() {
	ip -n n1 -br link | busybox awk '{ print $1 }'
	# Not whether it is up: a bridge takes its time to tell.
	ip -n n1 -br addr | busybox awk '{ $2 = ""; print }'
	ip -n n1 route
	ip -n n1 -6 route
	bridge -n n1 fdb
	busybox find "$T/lib1" -type f ! -name 'last_reserved_ip.*' ! -name lock
}

ktap_start
topo_underlay
topo_host n1 192.168.99.1
topo_host n2 192.168.99.2
topo_outside
mkdir -p /var/lib/cni
for n in 1 2; do
	mkdir "$T/lib$n"
	topo_host6 n$n $n
	m=$((3 - n))
	k8snet_node n$n $n $m
	k8snetctl -n n$n node replace worker$m via 192.168.99.$m pods 10.244.$m.0/24,fd00:244:$m::/64
	k8snetctl -n n$n egress set on
	# The plugins switch these on as well.
	sysctl_ns n$n net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1
	ip -n n$n -b - <<-BATCH
		addr add fd00:244:$n::/128 dev k8snet0
		route add fd00:244::/32 dev k8snet0
	BATCH
	cni_conf $n 10-k8snet.conflist >"$T/conf$n"
done
k8snetctl -n n1 service add default/far:tcp tcp 10.96.0.20:80 endpoint 10.244.2.2:8080

declare -A ip4 ip6
# services A B - servers in both pods, behind a service each
services() {
	local p ips

	for p; do
		tcp_id "$p" 8080 "$p"
		mapfile -t ips < <(gojq -r '.ips[].address | split("/")[0]' "$T/$p.result")
		ip4[$p]=${ips[0]} ip6[$p]=${ips[1]}
	done
	k8snetctl -n n1 service replace default/near:tcp tcp 10.96.0.10:80 endpoint "${ip4[$2]}:8080"
	k8snetctl -n n1 service replace default/self:tcp tcp 10.96.0.30:80 endpoint "${ip4[$1]}:8080"
}

# everywhere PLUGIN A B - from pod A to all that a pod talks to, its neighbour B first
everywhere() {
	check "$1: pod to pod on the node" in_ns "$2" ping -c 1 -W 5 "${ip4[$3]}"
	check "$1: by IPv6" in_ns "$2" ping -c 1 -W 5 "${ip6[$3]}"
	check_eq "$1: to a pod of another node, two hops" 62 \
		"$(in_ns "$2" ping -c 1 -W 5 10.244.2.2 | sed -n 's/.*ttl=\([0-9]*\).*/\1/p')"
	check "$1: by IPv6" in_ns "$2" ping -c 1 -W 5 fd00:244:2::2
	check_match "$1: to a service on another node, with its own address" "^r ${ip4[$2]}:[0-9]+$" \
		"$(tcp_ask "$2" 10.96.0.20 80)"
	check_match "$1: to the outside, with the node's" '^out 192\.168\.99\.1:[0-9]+$' \
		"$(tcp_ask "$2" 192.168.99.100 8080)"
}

state >"$T/before"
check "ptp: ADD on n1" pod 1 a
check "ptp: ADD of another" pod 1 b
check "ptp: ADD on n2" pod 2 r
check_eq "its addresses are the first of the node's ranges" "10.244.1.2/24 fd00:244:1::2/64" \
	"$(gojq -r '[.ips[].address] | join(" ")' "$T/a.result")"
check_eq "its MTU is the overlay's" "$(in_ns n1 cat /sys/class/net/k8snet0/mtu)" \
	"$(in_ns a cat /sys/class/net/eth0/mtu)"
check "ptp: CHECK" cni CHECK 1 a
tcp_id r 8080 r
tcp_id out 8080 out
services a b
everywhere ptp a b
check_match "ptp: to a service on the node" '^b 10\.244\.1\.2:[0-9]+$' "$(tcp_ask a 10.96.0.10 80)"
check_match "ptp: to itself by a service" '^a 10\.244\.1\.1:[0-9]+$' "$(tcp_ask a 10.96.0.30 80)"

# --- two containers of a pod -------------------------------------------------------

# Its process, file and host name namespaces are its own, the network is the pod's.
cat >"$T/container" <<'CONTAINER'
cd "$1" || exit
for n in net mnt pid uts; do readlink /proc/self/ns/$n; done >"$2.ns"
socat -T 5 "TCP4-LISTEN:$3,bind=127.0.0.1,reuseaddr,fork" "EXEC:echo $2" &
# Told the other's port, it talks to it, then to the services.
read -r other <"$2.ask"
for to in "127.0.0.1:$other" 10.96.0.10:80 10.96.0.20:80; do
	timeout 5 socat -u "TCP4:$to,connect-timeout=5" -
done >"$2.said" 2>&1
echo end >>"$2.said"
wait
CONTAINER
for i in 1 2; do
	mkfifo "$T/c$i.ask"
	bg_ns a unshare -m -p -u -f --kill-child --mount-proc \
		busybox sh "$T/container" "$T" c$i 808$i
	wait_listen a tcp 808$i
done
for i in 1 2; do echo 808$((3 - i)) >"$T/c$i.ask"; done
_said() { busybox grep -qx end "$T/$1.said"; }
for i in 1 2; do
	wait_for 20 _said c$i
	said=$(sed -n 's/ 10\.244\.1\.2:[0-9]*$/ from the pod/; $!p' "$T/c$i.said" | paste -sd ,)
	check_eq "container $i reaches the other on localhost, and services as the pod" \
		"c$((3 - i)),b from the pod,r from the pod" "$said"
done
mapfile -t ns1 <"$T/c1.ns"
mapfile -t ns2 <"$T/c2.ns"
check_eq "they share the network" "${ns1[0]} ${ns1[0]}" "${ns2[0]} $(in_ns a readlink /proc/self/ns/net)"
check "and neither files nor processes nor names" \
	[ "${ns1[1]}" != "${ns2[1]}" -a "${ns1[2]}" != "${ns2[2]}" -a "${ns1[3]}" != "${ns2[3]}" ]

# --- DEL ---------------------------------------------------------------------------

# _left FILE - is the state what it was?
_left() { state | diff "$1" -; }

check "ptp: DEL" cni DEL 1 a
check_fails "the pod has lost its device" in_ns a cat /sys/class/net/eth0/mtu
check "ptp: DEL of the other" cni DEL 1 b
check "ptp: nothing is left: no device, address, route, reservation" wait_for 5 _left "$T/before"

# --- bridge --------------------------------------------------------------------------

cni_conf 1 10-k8snet-bridge.conflist >"$T/conf1"
check "bridge: ADD" pod 1 c
state >"$T/before"
check "bridge: ADD of another" pod 1 d
check_eq "its address comes from the same range" "10.244.1.5/24 fd00:244:1::5/64" \
	"$(gojq -r '[.ips[].address] | join(" ")' "$T/d.result")"
check "bridge: CHECK" cni CHECK 1 c
services c d
everywhere bridge c d

# What pods of one bridge say to each other the node sees only if bridges show
# it to netfilter: else the answer does not come from the service's address.
nf() { sysctl_ns n1 net/bridge/bridge-nf-call-iptables="$1"; }
nf 1
check_match "bridge-nf-call-iptables 1: to a service on the node" '^d 10\.244\.1\.4:[0-9]+$' \
	"$(tcp_ask c 10.96.0.10 80)"
check_match "bridge-nf-call-iptables 1: to itself by a service" '^c 10\.244\.1\.1:[0-9]+$' \
	"$(tcp_ask c 10.96.0.30 80)"
nf 0
check_fails "bridge-nf-call-iptables 0: not to a service on the same bridge" \
	eval 'ASK_TIMEOUT=1 tcp_ask c 10.96.0.10 80'
check_match "bridge-nf-call-iptables 0: to itself, though" '^c 10\.244\.1\.1:[0-9]+$' \
	"$(tcp_ask c 10.96.0.30 80)"
check_match "bridge-nf-call-iptables 0: and to a service on another node" '^r 10\.244\.1\.4:[0-9]+$' \
	"$(tcp_ask c 10.96.0.20 80)"

check "bridge: DEL of the other" cni DEL 1 d
check "bridge: nothing is left: no port, address, forwarding entry, reservation" wait_for 5 _left "$T/before"
check "bridge: DEL" cni DEL 1 c
check_eq "bridge: only the bridge is left, and no reservation" "cni0" "$({
	ip -n n1 -br link show master cni0
	ip -n n1 -br link show type bridge | busybox awk '{ print $1 }'
	busybox find "$T/lib1" -type f -name '*:*' -o -type f -name '*.*.*.*'
} | xargs)"

[ -z "$loaded" ] || rmmod "$loaded"
ktap_end
