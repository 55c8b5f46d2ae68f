#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module is removed and loaded again under load: established connections live on, streams go on. IPv6 egress.
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
for p in p1b p2a p2b inet n2; do pods serve $p $p tcp,80 udp,80 >/dev/null; done

# --- egress, both families ---------------------------------------------------------

set_up() {
	service add d/far:tcp tcp .10:80 nodeport 30010 @p2a:80
	service add d/near:tcp tcp .11:80 @p1b:80
	service add d/far:udp udp .10:80 nodeport 30010 @p2a:80
	service add d/near:udp udp .11:80 @p1b:80
	for n in n1 n2; do ctl $n egress set on; done
}
for n in n1 n2; do k8snetctl -n $n egress set off; done
see ask p1a tcp @inet 80 timeout=.5
set_up
see ask p1a tcp @inet 80 from=21000
see ask p1a udp @inet 80
see ask p1a tcp @p2a 80 from=21001
see ask p1a tcp @p1b 80 from=21002
see ask p1a tcp @n2 80
see ask n1 tcp @inet 80 from=21003
saw_like "egress: the internet sees the node, pods and nodes of the cluster do not" \
	'^timeout inet @n1 21000 inet @n1 [0-9]+ p2a @p1a 21001 p1b @p1a 21002 n2 [^ ]+ [0-9]+ inet @n1 21003$'
for f in 4 6; do
	check "ping, IPv$f" in_ns p1a ping -c 1 -W 3 ${inet[f]}
	check "fragments, IPv$f" pods echo p1a udp ${inet[f]} 80 4000
done
k8snetctl -n n1 egress set on exclude 198.51.100.0/24,2001:db8:51::/64
ip -n rt route add 10.244.1.0/24 via 192.168.99.1
ip -n rt -6 route add fd00:244:1::/64 via fd99::1
see ask p1a tcp @inet 80 from=21004
saw "an excluded destination sees the pod" "inet @p1a 21004"
ip -n n1 addr add 192.168.99.201/32 dev eth0
ip -n n1 addr add fd99::201/128 dev eth0 nodad
k8snetctl -n n1 egress set on source 192.168.99.201 source fd99::201
see ask p1a tcp @inet 80 from=21005
saw "a given source address" "inet @n201 21005"
k8snetctl -n n1 egress set on

# --- the module goes and comes -------------------------------------------------------

# Somebody else's NAT keeps the kernel's in place while ours is away (see the limits).
for n in n1 n2; do in_ns $n nft 'table inet other { chain c { type nat hook postrouting priority srcnat; ip saddr 172.18.0.0/16 masquerade; }; }'; done
for f in 4 6; do
	of $f .10
	pods hold far$f p1a $of 80 >/dev/null
	pods stream ufar$f p1a $of 80 from=12345 >/dev/null
	pods hold node$f n1 $of 80 >/dev/null
	of $f .11
	pods hold near$f p1a $of 80 >/dev/null
	pods stream unear$f p1a $of 80 from=12346 >/dev/null
	of $f @n1
	pods hold inet$f inet $of 30010 >/dev/null
	pods hold out$f p1a ${inet[f]} 80 >/dev/null
	for s in ufar unear; do pods moved $s$f "$([ $s = ufar ] && echo p2a || echo p1b)" >/dev/null; done
done
everything=(far4 far6 node4 node6 near4 near6 inet4 inet6 out4 out6)
alive() {
	local c out=
	for c in "${everything[@]}"; do out+="$(pods talk $c) "; done
	echo "$out"
}
fine="$(printf 'fine %.0s' "${everything[@]}")"
check_eq "TCP connections of all kinds, before" "$fine" "$(alive)"
entries() { in_ns n1 conntrack -L -f ipv$1 -p tcp --state ESTABLISHED 2>/dev/null | wc -l; }
ctl_quit
check "the module is removed" rmmod k8snet
# What was masqueraded to an address of k8snet0 ends with that device, as with
# any masquerade; the next packet makes it anew, with the same choices.
check "conntrack keeps those that do not come from an address of k8snet0" \
	[ "$(entries 4) $(entries 6)" = "3 3" ]
for f in 4 6; do
	hears "what needs no overlay goes on meanwhile, IPv$f" "fine" talk near$f
	check_eq "UDP as well, IPv$f" 0 "$(pods lost unear$f)"
done
modprobe k8snet
for n in 1 2; do
	k8snet_node_dual n$n $n $((3 - n))
	k8snetctl -n n$n node replace worker$((3 - n)) dev k8snet0 via 192.168.99.$((3 - n)) \
		pods 10.244.$((3 - n)).0/24,fd00:244:$((3 - n))::/64,fd99::$((3 - n))/128
	k8snetctl -n n$n config set services 10.96.0.0/16,fd00:96::/112
done
set_up
check_eq "loaded again, all connections live on" "$fine" "$(alive)"
for f in 4 6; do
	for s in ufar unear; do
		check_eq "the stream $s goes on, IPv$f" 0 "$(pods lost $s$f)"
	done
done
# What lives on is looked after again: an endpoint that goes takes its UDP flows along.
service replace d/far:udp udp .10:80 nodeport 30010 @p2b:80
for f in 4 6; do check "an endpoint that goes takes along flows older than the module, IPv$f" pods moved ufar$f p2b; done

ktap_end
