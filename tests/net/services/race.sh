#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two packets of one UDP socket that race, as a resolver's A and AAAA questions do: 10,000 times, one backend each, none dropped.
#
#   p1a (the resolver) - n1 --[ul]-- n2 - p2a, p2b (the name servers)
#
# kubernetes#56903: with a random choice the second packet gets another backend,
# its conntrack entry clashes with that of the first one, and it is dropped.
#
# threads: multi
# timeout: 300

# Words are split where several are meant.
# shellcheck disable=SC2086
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=../../services.sh
. "$TESTS/services.sh"

# Two processes with the same sockets send at the same time; N races in rounds.
cat >"$T/race" <<'PY'
import mmap, os, select, struct, sys, time
import _socket as socket
from traffic import family, in_ns

IN6 = socket.AF_INET6
client, addr, port, n, per_round = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), 200
fam = family(addr)

def server(ns):
    s = in_ns(ns, socket.socket, fam, socket.SOCK_DGRAM, 0)
    s.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)      # SO_RCVBUFFORCE
    s.bind(('', 53))
    return s

def serve(s, name):
    while True:
        got, who = s.recvfrom(100)
        s.sendto(got + name, who)

servers = []
for ns in sys.argv[5:]:
    # There before anybody asks.
    s = server(ns)
    pid = os.fork()
    if not pid:
        serve(s, ns.encode())
    servers.append(pid)
at = memoryview(mmap.mmap(-1, 4096)).cast('q')
races = lost = split = 0
while races < n:
    sockets = []
    for i in range(per_round):
        s = in_ns(client, socket.socket, fam, socket.SOCK_DGRAM, 0)
        # Never one that another race has had: conntrack drops a packet that it is
        # to enter while it removes that one's old entry (__nf_ct_resolve_clash()).
        s.bind(('', 10000 + races + i))
        s.connect((addr, port))
        sockets.append(s)
    at[0] = at[1] = -1
    me = 0
    pid = os.fork()
    if not pid:
        me = 1
    for i, s in enumerate(sockets):
        at[me] = i
        while at[1 - me] < i:
            os.sched_yield()
        s.send(b'A' if me else b'a')
    if me:
        os._exit(0)
    for s in sockets:
        got = []
        while len(got) < 2 and select.select([s], [], [], 2)[0]:
            got.append(s.recv(100))
        lost += 2 - len(got)
        split += len({g[1:] for g in got}) > 1
        s.close()
    os.waitpid(pid, 0)
    races += per_round
for pid in servers:
    os.kill(pid, 9)
print(races, lost, split)
PY

ktap_start
topo_cluster 2
service add d/dns:udp udp .53:53 @p2a:53 @p2b:53
clashes() { in_ns n1 conntrack -S | sed 's/.*clash_resolve=\([0-9]*\).*/\1/' | busybox awk '{ n += $1 } END { print n }'; }
failed() { in_ns n1 conntrack -S | sed 's/.*insert_failed=\([0-9]*\).*/\1/' | busybox awk '{ n += $1 } END { print n }'; }

# On one processor nothing races: a few only, to see that nothing is lost.
races=5000
[ "$(busybox grep -c ^processor /proc/cpuinfo)" -gt 1 ] || races=200
for f in 4 6; do
	of $f .53
	before=$(clashes)
	check_eq "$races races over IPv$f: no packet is lost, no socket has two backends" "$races 0 0" \
		"$(python3 -S "$T/race" p1a "$of" 53 $races p2a p2b)"
	note "$(($(clashes) - before)) of them were races for conntrack, too; failed to insert: $(failed)"
done
check_eq "both backends were used" 2 "$(k8snetctl -n n1 -j endpoint show d/dns:udp |
	gojq '[.[] | select(.address | contains(":") | not) | select(.new > 0)] | length')"

# The same without chance: both packets wait between translation and the end of
# their way through the hooks, where the entry becomes known; then they go on.
cat >"$T/queue" <<'PY'
import select, sys
import _socket as socket
from nfqueue import Queue
from traffic import in_ns

client, addr, port, n = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
fam = socket.AF_INET6 if ':' in addr else socket.AF_INET
queue = Queue('n1')

lost = split = 0
for i in range(n):
    s = in_ns(client, socket.socket, fam, socket.SOCK_DGRAM, 0)
    # A port that another race has had is in conntrack still: not new.
    s.bind(('', 20000 + i))
    s.connect((addr, port))
    # Who answers says so.
    s.send(b'id')
    s.send(b'id')
    numbers = queue.wait(2)
    if len(numbers) < 2:
        sys.exit('%d packets in the queue' % len(numbers))
    for number in numbers:
        queue.accept(number)
    got = []
    while len(got) < 2 and select.select([s], [], [], 1)[0]:
        got.append(s.recv(100))
    lost += 2 - len(got)
    split += len({g.split()[0] for g in got}) > 1
    s.close()
print(n, lost, split)
PY
in_ns n1 nft 'add table inet race { chain c { type filter hook forward priority 0; }; }'
if in_ns n1 nft 'add rule inet race c meta l4proto udp ct direction original ct state new queue num 0' 2>/dev/null; then
	for p in p2a p2b; do pods serve $p $p udp,54 >/dev/null; done
	service replace d/dns:udp udp .53:53 @p2a:54 @p2b:54
	for f in 4 6; do
		of $f .53
		in_ns n1 conntrack -F 2>/dev/null
		before=$(clashes)
		check_eq "50 races that are certain, IPv$f" "50 0 0" "$(python3 -S "$T/queue" p1a "$of" 53 50)"
		resolved=$(($(clashes) - before))
		note "conntrack had to resolve $resolved of them"
	done
	if [ "$resolved" -gt 0 ]; then
		service replace d/dns:udp udp .53:53 algorithm random @p2a:54 @p2b:54
		of 4 .53
		in_ns n1 conntrack -F 2>/dev/null
		said=$(python3 -S "$T/queue" p1a "$of" 53 50)
		note "with algorithm random: $said (races, packets lost, sockets with two backends)"
		read -r _ lost split <<<"$said"
		check "with a random choice not all go well: this is what Maglev is for" [ $((lost + split)) -gt 0 ]
	else
		skip "with a random choice not all go well" "this kernel looks for the entry again when a packet leaves the queue"
	fi
else
	skip "races that are certain" "this kernel has no nft queue"
fi

ktap_end
