#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tunnel packets that are cut, flipped, forged and random: each is delivered or counted under the one reason that it has.
#
#   p1a 10.244.1.10 --.
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#                      k8snet0          br0     (sends the crafted packets)

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_underlay
topo_host n1 192.168.99.1
topo_host n2 192.168.99.2
sysctl_ns n1 net/ipv4/ip_forward=1
topo_pod n1 p1a 10.244.1.10 10.244.1.1
k8snet_node n1 1 2

# What IP and UDP of the node (udp...) and of the pod (pod...) have counted goes
# with the counters of the device.
cat >"$T/malformed.py" <<'MALFORMED'
import random
import struct
import sys
import _socket as socket
import pkt
import probe
from traffic import in_ns

N1, N2, POD, PEER = '192.168.99.1', '192.168.99.2', '10.244.1.10', '10.244.2.10'
random.seed(8472)
classes = []
sport = 0


def add(name, packets, **changes):
    """packets: IP packets for n1. udp, dropped and the node's follow from the rest."""
    device = sum(n for why, n in changes.items()
                 if why.startswith('rx_') and why not in ('rx_short', 'rx_header', 'rx_no_device'))
    changes['dropped'] = changes['worker2.dropped'] = device
    changes['worker2.rx'] = changes.get('rx', 0)
    changes['udp'] = len(packets) - changes.get('udp_errors', 0)
    classes.append((name, len(packets), ','.join(sorted(
        '%s+%d' % (why.replace('_', '-'), n) for why, n in changes.items() if n)), packets))


def outer(payload, udp=None, **ip):
    """The tunnel's UDP and IP headers around a payload."""
    global sport
    sport += 1
    return pkt.ipv4(N2, N1, 17, pkt.udp(N2, N1, 32768 + sport, 8472, payload, **(udp or {})), **ip)


def datagram(src=PEER, size=50):
    return pkt.udp(src, POD, 1000, 4242, b'x' * size)


def inner(*layers, **ip):
    return pkt.ipv4(PEER, POD, 17, layers[0] if layers else datagram(), **ip)


def frame(packet, proto=0x0800):
    return pkt.eth('0a:58:c0:a8:63:02', '0a:58:c0:a8:63:01', packet, proto)


def vxlan(packet, proto=0x0800):
    return pkt.vxlan(1, frame(packet, proto))


def flipped(payload, at, bit):
    word, = struct.unpack_from('!I', payload, at)
    return payload[:at] + struct.pack('!I', word ^ 1 << bit) + payload[at + 4:]


def model(packet):
    """What becomes of an inner packet of random bytes: its header is wrong, or its source is."""
    length, = struct.unpack_from('!H', packet, 2)
    ihl = (packet[0] & 15) * 4
    good = packet[0] >> 4 == 4 and ihl >= 20 and ihl <= length <= len(packet)
    assert packet[12:15] != bytes((10, 244, 2))
    return 'rx_inner_source' if good else 'rx_inner_header'


golden = vxlan(inner())
assert len(golden) == 100
delivered = {'rx': 1, 'pod': 1}

add('golden', [outer(golden)], **delivered)
# Two headers, a MAC header and an IP header are the least: 8 + 14 + 20.
add('cut to 0 to 41 bytes', [outer(golden[:n]) for n in range(42)], rx_short=42)
add('cut to 42 to 99 bytes', [outer(golden[:n]) for n in range(42, 100)], rx_inner_header=58)

# The port takes raw IP as well, whose first four bits are its version.
def raw(packets):
    return sum(len(p) >= 20 and p[0] >> 4 in (4, 6) for p in packets)

noise = [random.randbytes(n) for n in range(42)]
add('random, 0 to 41 bytes', [outer(n) for n in noise], rx_short=42 - raw(noise),
    rx_inner_header=raw(noise))
noise = [random.randbytes(n) for n in range(42, 101)]
assert not any(n.startswith(b'\x08\0\0\0') for n in noise)
add('random, 42 to 100 bytes', [outer(n) for n in noise], rx_header=59 - raw(noise),
    rx_inner_header=raw(noise))
noise = [golden[:8] + random.randbytes(n) for n in range(34, 101)]
assert not any(n[20:22] == b'\x08\0' for n in noise)
add('random behind the VXLAN header', [outer(n) for n in noise], rx_protocol=67)
noise = [random.randbytes(n) for n in range(20, 101)]
whys = [model(n) for n in noise]
add('random behind the inner MAC header', [outer(golden[:22] + n) for n in noise],
    **{why: whys.count(why) for why in whys})
noise = [bytes((random.choice((0x45, 0x46, 0x4f, 0x44, 0x65, 0x05)), 0)) +
         struct.pack('!H', random.choice((0, 19, 20, 21, n - 1, n, n + 1, 65535))) +
         random.randbytes(n - 4) for n in range(20, 121)]
whys = [model(n) for n in noise]
assert len(set(whys)) == 2
add('inner headers that are nearly right', [outer(golden[:22] + n) for n in noise],
    **{why: whys.count(why) for why in whys})

add('each bit of the flags and what is reserved beside them flipped',
    [outer(flipped(golden, 0, bit)) for bit in range(32)], rx_header=31, rx_inner_header=1)
add('each reserved bit behind the VNI set',
    [outer(flipped(golden, 4, bit)) for bit in range(8)], rx_header=8)
add('each bit of the VNI flipped',
    [outer(flipped(golden, 4, bit)) for bit in range(8, 32)], rx_no_device=24)

for what, proto in (('ARP', 0x0806), ('0', 0), ('VLAN', 0x8100),
                    ('a length (802.3)', 78), ('65535', 0xffff)):
    add('inner ethertype ' + what, [outer(vxlan(inner(), proto))], rx_protocol=1)
# IPv6 is carried, and an IPv4 packet is none.
add('inner ethertype IPv6', [outer(vxlan(inner(), 0x86dd))], rx_inner_header=1)
for version in (0, 3, 5, 6, 15):
    add('inner IP version %d' % version, [outer(vxlan(inner(version=version)))],
        rx_inner_header=1)
for ihl in range(5):
    add('inner header length %d' % ihl, [outer(vxlan(inner(ihl=ihl)))], rx_inner_header=1)
for length in (0, 1, 19):
    add('inner total length %d' % length, [outer(vxlan(inner(length=length)))],
        rx_inner_header=1)
add('inner total length less than the header with its options',
    [outer(vxlan(inner(options=b'\1' * 4, length=23)))], rx_inner_header=1)
for length in (79, 1500, 65535):
    add('inner total length %d of 78' % length, [outer(vxlan(inner(length=length)))],
        rx_inner_header=1)
add('inner header longer than its total length',
    [outer(vxlan(inner(datagram(size=12), ihl=15)))], rx_inner_header=1)
add('inner header longer than the packet',
    [outer(vxlan(inner(datagram(size=12), ihl=15, length=60)))], rx_inner_header=1)
add('an inner header alone', [outer(vxlan(inner(b'')))], rx=1, pod_errors=1)
add('inner total length ends in the UDP header', [outer(vxlan(inner(length=24)))],
    rx=1, pod_errors=1)
add('wrong inner header checksum', [outer(vxlan(inner(check=0x1234)))], rx=1, udp_ip=1)
add('wrong inner UDP checksum', [outer(vxlan(inner(pkt.udp(PEER, POD, 1000, 4242, b'x', check=1))))],
    rx=1, pod_errors=1, pod_csum=1)
add('padding behind the inner packet', [outer(golden + b'\0' * n) for n in (1, 18, 500)],
    rx=3, pod=3)
add('inner options', [outer(vxlan(inner(options=b'\1' * 40)))], **delivered)

add('no outer UDP checksum', [outer(golden, {'check': 0})], **delivered)
add('wrong outer UDP checksum', [outer(golden, {'check': 1})], udp_errors=1, udp_csum=1)
add('outer UDP length beyond the packet', [outer(golden, {'length': 109})], udp_errors=1)
for length in (0, 7):
    add('outer UDP length %d' % length, [outer(golden, {'length': length})], udp_errors=1)
add('outer packet ends in the UDP header', [outer(golden, length=20 + n) for n in range(8)],
    udp_errors=8)
add('outer UDP length cuts the inner packet', [outer(golden, {'length': 68, 'check': 0})],
    rx_inner_header=1)
add('junk behind the outer UDP length', [pkt.ipv4(N2, N1, 17, pkt.udp(N2, N1, 40000, 8472, golden) +
                                                  b'junk')], **delivered)
add('outer options', [outer(golden, options=b'\1' * 40)], **delivered)
for cut in (8, 16, 56):
    whole = outer(golden, ident=cut)[20:]
    add('outer fragments, cut at %d' % cut,
        [pkt.ipv4(N2, N1, 17, whole[:cut], ident=cut, flags=1),
         pkt.ipv4(N2, N1, 17, whole[cut:], ident=cut, flags=0, frag=cut // 8)], udp=1, **delivered)
    # The two are one packet to UDP.
    classes[-1] = classes[-1][:2] + ('pod+1,rx+1,udp+1,worker2.rx+1',) + classes[-1][3:]
add('congestion marked where the inner packet cannot say so', [outer(golden, tos=3)], rx_ecn=1)
add('congestion marked where it can', [outer(vxlan(inner(tos=2)), tos=3)], **delivered)
add('golden again', [outer(golden)], **delivered)

taker = in_ns('p1a', socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
taker.bind(('', 4242))
taker.setblocking(False)


def take():
    """UDP counts what somebody has read."""
    try:
        while True:
            taker.recv(2048)
    except BlockingIOError:
        pass


def snmp(ns, who):
    """The counters of IP and UDP."""
    def source():
        take()
        n = probe.snmp(ns, 'Ip', 'Udp')
        return {who: n['UdpInDatagrams'], who + '-errors': n['UdpInErrors'],
                who + '-csum': n['UdpInCsumErrors'], who + '-ip': n['IpInHdrErrors']}
    return source


probe.SOURCES['n1'] = [snmp('n1', 'udp'), snmp('p1a', 'pod')]
probe.watch('n1')
first = probe.counters('n1')
for at, c in enumerate(classes):
    probe.FRAMES['class%d' % at] = [
        ('n2', 'eth0', pkt.eth('02:00:c0:a8:63:02', '02:00:c0:a8:63:01', p)) for p in c[3]]


def ready():
    """Names, numbers and changes, for the shell."""
    with open(sys.argv[1], 'w') as f:
        for c in classes:
            f.write('%s\t%d\t%s\n' % c[:3])


def total():
    """What has come of everything: its sum, UDP's part in it, and what must be nothing."""
    n = {name: n - first.get(name, 0) for name, n in probe.counters('n1').items()}
    taken = n['rx'] + sum(n[why] for why in n if why.startswith('rx-'))
    return '%d udp %d=%d backlog %d' % (taken + n['udp-errors'], n['udp'], taken, n['rx-backlog'])


probe.COMMANDS.update(ready=ready, total=total)
probe.main()
MALFORMED
probe_start "$T/malformed.py" "$T/classes"
check "packets can be crafted" probe ready

sent=0
i=0
while IFS=$'\t' read -r name n expected <&3; do
	counted "$name: $expected" n1 "$expected" class$i
	sent=$((sent + n))
	i=$((i + 1))
done 3<"$T/classes"

# All together: nothing is lost, nothing counts twice. Three packets came in two
# fragments each, 12 did not get through UDP.
check "all of it" probe total
check_eq "what was sent was delivered or dropped for one reason, what UDP took is what the tunnel counted" \
	"ok $((sent - 3)) udp $((sent - 3 - 12))=$((sent - 3 - 12)) backlog 0" "$(cat "$T/out")"
check_eq "the node's packets are counted with it, too" \
	"$(ip -n n1 -s -j link show dev k8snet0 | gojq -r '.[0].stats64.rx | "\(.packets) \(.dropped)"')" \
	"$(k8snetctl -n n1 -j node show worker2 | gojq -r '.[0].stats | "\(.rx_packets) \(.rx_dropped)"')"

ktap_end
