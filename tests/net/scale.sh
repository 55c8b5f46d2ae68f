#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Five thousand nodes with two prefixes each: added, listed whole, reached, changed and removed, and what each costs.
#
#                                         .-- n2 192.168.99.2: worker1    -- p2a 10.0.1.10, fd00:0:1::10
#   p1a 10.244.1.10 -- n1 192.168.99.1 --[ul]
#       fd00:244:1::10    k8snet0        br0 '-- n3 192.168.99.3: worker5000 -- p3a 10.19.136.10, fd00:0:1388::10
#
#   worker2 to worker4999, 172.16.X.Y, are behind a router that drops what it gets.
#
# What a packet costs among so many is measured by tests/bench/nodes.sh.
#
# timeout: 300

. "$(dirname "$0")/../lib.sh"

N=5000

# nodes FORMAT - a line for each node, FORMAT with the numbers of the node: i, i / 256, i % 256
nodes() {
	busybox awk -v n=$N -v format="$1" 'BEGIN {
		for (i = 1; i <= n; i++) {
			via = i == 1 ? "192.168.99.2" : i == n ? "192.168.99.3" : \
				sprintf("172.16.%d.%d", i / 256, i % 256)
			printf format "\n", i, via, i / 256, i % 256, i
		}
	}'
}

# listed - the nodes that n1 has: name, address, prefixes
listed() {
	k8snetctl -n n1 node show >"$T/list" &&
		busybox awk 'NR > 1 { print $1, $3, $7 }' "$T/list"
}
_whole() { listed >"$T/now" && cmp "$T/now" "$T/want"; }

# mem FIELD... - the sum of these fields of /proc/meminfo, in bytes
mem() {
	local name value sum=0

	while read -r name value _; do
		[[ " $* " != *" ${name%:} "* ]] || sum=$((sum + value))
	done </proc/meminfo
	echo $((sum * 1024))
}
# slabs - the bytes of all objects in slabs, without what debugging adds to them
slabs() {
	busybox awk '
		NR > 2 {
			file = "/sys/kernel/slab/" $1 "/object_size"
			if ((getline size <file) <= 0) size = $4
			close(file)
			bytes += $2 * size
		}
		END { printf "%d\n", bytes }' /proc/slabinfo
}

ktap_start
topo_underlay
for n in 1 2 3; do
	topo_host n$n 192.168.99.$n
	ipv6_on n$n
	sysctl_ns n$n net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1
done
pod() {
	topo_pod "$1" "$2" "$3.10" "$3.1"
	topo_pod6 "$1" "$2" "$4::10" "$4::1"
}
pod n1 p1a 10.244.1 fd00:244:1
pod n2 p2a 10.0.1 fd00:0:1
pod n3 p3a 10.19.136 fd00:0:1388
for n in 1 2 3; do
	ip -n n$n -b - <<-BATCH
		link add k8snet0 type k8snet
		link set k8snet0 up
		route add 10.0.0.0/8 dev k8snet0
		route add fd00::/16 dev k8snet0
	BATCH
done
for n in 2 3; do
	k8snetctl -n n$n node add n1 dev k8snet0 via 192.168.99.1 pods 10.244.1.0/24,fd00:244:1::/64
done
ip -n n1 route add 172.16.0.0/12 via 192.168.99.254

# --- added ----------------------------------------------------------------------

nodes "node add worker%d dev k8snet0 via %s pods 10.%d.%d.0/24,fd00:0:%x::/64" >"$T/add"
nodes "worker%d %s 10.%d.%d.0/24,fd00:0:%x::/64" >"$T/want"
objects=$(slabs) percpu=$(mem Percpu)
now_ms
start=$now
check "$N nodes are added in one batch" k8snetctl -n n1 -b "$T/add"
now_ms
note "in $((now - start)) ms, $(((now - start) * 1000 / N)) us each"
cpus=$(nproc)
bytes=$((($(slabs) - objects + N / 2) / N))
each=$((($(mem Percpu) - percpu) / N / cpus))
note "a node with 2 prefixes takes $bytes bytes, and $each for each processor"
# (And four hash tables of 8,192 buckets, 52 bytes a node.) Both bounds: a
# figure that is too good is a wrong one.
if is_sanitized; then
	skip "a node takes 400 to 600 bytes" "KASAN's red zones are in it"
else
	check "a node takes 400 to 600 bytes" [ $bytes -ge 400 -a $bytes -le 600 ]
fi
check "and 50 to 130 for each processor" [ $each -ge 50 -a $each -le 130 ]
add_last() { tail -n 1 "$T/add" | k8snetctl -n n1 -b -; }
check_fails "the last one cannot be added twice" add_last
check_eq "the device counts them" "$N" "$(k8snetctl -n n1 -j link show k8snet0 | gojq '.[].nodes')"

# --- listed ---------------------------------------------------------------------

now_ms
start=$now
check "all are listed, with what they were given" _whole
now_ms
note "in $((now - start)) ms"

# --- reached --------------------------------------------------------------------

for a in 10.0.1.10 fd00:0:1::10 10.19.136.10 fd00:0:1388::10; do
	check "$a is reached" in_ns p1a ping -q -c 1 -W 5 $a
done
now_ms
start=$now
check "the MTU follows the underlay" k8snetctl -n n1 link set k8snet0 mtu auto
now_ms
note "looked at for all nodes in $((now - start)) ms"

# --- changed --------------------------------------------------------------------

# While they change a listing is whole, or is refused; never a mixture.
sed -n '2,1001s/node add \(.*\)/node replace \1 port 9999/p' "$T/add" >"$T/change"
bg_ns n1 k8snetctl -b "$T/change"
rc=0
listed >"$T/now" 2>"$T/err" || rc=$?
case $rc in
0) check "a listing while nodes change is whole" cmp "$T/now" "$T/want" ;;
*) check_match "a listing while nodes change says that it is not whole" \
	'the tables change faster than they can be listed' "$(cat "$T/err")" ;;
esac
check "the changes come to an end" wait_for 60 _gone "$bg"
check "then the listing is whole again" _whole
check_eq "and has all changes" 1000 "$(busybox awk '$5 == 9999 { n++ } END { print n }' "$T/list")"
check "the first is reached as before" in_ns p1a ping -q -c 1 -W 5 10.0.1.10
check "and the last" in_ns p1a ping -q -c 1 -W 5 10.19.136.10

# --- removed --------------------------------------------------------------------

sed -n '2,2001s/node add \([^ ]*\) .*/node del \1 dev k8snet0/p' "$T/add" >"$T/del"
check "2,000 are removed in one batch" k8snetctl -n n1 -b "$T/del"
sed -i 2,2001d "$T/want"
check "the others are left" _whole
now_ms
start=$now
check "the device is removed, and they with it" ip -n n1 link del k8snet0
now_ms
note "in $((now - start)) ms"
ip -n n2 link del k8snet0
ip -n n3 link del k8snet0
check "nothing of them is left" wait_for 20 slabs_empty
ktap_end
