#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Netlink messages made from the specification, right and wrong: each refusal says why and changes nothing, and what is accepted can be taken back.
#
#   n1: eth0 (dummy) 192.168.99.1, k8snet0 and k8snet1 (up), k8snet2 (down)
#
# FUZZ_MESSAGES: how many (2000; 10000 on User-Mode Linux), FUZZ_SEED (1)
#
# timeout: 3600

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_one_node
ip -n n1 -b - <<-BATCH
	link add k8snet1 type k8snet
	link add k8snet2 type k8snet
BATCH
in_ns n1 k8snetctl link set k8snet1 id 2
ip -n n1 link set k8snet1 up

count=2000
every=8
! is_uml || count=10000
count=${FUZZ_MESSAGES:-$count}

check "$count messages, seed ${FUZZ_SEED:-1}: each refusal has a sentence and changes nothing" \
	in_ns n1 python3 -S "$TESTS/nlfuzz.py" "$count" "${FUZZ_SEED:-1}" "$every"
note "$(tail -n 3 "$T/out")"
read -r _ _ _ accepted _ refused _ compared < <(tail -n 1 "$T/out")
check "messages of both kinds were among them" \
	test $((accepted * 20)) -gt "$count" -a $((refused * 5)) -gt "$count" -a $((compared * 40)) -gt "$count"

# What has been made can be shown, and taken away.
check "links can be shown" k8snetctl -n n1 link show
check "nodes can be shown" k8snetctl -n n1 node show
check "services can be shown" k8snetctl -n n1 service show
check "endpoints can be shown" k8snetctl -n n1 endpoint show
in_ns n1 k8snetctl egress set off
for s in $(k8snetctl -n n1 -j service show | gojq -r '.[].name'); do
	in_ns n1 k8snetctl service del "$s"
done
k8snetctl -n n1 -j node show | gojq -r '.[] | "\(.name) dev \(.ifname)"' >"$T/nodes"
while read -r name dev ifname; do
	in_ns n1 k8snetctl node del "$name" "$dev" "$ifname"
done <"$T/nodes"
check_eq "no service is left" "[]" "$(k8snetctl -n n1 -j service show)"
check_eq "no node is left" "[]" "$(k8snetctl -n n1 -j node show)"
for d in k8snet0 k8snet1 k8snet2; do ip -n n1 link del "$d"; done
ip netns del n1
check "the caches are empty" wait_for 30 slabs_empty

ktap_end
