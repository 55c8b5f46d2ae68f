#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a packet costs through the overlay with 2 nodes and with 5,000 of two prefixes each; run by tests/bench/run.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --veth-- n2 192.168.99.2 -- p2a 10.244.2.10
#   pktgen, 64 bytes          k8snet0: N nodes                     dropped by tc at ingress

. "$(dirname "$0")/lib.sh"

# others FROM TO - lines that add these nodes, which are not there
others() {
	busybox awk -v from="$1" -v to="$2" 'BEGIN {
		for (i = from; i <= to; i++)
			printf "node add other%d dev k8snet0 via 172.16.%d.%d pods 10.%d.%d.0/24,fd00:0:%x::/64\n",
				i, i / 256, i % 256, i / 256, i % 256, i
	}'
}

ktap_start
modprobe pktgen
nodes
for n in 1 2; do
	ip -n n$n link add k8snet0 type k8snet
	in_ns n$n k8snetctl node add worker via 192.168.99.$((3 - n)) pods 10.244.$((3 - n)).0/24,fd00:244:$((3 - n))::/64
	ip -n n$n link set k8snet0 up
	ip -n n$n route add 10.244.0.0/16 dev k8snet0
done
have=1 # the other end
declare -A cost
for want in 2 10 1000 5000; do
	for n in n1 n2; do others $((have + 1)) $want | k8snetctl -n $n -b -; done
	have=$want
	measure "k8snet, $want nodes" 10.244.2.10 "${one[@]}" >"$T/figure"
	cat "$T/figure"
	cost[$want]=$(sed -n 's/.* \([0-9]*\) instructions per packet.*/\1/p' "$T/figure")
done
check "5,000 nodes cost what 2 do, within one in a hundred" \
	[ $((cost[5000] * 100)) -le $((cost[2] * 101)) -a $((cost[5000] * 100)) -ge $((cost[2] * 99)) ]
ktap_end
