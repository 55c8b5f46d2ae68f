#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a program's traffic costs from pod to pod, in instructions, sockets included: TCP in bulk, TCP connections, UDP requests; run by tests/bench/run.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --veth-- n2 192.168.99.2 -- p2a 10.244.2.10
#   load CLIENT           route | vxlan | vxlan + rules | k8snet   load server 5353
#
# Client, server and both nodes share the one processor: each figure is all
# that a message, a connection or a megabyte costs all of them.
# timeout: 1800

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/rivals.sh"

# shellcheck disable=SC2034  # of lib.sh
port=53 server_port=5353
# shellcheck disable=SC2034  # likewise
runs=${BENCH_RUNS:-3}
[ -z "${BENCH_PROFILE-}" ] || runs=1
# How much longer than an emulated processor needs.
more=${BENCH_MORE:-1}

# load ADDRESS PORT LOAD COUNT SIZE - into $took
# shellcheck disable=SC2034  # for median()
load() { took=$(in_ns p1a /k8snet/load "$3" "$1" "$2" "$4" "$5"); }

# cost NAME OF LOAD-ARGS...
cost() {
	local name=$1 of=$2
	shift 2
	if BENCH_MARK=${BENCH_PROFILE:+1} median load "$@"; then
		figure "$name" "$of"
		note "packets $4"
	else
		not_ok "$name" "the load did not get through"
	fi
}

# Is the connection of load's UDP port a stream, as conntrack has it?
_stream() {
	in_ns p1a /k8snet/load udp-echo "$1" "$2" 1 64 >/dev/null &&
		in_ns n1 conntrack -L -p udp 2>/dev/null | grep ASSURED >/dev/null
}

# sized NAME LOAD N... - all loads of 1,000 services, TCP connections of other
# numbers of them, after "LOAD N"
sized() {
	local n name

	for n in "${@:3}"; do
		name="$1, $(commas "$n") services"
		wants "$name" || continue
		"$2" "$n"
		if [ "$n" = 1000 ]; then
			loads "$name" 10.96.10.2 53 tracked
		else
			forget
			connections "$name" 10.96.10.2 53
		fi
	done
}

segments() { in_ns p1a nstat -asz TcpOutSegs | awk '$1 == "TcpOutSegs" { print $2 }'; }

# connections NAME ADDRESS PORT
connections() {
	in_ns p1a /k8snet/load tcp-connect "$2" "$3" 10 64 >/dev/null
	cost "$1, TCP connection" connection "$2" "$3" tcp-connect $((100 * more)) 64
}

# loads NAME ADDRESS PORT TRACKED
loads() {
	local name=$1 skbs segs

	wants "$name" || return 0
	forget
	in_ns p1a /k8snet/load udp-echo "$2" "$3" 10 64 >/dev/null
	[ -z "$4" ] || wait_for 20 _stream "$2" "$3"
	cost "$name, UDP request and answer" "round trip" "$2" "$3" udp-echo $((300 * more)) 64
	connections "$name" "$2" "$3"
	in_ns p1a /k8snet/load tcp-stream "$2" "$3" 2 65536 >/dev/null
	skbs=$(stat_ns n2 eth0 rx_packets) segs=$(segments)
	cost "$name, bulk TCP" megabyte "$2" "$3" tcp-stream $((20 * more)) 65536
	skbs=$(($(stat_ns n2 eth0 rx_packets) - skbs)) segs=$(($(segments) - segs))
	note "$name: $((segs * 10 / skbs / 10)).$((segs * 10 / skbs % 10)) segments per skb"
}

ktap_start
nodes
for p in p1a p2a; do in_ns $p tc qdisc del dev eth0 clsact; done
bg_ns p2a /k8snet/load server 5353
wait_for 10 grep -q ready "$T/bg.0"

ip -n n1 route add 10.244.2.0/24 via 192.168.99.2
ip -n n2 route add 10.244.1.0/24 via 192.168.99.1
loads "plain routing" 10.244.2.10 5353 ""
ip -n n1 route del 10.244.2.0/24
ip -n n2 route del 10.244.1.0/24

for n in 1 2; do
	ip -n n$n link add k8snet0 type k8snet
	k8snetctl -n n$n node add worker via 192.168.99.$((3 - n)) pods 10.244.$((3 - n)).0/24
	ip -n n$n link set k8snet0 up
	ip -n n$n route add 10.244.0.0/16 dev k8snet0
done
loads "k8snet overlay, no conntrack" 10.244.2.10 5353 ""
for n in n1 n2; do
	k8snetctl -n $n -b - <<-'BATCH'
		config set pods 10.244.0.0/16 services 10.96.0.0/12
		service add sample/dns:dns-tcp tcp 10.96.10.2:53 endpoint 10.244.2.10:5353
		service add sample/dns:dns udp 10.96.10.2:53 endpoint 10.244.2.10:5353
	BATCH
done

# k8snet N - there are at least so many services
loaded=0
k8snet() {
	[ "$1" -gt "$loaded" ] || return 0
	k8snet_services "$loaded" "$1"
	loaded=$1
}
sized "k8snet service" k8snet 10 1000
for n in n1 n2; do k8snetctl -n $n flow set off; done
sized "k8snet service, flow cache off" k8snet 1000
for n in n1 n2; do k8snetctl -n $n flow set on; done
sized "k8snet service" k8snet 10000 100000
# The modules of rivals have no names in a profile: they may take k8snet's place.
symbols
for n in n1 n2; do ip -n $n link del k8snet0; done
rmmod k8snet

flannel_node n1 192.168.99.1 192.168.99.2
flannel_node n2 192.168.99.2 192.168.99.1
loads "Linux vxlan as flannel uses it" 10.244.2.10 5353 ""
sized "flannel vxlan + kube-proxy nftables" rival_nftables "${sizes[@]}"
on_both nft flush ruleset
sized "flannel vxlan + kube-proxy IPVS" rival_ipvs "${sizes[@]}"
rival_ipvs_end
sized "flannel vxlan + kube-proxy iptables" rival_iptables "${sizes[@]}"
ktap_end
