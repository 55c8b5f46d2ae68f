#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# check: everything that it can find is provoked, named with its fix, and mended by --fix where that is safe.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   cni0 10.244.1.129/25                br0
#
# timeout: 240

. "$(dirname "$0")/../lib.sh"

k() { k8snetctl -n n1 "$@"; }

# The size of the conntrack table is that of the whole kernel and cannot be changed
# from here: a file stands for it, with room enough, as a node has it.
MAX=/proc/sys/net/netfilter/nf_conntrack_max
echo 262144 >"$T/max"
# The folder is another one in each network namespace.
# shellcheck disable=SC2016  # for the inner shell
check_n1() {
	in_ns n1 busybox unshare -m busybox sh -c '
		busybox mount -o bind "$0/max" '$MAX' || exit 9
		[ ! -e "$0/version" ] || busybox mount -o bind "$0/version" /sys/module/k8snet/version
		exec k8snetctl "$@"' "$T" "$@"
}

# What stands in a finding: CHECK SUBJECT LEVEL SAFE, in the order they come.
_findings() { gojq -r '.[] | "\(.check) \(.subject) \(.level) \(if .safe then "safe" else "by-hand" end)"' "$T/found"; }

# found NAME "CHECK SUBJECT LEVEL safe|by-hand" FIX-REGEX - it finds that and nothing else,
# and --fix mends what is safe
found() {
	local rc=0 fix

	check_n1 -j check >"$T/found" 2>"$T/err" || rc=$?
	check_eq "$1: is found" "1 $2" "$rc $(_findings)"
	fix=$(gojq -r '.[0].fix' "$T/found")
	check_match "$1: with a fix" "$3" "$fix"
	rc=0
	check_n1 check --fix >"$T/fixed" 2>&1 || rc=$?
	if [[ $2 == *" safe" ]]; then
		check_match "$1: is fixed" '^0 fixed' "$rc $(cut -c 1-5 "$T/fixed" | head -n 1)"
		clean "$1: is mended"
	else
		check_match "$1: is not touched" '^1 (error|warning)' "$rc $(head -n 1 "$T/fixed")"
	fi
}

# clean NAME - there is nothing to find
clean() {
	local rc=0 said

	said=$(check_n1 check 2>&1) || rc=$?
	check_match "$1" '^0 [0-9]+ checks, nothing found$' "$rc $said"
}

ktap_start
topo_two_nodes
k8snet_two_nodes
clean "a node as the README sets it up"
check_eq "as JSON" "[]" "$(check_n1 -j check)"
check_eq "--fix has nothing to do either" 0 "$(check_n1 check --fix >/dev/null; echo $?)"

sysctl_ns n1 net/ipv4/ip_forward=0
found "no forwarding" "forwarding net.ipv4.ip_forward error safe" '^sysctl -w net\.ipv4\.ip_forward=1$'
check "pods reach each other then" in_ns p1a ping -c 1 -W 5 10.244.2.10
ipv6_on n1
k config set pods 10.244.0.0/16,fd00:244::/32
ip -n n1 addr add fd00:244:1::/128 dev k8snet0
found "no forwarding of IPv6" "forwarding net.ipv6.conf.all.forwarding error safe" '^sysctl -w net\.ipv6\.conf\.all\.forwarding=1$'

k config set pods 10.244.0.0/16
ip -n n1 addr del fd00:244:1::/128 dev k8snet0

sysctl_ns n1 net/ipv4/conf/k8snet0/rp_filter=1
check_fails "strict rp_filter: a pod does not reach the other node itself" in_ns p1a ping -c 1 -W 0.5 192.168.99.2
found "strict rp_filter" "rp-filter k8snet0 warning safe" '^sysctl -w net\.ipv4\.conf\.k8snet0\.rp_filter=2$'
check "now it does" in_ns p1a ping -c 1 -W 5 192.168.99.2
sysctl_ns n1 net/ipv4/conf/k8snet0/rp_filter=0 net/ipv4/conf/all/rp_filter=1
found "strict rp_filter of all devices" "rp-filter k8snet0 warning safe" '^sysctl -w net\.ipv4\.conf\.k8snet0\.rp_filter=2$'
sysctl_ns n1 net/ipv4/conf/k8snet0/rp_filter=0
for n in 1 2; do k8snetctl -n n$n link set k8snet0 format direct; done
clean "with format direct it is right"
for n in 1 2; do k8snetctl -n n$n link set k8snet0 format vxlan cross-subnet on; done
ip -n n1 route add 10.244.2.0/24 via 192.168.99.2
check_fails "cross-subnet, and a route of BGP: strict rp_filter drops pods' packets" in_ns p1a ping -c 1 -W 0.5 10.244.2.10
found "strict rp_filter beside BGP" "rp-filter k8snet0 error safe" '^sysctl -w net\.ipv4\.conf\.k8snet0\.rp_filter=2$'
check "now they come" in_ns p1a ping -c 1 -W 5 10.244.2.10
ip -n n1 route del 10.244.2.0/24 via 192.168.99.2
for n in 1 2; do k8snetctl -n n$n link set k8snet0 cross-subnet off; done

k link set k8snet0 mtu 1500
found "an MTU too large" "mtu k8snet0 warning safe" '^k8snetctl link set k8snet0 mtu auto$'
check_eq "it follows the underlay then" true "$(k -j link show | gojq '.[0].mtu_auto')"

ip -n n1 route del 10.244.0.0/16
found "no route" "route 10.244.2.0/24 error safe" '^ip route add 10\.244\.0\.0/16 dev k8snet0$'
ip -n n1 link set k8snet0 down
found "a device that is down" "device k8snet0 error safe" '^ip link set k8snet0 up$'
check_match "with it its route had gone" '(^|
)fixed +route: 10\.244\.2\.0/24' "$(cat "$T/fixed")"
check "all is as before" in_ns p1a ping -c 1 -W 5 10.244.2.10

# With its last address a device loses its routes as well.
ip -n n1 addr del 10.244.1.0/32 dev k8snet0
ip -n n1 route replace 10.244.0.0/16 dev k8snet0
found "no address" "address k8snet0 warning by-hand" '^ip addr add ADDRESS/32 dev k8snet0 '
ip -n n1 addr add 10.244.1.0/32 dev k8snet0
k node add far via 203.0.113.7 pods 10.244.77.0/24
found "no way to a node" "underlay far error by-hand" '^ip route add 203\.0\.113\.7 via ROUTER$'
k node del far

ip -n n1 link add cni0 type bridge
ip -n n1 addr add 10.244.1.129/25 dev cni0
ip -n n1 link set cni0 up
loaded=
if [ ! -e /proc/sys/net/bridge ]; then
	found "a bridge without br_netfilter" "bridge cni0 warning by-hand" '^modprobe br_netfilter '
	modprobe br_netfilter
	loaded=br_netfilter
else
	skip "a bridge without br_netfilter" "it is built in here"
fi
sysctl_ns n1 net/bridge/bridge-nf-call-iptables=0
found "a bridge that netfilter does not see" "bridge cni0 warning safe" '^ip link set cni0 type bridge nf_call_iptables 1$'
ip -n n1 link del cni0
# No other scenario is to have it.
[ -z "$loaded" ] || rmmod "$loaded"

sysctl_ns n1 net/ipv4/ip_local_port_range="1024 60999" net/ipv4/ip_local_reserved_ports=30000-30010,5000
found "node ports among local ones" "ports net.ipv4.ip_local_port_range warning safe" \
	'^sysctl -w net\.ipv4\.ip_local_reserved_ports=5000,30000-30010,30000-32767$'
check_eq "what was reserved still is" "5000,30000-32767" "$(in_ns n1 cat /proc/sys/net/ipv4/ip_local_reserved_ports)"
k config set pods none
found "no pod ranges" "ranges config pods warning by-hand" '^k8snetctl config set pods '
k config set pods 10.244.0.0/16

# --- rivals ---------------------------------------------------------------------------

in_ns n1 nft -f - <<-'NFT'
	table ip kube-proxy { chain services { }; }
NFT
found "kube-proxy's nftables rules" "rival kube-proxy warning by-hand" 'kube-proxy --cleanup$'
in_ns n1 nft delete table ip kube-proxy
in_ns n1 nft -f - <<-'NFT'
	table ip flannel-ipv4 { chain postrtg { }; }
NFT
found "flannel's nftables rules" "rival flannel warning by-hand" 'nft delete table ip flannel-ipv4$'
in_ns n1 nft flush ruleset
in_ns n1 nft -f - <<-'NFT'
	table ip6 flannel-ipv6 { chain postrtg { }; }
NFT
found "those for IPv6" "rival flannel warning by-hand" 'nft delete table ip6 flannel-ipv6$'
in_ns n1 nft flush ruleset
# Calico names its chains alike in iptables and in its own nftables table.
in_ns n1 nft -f - <<-'NFT'
	table ip nat { chain cali-nat-outgoing { }; }
NFT
found "Calico's masquerading" "rival Calico warning by-hand" '^natOutgoing: false '
in_ns n1 nft flush ruleset
if command -v iptables-nft >/dev/null; then
	in_ns n1 iptables-nft -t nat -N KUBE-SERVICES
	found "kube-proxy's iptables rules" "rival kube-proxy warning by-hand" 'kube-proxy --cleanup$'
	in_ns n1 iptables-nft -t nat -X KUBE-SERVICES
	in_ns n1 iptables-nft -t nat -N FLANNEL-POSTRTG
	found "flannel's masquerading" "rival flannel warning by-hand" 'FLANNEL-POSTRTG$'
	in_ns n1 nft flush ruleset
else
	skip "kube-proxy's and flannel's iptables rules" "there is no iptables-nft here"
fi
if command -v iptables-legacy >/dev/null && in_ns n1 iptables-legacy -t nat -N KUBE-SERVICES; then
	found "kube-proxy's rules of the older iptables" "rival kube-proxy warning by-hand" 'kube-proxy --cleanup$'
	in_ns n1 iptables-legacy -t nat -X KUBE-SERVICES
else
	skip "kube-proxy's rules of the older iptables" "there is no iptables-legacy here"
fi
in_ns n1 nft -f - <<-'NFT'
	table inet filter { chain forward { type filter hook forward priority 0; policy drop; }; }
NFT
found "a firewall that forwards nothing" "firewall filter forward warning by-hand" '^iptables -I FORWARD '
in_ns n1 nft flush ruleset

# Whoever has the port first keeps it.
ip -n n1 link set k8snet0 down
ip -n n1 link add flannel.1 type vxlan id 1 dev eth0 local 192.168.99.1 dstport 8472 nolearning
ip -n n1 link set flannel.1 up
check_n1 check --fix >"$T/fixed" 2>&1 && not_ok "flannel.1 holds the port" "exit 0"
check_match "flannel.1 holds the port: is found" 'error +port: flannel\.1 holds UDP port 8472, which the overlay needs
 +to do: ip link del flannel\.1' "$(cat "$T/fixed")"
check_match "and why the device cannot be put up" 'error +device: k8snet0 is down.*
 +fix: ip link set k8snet0 up
 +not fixed: ' "$(cat "$T/fixed")"
ip -n n1 link del flannel.1
bg_ns n1 socat -u UDP4-RECV:8472 -
program=$bg
wait_listen n1 udp 8472
check_match "a program holds it" '^1 .*port a program error by-hand' "$(check_n1 -j check >"$T/found"; echo $? "$(_findings)")"
kill "$program"
wait_for 10 _gone "$program"
check_eq "when it has gone, --fix puts all up again" "0 device,route" \
	"$(check_n1 -j check --fix >"$T/found"; echo $?) $(gojq -r 'map(.check) | join(",")' "$T/found")"
check "pods reach each other again" in_ns p1a ping -c 1 -W 5 10.244.2.10

if [ -r /sys/module/k8snet/version ]; then
	echo 0.0.9 >"$T/version"
	found "a module of another version" "version k8snet warning by-hand" 'rmmod k8snet; modprobe k8snet$'
	rm "$T/version"
else
	skip "a module of another version" "/sys/module is not there"
fi

# --- the whole kernel's ------------------------------------------------------------------

echo 4096 >"$T/max"
found "a small conntrack table" "conntrack net.netfilter.nf_conntrack_max warning safe" \
	'^sysctl -w net\.netfilter\.nf_conntrack_max=131072$'
check_eq "it is larger then" 131072 "$(cat "$T/max")"
real=$(cat $MAX)
if [ "$real" -lt 131072 ]; then
	check_eq "what cannot be put right fails" 1 "$(k -j check --fix >"$T/found"; echo $?)"
	check_eq "a namespace cannot change the real one ($real), and says so" \
		"conntrack false Permission denied" "$(gojq -r '.[] | "\(.check) \(.fixed) \(.trouble)"' "$T/found")"
else
	skip "a namespace cannot change the real one" "it is large enough here: $real"
fi

# ipvsadm -A -t 10.96.0.9:80 -s rr, as ipvsadm is not in the guest
cat >"$T/ipvs" <<'PY'
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
service = struct.pack("=H2x4s2s2xI16sIII", 6, socket.inet_aton("10.96.0.9"), struct.pack("!H", 80), 0, b"rr", 0, 0, 0xffffffff)
s.setsockopt(socket.IPPROTO_IP, 1024 + 64 + 64 + 2, service)
PY
modprobe -q ip_vs || :
if [ -e /proc/net/ip_vs ] && in_ns n1 python3 -S "$T/ipvs" 2>"$T/err"; then
	found "kube-proxy's IPVS" "rival IPVS warning by-hand" 'ipvsadm --clear'
else
	skip "kube-proxy's IPVS" "this kernel has none: $(tail -n 1 "$T/err")"
fi

ktap_end
