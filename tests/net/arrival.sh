#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tunnel packets of flows that are remembered: whatever is wrong about one has the same fate as without the flow cache.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10 (server)
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#                                         br0               `-- p2b 10.244.2.11
#
# n2 knows worker3, 192.168.99.3, too. Frames out of n1 have the addresses and
# ports of a connection of p1a's in them, which n2 has in its flow cache.

. "$(dirname "$0")/../lib.sh"

# It is about the cache.
unset K8SNET_FLOW

ktap_start
topo_two_nodes_dual
k8snet_node_dual n1 1 2
k8snet_node_dual n2 2 1 3
for n in n1 n2; do
	# For conntrack.
	k8snetctl -n $n service add default/a:x tcp 10.96.0.20:90 endpoint 10.244.2.10:9090
	k8snetctl -n $n service add default/b:x udp 10.96.0.30:80 endpoint 10.244.2.10:9090
	k8snetctl -n $n service add default/b6:x udp '[fd00:96::30]:80' endpoint '[fd00:244:2::10]:9090'
done

cat >"$T/arrival.py" <<'PY'
import sys
import _socket as socket
import pkt
import probe
from traffic import in_ns

CLIENT = {4: ('10.244.1.10', 40001), 6: ('fd00:244:1::10', 40001)}
SERVICE = {4: ('10.96.0.30', 80), 6: ('fd00:96::30', 80)}
SERVER = {4: ('10.244.2.10', 9090), 6: ('fd00:244:2::10', 9090)}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
TYPE = {4: 0x0800, 6: 0x86dd}
servers, clients, callers = {}, {}, {}
for f in 4, 6:
    servers[f] = in_ns('p2a', socket.socket, FAMILY[f], socket.SOCK_DGRAM)
    servers[f].bind(SERVER[f])
    servers[f].setsockopt(*((socket.IPPROTO_IP, socket.IP_RECVTOS, 1) if f == 4 else
                            (socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)))
    for ends, port, to in (clients, 40001, SERVER), (callers, 40004, SERVICE):
        ends[f] = in_ns('p1a', socket.socket, FAMILY[f], socket.SOCK_DGRAM)
        ends[f].bind((CLIENT[f][0], port))
        ends[f].connect(to[f])
    for s in servers[f], clients[f], callers[f]:
        s.settimeout(probe.PATIENCE)


def exchange(n, to='server'):
    """So many datagrams there and back, in each family."""
    for f in 4, 6:
        end = (callers if to == 'service' else clients)[f]
        for i in range(int(n)):
            end.send(b'question %d' % i)
            said, where = servers[f].recvfrom(100)
            servers[f].sendto(said, where)
            if end.recv(100) != said:
                raise probe.Failed('another answer')


def frame(name, f, src='192.168.99.1', dst='192.168.99.2', vni=1, flags=8, reserved=0, check=0,
          outer=None, inner=None, ethertype=None, port=8472, short=0, split=0, at='n1',
          sport=None):
    head = dict(inner or {})
    (saddr, known), (daddr, dport) = CLIENT[f], SERVER[f]
    packet = (pkt.ipv4 if f == 4 else pkt.ipv6)(saddr, daddr, 17, pkt.udp(
        saddr, daddr, sport or known, dport, name.encode()), **head)
    if short:
        packet = packet[:-short]
    tunnel = pkt.vxlan(vni, pkt.eth('0a:58:00:00:00:01', '0a:58:00:00:00:02', packet,
                                    ethertype or TYPE[f]), flags=flags, reserved2=reserved)
    body = pkt.udp(src, dst, 50000, port, tunnel, check=check)
    macs = ('02:00:c0:a8:63:01', '02:00:c0:a8:63:02') if at == 'n1' else ('02:00:00:00:00:0b', sys.argv[1])
    parts = [(body, {})] if not split else [
        (body[:split], {'flags': 1}), (body[split:], {'flags': 0, 'frag': split // 8})]
    return [(at, 'eth0', pkt.eth(*macs, pkt.ipv4(
        src, dst, 17, part, **{**(outer or {}), **more}))) for part, more in parts]


FRAMES = {
    'good': {},
    'summed': {'check': None},
    'badly-summed': {'check': 0x1234},
    'stranger': {'src': '192.168.99.77'},
    'other-node': {'src': '192.168.99.3'},
    'pod': {'at': 'p2b'},
    'elsewhere': {'dst': '192.168.99.9'},
    'second': {'dst': '192.168.99.22'},
    'vni': {'vni': 2},
    'flags': {'flags': 0},
    'reserved': {'reserved': 1},
    'port': {'port': 8473},
    'options': {'outer': {'options': b'\1\1\1\1'}},
    'fragments': {'split': 64},
    'outer-ttl': {'outer': {'ttl': 1}},
    'ethertype': {'ethertype': 0x0806},
    'ce': {'outer': {'tos': 3}, 'inner': {'tos': 2}},
    'ce-on-deaf': {'outer': {'tos': 3}},
    'ect1': {'outer': {'tos': 1}, 'inner': {'tos': 2}},
    'ect0': {'outer': {'tos': 2}, 'inner': {'tos': 2}},
    'ect0-on-deaf': {'outer': {'tos': 2}},
    'dscp': {'inner': {'tos': 0x28}},
    'ttl': {'inner': {'ttl': 1}},
    'long': {'inner': {'length': 200}},
    'short': {'short': 4},
    'version': {'inner': {'version': 5}},
    'unknown': {'sport': 40002},
    'unknown-elsewhere': {'sport': 40002, 'dst': '192.168.99.9'},
}
ONLY4 = {
    'sum': {'inner': {'check': 0x1234}},
    'inner-options': {'inner': {'options': b'\1\1\1\1'}},
    'inner-fragment': {'inner': {'flags': 1}},
}
for f in 4, 6:
    for name, how in {**FRAMES, **(ONLY4 if f == 4 else {})}.items():
        probe.FRAMES['%s%d' % (name, f)] = frame(name, f, **how)
    probe.FRAMES['end%d' % f] = frame('end', f)


def drain(end):
    end.setblocking(False)
    try:
        while True:
            end.recv(200)
    except BlockingIOError:
        end.settimeout(probe.PATIENCE)


def fate(name):
    """What becomes of a packet: arrives and with which TOS, a drop's reason, or -."""
    f = int(name[-1])
    drain(servers[f])
    probe.mark()
    probe.send(name, 'end%d' % f)
    out = []
    while True:
        try:
            said, tos, _, _ = servers[f].recvmsg(200, 100)
        except TimeoutError:
            raise probe.Failed('%s, and the good one behind it has not come' % name)
        if said == b'end':
            break
        if said != name[:-1].encode():
            raise probe.Failed('%s has come as %s' % (name, said))
        out.append('arrives %d' % tos[0][2][0])
    out += [c for c in probe.changes('n2') if c.split('+')[0].split('.')[-1] not in ('rx', 'dropped')]
    return ','.join(out) or '-'


def fates():
    return ' '.join('%s=%s' % (name, fate(name).replace(' ', ':')) for name in sorted(probe.FRAMES)
                    if name[-1] in '46' and name[:-1] not in ('end', 'second'))


def generated(f, n, size, to='server'):
    """So many datagrams of pktgen's have come, each once, of that size."""
    end = (callers if to == 'caller' else servers)[int(f)]
    seen = []
    while len(seen) < int(n):
        said = end.recv(2000)
        if said[:4] != b'\xbe\x9b\xe9\x55' or len(said) != int(size):
            raise probe.Failed('%d: %s' % (len(said), said[:16].hex()))
        seen.append(int.from_bytes(said[4:8], 'big'))
    drain(end)
    if len(set(seen)) != len(seen):
        raise probe.Failed('some came twice')


# Both ends of a TCP connection, without sockets: name, end, flags, sequence, acknowledged.
ENDS = {'p1a': ('10.244.1.10', 40010, '02:00:00:00:00:0a', 2), 'p2a': ('10.244.2.10', 9099, '02:00:00:00:00:0a', 3)}
for name, ns, flags, seq, ack in (
        ('syn', 'p1a', 'S', 100, 0), ('synack', 'p2a', 'SA', 500, 101), ('ack', 'p1a', 'A', 101, 501),
        ('back', 'p2a', 'A', 501, 101),
        ('syn-again', 'p1a', 'S', 90000, 0), ('synack-again', 'p2a', 'SA', 80000, 90001),
        ('ack-again', 'p1a', 'A', 90001, 80001), ('back-again', 'p2a', 'A', 80001, 90001)):
    src, sport, mac, gateway = ENDS[ns]
    dst, dport = ENDS['p2a' if ns == 'p1a' else 'p1a'][:2]
    probe.FRAMES[name] = [(ns, 'eth0', pkt.eth(mac, sys.argv[gateway], pkt.ipv4(
        src, dst, 6, pkt.tcp(src, dst, sport, dport, flags, seq, ack))))]

probe.watch('n2')
probe.COMMANDS.update(exchange=exchange, fate=fate, fates=fates, generated=generated)
probe.main()
PY
gateway1=$(in_ns n1 cat /sys/class/net/vp1a/address)
gateway2=$(in_ns n2 cat /sys/class/net/vp2a/address)
probe_start "$T/arrival.py" "$(in_ns n2 cat /sys/class/net/vp2b/address)" "$gateway1" "$gateway2"

counter() { k8snetctl -n n2 -j flow stats | gojq ".counter[\"$1\"]"; }
# Both flows, both ways, past the stack.
_settled() {
	local before

	before=$(counter hit-ingress)
	probe exchange 5 || return
	[ $(($(counter hit-ingress) - before)) -ge 20 ] || { echo "$(($(counter hit-ingress) - before)) hits"; false; }
}
settled() { wait_for 10 _settled; }

# _through N - are so many packets hits, wherever, while 5 datagrams come back in each family?
_through() {
	local before

	before=$(counter hit)
	probe exchange 5 || return
	[ $(($(counter hit) - before)) -ge "$1" ]
}

# hits N FRAME - does so much rise when that frame comes, and the good one behind it?
hits() {
	local before

	before=$(counter hit)
	probe fate "$2" >/dev/null && [ $(($(counter hit) - before)) = "$1" ]
}

# (UDP is learned after two seconds.)
before=$(counter miss)
check "datagrams while the cache is empty" probe exchange 1
check_eq "ask it for nothing" "$before" "$(counter miss)"
check "connections are in the cache" settled
check "what the node sends is a hit" hits 2 good4
check "by IPv6, too" hits 2 good6

# --- packets that their sender keeps --------------------------------------------------

# generate SIZE POD PORT TO PORT - 50 packets of that size, summed up by their sender
generate() {
	local from=${addr[$2]} mac=$gateway1

	[ "$2" = p1a ] || mac=$gateway2
	[[ $4 != *:* ]] || from=${addr6[$2]}
	pktgen_send "$2" "$mac" 50 "$1" "$from" "$3" "$4" "$5" "flag UDPCSUM" >/dev/null
}
declare -A addr=([p1a]=10.244.1.10 [p2a]=10.244.2.10) addr6=([p1a]=fd00:244:1::10 [p2a]=fd00:244:2::10)
declare -A server=([4]=10.244.2.10 [6]=fd00:244:2::10) vip=([4]=10.96.0.30 [6]=fd00:96::30)
declare -A client=([4]=10.244.1.10 [6]=fd00:244:1::10)
hit1() { k8snetctl -n n1 -j flow stats | gojq .counter.hit; }
_serves() {
	local before

	before=$(hit1)
	probe exchange 5 service || return
	[ $(($(hit1) - before)) -ge 20 ] || { echo "$(($(hit1) - before)) hits"; false; }
}
if has_pktgen; then
	check "a service's connections are in the cache" wait_for 10 _serves
	# pktgen sums up only for devices that do not.
	for p in p1a p2a; do in_ns $p ethtool -K eth0 tx off >/dev/null; done
	for f in 4 6; do
		for size in 100 1400; do
			before=$(counter hit)
			# Ethernet, IP and UDP are in the size.
			payload=$((size - (f == 4 ? 42 : 62)))
			generate $size p1a 40001 "${server[$f]}" 9090
			check "IPv$f: 50 packets of $size bytes come as they were sent" probe generated $f 50 $payload
			check_eq "IPv$f: all of them past the stack" 50 $(($(counter hit) - before))
			# Their check sums are made anew: nobody takes wrong ones.
			before=$(hit1)
			generate $size p1a 40004 "${vip[$f]}" 80
			check "IPv$f: so they do to a service" probe generated $f 50 $payload
			generate $size p2a 9090 "${client[$f]}" 40004
			check "IPv$f: and from one" probe generated $f 50 $payload caller
			check_eq "IPv$f: past the stack" 100 $(($(hit1) - before))
		done
	done
	for p in p1a p2a; do in_ns $p ethtool -K eth0 tx on >/dev/null; done
else
	skip "packets of pktgen" "this kernel has no pktgen"
fi

# --- what the tunnel leaves to a pod's device -----------------------------------------

# A bridge cannot sum what is in a tunnel: it would sum a packet that looks as if
# it still were in one, which the pod's veth need not have done.
talk_start
ns_new p2c
ip -n n2 -b - <<-BATCH
	link add br1 type bridge
	link add vp2c type veth peer name eth0 netns p2c
	link set vp2c master br1 up
	link set br1 up
	addr add 10.244.2.129/25 dev br1
BATCH
ip -n p2c -b - <<-BATCH
	addr add 10.244.2.130/25 dev eth0
	link set eth0 up
	route add default via 10.244.2.129
BATCH
check "an echo on a pod of a bridge" talk echo p2c 10.244.2.130 9091
check "a connection" talk open b p1a udp 10.244.1.10 40003 10.244.2.130 9091
_goes_past() {
	local before

	before=$(counter hit)
	talk say b 5 100 || return
	# With br_netfilter what comes out of a bridge is left to the stack.
	[ $(($(counter hit) - before)) -ge 5 ] || { echo "$(($(counter hit) - before)) of 5"; false; }
}
# summed - sets $summed: is the checksum of a packet to the pod there already?
_captured() { [ "$(capture_count)" -ge 1 ]; }
summed() {
	capture_start p2c eth0 'udp dst port 9091'
	talk say b 1 100 >/dev/null
	wait_for 5 _captured >/dev/null
	capture_stop >/dev/null
	summed=$(pkt decode "$capture" | gojq -s '.[0].csums_ok')
}
check "past the stack" wait_for 10 _goes_past
summed
with=$summed
k8snetctl -n n2 flow set off
summed
check_eq "its checksum is left to the pod's device as without the cache" "$summed" "$with"
check_eq "which has none to make" false "$with"
k8snetctl -n n2 flow set on

# --- the same fate with and without ------------------------------------------------------

check "fates with the cache" probe fates
with=$(tr ' ' '\n' <"$T/out")
check "(they are in it as before)" settled
k8snetctl -n n2 flow set off
check "fates without" probe fates
check_eq "are the same" "$(tr ' ' '\n' <"$T/out")" "$with"
k8snetctl -n n2 flow set on
fate() { sed -n "s/^$1=//p" <<<"$with"; }
for f in 4 6; do
	check_eq "IPv$f: a good one arrives" arrives:0 "$(fate good$f)"
	check_eq "IPv$f: from a stranger" rx-outer-source+1 "$(fate stranger$f)"
	check_eq "IPv$f: from another node" rx-inner-source+1 "$(fate other-node$f)"
	check_eq "IPv$f: from a pod that says it is the node" rx-outer-device+1 "$(fate pod$f)"
	check_eq "IPv$f: for another host" - "$(fate elsewhere$f)"
	check_eq "IPv$f: for another VNI" rx-no-device+1 "$(fate vni$f)"
	check_eq "IPv$f: with a header that is not VXLAN's" "rx-header+1 rx-header+1" \
		"$(fate flags$f) $(fate reserved$f)"
	check_eq "IPv$f: the outer checksum is right, or wrong" "arrives:0 -" \
		"$(fate summed$f) $(fate badly-summed$f)"
	check_eq "IPv$f: with options, in fragments" "arrives:0 arrives:0" "$(fate options$f) $(fate fragments$f)"
	check_eq "IPv$f: congestion outside is told inside" "arrives:3 rx-ecn+1" "$(fate ce$f) $(fate ce-on-deaf$f)"
	check_eq "IPv$f: so is ECT(1)" "arrives:1 arrives:2 arrives:0" \
		"$(fate ect1$f) $(fate ect0$f) $(fate ect0-on-deaf$f)"
	check_eq "IPv$f: another DSCP" arrives:40 "$(fate dscp$f)"
	check_eq "IPv$f: the inner TTL runs out" - "$(fate ttl$f)"
	check_eq "IPv$f: longer than it is" rx-inner-header+1 "$(fate long$f)"
	check_eq "IPv$f: another version" rx-inner-header+1 "$(fate version$f)"
	check_eq "IPv$f: no IP at all" rx-protocol+1 "$(fate ethertype$f)"
done
check_eq "a wrong header checksum" - "$(fate sum4)"
check_eq "inner options" arrives:0 "$(fate inner-options4)"
check_eq "an inner fragment" - "$(fate inner-fragment4)"

# --- what is in no flow is looked for once -------------------------------------------------

# misses FRAME - how many packets of no flow there are when that one comes, and one that has a flow behind it
misses() {
	local before

	before=$(counter miss)
	probe fate "$1" >/dev/null
	echo $(($(counter miss) - before))
}
check "in the cache as before" settled
for f in 4 6; do
	check_eq "IPv$f: a tunnel packet of no flow" 1 "$(misses unknown$f)"
	check_eq "IPv$f: for another host, it is looked for in no tunnel" 0 "$(misses unknown-elsewhere$f)"
done
k8snetctl -n n2 link set k8snet0 strict off
check "a device that is not strict has the connections in the cache, too" wait_for 10 _through 10
for f in 4 6; do check_eq "IPv$f: what is not is looked for once" 1 "$(misses unknown$f)"; done
k8snetctl -n n2 link set k8snet0 strict on

# --- what was found right is asked again when it may have changed -------------------------

check "in the cache again" settled
ip -n n2 route add 192.168.99.1/32 dev vp2b
for f in 4 6; do
	check "IPv$f: the route to the node is another one: what comes the old way is dropped" \
		probe count n2 rx-outer-device+1,dropped+1 good$f
done
ip -n n2 route del 192.168.99.1/32
for f in 4 6; do
	check_eq "IPv$f: and not any more when it is back" "ok arrives 0" "$(probe fate good$f)"
	check "IPv$f: past the stack" hits 2 good$f
done

for f in 4 6; do
	ip -n n2 addr add 192.168.99.22/32 dev eth0
	check_eq "IPv$f: a second address of this node" "ok arrives 0" "$(probe fate second$f)"
	# The flow's first packet behind a flush is the one that is remembered.
	k8snetctl -n n2 flow flush
	check "IPv$f: to which a flow's packets come" \
		probe count n2 worker1.rx+3,rx+3 second$f second$f second$f
	check_eq "IPv$f: and arrive" "ok arrives 0" "$(probe fate second$f)"
	check "IPv$f: past the stack" hits 2 second$f
	ip -n n2 addr del 192.168.99.22/32 dev eth0
	check_eq "IPv$f: is gone: they do not arrive" "ok -" "$(probe fate second$f)"
	check "IPv$f: others do" hits 1 second$f
done

# Ends that have lost a connection and make it anew, with what is cached of the old
# one: conntrack takes the answer as it is, and the cache must not go on without it.
for p in p1a p2a; do
	in_ns $p nft 'table ip quiet { chain c { type filter hook output priority 0; tcp flags rst drop; }; }'
done
tcp_flows() { k8snetctl -n n1 -j flow show | gojq -c 'map(select(.protocol == "tcp")) | length'; }
_tcp_cached() {
	carry p2a ack && carry p1a back && [ "$(tcp_flows)" = 2 ]
}
# carry POD FRAME - sends it, and waits until it has come to the pod that it is for
_rx_from() { [ "$(stat_ns "$1" eth0 rx_packets)" -ge "$2" ]; }
carry() {
	local seen

	seen=$(stat_ns "$1" eth0 rx_packets)
	probe send "$2" >/dev/null
	wait_for 5 _rx_from "$1" $((seen + 1))
}
carry p2a syn
carry p1a synack
check "both directions of a TCP connection are in the cache" wait_for 10 _tcp_cached
before=$(hit1)
carry p1a back
check_eq "(answers go past the stack)" $((before + 1)) "$(hit1)"
k8snetctl -n n1 flow set limit 1
carry p2a syn-again
carry p1a synack-again
carry p2a ack-again
before=$(hit1)
check "its answers arrive" carry p1a back-again
check_eq "by the stack, for the flow went with the first of them" "$before" "$(hit1)"
k8snetctl -n n1 flow set limit 65536
for p in p1a p2a; do in_ns $p nft delete table ip quiet; done

k8snetctl -n n2 node del worker1 dev k8snet0
check "the node is deleted: dropped at once" probe count n2 rx-outer-source+1,dropped+1 good4
k8snetctl -n n2 node add worker1 dev k8snet0 via 192.168.99.1 pods 10.244.1.0/24,fd00:244:1::/64
check "and is there again" settled

before=$(counter pass-watched)
capture_start n2 k8snet0 'udp port 9090'
check_eq "a capture on the overlay device" "ok arrives 0" "$(probe fate good4)"
# shellcheck disable=SC2016  # later, by eval
check "has the packet and the one behind it" wait_for 5 eval '[ "$(capture_count)" -ge 2 ]'
capture_stop >/dev/null
in_ns n2 nft 'table ip w { chain c { type filter hook input priority 0; udp dport 8472 drop; }; }'
# Rules are looked for once a tick.
check "a firewall for the tunnel's port acts on flows that are known" wait_for 5 eval \
	'probe count n2 - good4'
in_ns n2 nft delete table ip w
check "all goes on when it is gone" settled
ktap_end
