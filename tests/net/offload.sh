#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Offloads: 64 KiB packets go through unsplit, tunnel packets are aggregated once, checksums are right whoever makes them, NICs are told the VXLAN port, pods' devices how much room headers need.
#
#   p1a 10.1.I.10 --- n1 192.168.99.1I --p-n1[ul]p-n2-- n2 192.168.99.2I --- p2a 10.2.I.10
#       fd01:I::10       fd99::1I                          fd99::2I              fd02:I::10
#
# Either is eight nodes to the other: I is 1 to 4 for vxlan, udp, ipip and
# direct over IPv4, 5 to 8 over IPv6. "Before" and "behind" the underlay is
# where n1's eth0 and ul's p-n2 are, whose offloads decide who segments and who
# computes checksums. All packets are counted as struct sk_buff has them.

. "$(dirname "$0")/../lib.sh"

formats=(vxlan udp ipip direct)
NIC=/k8snet/testnic.ko

# name I - sets $name, $format, $o (the outer family), $n1 and $n2
name() {
	format=${formats[($1 - 1) % 4]}
	o=4 n1=192.168.99.1$1 n2=192.168.99.2$1
	[ "$1" -le 4 ] || o=6 n1=fd99::1$1 n2=fd99::2$1
	name="$format over IPv$o"
}

ktap_start
topo_underlay
for n in 1 2; do
	m=$((3 - n))
	topo_host n$n 192.168.99.$n
	topo_host6 n$n $n
	sysctl_ns n$n net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1
	topo_pod n$n p${n}a 10.$n.1.10 10.$n.0.1
	topo_pod6 n$n p${n}a fd0$n:1::10 fd0$n::1
	for i in 2 3 4 5 6 7 8; do
		echo "addr add 10.$n.$i.10/32 dev eth0"
		echo "addr add fd0$n:$i::10/128 dev eth0"
	done | ip -n p${n}a -b -
	ip -n p${n}a link set eth0 mtu 1430
	{
		cat <<-BATCH
			link set vp${n}a mtu 1430
			route add 10.$n.0.0/16 dev vp${n}a
			route add fd0$n::/16 dev vp${n}a
			link add k8snet0 type k8snet
			addr add 10.$n.1.1/32 dev k8snet0
			addr add fd0$n:1::1/128 dev k8snet0
			link set k8snet0 up
			route add 10.$m.0.0/16 dev k8snet0
			route add fd0$m::/16 dev k8snet0
		BATCH
		for i in 1 2 3 4; do
			echo "addr add 192.168.99.$n$i/32 dev eth0"
			echo "route add 192.168.99.$m$i dev eth0 src 192.168.99.$n$i"
		done
		for i in 5 6 7 8; do
			echo "addr add fd99::$n$i/128 dev eth0 nodad"
			echo "route add fd99::$m$i dev eth0 src fd99::$n$i"
		done
	} | ip -n n$n -b -
	for i in 1 2 3 4 5 6 7 8; do
		name $i
		via=$n2
		[ $n = 1 ] || via=$n1
		echo "node add $format$o dev k8snet0 via $via format $format pods 10.$m.$i.0/24,fd0$m:$i::/64"
	done | k8snetctl -n n$n -b -
done

cat >"$T/offload.py" <<'PY'
import os
import struct
import sys
import time

import pkt
import probe
import traffic
import _socket as socket
from probe import Failed, in_ns

UDP_SEGMENT, UDP_GRO = 103, 104
SEGMENT, SEGMENTS = 1300, 48
# What else may come along: neighbour discovery, a retransmission.
STRAY = 6
# A packet's way from p1a to p2a.
WAY = (('p1a', 'eth0', 'tx'), ('n1', 'k8snet0', 'tx'), ('n1', 'eth0', 'tx'), ('ul', 'p-n1', 'rx'),
       ('ul', 'p-n2', 'tx'), ('n2', 'eth0', 'rx'), ('n2', 'k8snet0', 'rx'), ('p2a', 'eth0', 'rx'))


def pods(i, inner):
    return ['10.%d.%s.10' % (n, i) if inner == '4' else 'fd0%d:%s::10' % (n, i) for n in (1, 2)]


def read_dev():
    with open('/proc/thread-self/net/dev') as f:
        return f.read()


def way():
    """(packets, bytes) at each place of the way so far."""
    lines = {ns: in_ns(ns, read_dev) for ns in ('p1a', 'n1', 'ul', 'n2', 'p2a')}
    out = []
    for ns, dev, direction in WAY:
        numbers = next(line.split()[1:] for line in lines[ns].splitlines()
                       if line.strip().startswith(dev + ':'))
        at = 0 if direction == 'rx' else 8
        out.append((int(numbers[at + 1]), int(numbers[at])))
    return out


def since(before):
    return [(p - q, b - c) for (p, b), (q, c) in zip(way(), before)]


def said(changes):
    return ' '.join('%s/%s:%d' % (w[0], w[1], p) for w, (p, _) in zip(WAY, changes))


def train(i, inner):
    """48 datagrams that are one packet, all the way."""
    a, b = pods(i, inner)
    client = traffic.open_socket('p1a', a, socket.SOCK_DGRAM)
    client.setsockopt(17, UDP_SEGMENT, SEGMENT)
    server = traffic.open_socket('p2a', b, socket.SOCK_DGRAM)
    server.setsockopt(17, UDP_GRO, 1)
    text = os.urandom(SEGMENT * SEGMENTS)
    before = way()
    client.sendto(text, server.getsockname()[:2])
    if not traffic.readable(server, traffic.PATIENCE):
        raise Failed('nothing arrived: ' + said(since(before)))
    got, ancillary, _, _ = server.recvmsg(65536, 64)
    changes = since(before)
    sizes = [struct.unpack('i', data[:4])[0] for level, kind, data in ancillary
             if (level, kind) == (17, UDP_GRO)]
    if len(got) != len(text):
        raise Failed('%d bytes at once, of %d: %s' % (len(got), len(text), said(changes)))
    if got != text or sizes != [SEGMENT]:
        raise Failed('it came with other bytes, or segments: %s' % sizes)
    for (_, dev, _), (packets, size) in zip(WAY, changes):
        if not 1 <= packets <= (1 if dev == 'k8snet0' else STRAY) or size < len(text):
            raise Failed('not one packet: ' + said(changes))
    return '%d bytes at n1/eth0' % changes[2][1]


def stream(i, inner, total):
    """TCP: as many packets on the wire as the pod has sent, no more."""
    a, b = pods(i, inner)
    before = way()
    traffic.tcp('p1a', a, 'p2a', b, total)
    changes = since(before)
    sent = changes[0][0]
    size = int(total) // sent
    text = '%d packets of %d bytes: %s' % (sent, size, said(changes))
    if size < 4 * 1430:
        raise Failed('the pod itself sends no large packets, ' + text)
    if any(abs(packets - sent) > STRAY for packets, _ in changes):
        raise Failed(text)
    return text


def aggregated(where, i, inner, total):
    """
    TCP in packets of the wire's size: "device", and they are fewer when they
    come out of k8snet0; "cells", and they are fewer when they reach the pod;
    "nowhere".
    """
    a, b = pods(i, inner)
    before = way()
    traffic.tcp('p1a', a, 'p2a', b, total)
    changes = since(before)
    wire, device, pod = (changes[at][0] for at in (5, 6, 7))
    mb = int(total) / 1e6
    text = 'packets per MB: %d on the wire, %d from the device, %d to the pod' % (
        wire / mb, device / mb, pod / mb)
    if wire < int(total) / 1430:
        raise Failed('the wire has large packets, ' + text)
    few, many = wire / 4, wire - wire / 50 - STRAY
    if not {'device': device < few and pod < few,
            'cells': device > many and pod < few,
            'nowhere': device > many and pod > many}[where]:
        raise Failed(text)
    return text


# --- checksums --------------------------------------------------------------

class Observer:
    """Sees what comes in at a device as the driver's struct sk_buff has it."""

    def __init__(self, ns, dev):
        self.socket = probe.packet_socket(ns, dev, 0)
        self.socket.setsockopt(263, 15, 1)	# PACKET_VNET_HDR
        in_ns(ns, self.socket.bind, (dev, 3))
        self.socket.setblocking(False)

    def take(self):
        """(frame, checksum left to the NIC, segmentation left to the NIC)"""
        while True:
            try:
                raw, where = self.socket.recvfrom(70000)
            except BlockingIOError:
                return
            if where[2] == probe.Capture.OUTGOING:
                continue
            flags, gso, _, _, start, offset = struct.unpack_from('=BBHHHH', raw)
            frame = bytearray(raw[10:])
            if flags & 1:
                # As a NIC does it: over all that is there, nothing is looked at.
                struct.pack_into('!H', frame, start + offset, pkt.csum(bytes(frame[start:])) or 0xffff)
            yield bytes(frame), flags & 1, gso


observers = {}


def observe(ns, dev):
    observers[ns] = Observer(ns, dev)


def transport(p):
    return next((p[k] for k in ('tcp', 'udp', 'icmp', 'icmp6') if k in p), None)


def check_sums(where, ports, text):
    """All that came in there: how many, how many of them left to the NIC."""
    count = left = 0
    for frame, partial, gso in observers[where].take():
        p = pkt.decode_eth(frame, ports)
        if 'arp' in p or 133 <= p.get('icmp6', {}).get('type', 0) <= 143:
            continue
        if gso:
            raise Failed('%s: a packet of %d bytes was not segmented' % (where, len(frame)))
        if not pkt.checksums_ok(p):
            raise Failed('%s: a wrong checksum: %s' % (where, p))
        if 'udp' in p and p['udp']['csum_ok'] is None:
            raise Failed('%s: no outer checksum: %s' % (where, p))
        inner = p.get('inner', p)
        if transport(inner) is None and not (inner.get('ip') or inner.get('ip6') or {}).get('frag', 1) >= 0:
            raise Failed('%s: what is this? %s' % (where, p))
        count += 1
        left += partial
    if not count:
        raise Failed('%s has seen nothing' % where)
    return '%d %s' % (count, text), left


def sums(left_to_nic, i, inner):
    a, b = pods(i, inner)
    for o in observers.values():
        list(o.take())
    traffic.ping('p1a', a, 'p2a', b)
    traffic.udp('p1a', a, 'p2a', b)
    traffic.tcp('p1a', a, 'p2a', b, 30001)
    wire, left = check_sums('n2', pkt.VXLAN_PORTS, 'on the wire')
    pod, _ = check_sums('p2a', (), 'at the pod')
    if bool(left) != (left_to_nic == 'left'):
        raise Failed('%d checksums are left to the NIC' % left)
    return '%s, %d of them left to the NIC, %s' % (wire, left, pod)


# --- aggregation and wrong checksums ------------------------------------------

def segments(i, inner, wrong, seq):
    """Three TCP segments of 1000 bytes in frames for n2; the middle one may be wrong."""
    a, b = pods(i, inner)
    n = int(i)
    five = n > 4
    src, dst = ('fd99::1%d' % n, 'fd99::2%d' % n) if five else ('192.168.99.1%d' % n, '192.168.99.2%d' % n)
    kind = ('vxlan', 'udp')[(n - 1) % 4]
    for j in range(3):
        bad = j == 1 and wrong
        text = os.urandom(1000)
        # To a port where nobody listens: its checksum is verified first.
        body = pkt.tcp(a, b, 40000, 9, 'A', seq=seq + 1000 * j, payload=text,
                       check=0x1234 if bad == 'inner' else None)
        if inner == '6':
            packet = pkt.ipv6(a, b, 6, body, ttl=63)
        else:
            packet = pkt.ipv4(a, b, 6, body, ttl=63, ident=j + 1)
        if kind == 'vxlan':
            packet = pkt.vxlan(1, pkt.eth('02:00:00:00:00:01', '02:00:00:00:00:02', packet,
                                          0x86dd if inner == '6' else 0x0800))
        port = 8472 if kind == 'vxlan' else 8285
        body = pkt.udp(src, dst, 50000, port, packet, check=0x1234 if bad == 'outer' else None)
        macs = ('02:00:c0:a8:63:01', '02:00:c0:a8:63:02')
        if five:
            yield pkt.eth(*macs, pkt.ipv6(src, dst, 17, body), 0x86dd)
        else:
            yield pkt.eth(*macs, pkt.ipv4(src, dst, 17, body, ident=j + 1, flags=0))


def errors(ns, protocol):
    """Wrong checksums that TCP or UDP has met there, of both families."""
    return sum(n for name, n in probe.snmp(ns, protocol).items() if name.endswith('InCsumErrors'))


def three(wrong, i, inner):
    """Three segments, one perhaps wrong; what has become of them."""
    seq = 1000
    for _ in range(40):
        before = way()
        tcp, udp = errors('p2a', 'Tcp'), errors('n2', 'Udp')
        seq += 5000
        frames = list(segments(i, inner, '' if wrong == 'none' else wrong, seq))
        for frame in frames:
            out_socket.send(frame)
        # They are held for 20 ms; three segments of 1,000 bytes at the pod.
        want = (2 if wrong == 'outer' else 3) * 1000 + (40 if inner == '4' else 60)
        all_there = probe.wait(lambda: since(before)[7][1] >= want)
        changes = since(before)
        if not all_there:
            raise Failed('not all arrived: ' + said(changes))
        tcp, udp = errors('p2a', 'Tcp') - tcp, errors('n2', 'Udp') - udp
        text = '%d packets from the device, %d to the pod, wrong: %d inner, %d outer' % (
            changes[6][0], changes[7][0], tcp, udp)
        if (tcp, udp) != {'none': (0, 0), 'inner': (1, 0), 'outer': (0, 1)}[wrong]:
            raise Failed(text)
        if wrong != 'none' or changes[6][0] == 1:
            return text
        # They came too late for each other.
    raise Failed('never aggregated; the last time ' + text)


def link():
    global out_socket
    out_socket = probe.packet_socket('ul', 'p-n2', 0)


probe.COMMANDS.update(train=train, stream=stream, aggregated=aggregated, observe=observe, sums=sums,
                      three=three, link=link)
probe.main()
PY
probe_start "$T/offload.py"

# told NAME COMMAND... - a check that notes what the probe says
told() {
	local name=$1
	shift
	check "$name" probe "$@"
	note "$(cat "$T/out")"
}

# offload NS DEV WORD... - ethtool -K
offload() {
	local ns=$1 dev=$2
	shift 2
	in_ns "$ns" ethtool -K "$dev" "$@" >/dev/null
}

# --- large packets ----------------------------------------------------------------

# Nobody aggregates, so what is counted was sent so.
for i in 1 2 3 4 5 6 7 8; do
	name $i
	for inner in 4 6; do
		told "$name, IPv$inner inside: 62,400 bytes are one packet at every hop" train $i $inner
		told "$name, IPv$inner inside: TCP has as many packets on the wire as the pod sends" stream $i $inner 3000000
	done
done

# --- aggregation --------------------------------------------------------------------

# The wire has packets of its MTU, in bursts. (A veth has no NAPI for a peer with TSO.)
for n in n1 n2; do offload $n eth0 tso off gso off; done
# Large ones, however slow the kernel is: TCP sends as much at once as the time
# of an answer allows (tcp_tso_autosize()).
sysctl_ns p1a net/ipv4/tcp_min_tso_segs=32
offload ul p-n2 tso off gso off
offload n2 eth0 gro on
for i in 1 2 5 6; do
	name $i
	for inner in 4 6; do
		told "$name, IPv$inner inside: aggregated when they come in" aggregated device $i $inner 2000000
	done
done
# (These are the kernel's own.)
for i in 3 7; do
	name $i
	told "$name: likewise" aggregated device $i 4 2000000
done

# What was aggregated needs no queue; the trace tells what goes through it.
if trace_start net/napi_gro_receive_entry; then
	# gro_cells GSO - packets that k8snet0's queue got, large ones or small ones
	gro_cells() { traced "dev=k8snet0 .*gso_size=$1"; }
	check "traced: aggregated packets" trace probe aggregated device 1 4 2000000
	check_eq "none of those goes through gro_cells" 0 "$(gro_cells '[1-9]')"
	offload n2 eth0 gro off
	check "traced: packets that were not" trace probe aggregated cells 1 4 2000000
	check "they go through gro_cells" [ "$(gro_cells 0)" -gt 1000 ]
	trace_stop
else
	skip "what was aggregated does not go through gro_cells" "this kernel does not trace events"
fi
offload n2 eth0 gro off
for i in 1 2 3 5 6 7; do
	name $i
	told "$name: if not when they come in, then by gro_cells" aggregated cells $i $((10 - o)) 2000000
done
offload n2 k8snet0 gro off
told "and not at all if the device's own is off" aggregated nowhere 1 4 2000000
offload n2 k8snet0 gro on
offload ul p-n2 tso on gso on

# --- checksums, whoever makes them ------------------------------------------------------

# sums WHAT LEFT - in all formats; LEFT: are some left to the NIC?
sums() {
	local i inner

	for i in 1 2 3 4 5 6 7 8; do
		name $i
		for inner in 4 6; do
			told "$1: $name, IPv$inner inside" sums "$2" $i $inner
		done
	done
}
probe observe n2 eth0 >"$T/out"
probe observe p2a eth0 >"$T/out"
offload n2 k8snet0 gro off
offload n1 eth0 tx off
sums "checksums by the node" made
offload n1 eth0 tx on
sums "checksums left to the NIC" left
offload n1 eth0 tso on gso on
offload ul p-n2 tx off tso off gso off
sums "checksums and segments made behind the node" made
offload ul p-n2 tx on tso on gso on
offload n2 k8snet0 gro on

# --- aggregation does not make a wrong checksum right -------------------------------------

offload ul p-n2 tso off
offload n2 eth0 gro on
in_ns n2 sh -c 'echo 20000000 >/sys/class/net/eth0/gro_flush_timeout'
probe link >"$T/out"
# A NIC that has verified the outer checksum says nothing of the inner one.
for rx in off on; do
	offload n2 eth0 rx $rx
	for i in 1 2 5 6; do
		name $i
		inner=$((10 - o))
		told "rx $rx: $name, IPv$inner inside: three segments become one" three none $i $inner
		told "rx $rx: $name: one has a wrong checksum inside, which the pod sees" three inner $i $inner
		[ $rx = on ] || told "rx $rx: $name: one has a wrong one outside, and is dropped" three outer $i $inner
	done
done
in_ns n2 sh -c 'echo 0 >/sys/class/net/eth0/gro_flush_timeout'

check_eq "no packet was dropped but those that told a pod the MTU" "" \
	"$(for n in n1 n2; do k8snetctl -n $n -j stats; done | gojq -r '.[].counter[] |
		select(.packets > 0 and .reason != "tx-too-big") | "\(.reason) \(.packets)"')"

# --- NICs are told where VXLAN comes in -----------------------------------------------------

# ports NS NIC - those that it was told
ports() { in_ns "$1" ethtool -i "$2" | sed -n 's/^firmware-version: //p'; }
_has_ports() { [ "$(ports "$2" "$3")" = "$1" ] || { echo "it was told $(ports "$2" "$3")"; false; }; }
# ports_are WHAT PORTS NS NIC - by the kernel's worker, in its time (udp_tunnel_nic_device_sync())
ports_are() { check "$1" wait_for 5 _has_ports "${@:2}"; }
ns_new n3 n4
insmod $NIC
for n in n3 n4; do
	ip -n $n -b - <<-BATCH
		link add nic0 type testnic
		link set nic0 up
	BATCH
done
ip -n n3 link add k8snet0 type k8snet
ports_are "a device that is down tells nothing" "" n3 nic0
ip -n n3 link set k8snet0 up
ports_are "a NIC is told the port" 8472 n3 nic0
ports_are "one elsewhere is not" "" n4 nic0
k8snetctl -n n3 link set k8snet0 port 9472
ports_are "another port" 9472 n3 nic0
ip -n n3 -b - <<-BATCH
	link add k8snet1 type k8snet
	link set k8snet1 up
BATCH
ports_are "a second device's port" "8472 9472" n3 nic0
ip -n n3 -b - <<-BATCH
	link add nic1 type testnic
	link set nic1 up
BATCH
ports_are "a NIC that comes later is told them" "8472 9472" n3 nic1
k8snetctl -n n3 link set k8snet0 format udp port 8285
ports_are "a port for raw packets is not told" 8472 n3 nic0
k8snetctl -n n3 link set k8snet0 port 8472 id 2
ports_are "nor one for both: a NIC would take all for VXLAN" "" n3 nic0
k8snetctl -n n3 link set k8snet0 format vxlan
ports_are "it is when all on it is VXLAN" 8472 n3 nic0
ip -n n3 link set k8snet0 down
ports_are "one of two devices goes" 8472 n3 nic0
ip -n n3 link del k8snet1
ports_are "the port goes with the last" "" n3 nic0
ports_are "from all of them" "" n3 nic1
ip -n n3 link set k8snet0 up
ports_are "and is back" 8472 n3 nic1
in_ns n3 ethtool -K nic1 rx-udp_tunnel-port-offload off
ports_are "a NIC that wants no more forgets" "" n3 nic1
in_ns n3 ethtool -K nic1 rx-udp_tunnel-port-offload on
ports_are "and is told again when it does" 8472 n3 nic1
ip -n n3 link del nic0
ip -n n3 link del nic1
ip -n n4 link del nic0

# --- devices are told how much room outer headers need ------------------------------------------

# room NIC - that it was told
room() { in_ns n1 ethtool -i "$1" | sed -n 's/^expansion-rom-version: //p'; }
# from NIC PORT - a packet of a pod that the NIC has, to node 1's pod
# (packets of a packet socket have no more room than the device asks for)
cat >"$T/from" <<'PY'
import sys
import pkt
dev, mac, port = sys.argv[1:]
pkt.send(dev, pkt.eth('02:00:00:00:00:77', mac, pkt.ipv4('10.1.1.77', '10.2.1.10', 17,
                                                          pkt.udp('10.1.1.77', '10.2.1.10', int(port), 77, b'x'))))
PY
from() { in_ns n1 python3 -S "$T/from" "$1" "$(in_ns n1 cat "/sys/class/net/$1/address")" "$2"; }
# _has_room NIC PORT BYTES - at least, when one more packet has come in; a UDP
# flow is remembered when it is two seconds old and was answered
# shellcheck disable=SC2317  # called by wait_for
_has_room() {
	from "$1" "$2"
	[ "$(room "$1")" -ge "$3" ] || {
		room "$1"
		false
	}
}
ip -n n1 -b - <<-BATCH
	link add nic0 type testnic
	link add nic1 type testnic
	link add br1 type bridge forward_delay 0 mcast_snooping 0
	link set nic1 master br1
	link set nic0 up
	link set nic1 up
	link set br1 up
	route add 10.1.1.77 dev nic0
	neigh add 10.1.1.77 lladdr 02:00:00:00:00:77 dev nic0 nud permanent
	neigh add 10.1.1.77 lladdr 02:00:00:00:00:77 dev br1 nud permanent
BATCH
k8snetctl -n n1 flow set on
# Conntrack comes with a service.
k8snetctl -n n1 config set pods 10.1.0.0/16,10.2.0.0/16 services 10.96.0.0/16
k8snetctl -n n1 service add d/any:u udp 10.96.0.1:9 endpoint 10.2.1.10:77
answerer echo "$TESTS/talk.py"
answer echo echo p2a 10.2.1.10 77 >/dev/null
check_eq "at first none" "0 0" "$(room nic0) $(room nic1)"
check "a device that a flow to a node comes in on is told what VXLAN and Ethernet need" wait_for 10 _has_room nic0 771 66
check "not much more" test "$(room nic0)" -le 200
check_eq "another one is told nothing" 0 "$(room nic1)"
ip -n n1 route replace 10.1.1.77 dev br1
check "the port of a bridge is told as well" wait_for 10 _has_room nic1 772 66
check "the module goes" wait_for 20 rmmod k8snet
check_eq "without the module they need none" "0 0" "$(room nic0) $(room nic1)"
ip -n n1 link del nic0
ip -n n1 link del nic1
rmmod testnic

ktap_end
