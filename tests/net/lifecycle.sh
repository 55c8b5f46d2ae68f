#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module, namespaces and devices come and go many times, in awkward orders and under a flood: as many objects die as were born.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --[ul]-- n2 192.168.99.2 -- p2a 10.244.2.10
#
# LIFECYCLE_CYCLES: how many of each kind (3; 12 on User-Mode Linux)
#
# timeout: 3600

. "$(dirname "$0")/../lib.sh"

ktap_start
cycles=3
! is_uml || cycles=12
cycles=${LIFECYCLE_CYCLES:-$cycles}
topo_two_nodes

# slabs_sum - how many objects are in the caches, in all
slabs_sum() {
	slabs_shrink
	awk '/^k8snet/ { n += $2 } END { print n + 0 }' /proc/slabinfo
}

node() {
	k8snet_node "n$1" "$1" $((3 - $1))
	in_ns "n$1" bash -euc '
		k8snetctl service add a/b:u udp 10.96.0.30:9000 endpoint 10.244.2.10:9000 endpoint 10.244.1.10:9000 affinity 60
		k8snetctl service add a/b:t tcp 10.96.0.30:9000 endpoint 10.244.2.10:9000
		k8snetctl egress set on'
}

bg_ns p1a python3 -S "$TESTS/flood.py" 1000000 9000 10.244.2.10 10.96.0.30
floods=("$bg")
bg_ns p2a python3 -S "$TESTS/flood.py" 1000000 9000 10.244.1.10
floods+=("$bg")
disown -a

# --- the module -----------------------------------------------------------------------

# short COUNTER - has the flow cache of both nodes had packets there?
short() {
	local n

	for n in n1 n2; do
		[ "$(k8snetctl -n "$n" -j flow stats | gojq ".counter[\"$1\"]")" -ge 10 ] || return
	done
}
# _short - does the flood go past the stack, with hooks at ingress?
# shellcheck disable=SC2317  # called by wait_for
_short() { short hit-ingress && short hit-peer; }
loads=0 full=0 past=0
# A tenth of them with all that it can have, the others bare.
for ((i = 0; i < cycles; i++)); do
	modprobe k8snet
	if ((i % 10 == 0)); then
		node 1
		node 2
		full=$((full + 1))
		if [ "${K8SNET_FLOW-}" = off ] || wait_for 15 _short >/dev/null; then past=$((past + 1)); fi
	fi
	wait_for 20 rmmod k8snet >"$T/out" || break
	loads=$((loads + 1))
done
check_eq "the module is loaded and removed $cycles times under a flood" "$cycles" "$loads"
check_eq "$full of these with flows past the stack, if there are any" "$full" "$past"
check "nothing of it is left" test ! -e /sys/module/k8snet -a -z "$(grep '^k8snet' /proc/slabinfo)"

# --- namespaces -----------------------------------------------------------------------

node 1
node 2
before=$(slabs_sum)
cat >"$T/life" <<'LIFE'
	ip link set lo up
	ip link add k8snet0 type k8snet
	ip link set k8snet0 up
	k8snetctl node add w via 192.0.2.1 pods 10.1.0.0/16,fd00:1::/64
	k8snetctl config set pods 10.0.0.0/8 services 10.96.0.0/16
	k8snetctl service add a/b:c tcp 10.96.0.1:80 endpoint 10.1.0.1:80 endpoint 10.1.0.2:80
LIFE
done=0
for ((i = 0; i < cycles; i++)); do
	# Some have all, most have a device, as most of a node's namespaces have less.
	if ((i % 10 == 0)); then
		unshare -n bash -e "$T/life" || break
	else
		unshare -n ip link add k8snet0 up type k8snet || break
	fi
	done=$((done + 1))
done
check_eq "$cycles namespaces with devices, nodes and services come and go" "$cycles" "$done"
# shellcheck disable=SC2317  # called by wait_for
_as_before() { [ "$(slabs_sum)" -le "$1" ] || { cat "$T/slabs"; false; }; }
# The flood keeps the accounts of its own connections, a few.
check "what they had in the caches went with them" wait_for 60 _as_before $((before + 40))

# --- transactions that nobody ends ------------------------------------------------------

# begin.py: a transaction with a service of each kind, then the socket is closed,
# or the transaction aborted.
cat >"$T/begin" <<'BEGIN'
import os
import sys
import nlraw
from nlraw import attr, ip, nest, text, u16, u32
up = nlraw.uapi()
for i in range(int(sys.argv[1])):
    k = nlraw.Family('k8snet')
    k.do(up['CMD_TRANSACTION_BEGIN'])
    for n in range(4):
        k.do(up['CMD_SERVICE_NEW'], text(up['A_SERVICE_NAME'], 't/s:%d' % n) + u32(up['A_SERVICE_PROTOCOL'], 17) +
             nest(up['A_SERVICE_FRONTEND'], ip(up['A_FRONTEND_IPV4'], '10.96.1.%d' % n), u16(up['A_FRONTEND_PORT'], 80)) +
             nest(up['A_SERVICE_ENDPOINT'], ip(up['A_BACKEND_IPV4'], '10.244.1.1'), u16(up['A_BACKEND_PORT'], 80)) +
             nest(up['A_SERVICE_ENDPOINT'], ip(up['A_BACKEND_IPV4'], '10.244.1.2'), u16(up['A_BACKEND_PORT'], 80)) +
             u32(up['A_SERVICE_AFFINITY'], 60 * (n & 1)))
    k.do(up['CMD_SERVICE_DEL'], text(up['A_SERVICE_NAME'], 't/s:0'))
    if i & 1:
        k.do(up['CMD_TRANSACTION_ABORT'])
    k.sock.close()
# The last one is killed in the middle.
k = nlraw.Family('k8snet')
k.do(up['CMD_TRANSACTION_BEGIN'])
k.do(up['CMD_SERVICE_DEL'], text(up['A_SERVICE_NAME'], 'a/b:u'))
os.kill(os.getpid(), 9)
BEGIN
bg_ns n1 python3 -S "$T/begin" "$cycles"
begin=$bg
disown "$begin"
check "$cycles transactions are begun, and end with their sockets" wait_for 60 _gone "$begin"
check_eq "the last one killed in the middle, with nothing said" "" "$(cat "$T/bg.$((${#_pids[@]} - 1))")"
check "nothing of them is left" wait_for 60 _as_before $((before + 40))
check_eq "and nothing was changed" "a/b:t a/b:u" \
	"$(k8snetctl -n n1 -j service show | gojq -r '[.[].name] | sort | join(" ")')"

# --- devices elsewhere ----------------------------------------------------------------

orders=0
for ((i = 0; i < cycles; i++)); do
	ns_new a b c
	ip -n a link add moved type k8snet
	in_ns a k8snetctl link set moved id 5
	in_ns a k8snetctl node add w dev moved via 192.0.2.1 pods 10.9.0.0/16
	ip -n a link set moved up
	ip -n a link set moved netns b
	((i % 2)) || ip -n b link set moved up
	case $((i % 6)) in
	0) ip netns del a && ip netns del b ;;
	1) ip netns del b && ip netns del a ;;
	2) ip -n b link set moved netns c && ip netns del a && ip -n c link del moved ;;
	3) ip -n b link set moved netns a && ip netns del b && ip netns del a ;;
	4) ip -n b link set moved netns c && ip netns del c && ip netns del a ;;
	5) ip netns del a && ip -n b link set moved netns c && ip -n c link set moved netns b && ip netns del b ;;
	esac || break
	for n in a b c; do [ ! -e /run/netns/$n ] || ip netns del $n; done
	orders=$((orders + 1))
done
check_eq "a device is moved between three namespaces, which go in $cycles orders" "$cycles" "$orders"
check "and nothing of it is left" wait_for 60 _as_before $((before + 40))

# Nodes and services change while packets are on their way.
changes=0
for ((i = 0; i < cycles; i++)); do
	in_ns n1 bash -euc '
		k8snetctl node replace worker2 via 192.168.99.2 pods 10.244.2.0/24,10.244.7.0/24
		k8snetctl service replace a/b:u udp 10.96.0.30:9000 endpoint 10.244.1.10:9000
		k8snetctl node del worker2
		k8snetctl service del a/b:u
		k8snetctl node add worker2 via 192.168.99.2 pods 10.244.2.0/24
		k8snetctl service add a/b:u udp 10.96.0.30:9000 endpoint 10.244.2.10:9000 affinity 60' || break
	changes=$((changes + 1))
done
check_eq "nodes and services come and go $cycles times" "$cycles" "$changes"
check "(the flood has lasted until now)" kill -KILL "${floods[@]}"
check "then a packet gets through" wait_for 10 in_ns p1a ping -c 1 -W 1 10.244.2.10

# --- the end --------------------------------------------------------------------------

for n in n1 n2; do ip netns del $n; done
check "with the nodes everything goes" wait_for 60 slabs_empty
check "the module can be removed" wait_for 20 rmmod k8snet
check_fails "no device was waited for" grep -q 'unregister_netdevice: waiting' <(dmesg)

ktap_end
