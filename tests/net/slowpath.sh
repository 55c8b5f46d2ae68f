#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packets of no flow go by the stack, with what it has said of the ones before and past devices' empty queues: as if each were asked about, and nobody is left out.
#
#   p1a 10.244.1.10 --.                                .-- p2a 10.244.2.10 (server)
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'                    br0         `-- p2b 10.244.2.11
#
# In n2 others are in the last place of postrouting and in conntrack before
# k8snet is, in n1 after it.

. "$(dirname "$0")/../lib.sh"

# Without the cache, whatever the suite has.
K8SNET_FLOW=off

ktap_start
topo_two_nodes_dual
# Registered first, it stays behind k8snet's hook of the same priority.
in_ns n2 nft -f - <<'NFT'
table inet last {
	counter seen { }
	chain post {
		type filter hook postrouting priority 2147483647
		oifname "vp2a" udp dport 9090 counter name seen
	}
}
table inet track {
	chain forward {
		type filter hook forward priority 0
		ct state invalid drop
	}
}
NFT
k8snet_node_dual n1 1 2
k8snet_node_dual n2 2 1
in_ns n1 nft 'table inet track { chain forward { type filter hook forward priority 0; ct state invalid drop; }; }'

cat >"$T/slow.py" <<'PY'
import os
import struct
import sys
import time
import _socket as socket
import nlraw
import pkt
import probe
from nlraw import attr
from traffic import in_ns

MAC = {'p1a': sys.argv[1], 'p1b': sys.argv[2], 'p2a': sys.argv[3]}
POD = {'p1a': {4: '10.244.1.10', 6: 'fd00:244:1::10'}, 'p1b': {4: '10.244.1.11', 6: 'fd00:244:1::11'},
       'p2a': {4: '10.244.2.10', 6: 'fd00:244:2::10'}}
servers = {}
for f in 4, 6:
    servers[f] = in_ns('p2a', socket.socket, socket.AF_INET if f == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
    servers[f].bind((POD['p2a'][f], 9090))
    servers[f].settimeout(probe.PATIENCE)
# Has its own: what netem lets go on another processor might come in a later round.
among = in_ns('p2a', socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
among.bind((POD['p2a'][4], 9091))
among.settimeout(probe.PATIENCE)
# Another pod's, of what comes behind.
passed = {}
for f, address in (4, '10.244.2.11'), (6, 'fd00:244:2::11'):
    passed[f] = in_ns('p2b', socket.socket, socket.AF_INET if f == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
    passed[f].bind((address, 9090))
    passed[f].settimeout(probe.PATIENCE)
# What one processor sends comes through in order, by whichever of its threads.
os.sched_setaffinity(0, {0})


def frame(said, f=4, pod='p1a', src=None, dst=None, size=0, split=0, sport=40001, dport=9090, **head):
    """A datagram from a pod, to p2a if nothing else is said, as a frame or two."""
    src, dst = src or POD[pod][f], dst or POD['p2a'][f]
    body = pkt.udp(src, dst, sport, dport, said + bytes(size))
    if f == 6:
        parts = [pkt.ipv6(src, dst, 17, body, **head)]
    elif split:
        parts = [pkt.ipv4(src, dst, 17, body[:split], ident=7, flags=1, **head),
                 pkt.ipv4(src, dst, 17, body[split:], ident=7, flags=0, frag=split // 8, **head)]
    else:
        parts = [pkt.ipv4(src, dst, 17, body, **head)]
    mac = '02:00:00:00:00:0%s' % ('b' if pod == 'p1b' else 'a')
    return [(pod, 'eth0', pkt.eth(mac, MAC[pod], p, 0x0800 if f == 4 else 0x86dd)) for p in parts]


F = probe.FRAMES
for f in 4, 6:
    F['warm%d' % f] = frame(b'warm', f) * 3
    F['late%d' % f] = frame(b'late', f)
    F['end%d' % f] = frame(b'end', f)
    F['big%d' % f] = frame(b'big', f, size=1200)
    F['huge%d' % f] = frame(b'huge', f, size=1400)
    F['ruled%d' % f] = frame(b'late', f, sport=40050)
    F['other%d' % f] = frame(b'late', f, pod='p1b')
    F['passed%d' % f] = frame(b'passed', f, pod='p1b', dst=('10.244.2.11', 'fd00:244:2::11')[f == 6])
    for port in range(40100, 40140):
        F['port%d.%d' % (port, f)] = frame(b'port', f, sport=port)
F['throttled'] = frame(b'late', tos=0x10)
F['own'] = frame(b'late', src='192.168.99.1')
F['among'] = frame(b'warm', dport=9091) * 3 + frame(b'late', src='192.168.99.1', dport=9091) + frame(b'end', dport=9091)
F['tunnelled'] = frame(b'late', pod='p1b', dst='192.168.61.2')
F['third'] = frame(b'late', src='10.244.1.20')
F['third6'] = frame(b'late', 6, src='fd00:244:1::20')
F['secret4'] = frame(b'secret', dst='10.244.2.99')
F['secret6'] = frame(b'secret', 6, dst='fd00:244:2::99')
F['large'] = frame(b'large', size=1400, flags=0)
F['pieces'] = frame(b'pieces', size=900, split=488)
F['tftp'] = frame(b'\0\1file\0octet\0', dport=69, sport=40069)

# --- changes by netlink: a process would take longer than a tick ----------------------

NEWADDR, NEWROUTE, NEWRULE = 20, 24, 32
links = {}


def rtnetlink(ns, kind, delete, body):
    if ns not in links:
        links[ns] = in_ns(ns, nlraw.Route)
    links[ns].ask(kind + delete, 0 if delete else nlraw.F_CREATE | nlraw.F_EXCL, body)


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if ':' in address else socket.AF_INET, address)


def to_server(f, kind, table=254, protocol=4):
    """A route of that kind to p2a."""
    own = packed(POD['p2a'][f])
    return struct.pack('=BBBBBBBBI', 2 if f == 4 else 10, len(own) * 8, 0, 0, table, protocol, 0, kind, 0) + attr(1, own)


def blackhole(f):
    return lambda ns, delete: rtnetlink(ns, NEWROUTE, delete, to_server(f, 6))


def detour(object):
    """The other way round: the pod's own route goes, and what is there for all others counts."""
    def change(ns, back):
        body = to_server(6, 1, protocol=4 if back else 0)
        if back and object:
            body += attr(30, struct.pack('=I', 1))
        elif back:
            body += attr(4, struct.pack('=I', in_ns(ns, socket.if_nametoindex, 'k8snet0')))
        rtnetlink(ns, NEWROUTE, 0 if back else 1, body)
    return change


def address(pod):
    def change(ns, delete):
        own = packed(POD[pod][4])
        rtnetlink(ns, NEWADDR, delete, struct.pack('=BBBBI', 2, 32, 0, 0, 1) + attr(2, own) + attr(1, own))
    return change


def own6(ns, delete):
    """The route by which an address is the node's own, which of IPv6 comes some time after the address."""
    rtnetlink(ns, NEWROUTE, delete, to_server(6, 2, table=255) + attr(4, struct.pack('=I', 1)))


def rule(f):
    def change(ns, delete):
        own = packed(POD['p1a'][f])
        rtnetlink(ns, NEWRULE, delete, struct.pack('=BBBBBBBBI', 2 if f == 4 else 10, 0, len(own) * 8, 0, 0, 0, 0, 8, 0) +
                  attr(2, own) + attr(6, struct.pack('=I', 10)))
    return change


CHANGES = {'address4': address('p1a'), 'taken4': address('p2a'), 'taken6': own6,
           'detour6': detour(False), 'object6': detour(True)}
for f in 4, 6:
    CHANGES.update({'route%d' % f: blackhole(f), 'rule%d' % f: rule(f)})


def heard(server):
    """What it has got before the end."""
    out = []
    while True:
        said = server.recv(2000).rstrip(b'\0').decode()
        if said == 'end':
            return out
        out.append(said)


def family(name):
    return int(name[-1]) if name[-1] in '46' else 4


def warmed(f):
    """What the server has got of packets that all may come."""
    probe.send('warm%d' % f)
    return [servers[f].recv(100) for w in range(3)]


def none_else(f, i, got):
    probe.send('end%d' % f)
    got += heard(servers[f])
    if got != [b'warm'] * 3:
        raise probe.Failed('round %d: %s' % (i + 1, got))


def late(rounds, change, ns, name):
    """A packet that comes in the same tick as others, but after a change: it may not arrive."""
    f = family(name)
    for i in range(int(rounds)):
        got = warmed(f)
        if change in CHANGES:
            CHANGES[change](ns, 0)
            probe.send(name, 'passed%d' % f)
            # By then it has met the change, on however busy a machine.
            passed[f].recv(100)
            CHANGES[change](ns, 1)
        else:
            probe.send(name)
        none_else(f, i, got)


def claimed(rounds):
    """A source that has become n1's own is none for routes that are asked for after that."""
    for i in range(int(rounds)):
        got = warmed(4)
        CHANGES['address4']('n1', 0)
        # For some ticks, so that others have asked.
        until = time.monotonic() + .03
        while time.monotonic() < until:
            probe.send('third')
            servers[4].recv(100)
        probe.send('late4', 'passed4')
        passed[4].recv(100)
        CHANGES['address4']('n1', 1)
        none_else(4, i, got)


def together(rounds):
    """Until a source of n1's own gets through among others."""
    for i in range(int(rounds)):
        probe.send('among')
        if 'late' in heard(among):
            return
    raise probe.Failed('it did not')


# CLOCK_MONOTONIC_COARSE, which goes on with each tick.
COARSE = 6


def burst(n, f):
    """So many packets, twenty at a time, all of which arrive; in how many ticks that was."""
    start = time.clock_gettime(COARSE)
    for i in range(int(n) // 20):
        probe.send(*['late' + f] * 20)
        for k in range(20):
            servers[int(f)].recv(100)
    return round((time.clock_gettime(COARSE) - start) / time.clock_getres(COARSE)) + 1


def arrives(*names):
    """All of that, in order, and nothing else."""
    f = family(names[0])
    probe.send(*names)
    probe.send('end%d' % f)
    got = heard(servers[f])
    if got != ['late' if n[:-1] in ('other', 'ruled') else n.rstrip('46') for n in names]:
        raise probe.Failed(' '.join(got) or 'nothing')


def lost(name):
    probe.send(name)
    probe.send('end%d' % family(name))
    got = heard(servers[family(name)])
    if got:
        raise probe.Failed(' '.join(got))


def sysctl(path, value):
    with open('/proc/sys/' + path, 'w') as f:
        f.write(value)


def filtered(rounds):
    """From now on n2 takes packets of p1b from another device: its source was right a moment ago."""
    arrives('other4')
    in_ns('n2', sysctl, 'net/ipv4/conf/k8snet0/rp_filter', '1')
    until = time.monotonic() + 1
    while time.monotonic() < until:
        probe.send('other4', 'end4')
        if not heard(servers[4]):
            return late(rounds, 'none', 'n2', 'other4')
    raise probe.Failed('p1b is still heard')


def ports(f):
    """From 40 ports, behind a packet to another pod."""
    probe.send('passed' + f)
    passed[int(f)].recv(100)
    for port in range(40100, 40140):
        probe.send('port%d.%s' % (port, f))
        servers[int(f)].recv(100)


probe.COMMANDS.update(late=late, claimed=claimed, together=together, filtered=filtered, burst=burst, arrives=arrives, lost=lost, ports=ports)
probe.main()
PY
probe_start "$T/slow.py" "$(in_ns n1 cat /sys/class/net/vp1a/address)" "$(in_ns n1 cat /sys/class/net/vp1b/address)" \
	"$(in_ns n2 cat /sys/class/net/vp2a/address)"

counted_last() { in_ns n2 nft -j list counter inet last seen | gojq '.nftables[] | select(.counter).counter.packets'; }
# both NAME WHAT... - the same in both families
both() {
	check "$1" probe arrives late4 late4 late4 late4 late4
	check "$1, IPv6" probe arrives late6 late6 late6 late6 late6
}

# --- nobody is left out ---------------------------------------------------------------

both "packets arrive"
before=$(counted_last)
both "with a hook behind k8snet's"
check_eq "which sees each of them" 12 $(($(counted_last) - before))
in_ns n2 nft delete table inet last
for n in n1 n2; do k8snetctl -n $n flow set early off; done
both "the usual way they arrive, too"
for n in n1 n2; do k8snetctl -n $n flow set early on; done

# The kernel's own tracing tells who was asked, and by which device.
# burst FAMILY WHAT - sets $routes, $overlay and $pod: of 200 packets, routes that
# were looked up, and packets that waited to be sent by k8snet0 and by vp2a
burst() {
	local len=32 table=fib_table_lookup said

	# By length, without what looks for neighbours.
	[ "$1" = 4 ] || len=52 table=fib6_table_lookup
	echo "(name == \"k8snet0\" && len == $len) || (name == \"vp2a\" && len == $((len + 14)))" >"$trace/events/net/net_dev_queue/filter"
	said=$(trace probe burst 200 "$1")
	# (In the pod, too: one table.)
	routes=$(($(traced "$table:") - ($1 == 6 ? 200 : 0)))
	overlay=$(traced 'net_dev_queue: dev=k8snet0')
	pod=$(traced 'net_dev_queue: dev=vp2a')
	note "200 packets in ${said#ok } ticks, IPv$1, $2: $routes routes looked up, $overlay sent by k8snet0, $pod by vp2a"
}
if trace_start net/net_dev_queue fib/fib_table_lookup fib6/fib6_table_lookup; then
	for f in 4 6; do
		# IPv4 asks where to and where from, IPv6 two tables where to.
		for n in n1 n2; do k8snetctl -n $n flow set early off; done
		burst $f "early off"
		usual=$routes
		check "IPv$f, early off: two routes are looked up for each packet, on each node" [ "$usual" -ge 800 ]
		check_eq "IPv$f: and each is sent by both devices" "200 200" "$overlay $pod"
		for n in n1 n2; do k8snetctl -n $n flow set early on; done
		# On a busy machine a tick has few packets: the best of five.
		for i in 1 2 3 4 5; do
			burst $f "early on"
			[ "$routes" -gt $((usual / 2)) ] || break
		done
		check "IPv$f, early on: those that many of a tick need" [ "$routes" -le $((usual / 2)) ]
		check_eq "IPv$f: and none is sent the usual way" "0 0" "$overlay $pod"
	done
	k8snetctl -n n2 flow set peer off
	burst 4 "peer off"
	check_eq "peer off: the pod's are" "0 200" "$overlay $pod"
	k8snetctl -n n2 flow set peer on

	# What another tunnel sends to a pod has not come in, though it has come from a device.
	ip -n n1 -b - <<-BATCH
		link add vx6 type vxlan id 66 local fd00:244:1::1 remote fd00:244:1::10 dstport 4790
		addr add 192.168.61.1/24 dev vx6
		link set vx6 up
		neigh add 192.168.61.2 lladdr 02:00:00:00:00:61 dev vx6 nud permanent
	BATCH
	echo 'name == "vp1a" && len == 116' >"$trace/events/net/net_dev_queue/filter"
	trace probe send tunnelled tunnelled tunnelled tunnelled tunnelled >/dev/null
	check_eq "another tunnel's packets to a pod, by IPv6, go the usual way" 5 "$(traced 'net_dev_queue: dev=vp1a')"
	ip -n n1 link del vx6
	trace_stop
else
	skip "which ways are short" "this kernel has no tracing"
fi

# sees NS DEV N - does a capture there have N packets when 5 of each family come by?
_has() { [ "$(capture_count)" -ge "$1" ]; }
sees() {
	local rc=0

	capture_start "$1" "$2" 'udp port 9090' || return
	probe arrives late4 late4 late4 late4 && probe arrives late6 late6 late6 late6 || rc=1
	wait_for 5 _has "$3" || rc=1
	capture_stop >/dev/null
	return "$rc"
}
# closed NS DEV - tc there drops packets of either family
closed() {
	local rc=0

	in_ns "$1" tc qdisc add dev "$2" clsact
	in_ns "$1" tc filter add dev "$2" egress matchall action drop
	probe send late4 late6 >/dev/null
	in_ns "$1" tc qdisc del dev "$2" clsact
	probe arrives late4 && probe arrives late6 || rc=1
	return "$rc"
}
# queues NS DEV - a queueing discipline there has 5 packets of each family
queues() {
	local sent

	in_ns "$1" tc qdisc add dev "$2" root pfifo
	probe arrives late4 late4 late4 late4 && probe arrives late6 late6 late6 late6 || return
	sent=$(in_ns "$1" tc -s qdisc show dev "$2" | sed -n 's/.* bytes \([0-9]*\) pkt.*/\1/p')
	in_ns "$1" tc qdisc del dev "$2" root
	[ "$sent" -ge 10 ] || { echo "$sent of 10"; false; }
}
# First: where tc has once been, a device counts as watched.
if in_ns n1 nft -f - <<-'NFT' 2>/dev/null
	table netdev out {
		chain egress {
			type filter hook egress device k8snet0 priority 0
			drop
		}
	}
	NFT
then
	probe send late4 >/dev/null
	in_ns n1 nft delete table netdev out
	check "netfilter at the device's egress drops them" probe arrives late4
else
	skip "netfilter at the device's egress drops them" "this nft or kernel has no egress hook"
fi
for where in n1:k8snet0 n2:vp2a p2a:eth0; do
	check "a capture on $where has all packets" sees "${where%:*}" "${where#*:}" 10
done
check "one on all of n1's devices has them twice" sees n1 any 20
for where in n1:k8snet0 n2:vp2a; do
	check "a queueing discipline on $where has them" queues "${where%:*}" "${where#*:}"
	check "tc on $where drops them" closed "${where%:*}" "${where#*:}"
done
# --- conntrack -------------------------------------------------------------------------

for n in n1 n2; do
	in_ns $n conntrack -F 2>/dev/null
	probe arrives late4 late4 >/dev/null
	check_eq "$n: the connection is confirmed" 1 "$(in_ns $n conntrack -L -p udp --orig-port-src 40001 2>/dev/null | wc -l)"
done
if in_ns n2 busybox modprobe nf_conntrack_tftp 2>/dev/null && in_ns n2 nft -f - <<-'NFT' 2>/dev/null
	table ip helper {
		ct helper tftp {
			type "tftp" protocol udp
		}
		chain pre {
			type filter hook prerouting priority -150
			udp dport 69 ct helper set "tftp"
		}
	}
	NFT
then
	probe send tftp >/dev/null
	check "arrives behind it" probe arrives late4
	check_eq "a helper sees the packet that it is there for" 1 \
		"$(in_ns n2 conntrack -L expect 2>/dev/null | grep -c 10.244.1.10)"
	in_ns n2 nft delete table ip helper
else
	skip "a helper sees the packet that it is there for" "this kernel has no tftp helper"
fi

# --- counters, other checksums, IPsec -----------------------------------------------------

octets() { in_ns n2 nstat -asz IpExtOutOctets Ip6OutOctets | awk '/Octets/ { print $2 }' | paste -sd' '; }
# sent - sets $sent to what n2 counts as sent, of each family, while 5 packets of
# each come by: the least of three, because now and then it looks for a neighbour
sent() {
	local was=() is=() least=(99999 99999) i f

	for i in 1 2 3; do
		read -ra was <<<"$(octets)"
		probe arrives late4 late4 late4 late4 >/dev/null
		probe arrives late6 late6 late6 late6 >/dev/null
		read -ra is <<<"$(octets)"
		for f in 0 1; do
			[ $((is[f] - was[f])) -ge "${least[f]}" ] || least[f]=$((is[f] - was[f]))
		done
	done
	sent="${least[*]}"
}
sent
short=$sent
k8snetctl -n n2 flow set peer off
sent
k8snetctl -n n2 flow set peer on
check_eq "what is sent to pods is counted as ever" "$sent" "$short"

answerer pods "$TESTS/pods.py"
for n in n1 n2; do offload_off $n eth0; done
if answer pods serve p2a p2a sctp,9092 >/dev/null; then
	check_eq "SCTP, whose checksum is another one, over an underlay that sums up nothing" "ok p2a 10.244.1.10 20001" \
		"$(answer pods ask p1a sctp 10.244.2.10 9092 from=20001)"
else
	skip "SCTP" "this kernel has no SCTP"
fi

# n2 encrypts what p1a sends to that address, for a host of the underlay.
ip -n n2 neigh replace 192.168.99.100 lladdr 02:00:00:00:00:99 dev eth0
declare -A own=([4]=192.168.99.2 [6]=fd99::2) server=([4]=10.244.2.10 [6]=fd00:244:2::10)
declare -A client=([4]=10.244.1.10 [6]=fd00:244:1::10) nobody=([4]=10.244.2.99 [6]=fd00:244:2::99)
ip -n n2 route add 10.244.2.99 dev vp2b
ip -n n2 route add fd00:244:2::99 dev vp2b
if ip -n n2 xfrm state add src 192.168.99.2 dst 192.168.99.100 proto esp spi 1 mode tunnel \
	enc 'cbc(aes)' 0x00112233445566778899aabbccddeeff \
	auth 'hmac(sha1)' 0x00112233445566778899aabbccddeeff00112233 2>/dev/null &&
	ip -n n2 xfrm policy add src 10.244.1.10 dst 10.244.2.99 dir out \
	tmpl src 192.168.99.2 dst 192.168.99.100 proto esp mode tunnel 2>/dev/null; then
	capture_start n2 eth0 'esp'
	probe send secret4 secret4 secret4 secret4 secret4 secret4 secret4 secret4 secret4 secret4 >/dev/null
	check "IPsec gets each packet that it has a policy for" wait_for 5 _has 10
	capture_stop >/dev/null
	ip -n n2 xfrm policy flush
	ip -n n2 xfrm state flush
	# With offloads in software what is sent to a device is encrypted last of all.
	for f in 4 6; do
		busybox modprobe esp${f}_offload
		ip -n n2 xfrm state add src "${own[$f]}" dst "${server[$f]}" proto esp spi 2 mode tunnel \
			enc 'cbc(aes)' 0x00112233445566778899aabbccddeeff \
			auth 'hmac(sha1)' 0x00112233445566778899aabbccddeeff00112233
		ip -n n2 xfrm policy add src "${client[$f]}" dst "${nobody[$f]}" dir out \
			tmpl src "${own[$f]}" dst "${server[$f]}" proto esp mode tunnel
		capture_start p2a eth0 esp
		probe send secret$f secret$f secret$f >/dev/null
		check "IPv$f: packets that are encrypted for a pod come to it" wait_for 5 _has 3
		capture_stop >/dev/null
		check_eq "IPv$f: encrypted" 0 "$(grep -c secret "$capture")"
		ip -n n2 xfrm policy flush
		ip -n n2 xfrm state flush
	done
else
	skip "IPsec gets each packet that it has a policy for" "this kernel has no ESP"
fi
ip -n n2 route del 10.244.2.99 dev vp2b
ip -n n2 route del fd00:244:2::99 dev vp2b

# --- sizes -------------------------------------------------------------------------------

ip -n n2 link set vp2a mtu 1280
ip -n p2a link set eth0 mtu 1280
check "a packet that fits arrives" probe arrives big4
check "by IPv6" probe arrives big6
check "one that does not fit is not delivered" probe lost huge4
check "nor by IPv6" probe lost huge6
capture_start p2a eth0 'ip[6:2] & 0x3fff != 0'
check "without DF it is" probe arrives large
check "in two fragments" wait_for 5 _has 2
capture_stop >/dev/null
capture_start p2a eth0 'ip[6:2] & 0x3fff != 0'
check "what came in fragments arrives" probe arrives pieces
check "in fragments, though conntrack has put it together" wait_for 5 _has 2
capture_stop >/dev/null
ip -n n2 link set vp2a mtu 1500
ip -n p2a link set eth0 mtu 1500
ip -n n2 route change 10.244.2.10 dev vp2a mtu lock 1280
capture_start p2a eth0 'ip[6:2] & 0x3fff != 0'
check "a route that carries less: without DF a packet arrives" probe arrives large
check "in two fragments, too" wait_for 5 _has 2
capture_stop >/dev/null
ip -n n2 route change 10.244.2.10 dev vp2a

# --- what was said of the packet before ------------------------------------------------

# Within a tick, or nearly always: one of many rounds would be enough.
check "in n1 a route acts on the next packet" probe late 20 route4 n1 late4
check "in n2 an address of its own does" probe late 20 taken4 n2 late4
ip -n n1 route add blackhole 10.244.2.10 tos 0x10
check "packets of another DSCP have a route of their own" probe late 20 none n1 throttled
ip -n n1 route del blackhole 10.244.2.10 tos 0x10
check "an address that becomes ours is no source any more" probe late 20 address4 n1 late4
check "whoever asked for the route" probe claimed 20
check "nor is one that always was" probe late 20 none n1 own
# Of packets that come at once the stack asks about the first, ip_route_use_hint().
busybox modprobe sch_netem 2>/dev/null
in_ns p1a ethtool -K eth0 tso off
in_ns n1 ethtool -K vp1a gro on
in_ns p1a tc qdisc add dev eth0 root netem slot 10ms
if probe together 20 >/dev/null; then
	in_ns p1a tc qdisc del dev eth0 root
	check "not even if it got through among others before" probe late 20 none n1 own
else
	in_ns p1a tc qdisc del dev eth0 root
	skip "not even if it got through among others before" "this kernel asks about each"
fi
in_ns n1 ethtool -K vp1a gro off
in_ns p1a ethtool -K eth0 tso on
# By n2's routes p1b comes in on the wrong device.
ip -n n2 route add 10.244.1.11 dev vp2b
check "without rp_filter it may" probe arrives other4
check "with rp_filter it may not, not even after packets of others" probe filtered 10
sysctl_ns n2 net/ipv4/conf/k8snet0/rp_filter=0
ip -n n2 route del 10.244.1.11 dev vp2b

# Two ways to the pod, one of them past the overlay: ports choose.
ip -n n1 route add 10.244.2.10 nexthop dev k8snet0 nexthop via 192.168.99.2 dev eth0
sysctl_ns n1 net/ipv4/fib_multipath_hash_policy=1
sysctl_ns n2 net/ipv4/conf/all/rp_filter=0 net/ipv4/conf/eth0/rp_filter=0
before=$(stat_ns n1 k8snet0 tx_packets)
check "packets from 40 ports arrive" probe ports 4
before=$(($(stat_ns n1 k8snet0 tx_packets) - before))
note "$before of 40 by the overlay"
check "by both ways" [ "$before" -ge 8 -a "$before" -le 32 ]
ip -n n1 route del 10.244.2.10 nexthop dev k8snet0 nexthop via 192.168.99.2 dev eth0

# --- the same of IPv6 -------------------------------------------------------------------

check "IPv6: in n1 a route acts on the next packet" probe late 20 route6 n1 late6
check "IPv6: in n2 an address of its own does" probe late 20 taken6 n2 late6
ip -n n1 route add blackhole fd00:244:2::10/127
ip -n n1 route add fd00:244:2::10 dev k8snet0
ip -n n1 route add fd00:244:2::11 dev k8snet0
check "IPv6: in n1 a route that goes does" probe late 20 detour6 n1 late6
ip -n n1 route del fd00:244:2::10
ip -6 -n n1 nexthop add id 1 dev k8snet0
ip -n n1 route add fd00:244:2::10 nhid 1
check "IPv6: even one by a nexthop object" probe late 20 object6 n1 late6
ip -n n1 route del blackhole fd00:244:2::10/127
for a in 10 11; do ip -n n1 route del fd00:244:2::$a; done

# both_ways WHAT - do packets to the pod take both ways, and those to the other arrive?
both_ways() {
	local before

	before=$(stat_ns n1 k8snet0 tx_packets)
	check "IPv6, $1: packets from 40 ports arrive" probe ports 6
	before=$(($(stat_ns n1 k8snet0 tx_packets) - before))
	note "$before of 41 by the overlay"
	check "IPv6, $1: by both ways" [ "$before" -ge 9 -a "$before" -le 33 ]
}
sysctl_ns n1 net/ipv6/fib_multipath_hash_policy=1
ip -n n1 route add fd00:244:2::10 nexthop via fd00:244:2::99 dev k8snet0 onlink nexthop via fd99::2 dev eth0
both_ways "two next hops"
ip -n n1 route del fd00:244:2::10
# The object is another route's as well, which is the first to use it.
ip -6 -n n1 nexthop add id 2 via fd99::2 dev eth0
ip -n n1 nexthop add id 10 group 1/2
ip -n n1 route add fd00:244:2::11 nhid 1
ip -n n1 route add fd00:244:2::10 nhid 10
both_ways "a group of nexthop objects"
for id in 10 2 1; do ip -n n1 nexthop del id $id; done

# A namespace that has had one looks at sources from then on.
if ip -n n1 route add blackhole fd00:244:2::10 from fd00:244:1::20 2>/dev/null; then
	check "IPv6: a source that has a route of its own takes it" probe late 20 none n1 third6
	check "IPv6: and others have theirs" probe arrives late6 late6
	ip -n n1 route del blackhole fd00:244:2::10 from fd00:244:1::20
else
	skip "IPv6: a source that has a route of its own takes it" "this kernel has no routes for sources"
	skip "IPv6: and others have theirs" "this kernel has no routes for sources"
fi

# Last, because a namespace that has had a rule asks for each packet from then on.
for f in 4 6; do
	check "IPv$f: a rule acts on the next packet" probe late 20 rule$f n1 late$f
	ip -$f -n n1 rule add ipproto udp sport 40050 prohibit
	check "IPv$f: one that chooses by ports, on those" probe late 20 none n1 ruled$f
	ip -$f -n n1 rule del ipproto udp sport 40050 prohibit
done
both "all goes on"
ktap_end
