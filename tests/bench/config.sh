#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What it takes to load a cluster's services, of k8snet, IPVS and kube-proxy's nftables ruleset; run by tests/bench/config.
#
#   p1a 10.244.1.10 --.
#   (UDP echo client)  n1   services 10.96.0.0/12, 5 endpoints each
#   p1b 10.244.1.11 --'
#   (UDP echo server)
#
# BENCH_SERVICES: how many (100000)
# BENCH_WHAT: words; "pause" is k8snet while it loads, and one change at 10 services
# and at that many; "k8snet", "ipvs" and "nft" load that many, one after the other,
# but nft 20,000 at most: its time grows with the square of that, and 100,000 would
# take the emulated processor most of a day. Ours for all must be less than a tenth.
#
# timeout: 3000

. "$(dirname "$0")/../lib.sh"

services=${BENCH_SERVICES:-100000}
what=${BENCH_WHAT:-pause k8snet ipvs nft}
fewer=$((services < 20000 ? services : 20000))

ktap_start
ns_new n1
sysctl_ns n1 net/ipv4/ip_forward=1
topo_pod n1 p1a 10.244.1.10 10.244.1.1
topo_pod n1 p1b 10.244.1.11 10.244.1.1

# Addresses of the I-th service and of its endpoints, as the real cluster's 10k set has them.
generate='
function vip(i) { return "10." 96 + int(i / 62500) "." int(i / 250) % 250 "." i % 250 + 1 }
function pod(i, k, n) { n = i * 5 + k; return "10." 128 + int(n / 62500) "." int(n / 250) % 250 "." n % 250 + 1 }'

gen_k8snet() { # N
	busybox awk -v n="$1" "$generate"'
		BEGIN {
			print "transaction begin"
			for (i = 0; i < n; i++) {
				s = "service add scale/svc-" i ":http tcp " vip(i) ":80"
				for (k = 0; k < 5; k++) s = s " endpoint " pod(i, k) ":8080"
				print s
			}
			print "transaction commit"
		}'
}

gen_ipvs() { # N
	busybox awk -v n="$1" "$generate"'
		BEGIN {
			for (i = 0; i < n; i++) {
				print "-A -t " vip(i) ":80 -s rr"
				for (k = 0; k < 5; k++) print "-a -t " vip(i) ":80 -r " pod(i, k) ":8080 -m -w 1"
			}
		}'
}

# The shape that kube-proxy 1.36 writes: an entry of a verdict map, of the set of
# ClusterIPs and of the hairpin set for each, and a chain that chooses an endpoint.
gen_nft() { # N
	busybox awk -v n="$1" "$generate"'
		function name(i) { return sprintf("service-%08X-scale/svc-%05d/tcp/http", i * 2654435761 % 4294967296, i) }
		BEGIN {
			print "table ip kube-proxy {"
			print "set hairpin-connections { type ipv4_addr . ipv4_addr . inet_proto . inet_service; elements = {"
			for (i = 0; i < n; i++) for (k = 0; k < 5; k++)
				print pod(i, k) " . " pod(i, k) " . tcp . 8080,"
			print "} }"
			print "set cluster-ips { type ipv4_addr; elements = {"
			for (i = 0; i < n; i++) print vip(i) ","
			print "} }"
			print "map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; elements = {"
			for (i = 0; i < n; i++) print vip(i) " . tcp . 80 : goto " name(i) ","
			print "} }"
			print "chain nat-prerouting { type nat hook prerouting priority dstnat; jump services; }"
			print "chain nat-output { type nat hook output priority -100; jump services; }"
			print "chain nat-postrouting { type nat hook postrouting priority srcnat; jump masquerading; }"
			print "chain services {"
			print "ip daddr @cluster-ips ip saddr != 10.244.0.0/16 meta mark set meta mark | 0x00004000"
			print "ip daddr . meta l4proto . th dport vmap @service-ips"
			print "}"
			print "chain masquerading {"
			print "meta mark & 0x00004000 != 0x00000000 meta mark set meta mark ^ 0x00004000 masquerade fully-random"
			print "ct status dnat ip saddr . ip daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random"
			print "}"
			for (i = 0; i < n; i++) {
				s = ""
				for (k = 0; k < 5; k++) s = s (k ? ", " : "") k " : " pod(i, k) " . 8080"
				print "chain " name(i) " { meta l4proto tcp dnat ip to numgen random mod 5 map { " s " }; }"
			}
			print "}"
		}'
}

mem() { busybox awk -v k="$1:" '$1 == k { printf "%d\n", $2 }' /proc/meminfo; }

# kernel_memory - slabs, vmalloc and per-CPU memory in KiB
kernel_memory() { echo $(($(mem Slab) + $(mem VmallocUsed) + $(mem Percpu))); }

# Memory that is to be freed after a grace period is no part of the next figure.
settle() {
	local last=-1 now_kib=0

	while [ $((last - now_kib)) != 0 ]; do
		last=$now_kib
		_tick 1
		now_kib=$(($(kernel_memory) / 1024))
	done
}

usec() { echo "${EPOCHREALTIME/./}"; }

# load NAME COMMAND... - $took in ms, $used in KiB
load() {
	local name=$1 before start
	shift

	settle
	before=$(kernel_memory)
	start=$(usec)
	"$@" >"$T/out" 2>&1 || {
		not_ok "$name" "$(head -n 3 "$T/out")"
		return 1
	}
	took=$((($(usec) - start) / 1000))
	settle
	used=$(($(kernel_memory) - before))
}

row() { printf '%-28s %10s %12s %10s\n' "$@"; }

declare -A took_of=() used_of=() count_of=()

# rival NAME COUNT COMMAND... - loads, notes
rival() {
	local name=$1 count=$2
	shift 2

	load "$name" "$@" || return 0
	took_of[$name]=$took used_of[$name]=$used count_of[$name]=$count
	ok "$name has loaded $count services in $took ms, with $used KiB"
}

run_k8snet() {
	ns_new k8s
	gen_k8snet "$services" >"$T/rules"
	rival k8snet "$services" in_ns k8s k8snetctl -b "$T/rules"
	rm "$T/rules"
	ip netns del k8s
}

run_ipvs() {
	if ! command -v ipvsadm >/dev/null; then
		skip "IPVS" "the guest has no ipvsadm"
		return 0
	fi
	ns_new ipvs
	in_ns ipvs ipvsadm -L -n >/dev/null
	gen_ipvs "$services" >"$T/rules"
	rival ipvs "$services" in_ns ipvs sh -c "ipvsadm -R <$T/rules"
	rm "$T/rules"
	ip netns del ipvs
}

run_nft() {
	ns_new nft
	gen_nft "$fewer" >"$T/rules"
	rival nft "$fewer" in_ns nft nft -f "$T/rules"
	rm "$T/rules"
	ip netns del nft
}

table() {
	local name

	row "services x 5" "ms" "KiB kernel" "bytes each"
	for name in k8snet ipvs nft; do
		[ -n "${took_of[$name]-}" ] || continue
		row "$name, ${count_of[$name]}" "${took_of[$name]}" "${used_of[$name]}" \
			$((used_of[$name] * 1024 / count_of[$name]))
	done
}

compare() {
	note "$(table)"
	[ -z "${used_of[ipvs]-}" ] || check "k8snet takes no more memory than IPVS" \
		[ "${used_of[k8snet]}" -le "${used_of[ipvs]}" ]
	[ -z "${took_of[nft]-}" ] || check "k8snet takes less than a tenth of nft's time" \
		[ $((took_of[k8snet] * 10)) -lt "${took_of[nft]}" ]
}

# One process at real-time priority asks, another one answers: what it waits for
# is the kernel. Prints the longest time without an answer, in us, when it ends.
cat >"$T/echo" <<'PY'
import os
import signal
import sys
import time
import _socket as socket
stop = []
signal.signal(signal.SIGTERM, lambda *a: stop.append(1))
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
if sys.argv[1] == 'serve':
    s.bind(('0.0.0.0', 7))
    while True:
        data, who = s.recvfrom(100)
        s.sendto(data, who)
s.settimeout(1)
longest = n = lost = 0
began = time.monotonic()
while not stop:
    # A new flow now and then: the lookup is part of it.
    if n % 100 == 0:
        os.close(s.detach())
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
        s.settimeout(1)
        s.connect(('10.111.0.1', 7))
    start = time.monotonic()
    s.send(b'%d' % n)
    try:
        while s.recv(100) != b'%d' % n:
            pass
    except OSError:
        lost += 1
    longest = max(longest, time.monotonic() - start)
    n += 1
    time.sleep(0.0005)
print('%d %d %d' % (longest * 1000000, n, lost))
PY

# change - $cost: ns of one endpoint change of a service with 5 endpoints, in n1
change() {
	local start i

	for i in 1 2 3 4 5 6 7 8; do
		echo "endpoint add scale/svc-5:http 10.250.0.$i:80"
		echo "endpoint del scale/svc-5:http 10.250.0.$i:80"
	done >"$T/change"
	# Once to fault memory in.
	in_ns n1 k8snetctl -b "$T/change"
	start=$(usec)
	in_ns n1 k8snetctl -b "$T/change"
	cost=$((($(usec) - start) * 1000 / 16))
}

pause() {
	local client few

	gen_k8snet 10 | in_ns n1 k8snetctl -b -
	change
	few=$cost
	sed -n 's/^\(service\) add \([^ ]*\) .*/\1 del \2/p' <(gen_k8snet 10) | in_ns n1 k8snetctl -b -
	bg_ns p1b python3 -S "$T/echo" serve
	wait_listen p1b udp 7
	in_ns n1 k8snetctl service add bench/echo:udp udp 10.111.0.1:7 endpoint 10.244.1.11:7
	gen_k8snet "$services" >"$T/k8snet"

	# Without anything else, for comparison.
	ip netns exec p1a python3 -S "$T/echo" ask >"$T/idle" 2>&1 &
	client=$!
	_tick 3
	kill -TERM $client
	wait $client || :
	note "an echo through a service when nothing is loaded: $(cut -d' ' -f1 "$T/idle") us at the longest"

	ip netns exec p1a python3 -S "$T/echo" ask >"$T/pause" 2>&1 &
	client=$!
	_tick 1
	load "k8snet" in_ns n1 k8snetctl -b "$T/k8snet"
	note "while $services services are loaded in one transaction, in $took ms, with $used KiB, $((used * 1024 / services)) bytes each:"
	kill -TERM $client
	wait $client || :
	read -r longest n lost <"$T/pause"
	note "an echo through a service: $longest us at the longest, $n echoes, $lost lost"
	check "no echo waits for 10 ms" [ "$longest" -lt 10000 ]
	check_eq "none is lost" 0 "$lost"
	change
	note "one endpoint change: $few ns with 10 services, $cost with $services"
	check "a change costs the same, within 5 %" [ $((cost * 100)) -le $((few * 105)) ]
	sed -n 's/^\(service\) add \([^ ]*\) .*/\1 del \2/p' "$T/k8snet" >"$T/del"
	sed -i -e '1i transaction begin' -e '$a transaction commit' "$T/del"
	ip netns exec p1a python3 -S "$T/echo" ask >"$T/pause" 2>&1 &
	client=$!
	_tick 1
	load "k8snet" in_ns n1 k8snetctl -b "$T/del"
	kill -TERM $client
	wait $client || :
	read -r longest n lost <"$T/pause"
	note "while all are removed in one transaction, in $took ms: $longest us at the longest, $lost lost"
	check "no echo waits for 10 ms then either" [ "$longest" -lt 10000 ]
}

for word in $what; do
	case $word in
	pause) pause ;;
	*) run_"$word" ;;
	esac
done
[ -z "${took_of[k8snet]-}" ] || compare
ktap_end
