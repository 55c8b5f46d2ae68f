#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# More than a node can take: a full conntrack table, a SYN flood on a service with a limit, a flood of a node port. What was there lives on, and others are served.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10 (servers)
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'                  br0
#                                         |
#                                out 192.168.99.100 (floods)
#
# LOAD_PACKETS: of each flood (1000; 3000 on User-Mode Linux)
# LOAD_FLOWS: that fill the flow cache (1000; 65536, the default limit, on User-Mode Linux, 16384 with sanitizers)
# LOAD_CONNECTIONS: that are offered at 100,000 in a second (5000; 100000 on User-Mode Linux)
#
# timeout: 1800

. "$(dirname "$0")/../lib.sh"

ktap_start
flood=1000
! is_uml || flood=3000
flood=${LOAD_PACKETS:-$flood}
cache=1000 connections=5000
! is_uml || cache=65536 connections=100000
! is_sanitized || cache=16384
cache=${LOAD_FLOWS:-$cache}
connections=${LOAD_CONNECTIONS:-$connections}
topo_two_nodes
topo_outside
k8snet_two_nodes
for n in n1 n2; do
	in_ns $n bash -euc '
		k8snetctl service add a/victim:t tcp 10.96.0.10:80 nodeport 30080 endpoint 10.244.2.10:7000 limit 100
		k8snetctl service add a/other:t tcp 10.96.0.20:80 endpoint 10.244.2.10:7001
		k8snetctl service add a/open:u udp 10.96.0.30:80 nodeport 30090 endpoint 10.244.2.10:7002
		k8snetctl service add a/sink:u udp 10.96.0.40:80 endpoint 10.244.2.10:7003'
done

# Echoes on TCP ports 7000 and 7001, any number of connections; UDP port 7003
# takes everything and says nothing.
cat >"$T/server" <<'SERVER'
import _socket as socket
import select
poll = select.epoll()
socks = {}
for port in 7000, 7001:
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('', port))
    s.listen(4096)
    poll.register(s.fileno(), 1)
    socks[s.fileno()] = s
listeners = set(socks)
sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sink.bind(('', 7003))
while True:
    for fd, _ in poll.poll():
        if fd in listeners:
            new, _ = socks[fd]._accept()
            socks[new] = socket.socket(fileno=new)
            poll.register(new, 1)
            continue
        try:
            said = socks[fd].recv(1000)
            if said:
                socks[fd].send(said)
                continue
        except OSError:
            pass
        poll.unregister(fd)
        socks.pop(fd).close()
SERVER
bg_ns p2a python3 -S "$T/server"
wait_listen p2a tcp 7000
wait_listen p2a tcp 7001
# clients.py WANT: opens connections through the first service until one fails or
# there are as many; then a command per line: ask, close
cat >"$T/clients" <<'CLIENTS'
import _socket as socket
import struct
import sys
held = []


def connect(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    for opt in socket.SO_RCVTIMEO, socket.SO_SNDTIMEO:
        s.setsockopt(socket.SOL_SOCKET, opt, struct.pack('ll', 3, 0))
    s.connect((address, 80))
    return s


def ask(s):
    s.send(b'hello')
    return s.recv(10) == b'hello'


for line in sys.stdin:
    words = line.split()
    try:
        if words[0] == 'open':
            for _ in range(int(words[2])):
                s = connect(words[1])
                if not ask(s):
                    raise OSError('no answer')
                held.append(s)
            print('ok %d' % len(held), flush=True)
        elif words[0] == 'ask':
            print('ok %d' % sum(ask(s) for s in held), flush=True)
        elif words[0] == 'close':
            for s in held:
                s.close()
            held = []
            print('ok 0', flush=True)
    except OSError as e:
        print('failed with %d: %s' % (len(held), e), flush=True)
CLIENTS
mkfifo "$T/ask.in" "$T/ask.out"
exec {client_in}<>"$T/ask.in" {client_out}<>"$T/ask.out"
ip netns exec p1a python3 -S "$T/clients" <"$T/ask.in" >"$T/ask.out" 2>"$T/ask.err" &
_pids+=($!)
# clients WORD... - sets $said to the answer
clients() {
	printf '%s\n' "$*" >&"$client_in"
	IFS= read -r -t 60 said <&"$client_out" || said="no answer: $(cat "$T/ask.err")"
}

# drops NS REASON - a counter of the namespace
drops() {
	# shellcheck disable=SC2016  # gojq's
	k8snetctl -n "$1" -j stats | gojq --arg r "$2" '[.[].counter[] | select(.reason == $r).packets] | add'
}
# service NS NAME FIELD
service() { k8snetctl -n "$1" -j service show "$2" | gojq ".[0].$3"; }

cat >"$T/flood" <<'FLOOD'
import sys
import pkt
import _socket as socket
import time
what, dev, dst, src, count, port = sys.argv[1:7]
count = int(count)
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((dev, 0))
for i in range(count):
    client = '192.168.99.%d' % (101 + i % 100)
    sport = 1024 + i // 100 * 7 % 60000
    if what == 'syn':
        body = pkt.ipv4(client, '192.168.99.1', 6, pkt.tcp(client, '192.168.99.1', sport, int(port)))
    else:
        body = pkt.ipv4(client, '192.168.99.1', 17, pkt.udp(client, '192.168.99.1', sport, int(port), b'x' * 20))
    while True:
        try:
            s.send(pkt.mac(dst) + pkt.mac(src) + b'\x08\0' + body)
            break
        except OSError:
            time.sleep(.001)
FLOOD

# One number for all namespaces, set in the first one.
first_net() { nsenter --net=/k8snet/init-net "$@"; }
max=$(first_net cat /proc/sys/net/netfilter/nf_conntrack_max)

# --- a SYN flood on a service with a limit ------------------------------------------------

clients open 10.96.0.20 20
check_eq "connections to another service are open" "ok 20" "$said"
bg_ns out python3 -S "$T/flood" syn eth0 02:00:c0:a8:63:01 02:00:c0:a8:63:64 "$flood" 30080
flooding=$bg
clients open 10.96.0.20 20
check_eq "new connections to it are made" "ok 40" "$said"
clients ask
check_eq "and all those that there are go on" "ok 40" "$said"
check "the flood is over" wait_for 120 _gone "$flooding"
# shellcheck disable=SC2317  # called by wait_for
_counted() { [ $(($(drops n1 service-limit) + $(service n1 a/victim:t new))) -ge "$1" ]; }
check "each SYN was sent to an endpoint or refused for the limit" wait_for 10 _counted "$flood"
check "no more connections than the limit are tracked" test "$(service n1 a/victim:t active)" -le 100
note "$flood SYNs: $(service n1 a/victim:t new) sent to an endpoint, $(drops n1 service-limit) refused"

# --- a flood of a node port ----------------------------------------------------------------

bg_ns out python3 -S "$T/flood" udp eth0 02:00:c0:a8:63:01 02:00:c0:a8:63:64 "$flood" 30090
flooding=$bg
clients open 10.96.0.20 20
check_eq "while datagrams come to a node port another service takes connections" "ok 60" "$said"
clients ask
check_eq "and all go on" "ok 60" "$said"
check "the flood is over" wait_for 120 _gone "$flooding"
# shellcheck disable=SC2317  # called by wait_for
_all_new() { [ $(($(service n1 a/open:u new) + $(drops n1 nat-failed))) -ge "$1" ]; }
flows=$((flood < 100 * 8571 ? flood : 857100))
check "each flow was sent to the endpoint, or counted as one that NAT has no port for" \
	wait_for 10 _all_new "$flows"
note "$flood datagrams: $(service n1 a/open:u new) flows, $(drops n1 nat-failed) without a port"

# --- connections that a firewall drops --------------------------------------------------------

# Each is a record of the service for some seconds, and no entry of conntrack.
in_ns n1 nft 'table inet fw { chain c { type filter hook forward priority 0; udp dport 7002 drop; }; }'
records() {
	slabs_shrink
	awk '$1 == "k8snet_flow" { print $2 }' /proc/slabinfo
}
# Refused SYNs' answers wait three seconds for clients that are not there, and
# hold their entries for as long.
# shellcheck disable=SC2317  # called by wait_for
_few_records() {
	in_ns n1 conntrack -F 2>/dev/null
	[ "$(records)" -le 150 ] && [ "$(in_ns n1 conntrack -C)" -le 150 ]
}
first_net sh -c "echo 200 >/proc/sys/net/netfilter/nf_conntrack_max"
check "those of connections that have ended go" wait_for 15 _few_records
at=$(service n1 a/open:u new)
in_ns out python3 -S "$T/flood" udp eth0 02:00:c0:a8:63:01 02:00:c0:a8:63:64 "$flood" 30090
most=$(records)
check "a flood gets as far as the firewall" test $(($(service n1 a/open:u new) - at)) -ge $((flood / 2))
note "$(($(service n1 a/open:u new) - at)) connections were dropped on their way, there are $most records"
check "there are no more records than twice what conntrack may have, and some at hand" test "$most" -le 600
first_net sh -c "echo $max >/proc/sys/net/netfilter/nf_conntrack_max"
in_ns n1 nft delete table inet fw

# --- a full table -------------------------------------------------------------------------------

# Entries of finished floods go first.
for n in n1 n2; do in_ns $n conntrack -F 2>/dev/null; done
clients close
clients open 10.96.0.20 40
check_eq "connections are open" "ok 40" "$said"
# conntrack asks each namespace alone; in n1 there are these, and they are assured.
first_net sh -c "echo 45 >/proc/sys/net/netfilter/nf_conntrack_max"
at=$(service n1 a/other:t new)
clients open 10.96.0.20 20
check_match "in a full table new connections fail" '^failed with 4[0-9]:' "$said"
had=$(sed -E 's/.* ([0-9]+):.*/\1/' <<<"$said")
clients ask
check_eq "established ones live on" "ok $had" "$said"
check_eq "conntrack has dropped, the service has counted what it has sent on" "$((had - 40))" \
	"$(($(service n1 a/other:t new) - at))"
first_net sh -c "echo $max >/proc/sys/net/netfilter/nf_conntrack_max"
clients open 10.96.0.20 20
check_eq "with room again they are made" "ok $((had + 20))" "$said"

# --- a hundred thousand new connections in a second -------------------------------------------

# Those of many clients, each packet a connection of its own. pktgen is a thread
# of the kernel; what it offers and what is taken of that is told.
if has_pktgen; then
	clients close
	for n in n1 n2; do in_ns $n conntrack -F 2>/dev/null; done
	clients open 10.96.0.20 20
	check_eq "connections are open" "ok 20" "$said"
	# Dropped in the queue behind the pod's device (those of the underlay drop
	# what was sent on, too); not tracked, for want of room or because two were
	# the same.
	queue_drops() { stat_ns n1 vp1a rx_dropped; }
	conntrack_drops() {
		in_ns n1 conntrack -S | tr ' ' '\n' | awk -F= '$1 == "insert_failed" || $1 == "drop" { n += $2 } END { print n + 0 }'
	}
	# With two processors one has the generator, the other all the rest.
	steer() {
		# shellcheck disable=SC2016  # for the inner shell
		[ "$(busybox grep -c ^processor /proc/cpuinfo)" = 1 ] ||
			in_ns n1 busybox sh -c 'echo "$1" >/sys/class/net/vp1a/queues/rx-0/rps_cpus' - "$1"
	}
	steer 2
	new=$(service n1 a/sink:u new) queued=$(queue_drops) untracked=$(conntrack_drops)
	refused=$(($(drops n1 service-limit) + $(drops n1 nat-failed)))
	bg_ns p1a busybox sh "$TESTS/pktgen" "count $connections" "ratep 100000" "clone_skb 0" "pkt_size 64" \
		"dst_mac $(in_ns n1 cat /sys/class/net/vp1a/address)" "dst 10.96.0.40" "udp_dst_min 80" "udp_dst_max 80" \
		"src_min 10.244.1.20" "src_max 10.244.1.250" "flag IPSRC_RND" \
		"udp_src_min 1024" "udp_src_max 65000" "flag UDPSRC_RND"
	offering=$bg
	offered=$T/bg.$((${#_pids[@]} - 1))
	clients open 10.96.0.20 10
	check_eq "new connections to another service are made" "ok 30" "$said"
	clients ask
	check_eq "and all go on" "ok 30" "$said"
	check "all have been offered" wait_for 120 _gone "$offering"
	check "and sent" grep -q "pkts-sofar: $connections " "$offered"
	# veth tells pktgen of what the queue has no room for (6.12, and late 6.1): that is offered once more.
	attempts=$((connections + $(sed -n 's/.*pkts-sofar: [0-9]* *errors: \([0-9]*\).*/\1/p' "$offered")))
	# shellcheck disable=SC2317  # called by wait_for
	_all_accounted() {
		sums="$(($(service n1 a/sink:u new) - new)) $(($(queue_drops) - queued)) $(($(conntrack_drops) - untracked)) $((
			$(drops n1 service-limit) + $(drops n1 nat-failed) - refused))"
		local all=$(($(tr ' ' '+' <<<"$sums")))
		if [ "$all" -lt $((attempts * 98 / 100)) ] || [ "$all" -gt $((attempts * 102 / 100)) ]; then
			echo "$all of $attempts: $sums"
			return 1
		fi
	}
	# Two in a hundred may have had the addresses and ports of another one, or been
	# answers of the pod that were dropped.
	check "each was sent to the endpoint, or dropped under a name" wait_for 10 _all_accounted
	note "$attempts offered, $(sed -n 's/^ *\([0-9]*\)pps .*/\1/p' "$offered") in a second: sent on, queue full, not tracked, refused: $sums"
	clients ask
	check_eq "afterwards all live on" "ok 30" "$said"
	steer 0
else
	skip "100,000 new connections in a second" "this kernel has no pktgen"
fi

# --- a full flow cache ----------------------------------------------------------------------------

clients close
for n in n1 n2; do
	in_ns $n conntrack -F 2>/dev/null
	k8snetctl -n $n flow flush
	k8snetctl -n $n flow set on limit "$cache"
done
count() { k8snetctl -n "$1" -j flow stats | gojq ".counter[\"$2\"]"; }
cached() { k8snetctl -n "$1" -j flow stats | gojq .flows; }
for a in many first late; do answerer $a "$TESTS/talk.py"; done
for p in 9000 9001; do answer many echo p2a 10.244.2.10 $p >/dev/null; done
answer first open x p1a tcp 10.244.1.10 15000 10.244.2.10 9001 >/dev/null
# shellcheck disable=SC2317  # called by wait_for
_goes_past() {
	local before after

	before=$(count n1 hit)
	answer "$1" say x 5 100 || return
	after=$(count n1 hit)
	[ $((after - before)) -ge 10 ] || { echo "$((after - before)) of 10"; false; }
}
check "a connection goes past the stack" wait_for 10 _goes_past first
size=$(awk '$1 == "k8snet_flow_entry" { print $4 }' /proc/slabinfo)
# It goes on meanwhile: without a packet for a minute it would make room.
while [ ! -e "$T/full" ] && answer first say x 1 100 >/dev/null; do _tick 1; done &
keeper=$!
check "$((cache / 2 + 50)) streams are begun" \
	answer many many p1a 10.244.1.10 10.244.2.10 9000 $((cache / 2 + 50))
: >"$T/full"
check "(the first connection went on meanwhile)" wait "$keeper"
for n in n1 n2; do
	check_eq "the flow cache of $n has as many flows as it may" "$cache" "$(cached $n)"
	check "and has refused what is more" test "$(count $n refuse-full)" -gt 0
done
note "$cache flows of ${size:-?} bytes"
check "the first connection goes past the stack as before" _goes_past first
answer late open x p1a tcp 10.244.1.10 15001 10.244.2.10 9001 >/dev/null
check "a new one is made, and takes the long way" answer late say x 5 1000
check_eq "with the cache as full as it was" "$cache" "$(cached n1)"
clients open 10.96.0.20 20
check_eq "services serve" "ok 20" "$said"
now_ms
at=$now
k8snetctl -n n1 flow flush
now_ms
note "a flush took $((now - at)) ms"
check "after a flush" test "$(cached n1)" -lt 10
check "the late one goes past the stack, too" wait_for 10 _goes_past late
# Without a packet for a minute the others go, unless their connections went
# before: those are given to conntrack's own end here.
in_ns n2 conntrack -F 2>/dev/null
# shellcheck disable=SC2317  # called by wait_for
_few_cached() { [ "$(cached n2)" -lt 10 ]; }
check "flows of connections that have gone go" wait_for 60 _few_cached

ktap_end
