#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each memory allocation of every operation fails once: the operation is refused or done, never half done, and the module can go.
#
#   n1: eth0 (dummy) 192.168.99.1, k8snet0
#
# timeout: 900

. "$(dirname "$0")/../lib.sh"

[ -e /proc/self/fail-nth ] || skip_all "this kernel has no fault injection"
ktap_start
topo_one_node

# The debugfs of the guest: nothing fails but what is asked for, and that in silence.
fault=/sys/kernel/debug
for f in failslab fail_page_alloc; do
	echo 0 >$fault/$f/probability
	echo 0 >$fault/$f/verbose
	echo -1 >$fault/$f/times
	echo N >$fault/$f/ignore-gfp-wait
done
echo N >$fault/fail_page_alloc/ignore-gfp-highmem 2>/dev/null || :
echo 0 >$fault/fail_page_alloc/min-order

# What the allocator has to say of it is not looked at, see tests/vm/bad-log.
echo "<4>faults: memory is short from here" >/dev/kmsg
faults=0
# sweep NAME ARG... - tests/faults.py; its lines are shown
sweep() {
	local name=$1
	shift
	check "$name" in_ns n1 python3 -S "$TESTS/faults.py" "$@"
	note "$(grep -v '^FOUND' "$T/out")"
	faults=$((faults + $(sed -n 's/^faults //p' "$T/out")))
}

sweep "a device is made, set up and down, and removed" link
sweep "every netlink operation" netlink
check "a network namespace is made" python3 -S "$TESTS/faults.py" netns
note "$(grep -v '^FOUND' "$T/out")"
faults=$((faults + $(sed -n 's/^faults //p' "$T/out")))

# shellcheck disable=SC2317  # called by wait_for
_unloaded() { rmmod k8snet; }
ip netns del n1
check "the module can be removed" wait_for 30 _unloaded
ko=$(find /lib/modules -name k8snet.ko)
check "the module is loaded" python3 -S "$TESTS/faults.py" module "$ko"
note "$(grep -v '^FOUND' "$T/out")"
faults=$((faults + $(sed -n 's/^faults //p' "$T/out")))
note "$faults faults were injected"
check "there were many" test "$faults" -gt 500

# --- traffic while memory is short ---------------------------------------------------

topo_two_nodes
modprobe k8snet
k8snet_two_nodes
for n in n1 n2; do
	in_ns $n k8snetctl service add a/b:udp udp 10.96.0.10:80 endpoint 10.244.2.10:8080
	in_ns $n k8snetctl service add a/b:tcp tcp 10.96.0.10:80 endpoint 10.244.2.10:8080
done
udp_echo p2a 8080 back
tcp_id p2a 8080 here
check "before: a datagram gets through" udp_ask p1a 10.96.0.10 80
# And one that is in the flow cache, taken at ingress and given to the pod at once.
talk_start
talk echo p2a 10.244.2.10 9090 >/dev/null
port=40000
# long N - messages by a connection that stays, or a new one if that cannot
long() {
	talk say long "$1" 1000 && return
	talk reset long || :
	port=$((port + 1))
	talk open long p1a tcp 10.244.1.10 $port 10.244.2.10 9090 || :
	return 1
}
# short_again - do packets go past the stack again, at both ends of the way?
count() { k8snetctl -n "$1" -j flow stats | gojq ".counter[\"$2\"]"; }
# shellcheck disable=SC2317  # called by wait_for
_short_again() {
	local n counter before=()

	for n in n1 n2; do
		for counter in hit-ingress hit-peer; do before+=("$(count "$n" "$counter")"); done
	done
	long 5 || return
	for n in n1 n2; do
		for counter in hit-ingress hit-peer; do
			[ "$(count "$n" "$counter")" -ge $((before[0] + 5)) ] || { echo "$n $counter"; return 1; }
			before=("${before[@]:1}")
		done
	done
}
check "before: a connection goes past the stack" wait_for 10 _short_again
# A stream of datagrams whose packets pktgen keeps: those of the cache are copied.
talk open kept p1a udp 10.244.1.10 39000 10.244.2.10 9090 >/dev/null
# shellcheck disable=SC2317  # called by wait_for
_kept_short() {
	local before

	before=$(count n1 hit)
	talk say kept 5 100 >/dev/null && [ "$(count n1 hit)" -ge $((before + 10)) ]
}
check "before: so do datagrams" wait_for 10 _kept_short
gateway=$(in_ns n1 cat /sys/class/net/vp1a/address)
# kept SIZE - 2000 of them; sets $short, those that were left to the stack for want of memory
kept() {
	short=$(count n1 pass-memory)
	pktgen_send p1a "$gateway" 2000 "$1" 10.244.1.10 39000 10.244.2.10 9090 >>"$T/kept" 2>&1 || :
	short=$(($(count n1 pass-memory) - short))
}
# What waits for memory gets it: the scenario itself must go on.
for f in failslab fail_page_alloc; do
	echo Y >$fault/$f/ignore-gfp-wait
	echo 5 >$fault/$f/probability
	echo 1 >$fault/$f/interval
done
if has_pktgen; then
	# (Small ones are copied into a piece of a page, others as skb_copy_expand() does it.)
	kept 100
	short_small=$short
	kept 1000
fi
for i in 1 2 3; do
	in_ns p1a ping -q -i 0.002 -c 500 -s 1000 -W 1 10.244.2.10 >"$T/ping$i" 2>&1 || :
	for _ in 1 2 3 4 5 6; do
		ASK_TIMEOUT=1 udp_ask p1a 10.96.0.10 80 >>"$T/asked" 2>&1 || :
		ASK_TIMEOUT=1 tcp_ask p1a 10.96.0.10 80 >>"$T/asked" 2>&1 || :
	done
	in_ns n1 k8snetctl node replace worker2 via 192.168.99.2 pods 10.244.2.0/24 >/dev/null 2>&1 || :
	# Each flow is learned anew, each hook set up again.
	for n in n1 n2; do
		k8snetctl -n $n flow set ingress off >/dev/null 2>&1 || :
		k8snetctl -n $n flow set ingress on >/dev/null 2>&1 || :
		k8snetctl -n $n flow flush >/dev/null 2>&1 || :
	done
	long 100 >>"$T/said" 2>&1 || :
done
# Those who set up the hooks get nothing, every other time: the kernel's own
# threads, which are in the /proc below this one.
# shellcheck disable=SC2016  # for the inner shell
kworkers_fail() {
	unshare -m busybox sh -c '
		busybox umount -l /proc
		for t in $(busybox grep -l "^kworker" /proc/[0-9]*/comm); do
			echo $1 2>/dev/null >"${t%comm}make-it-fail" && echo "$t"
		done' - "$1" 2>/dev/null || :
}
echo Y >$fault/failslab/task-filter
echo N >$fault/failslab/ignore-gfp-wait
echo 0 >$fault/fail_page_alloc/probability
echo 50 >$fault/failslab/probability
kworkers=0
for i in 1 2 3 4 5; do
	kworkers=$((kworkers + $(kworkers_fail 1 | wc -l)))
	for n in n1 n2; do
		k8snetctl -n $n flow set ingress off
		k8snetctl -n $n flow set ingress on
	done
	long 20 >>"$T/said" 2>&1 || :
done
for f in failslab fail_page_alloc; do echo 0 >$fault/$f/probability; done
kworkers_fail 0 >/dev/null
echo N >$fault/failslab/task-filter
echo "<4>faults: memory is enough from here" >/dev/kmsg
lost=$(sed -nE 's/.* ([0-9.]+)% packet loss.*/\1/p' "$T"/ping?)
note "with one allocation in twenty failing: ping lost $(xargs <<<"$lost") %, $(wc -l <"$T/asked") of 36 questions were answered"
if has_pktgen; then
	check "packets that could not be copied were left to the stack: small ones" [ "$short_small" -gt 0 ]
	check "and large ones" [ "$short" -gt 0 ]
	note "of 2000: $short_small and $short"
else
	skip "packets that could not be copied were left to the stack" "this kernel has no pktgen"
fi
check "some got through all the same" grep -q 'back\|here' "$T/asked"
check "afterwards a datagram gets through" udp_ask p1a 10.96.0.10 80
check "and a connection" tcp_ask p1a 10.96.0.10 80
check "the kernel's threads had to do without" test "$kworkers" -gt 0
note "what stayed: $(sort "$T/said" | uniq -c | xargs)"
check "the connection that stayed goes past the stack again" wait_for 10 _short_again
# shellcheck disable=SC2016  # for the inner shell
check "the devices' TX dropped is the sum of their reasons" wait_for 5 bash -c '
	a=$(ip -n n1 -s -j link show dev k8snet0 | gojq ".[0].stats64.tx.dropped")
	b=$(k8snetctl -n n1 -j stats | gojq "[.[] | select(.ifname == \"k8snet0\").counter[] | select(.reason | startswith(\"tx-\")).packets] | add")
	[ "$a" = "$b" ]'

ktap_end
