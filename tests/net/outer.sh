#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Outer packets: ECN, TTL, DSCP, DF, source port and flow label, and that conntrack, marks and NAT rules do not touch them.
#
#   p1a 10.244.1.10 --.                                .-- p2a 10.244.2.14, .24, .34 behind outer IPv4,
#                      n1 192.168.99.11 --[ul]-- n2          .16, .26, .36 behind outer IPv6
#   p1b 10.244.1.11 --'  fd99::11         br0     192.168.99.2, .12, .22
#                                                 fd99::2, ::12, ::22
#
# To n1, n2 is a node for each format (vxlan, udp, ipip) and underlay. p1a's packets go over IPv4, p1b's over
# IPv6; pods have fd00:244:N:: with the same last number, too. n1 has 192.168.99.1 and fd99::1 as well, which
# are what masquerading would choose.

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_two_nodes_dual
for n in n1 n2; do offload_off $n eth0; done
ip -n n1 -b - <<-BATCH
	addr add 192.168.99.11/24 dev eth0
	addr add fd99::11/64 dev eth0
	link add k8snet0 type k8snet
	addr add 10.244.1.0/32 dev k8snet0
	addr add fd00:244:1::/128 dev k8snet0
BATCH
ip -n n2 -b - <<-BATCH
	link add k8snet0 type k8snet
	route add 10.244.2.0/24 dev vp2a
	route add fd00:244:2::/64 dev vp2a
BATCH
k8snetctl -n n1 link set k8snet0 local 192.168.99.11 local fd99::11
declare -A net=([4]=192.168.99. [6]=fd99::)
i=0
for f in vxlan udp ipip; do
	[ $i = 0 ] || ip -n n2 -b - <<-BATCH
		addr add 192.168.99.$((i * 10 + 2))/24 dev eth0
		addr add fd99::$((i * 10 + 2))/64 dev eth0
	BATCH
	for o in 4 6; do
		a=$(((i + 1) * 10 + o))
		ip -n p2a -b - <<-BATCH
			addr add 10.244.2.$a/32 dev eth0
			addr add fd00:244:2::$a/128 dev eth0
		BATCH
		k8snetctl -n n1 node add $f$o dev k8snet0 format $f \
			via "${net[$o]}$((i * 10 + 2))" \
			pods 10.244.2.$a/32,fd00:244:2::$a/128
	done
	i=$((i + 1))
done
k8snetctl -n n2 node add four dev k8snet0 via 192.168.99.11 pods 10.244.1.10/32,fd00:244:1::10/128
k8snetctl -n n2 node add six dev k8snet0 via fd99::11 pods 10.244.1.11/32,fd00:244:1::11/128 format udp
ip -n n1 -b - <<-BATCH
	link set k8snet0 up
	route add 10.244.2.0/24 dev k8snet0
	route add fd00:244:2::/64 dev k8snet0
BATCH
ip -n n2 link set k8snet0 up

cat >"$T/outer.py" <<'PY'
import sys
import pkt
import probe

GW = {'p1a': sys.argv[1], 'p1b': sys.argv[2]}
FORMATS = 'vxlan', 'udp', 'ipip'
COMBOS = [(f, o, i) for f in FORMATS for o in (4, 6) for i in (4, 6)]
ETHERTYPE = {4: 0x0800, 6: 0x86dd}
PORT = {'vxlan': 8472, 'udp': 8285}
FROM = {4: '192.168.99.11', 6: 'fd99::11'}
POD1 = {(4, 4): '10.244.1.10', (6, 4): '10.244.1.11',
        (4, 6): 'fd00:244:1::10', (6, 6): 'fd00:244:1::11'}
probe.watch('n2')
wire = probe.Capture('ul', 'p-n2')
pod = probe.Capture('p2a', 'eth0')
number = 0


def ip(family, *args, df=1, ttl=64, tos=0):
    if family == 4:
        return pkt.ipv4(*args, ttl=ttl, tos=tos, flags=2 * df)
    return pkt.ipv6(*args, ttl=ttl, tos=tos)


def via(f, o):
    return ('192.168.99.%d' if o == 4 else 'fd99::%d') % (FORMATS.index(f) * 10 + 2)


def pod2(f, o, i):
    return ('10.244.2.%d' if i == 4 else 'fd00:244:2::%d') % (FORMATS.index(f) * 10 + 10 + o)


def mark_of(frame):
    """The text in a frame that tells it from all others, else None."""
    at = frame.find(b'k8snet#')
    return frame[at:at + 13] if at >= 0 else None


def inner(combo, sport=4000, **fields):
    """A datagram from n1's pod to n2's, and the text in it."""
    global number
    number += 1
    f, o, i = combo
    text = b'k8snet#%06d' % number
    src, dst = POD1[o, i], pod2(f, o, i)
    return ip(i, src, dst, 17, pkt.udp(src, dst, sport, 4242, text), **fields), text


def trip(packets):
    """
    Lets the pods of n1 send [(combo, packet, text)]: {text: frame} as n1 has
    sent them, decoded.
    """
    wire.take()
    for (f, o, i), packet, _ in packets:
        ns = 'p1a' if o == 4 else 'p1b'
        probe.FRAMES['one'] = [(ns, 'eth0', pkt.eth('02:00:00:00:00:0a', GW[ns], packet,
                                                    ETHERTYPE[i]))]
        probe.send('one')
    seen = wire.wait(len(packets), mark_of, outgoing=True)
    out = {mark_of(frame): pkt.decode_eth(frame, pkt.VXLAN_PORTS) for frame in seen}
    if len(seen) != len(packets) or set(out) != {text for _, _, text in packets}:
        raise probe.Failed('%d frames for %d packets' % (len(seen), len(packets)))
    return out


def differs(what, got, want):
    return [] if got == want else ['%s is %s, not %s' % (what, got, want)]


def head(p):
    return p.get('ip') or p['ip6']


def innermost(p):
    return p['inner'] if 'inner' in p else p


def check_outer(combo, p, ecn, ttl, dscp, df):
    """What is wrong with an outer packet."""
    f, o, i = combo
    h = head(p)
    proto = 17 if f != 'ipip' else 4 if i == 4 else 41
    want = [('family', 'ip' if o == 4 else 'ip6', 'ip' if 'ip' in p else 'ip6'),
            ('source', h['src'], FROM[o]), ('destination', h['dst'], via(f, o)),
            ('protocol', h['proto'], proto), ('ECN', h['ecn'], ecn), ('TTL', h['ttl'], ttl),
            ('DSCP', h['dscp'], dscp), ('checksums', pkt.checksums_ok(p), True)]
    if o == 4:
        want.append(('DF', int(h['df']), df))
    if f != 'ipip':
        want += [('port', p['udp']['dport'], PORT[f]), ('checksum', p['udp']['csum_ok'], True)]
    if f == 'vxlan':
        want.append(('VXLAN', p['vxlan'], {'flags': 8, 'vni': 1, 'reserved': 0, 'reserved2': 0}))
    h = head(innermost(p))
    want += [('inner source', h['src'], POD1[o, i]), ('inner TTL', h['ttl'], 32)]
    return [d for w in want for d in differs(*w)]


def outer(ttl, dscp, df):
    """How packets of all ECN codepoints, with TTL 33, DSCP 46, DF and not, go out."""
    sent = []
    for combo in COMBOS:
        for ecn in range(4):
            for inner_df in (0, 1) if combo[2] == 4 else (1,):
                fields = {'tos': 46 << 2 | ecn, 'ttl': 33, 'df': inner_df}
                sent.append((combo, *inner(combo, **fields), ecn, inner_df))
    seen = trip([s[:3] for s in sent])
    bad = []
    for combo, _, text, ecn, inner_df in sent:
        bad += ['%s, IPv%d in IPv%d: %s' % (combo[0], combo[2], combo[1], d)
                for d in check_outer(combo, seen[text], ecn,
                                     32 if ttl == 'inherit' else int(ttl),
                                     46 if dscp == 'inherit' else int(dscp),
                                     inner_df if df == 'inherit' else int(df == 'set'))]
        h = head(innermost(seen[text]))
        bad += differs('inner TOS', h['tos'], 46 << 2 | ecn)
        bad += differs('inner DF', int(h.get('df', 1)), inner_df)
    if bad:
        raise probe.Failed('%d, as %s' % (len(bad), '; '.join(bad[:3])))
    return '%d packets' % len(sent)


def flows(f, o, what):
    """Sixteen flows of a format and one of them again: has each a port or label of its own?"""
    for i in 4, 6:
        combo = f, int(o), i
        sent = [(combo, *inner(combo, sport=5000 + n % 16)) for n in range(17)]
        seen = trip(sent)
        values = [seen[text]['udp']['sport'] if what == 'port' else seen[text]['ip6']['label']
                  for _, _, text in sent]
        if values[0] != values[16]:
            raise probe.Failed('one flow, two %ss: %s' % (what, values))
        # Of 16, two have the same with odds of 1 to 230, or 1 to 8,000.
        if len(set(values)) < 14:
            raise probe.Failed('%ss of sixteen flows: %s' % (what, values))
        if what == 'port' and not all(32768 <= v < 61000 for v in values):
            raise probe.Failed('beyond net.ipv4.ip_local_port_range: %s' % values)


def label(o):
    """The labels of one packet of each format, inner IPv4."""
    sent = [((f, int(o), 4), *inner((f, int(o), 4))) for f in FORMATS]
    seen = trip(sent)
    return ' '.join(str(seen[text]['ip6']['label']) for _, _, text in sent)


# RFC 6040, figure 4: what the inner codepoint (row) becomes with the outer one
# (column), in the order Not-ECT, ECT(1), ECT(0), CE; None is a drop.
ECN = {0: (0, 0, 0, None), 1: (1, 1, 1, 3), 2: (2, 1, 2, 3), 3: (3, 3, 3, 3)}


def decapsulated(f, inner_family):
    """All 16 cases, over both underlays: what arrives in the pod."""
    i = int(inner_family)
    want = {}
    probe.mark()
    pod.take()
    probe.FRAMES['ecn'] = []
    for o in 4, 6:
        for inner_ecn in range(4):
            for outer_ecn in range(4):
                packet, text = inner((f, o, i), tos=26 << 2 | inner_ecn)
                want[text] = ECN[inner_ecn][outer_ecn]
                if f == 'vxlan':
                    packet = pkt.vxlan(1, pkt.eth('0a:58:00:00:00:01', '0a:58:00:00:00:02',
                                                  packet, ETHERTYPE[i]))
                proto = 4 if i == 4 else 41
                if f != 'ipip':
                    proto = 17
                    packet = pkt.udp(FROM[o], via(f, o), 40000, PORT[f], packet)
                packet = ip(o, FROM[o], via(f, o), proto, packet, tos=outer_ecn)
                probe.FRAMES['ecn'].append(('n1', 'eth0', pkt.eth(
                    '02:00:c0:a8:63:01', '02:00:c0:a8:63:02', packet, ETHERTYPE[o])))
    probe.send('ecn')
    arrived = [w for w in want.values() if w is not None]
    seen = {}
    for frame in pod.wait(len(arrived), lambda f: mark_of(f) in want, outgoing=False):
        p = pkt.decode_eth(frame, ())
        if not pkt.checksums_ok(p):
            raise probe.Failed('a wrong checksum: %s' % p)
        if head(p)['dscp'] != 26:
            raise probe.Failed('DSCP %d' % head(p)['dscp'])
        seen[mark_of(frame)] = head(p)['ecn']
    bad = ['inner %d outer %d: %s, not %s' % (n // 4 % 4, n % 4, seen.get(text), ecn)
           for n, (text, ecn) in enumerate(want.items()) if seen.get(text) != ecn]
    if bad:
        raise probe.Failed('; '.join(bad))
    probe.changed('n2', 'dropped+2,four.dropped+1,four.rx+15,rx+30,rx-ecn+2,'
                  'six.dropped+1,six.rx+15')


def untouched():
    """A packet of each kind: where it comes from and goes to on the underlay."""
    sent = [(combo, *inner(combo)) for combo in COMBOS]
    seen = trip(sent)
    for combo, _, text in sent:
        f, o, i = combo
        p = seen[text]
        h = head(p)
        ok = h['src'] == FROM[o] and h['dst'] == via(f, o) and pkt.checksums_ok(p)
        if ok and f != 'ipip':
            ok = p['udp']['dport'] == PORT[f] and p['udp']['sport'] >= 32768
        # The rules are at work on what is inside.
        ok = ok and innermost(p)['udp']['sport'] < 1031
        if not ok:
            raise probe.Failed('%s: %s' % (combo, p))


probe.COMMANDS.update(outer=outer, flows=flows, label=label, decapsulated=decapsulated,
                      untouched=untouched)
probe.main()
PY
probe_start "$T/outer.py" "$(in_ns n1 cat /sys/class/net/vp1a/address)" \
	"$(in_ns n1 cat /sys/class/net/vp1b/address)"

# --- encapsulation ------------------------------------------------------------

check "by default: ECN copied, TTL 64, DSCP 0, no DF" probe outer 64 0 unset
k8snetctl -n n1 link set k8snet0 ttl 7 dscp 10 df set
check "TTL, DSCP and DF as they are set" probe outer 7 10 set
k8snetctl -n n1 link set k8snet0 ttl inherit dscp inherit df inherit
check "inherited" probe outer inherit inherit inherit
k8snetctl -n n1 link set k8snet0 ttl 64 dscp 0 df unset

for o in 4 6; do
	for f in vxlan udp; do
		check "$f over IPv$o: a source port for each flow" probe flows $f $o port
	done
done
for f in vxlan udp ipip; do
	check "$f over IPv6: a flow label for each flow" probe flows $f 6 label
done
sysctl_ns n1 net/ipv6/auto_flowlabels=0
check "no labels where the system wants none" probe label 6
check_eq "in no format" "ok 0 0 0" "$(cat "$T/out")"
sysctl_ns n1 net/ipv6/auto_flowlabels=1

# --- decapsulation --------------------------------------------------------------

for f in vxlan udp ipip; do
	for i in 4 6; do
		check "$f, IPv$i inside: the 16 cases of RFC 6040, over IPv4 and IPv6" probe decapsulated $f $i
	done
done

# --- out of the reach of conntrack, marks and NAT ---------------------------------

# What kube-proxy and others do to everything they can reach, and worse.
for n in n1 n2; do
	in_ns $n nft -f - <<'RULES'
table inet rules {
	counter inner { }
	counter outer { }
	counter marked { }
	counter arrived { }
	counter tracked { }
	chain tag {
		type filter hook prerouting priority mangle;
		iifname { "vp1a", "vp1b", "eth0" } meta mark set 0x4000
	}
	chain out {
		type filter hook output priority filter;
		udp dport { 8472, 8285 } counter name outer
		meta l4proto { 4, 41 } counter name outer
		udp dport { 8472, 8285 } meta mark != 0 counter name marked
		meta l4proto { 4, 41 } meta mark != 0 counter name marked
		udp dport { 8472, 8285 } ct state != untracked counter name tracked
		meta l4proto { 4, 41 } ct state != untracked counter name tracked
	}
	chain in {
		type filter hook input priority filter;
		udp dport { 8472, 8285 } counter name outer
		meta l4proto { 4, 41 } counter name outer
		udp dport { 8472, 8285 } ct state != untracked counter name tracked
		meta l4proto { 4, 41 } ct state != untracked counter name tracked
	}
	chain forward {
		type filter hook forward priority filter;
		iifname "k8snet0" counter name arrived
		iifname "k8snet0" meta mark != 0 counter name marked
	}
	chain post {
		type filter hook postrouting priority mangle;
		meta mark 0x4000 oifname "k8snet0" counter name inner
		udp dport { 8472, 8285 } meta mark != 0 counter name marked
		meta l4proto { 4, 41 } meta mark != 0 counter name marked
	}
	chain nat_pre {
		type nat hook prerouting priority dstnat;
		udp dport { 8472, 8285 } redirect to :9
	}
	chain nat_out {
		type nat hook output priority -100;
		udp dport { 8472, 8285 } dnat ip to 192.168.99.77
	}
	chain nat_post {
		type nat hook postrouting priority srcnat;
		meta mark 0x4000 meta l4proto udp masquerade to :1024-1030
		meta l4proto udp masquerade to :1024-1030
		masquerade
	}
}
RULES
done
# What masquerading gives to the pods.
k8snetctl -n n2 node replace four dev k8snet0 via 192.168.99.11 pods 10.244.1.0/32,fd00:244:1::/128
check "the rules apply to what is inside, and not to the outer packets" probe untouched
# rules NS - the counters
rules() {
	in_ns "$1" nft -j list counters | gojq -r '[.nftables[] | .counter // empty |
		"\(.name) \(.packets)"] | sort | join(",")'
}
check_eq "the mark stays with the inner packet, the outer one is untracked" \
	"arrived 0,inner 12,marked 0,outer 12,tracked 0" "$(rules n1)"
# Those over IPv6 are dropped now: they come with another node's address.
check_eq "so it is where they come in" \
	"arrived 6,inner 0,marked 0,outer 12,tracked 0" "$(rules n2)"
for n in n1 n2; do
	in_ns $n conntrack -L >"$T/conntrack" 2>&1
	in_ns $n conntrack -L -f ipv6 >>"$T/conntrack" 2>&1
	check_match "conntrack on $n knows inner connections" \
		'dst=10\.244\.2\.14 .*dst=fd00:244:2::14 ' "$(tr '\n' ' ' <"$T/conntrack")"
	check_eq "but no tunnel" "" \
		"$(grep -E 'src=(192\.168\.99\.|fd99::)' "$T/conntrack" || [ $? = 1 ])"
done

ktap_end
