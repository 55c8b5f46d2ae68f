#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two processors change nodes, services, devices, settings and flow cache at the same time, under traffic: then all is as written last, and traffic as before.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10 (servers)
#    (clients)         n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#                     d0, d1              br0         `-- p2b 10.244.2.11 (servers)
#
# 10.96.0.20:90 and fd00:96::20 are p2a:9090, p2b:9090 or both. Each processor
# has a writer and a client of its own (taskset). Writer K has the nodes cK-*,
# the services cK/*, the device dK and the namespace xK for itself; both write
# worker2, the service in use and what there is only one of.
#
# SMP_ROUNDS: of each writer (12; 39 at most)
#
# timeout: 600

. "$(dirname "$0")/../lib.sh"

[ "$(busybox grep -c ^processor /proc/cpuinfo)" -gt 1 ] ||
	skip_all "one processor: nothing happens at the same time"
rounds=${SMP_ROUNDS:-12}

ktap_start
topo_two_nodes_dual
k8snet_node_dual n1 1 2
k8snet_node_dual n2 2 1
for n in n1 n2; do
	k8snetctl -n $n -b - <<-BATCH
		config set services 10.96.0.0/16,fd00:96::/112
		service add a/b:t tcp 10.96.0.20:90,[fd00:96::20]:90 endpoint 10.244.2.10:9090 endpoint [fd00:244:2::10]:9090
		service add a/b:u udp 10.96.0.20:90,[fd00:96::20]:90 endpoint 10.244.2.10:9090 endpoint [fd00:244:2::10]:9090
	BATCH
done
talk_start
for a in 10.244.2.10 fd00:244:2::10; do talk echo p2a $a 9090 >/dev/null; done
for a in 10.244.2.11 fd00:244:2::11; do talk echo p2b $a 9090 >/dev/null; done

# --- what is written -----------------------------------------------------------------

# Everything is said by k8snetctl -b, each command by itself, transactions
# excepted; what a round ends with is the same in all but its number.
cat >"$T/script" <<'PY'
import sys

k, rounds, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def service(name, proto, front, backs, words=''):
    return 'service replace %s %s %s %s %s' % (
        name, proto, front, ' '.join('endpoint ' + b for b in backs), words)


def in_use(proto, r):
    both = [['10.244.2.%d:9090' % n, '[fd00:244:2::%d]:9090' % n] for n in (10, 11)]
    backs = (both[0], both[1], both[0] + both[1])[r % 3]
    return service('a/b:' + proto[0], proto, '10.96.0.20:90,[fd00:96::20]:90', backs,
                   ('', 'affinity 60', 'algorithm random', 'algorithm lc')[(r + k) % 4])


for r in range(1, rounds + 1):
    out = ['link set d%d id %d port %d' % (k, 100 + k, 9000 + k),
           'link set d%d ttl %d dscp %d strict %s' % (k, 1 + r, r % 64, ('on', 'off')[r % 2])]
    for i in range(6):
        out.append('node replace c%d-%d dev k8snet0 via 192.168.%d.%d pods 10.%d.%d.0/24,fd00:%d:%d::/64' % (
            k, i, 100 + k, 40 * i + r, 100 + k, i, 100 + k, i))
        out.append('node add w%d dev d%d via 192.168.98.%d pods 10.%d.%d.0/24' % (i, k, 1 + i, 110 + k, i))
    out.append('node replace worker2 dev k8snet0 via 192.168.99.2 pods 10.244.2.0/24,fd00:244:2::/64,10.%d.%d.0/24' % (120 + k, r))
    for i in range(6):
        out.append(service('c%d/s:%d' % (k, i), ('udp', 'tcp')[i % 2], '10.96.%d.%d:80' % (10 + k, 1 + i),
                           ['10.244.1.%d:%d' % (20 + n, 1000 + r) for n in range(1 + (i + r) % 12)],
                           ('', 'affinity 30', 'algorithm rr', 'limit 100')[i % 4] + ' nodeport %d' % (31000 + 10 * k + i)))
        out.append(in_use(('tcp', 'udp')[i % 2], r + i))
        out.append('endpoint replace c%d/s:%d 10.244.1.20:%d weight %d' % (k, i, 1000 + r, 1 + i))
        out += ['flow flush', 'flow set limit %d' % (10 + 1000 * i), 'flow set peer %s ingress %s early %s' % tuple(('on', 'off')[(i + k) // n % 2] for n in (1, 2, 3)), 'config set vip-ping %s' % ('on', 'off')[i % 2]]
    # Somebody else changes the tables all the time: perhaps it is refused.
    out += ['transaction begin']
    for i in range(6, 9):
        out.append(service('c%d/s:%d' % (k, i), 'udp', '10.96.%d.%d:80' % (10 + k, 1 + i), ['10.244.1.20:%d' % (1000 + r)]))
    out += ['transaction commit',
            'node del c%d-%d dev k8snet0' % (k, r % 6), 'service del c%d/s:%d' % (k, r % 6),
            'egress set %s' % ('on', 'off')[(r + k) % 2],
            'node show', 'link show', 'service show', 'endpoint show', 'flow show', 'stats', 'config show',
            'explain tcp 10.244.1.10:1 to 10.96.0.20:90 iif vp1a',
            'flow set %s' % ('off', 'on')[r % 2], 'config set seed none']
    open('%s/batch.%d.%d' % (folder, k, r), 'w').write('\n'.join(out) + '\n')
PY
for k in 0 1; do python3 -S "$T/script" $k "$rounds" "$T"; done

# writer K - all rounds; what was not done is in err.K, "done" at the end
cat >"$T/writer" <<'SH'
k=$1 rounds=$2 T=$3
for ((r = 1; r <= rounds; r++)); do
	ip -n n1 link add d$k type k8snet || exit 1
	k8snetctl -n n1 -f -b "$T/batch.$k.$r" >/dev/null
	ip -n n1 -b - <<-BATCH || exit 1
		link set d$k up
		addr add 10.13$k.0.1/32 dev d$k
		route add 10.11$k.0.0/16 dev d$k
		link set d$k mtu $((1300 + r))
		link set k8snet0 mtu $((1400 + r % 2))
		link set d$k down
		link set d$k name e$k
		link set e$k up
	BATCH
	if ((r % 3)); then
		ip -n n1 link del e$k || exit 1
	else
		ip netns add x$k && ip -n n1 link set e$k netns x$k && ip -n x$k link add k8snet0 type k8snet &&
			k8snetctl -n x$k service add a/b:c udp 10.96.0.1:80 endpoint 10.1.0.1:80 && ip netns del x$k || exit 1
	fi
	echo $r >"$T/round.$k"
done
echo done
SH

# --- traffic -------------------------------------------------------------------------

# Until its input ends: connections and datagrams to the service, each of a
# socket of its own, and a connection that stays; how often the bytes came back,
# did not, and were others.
cat >"$T/client" <<'PY'
import os, select, sys, time
import _socket as socket
from traffic import family, in_ns

addr, source = sys.argv[1:3]
fine, lost, wrong = {}, {}, 0
fam = family(addr)


def new(kind, seconds):
    s = in_ns('p1a', socket.socket, fam, kind)
    s.settimeout(seconds)
    s.bind((source, 0))
    s.connect((addr, 90))
    return s


def echo(s, text):
    global wrong
    s.send(text)
    got = b''
    while len(got) < len(text):
        more = s.recv(65536)
        if not more:
            return False
        got += more
    wrong += got != text
    return True


stays = new(socket.SOCK_STREAM, 60)
while not select.select([0], [], [], 0)[0]:
    for what in 'connections', 'datagrams', 'messages':
        text = os.urandom(4000 if what == 'messages' else 400)
        s = stays
        try:
            if s is stays and what != 'messages':
                s = new(*((socket.SOCK_STREAM, 60) if what == 'connections' else (socket.SOCK_DGRAM, 1)))
            done = echo(s, text)
        except OSError:
            done = False
        if s is not stays:
            s.close()
        if not done and what == 'messages':
            stays.close()
            stays = new(socket.SOCK_STREAM, 60)
        to = fine if done else lost
        to[what] = to.get(what, 0) + 1
print(' '.join('%s %d of %d' % (w, n, n + lost.get(w, 0)) for w, n in fine.items()), 'lost %d' % sum(
    lost.get(w, 0) for w in ('connections', 'messages')), 'wrong %d' % wrong)
PY

client=() end=()
for k in 0 1; do
	addr=10.96.0.20 source=10.244.1.10
	[ $k = 0 ] || addr=fd00:96::20 source=fd00:244:1::10
	mkfifo "$T/client.$k"
	busybox taskset $((1 << k)) python3 -S "$T/client" $addr $source <"$T/client.$k" >"$T/traffic.$k" 2>&1 &
	client[k]=$!
	_pids+=($!)
	exec {_fd}>"$T/client.$k"
	end[k]=$_fd
done
for k in 0 1; do
	busybox taskset $((1 << k)) bash "$T/writer" $k "$rounds" "$T" >"$T/writer.$k" 2>"$T/err.$k" </dev/null &
	_pids+=($!)
	writer[k]=$!
done
disown -a
_gone_all() { for p; do _gone "$p" || { cat "$T"/round.*; return 1; }; done; }
check "two processors write at the same time, $rounds rounds each" wait_for 100 _gone_all "${writer[@]}"
for k in 0 1; do
	echo end >&"${end[k]}"
	check "client $k ends" wait_for 60 _gone "${client[k]}"
	check_eq "writer $k got to its end" "done" "$(cat "$T/writer.$k")"
	# Both transactions are of the tables as they were at their beginning.
	check_eq "nothing was refused but transactions that were overtaken" "" \
		"$(grep -v 'since the transaction began; begin again$' "$T/err.$k" | head -n 5)"
	note "$(grep -c ': transaction: ' "$T/err.$k") of $rounds transactions were overtaken"
	check_match "connections and what stays live on, all bytes as they were" ' lost 0 wrong 0$' "$(cat "$T/traffic.$k")"
	note "$(cat "$T/traffic.$k")"
done

# --- as written last -----------------------------------------------------------------

last=$((rounds % 6))
for k in 0 1; do
	wanted=$(for ((i = 0; i < 6; i++)); do [ $i = $last ] || echo "c$k-$i 192.168.$((100 + k)).$((40 * i + rounds)) 10.$((100 + k)).$i.0/24"; done)
	check_eq "the nodes of writer $k are those of its last round" "$wanted" \
		"$(k8snetctl -n n1 -j node show dev k8snet0 | gojq -r ".[] | select(.name | startswith(\"c$k-\")) |
			.name + \" \" + .via + \" \" + .pods[0]" | sort)"
	wanted=$(for ((i = 0; i < 6; i++)); do [ $i = $last ] || echo "c$k/s:$i $((1 + (i + rounds) % 12))"; done)
	check_eq "and its services" "$wanted" "$(k8snetctl -n n1 -j endpoint show | gojq -r \
		"[.[] | select(.service | test(\"^c$k/s:[0-5]\")) | select(.port == $((1000 + rounds)))] |
		group_by(.service)[] | .[0].service + \" \" + (length | tostring)")"
done
check_match "worker2 is as one of them wrote it last" "^10\.12[01]\.$rounds\.0/24\$" \
	"$(k8snetctl -n n1 -j node show worker2 | gojq -r '.[0].pods[] | select(startswith("10.12"))')"
check_eq "no device is left but the first" "k8snet0" "$(k8snetctl -n n1 -j link show | gojq -r '[.[].ifname] | join(" ")')"

# --- traffic as before -------------------------------------------------------------------

# What waits for a neighbour's answer has gone.
k8snetctl -n n1 flow set on limit 65536
for a in 4 6; do
	from=10.244.1.10 to=10.96.0.20
	[ $a = 4 ] || from=fd00:244:1::10 to=fd00:96::20
	check "a new connection, IPv$a" talk open t$a p1a tcp $from 4100$a $to 90
	check "carries 1 MB there and back" talk say t$a 4 250000
	check "datagrams" talk open u$a p1a udp $from 4200$a $to 90
	check "come back" talk say u$a 20 500
done
# shellcheck disable=SC2016  # for the inner shell
check "the device's TX dropped is the sum of its reasons" wait_for 5 bash -c '
	a=$(ip -n n1 -s -j link show dev k8snet0 | gojq ".[0].stats64.tx.dropped")
	b=$(k8snetctl -n n1 -j stats | gojq "[.[] | select(.ifname == \"k8snet0\").counter[] | select(.reason | startswith(\"tx-\")).packets] | add")
	[ "$a" = "$b" ] || { echo "$a $b"; false; }'
for n in n1 n2; do ip netns del $n; done
check "with the nodes everything goes" wait_for 30 slabs_empty
check "the module can be removed" wait_for 20 rmmod k8snet

ktap_end
