#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Cuts, flips and makes up tunnel packets, packets to services and of flows that are remembered, and keeps the books: each that came in was delivered or dropped under a name.
"""
pktfuzz.py tunnel SEED STEP LIMIT SECONDS
pktfuzz.py service SEED STEP LIMIT SECONDS
pktfuzz.py flow SEED STEP LIMIT SECONDS

For the topology of tests/net/fuzz_packet.sh. STEP: of all cuts and flips one in
so many (1: all of them). LIMIT: at most so many packets. SECONDS: go on with
flips of cut packets and random ones for so long. A finding is a line "FOUND
..." and the exit status 1; the last line is "packets N delivered N dropped N".
"""

import os
import random
import struct
import subprocess
import sys
import time

import nlraw
import _socket as socket
import pkt
import probe
from traffic import in_ns

N1, MAC1, MAC2 = '192.168.99.1', '02:00:c0:a8:63:01', '02:00:c0:a8:63:02'
N16 = 'fd99::1'
POD, POD6 = '10.244.1.10', 'fd00:244:1::10'
BATCH = 64
rnd = random.Random()


# --- golden packets -------------------------------------------------------

FORMATS = ('vxlan', 'udp', 'ipip', 'direct')
PORTS = {'vxlan': 8472, 'udp': 8285}


def inner(peer, pod, payload=b'x' * 24):
    body = pkt.udp(peer, pod, 1000, 4242, payload)
    return pkt.ipv6(peer, pod, 17, body) if ':' in peer else pkt.ipv4(peer, pod, 17, body)


def encapsulate(fmt, src, dst, packet, sport):
    """The outer packet, and the length of its outer and tunnel headers."""
    six = ':' in src
    make = pkt.ipv6 if six else pkt.ipv4
    hlen = 40 if six else 20
    is6 = packet[0] >> 4 == 6
    if fmt == 'direct':
        return packet, 40 if is6 else 20
    if fmt == 'ipip':
        return make(src, dst, 41 if is6 else 4, packet), hlen
    if fmt == 'vxlan':
        packet = pkt.vxlan(1, pkt.eth('0a:58:c0:a8:63:02', '0a:58:c0:a8:63:01', packet,
                                      0x86dd if is6 else 0x0800))
    return make(src, dst, 17, pkt.udp(src, dst, sport, PORTS[fmt], packet)), \
        hlen + 8 + (22 if fmt == 'vxlan' else 0)


def goldens():
    """(name, bytes, length of the headers): each format, both families outside and inside."""
    out = []
    for outer6 in False, True:
        for i, fmt in enumerate(FORMATS):
            for inner6 in False, True:
                n = i + 2 + 10 * outer6
                src = 'fd99::%d' % (i + 2) if outer6 else '192.168.99.%d' % (i + 2)
                peer = 'fd00:244:%d::10' % n if inner6 else '10.244.%d.10' % n
                out.append(('%s %d in %d' % (fmt, 6 if inner6 else 4, 6 if outer6 else 4),
                            *encapsulate(fmt, src, N16 if outer6 else N1,
                                         inner(peer, POD6 if inner6 else POD), 40000 + n)))
    return out


# --- what is done to them -------------------------------------------------

def flip(raw, bit):
    out = bytearray(raw)
    out[bit // 8] ^= 0x80 >> bit % 8
    return bytes(out)


def mend(raw):
    """The checksums right again, for what looks at the rest."""
    out = bytearray(raw)
    if out[0] >> 4 == 4 and len(out) >= 20:
        hlen = (out[0] & 15) * 4
        if 20 <= hlen <= len(out):
            out[10:12] = b'\0\0'
            struct.pack_into('!H', out, 10, pkt.csum(bytes(out[:hlen])))
            # IPv4 needs no UDP checksum.
            if out[9] == 17 and len(out) >= hlen + 8:
                out[hlen + 6:hlen + 8] = b'\0\0'
    elif out[0] >> 4 == 6 and len(out) >= 48 and out[6] == 17:
        out[46:48] = b'\0\0'
        head = bytes(out[8:40]) + struct.pack('!I3xB', len(out) - 40, 17)
        struct.pack_into('!H', out, 46, pkt.csum(head + bytes(out[40:])) or 0xffff)
    return bytes(out)


def cut(raw, n):
    """n bytes of it, and headers that know."""
    out = bytearray(raw[:n])
    n = len(out)
    if out[0] >> 4 == 4 and n >= 20:
        struct.pack_into('!H', out, 2, n)
        if out[9] == 17 and n >= 28:
            struct.pack_into('!H', out, 24, n - 20)
    elif out[0] >> 4 == 6 and n >= 40:
        struct.pack_into('!H', out, 4, n - 40)
        if out[6] == 17 and n >= 48:
            struct.pack_into('!H', out, 44, n - 40)
    return mend(bytes(out))


def damages(raw, hlen, step):
    """All cuts and all single flipped bits of the headers, as they are and mended."""
    yield raw
    for n in range(1 + rnd.randrange(step), len(raw), step):
        yield raw[:n]
        yield cut(raw, n)
    for bit in range(rnd.randrange(step), hlen * 8, step):
        yield flip(raw, bit)
        yield mend(flip(raw, bit))


def wild(raw, hlen):
    """Something that is wrong in several ways."""
    how = rnd.randrange(4)
    if how == 0:
        n = rnd.randrange(1, len(raw) + 1)
        return mend(flip(cut(raw, n), rnd.randrange(min(n, hlen) * 8)))
    if how == 1:
        return mend(cut(raw[:hlen] + rnd.randbytes(rnd.randrange(0, 200)), hlen + rnd.randrange(200)))
    if how == 2:
        at = rnd.randrange(hlen)
        return mend(raw[:at] + rnd.randbytes(rnd.randrange(1, 8)) + raw[at:])
    out = raw
    for _ in range(rnd.randrange(2, 9)):
        out = flip(out, rnd.randrange(len(raw) * 8))
    return mend(out)


# --- the books ------------------------------------------------------------

def nft_counters(ns):
    said = subprocess.run(['ip', 'netns', 'exec', ns, 'nft', '-j', 'list', 'counters'],
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    out = {}
    # Without the json module, which takes its time to load.
    for part in said.split('"counter": {')[1:]:
        name = part.split('"name": "')[1].split('"')[0]
        out['nft.' + name] = int(part.split('"packets": ')[1].split(',')[0])
    return out


class Ledger:
    def __init__(self, ns):
        self.ns = ns
        self.k8snet = probe.Counters(ns)
        self.family = in_ns(ns, nlraw.Family, 'k8snet')
        self.first = self.read()

    def read(self):
        out = self.k8snet()
        out.update(nft_counters(self.ns))
        out.update(probe.snmp(self.ns, 'Udp'))
        out['service.new'] = out['service.rejected'] = 0
        for m in self.family.dump(probe.uapi['CMD_SERVICE_GET']):
            out['service.new'] += probe.number(m, 'SERVICE_NEW')
            out['service.rejected'] += probe.number(m, 'SERVICE_REJECTED')
        return out

    def since(self):
        now = self.read()
        return {name: n - self.first.get(name, 0) for name, n in now.items()}


def tunnel_sums(n):
    """What came to the module, and what it says of that."""
    came = n['UdpInDatagrams'] + n['Udp6InDatagrams'] + n['nft.by_protocol'] + \
        n['nft.direct'] - n['nft.direct_left']
    dropped = sum(v for k, v in n.items() if k.startswith('rx-'))
    return came, n['rx'], dropped


def tunnel_check(n):
    came, delivered, dropped = tunnel_sums(n)
    wrong = []
    if came != delivered + dropped:
        wrong.append('%d came, %d delivered + %d dropped' % (came, delivered, dropped))
    took = n['UdpInDatagrams'] + n['Udp6InDatagrams']
    refused = n['UdpInErrors'] + n['Udp6InErrors']
    for name in 'NoPorts', 'IgnoredMulti':
        refused += n.get('Udp' + name, 0) + n.get('Udp6' + name, 0)
    if n['nft.udp_all'] != took + refused:
        wrong.append('%d were UDP, it took %d and refused %d' % (n['nft.udp_all'], took, refused))
    return wrong


SERVICE_DROPS = ('service-no-endpoint', 'service-unknown-port', 'service-unused-address',
                 'nat-failed', 'service-no-local-endpoint', 'service-source-range', 'service-limit')


def service_sums(n):
    return n['nft.opened'], n['service.new'], sum(n[why] for why in SERVICE_DROPS)


def service_check(n):
    opened, new, dropped = service_sums(n)
    return [] if opened == new + dropped else \
        ['%d opened, %d sent to an endpoint + %d dropped' % (opened, new, dropped)]


# --- sending --------------------------------------------------------------

class Sender:
    """Frames in batches; the receiver has time to take each."""

    def __init__(self, ns, dev, dst, src):
        self.socket = probe.packet_socket(ns, dev, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        self.head = pkt.mac(dst) + pkt.mac(src)
        self.sent = 0

    def send(self, packet):
        proto = b'\x86\xdd' if packet[0] >> 4 == 6 else b'\x08\0'
        while True:
            try:
                self.socket.send(self.head + proto + packet)
                break
            except OSError as e:
                if e.errno != 105:	# ENOBUFS: a full queue
                    raise
                time.sleep(.001)
        self.sent += 1


def books(ledger, sums, check, what):
    """Waits until they agree; says how they do not."""
    until = time.monotonic() + 5
    while True:
        n = ledger.since()
        wrong = check(n)
        if not wrong or time.monotonic() > until:
            break
        time.sleep(.05)
    for w in wrong:
        print('FOUND after %s: %s' % (what, w))
        print('FOUND', ' '.join('%s+%d' % (k, v) for k, v in sorted(n.items()) if v))
    return not wrong, sums(n)


def run(ledger, sender, bases, sums, check, step, limit, seconds):
    ok = True
    for name, raw, hlen in bases:
        for packet in damages(raw, hlen, step):
            if sender.sent >= limit:
                break
            sender.send(packet)
        good, _ = books(ledger, sums, check, name)
        ok = ok and good
    until = time.monotonic() + seconds
    while ok and time.monotonic() < until:
        for _ in range(2000):
            sender.send(wild(*rnd.choice(bases)[1:]))
        ok, _ = books(ledger, sums, check, 'wild packets, %d sent' % sender.sent)
    _, (came, delivered, dropped) = books(ledger, sums, check, 'the end')
    n = ledger.since()
    print('by name: ' + ' '.join('%s %d' % (k, v) for k, v in sorted(n.items())
                                 if v and not k.startswith(('nft.', 'Udp'))))
    print('%d of them got to the module' % came)
    print('packets %d delivered %d dropped %d' % (sender.sent, delivered, dropped))
    return ok


# --- flows ----------------------------------------------------------------

# Nobody has rules: tunnel packets are taken at ingress, those of flows that are
# remembered are given to the pod's end of its veth, and its answers to the wire.

def flows():
    """(format, outer source, inner source, inner destination) of UDP flows: each peer's with the pod."""
    return [(fmt, 'fd99::%d' % (i + 2) if outer6 else '192.168.99.%d' % (i + 2),
             ('fd00:244:%d::10' if inner6 else '10.244.%d.10') % (i + 2 + 10 * outer6),
             POD6 if inner6 else POD)
            for outer6 in (False, True) for i, fmt in enumerate(FORMATS) if fmt in PORTS
            for inner6 in (False, True)]


def wrapped(flow, packet):
    fmt, src, _, _ = flow
    return encapsulate(fmt, src, N16 if ':' in src else N1, packet, 40000)[0]


def flow_packets(step):
    """The headers outside and inside, damaged."""
    for flow in flows():
        packet = inner(flow[2], flow[3])
        hlen = 48 if packet[0] >> 4 == 6 else 28
        raw = wrapped(flow, packet)
        yield from damages(raw, len(raw) - len(packet) + hlen, step)
        for damaged in damages(packet, hlen, step):
            yield wrapped(flow, damaged)


def flow_wild():
    flow = rnd.choice(flows())
    packet = inner(flow[2], flow[3])
    return wrapped(flow, wild(packet, 48 if packet[0] >> 4 == 6 else 28))


def answer(flow):
    """What the pod says to a good packet."""
    _, _, peer, pod = flow
    packet = pkt.udp(pod, peer, 4242, 1000, b'x' * 24)
    return pkt.ipv6(pod, peer, 17, packet) if ':' in pod else pkt.ipv4(pod, peer, 17, packet)


def answers(step):
    """What the pod says, damaged."""
    for flow in flows():
        packet = answer(flow)
        yield from damages(packet, 48 if packet[0] >> 4 == 6 else 28, step)


# What of an IPv4 header nobody looks at before its checksum: not version, lengths and source.
SUMMED = [bit for bit in range(160) if bit // 8 not in (0, 2, 3, 12, 13, 14, 15)]


# Whose checksum alone is wrong. Short ways check what the long one does: the IP
# stack drops them.
def missummed(packet):
    return (flip(packet, bit) for bit in SUMMED) if packet[0] >> 4 == 4 else ()


def missummed_outside():
    for flow in flows():
        yield from missummed(mend(wrapped(flow, inner(flow[2], flow[3]))))


def missummed_inside():
    for flow in flows():
        yield from (wrapped(flow, p) for p in missummed(inner(flow[2], flow[3])))


def missummed_answers():
    for flow in flows():
        yield from missummed(answer(flow))


def flow_sums(n):
    return n['UdpInDatagrams'] + n['Udp6InDatagrams'], n['rx'], \
        sum(v for k, v in n.items() if k.startswith('rx-'))


def flow_check(n):
    came, delivered, dropped = flow_sums(n)
    wrong = []
    if came != delivered + dropped:
        wrong.append('%d came, %d delivered + %d dropped' % (came, delivered, dropped))
    # Nobody behind the node checks what the node has taken as well-formed.
    for name in 'IpInHdrErrors', 'Ip6InHdrErrors', 'Ip6InTruncatedPkts':
        if n['pod.' + name]:
            wrong.append('the pod got %d with a wrong header: %s' % (n['pod.' + name], name))
    return wrong


class FlowLedger(Ledger):
    def read(self):
        out = super().read()
        out.update(('pod.' + k, v) for k, v in ip_errors('p1a').items())
        out.update(ip_errors(self.ns))
        reply = self.family.do(probe.uapi['CMD_FLOW_CACHE_GET'])
        for c in probe.attr(reply[0], 'FLOW_CACHE_COUNT'):
            name = COUNTERS[probe.number(c, 'FLOW_COUNT_COUNTER')]
            out['flow.' + name] = probe.number(c, 'FLOW_COUNT_VALUE')
        return out


COUNTERS = {number: name[len('FLOW_COUNTER_'):].lower().replace('_', '-')
            for name, number in probe.uapi.items() if name.startswith('FLOW_COUNTER_')}


def ip_errors(ns):
    n = probe.snmp(ns, 'Ip', 'IpExt')
    return {name: n[name] for name in ('IpInHdrErrors', 'IpExtInCsumErrors', 'Ip6InHdrErrors', 'Ip6InTruncatedPkts')}


def remembered(ledger, sender):
    """Good packets, until those of all flows go past the stack."""
    packets = [wrapped(flow, inner(flow[2], flow[3])) for flow in flows()]
    until = time.monotonic() + 60
    while time.monotonic() < until:
        before = ledger.since()
        for packet in packets:
            sender.send(packet)
        time.sleep(.1)
        now = ledger.since()
        # There and back; at least there to the pod itself, from the wire at once.
        if all(now['flow.' + name] - before['flow.' + name] >= n for name, n in (
                ('hit', 2 * len(packets)), ('hit-peer', len(packets)), ('hit-ingress', len(packets)))):
            return True
    print('FOUND not past the stack:', ' '.join('%s+%d' % (k, v) for k, v in sorted(ledger.since().items()) if v))
    return False


def run_flows(step, limit, seconds):
    ledger = FlowLedger('n1')
    wire = Sender('n2', 'eth0', MAC1, MAC2)
    pod = Sender('p1a', 'eth0', mac_of('n1', 'vp1a'), mac_of('p1a', 'eth0'))
    ok = remembered(ledger, wire)

    def books_of(what):
        good, sums = books(ledger, flow_sums, flow_check, what)
        return good and remembered(ledger, wire) and books(ledger, flow_sums, flow_check, what)[0]

    for sender, source, what in (wire, flow_packets, 'packets from the wire'), (pod, answers, 'packets of the pod'):
        for packet in source(step):
            if not ok or sender.sent >= limit:
                break
            sender.send(packet)
            if sender.sent % 2000 == 0:
                ok = books_of('%d %s' % (sender.sent, what))
        ok = ok and books_of(what)
    for what, sender, source in (('outside', wire, missummed_outside), ('inside', wire, missummed_inside),
                                 ('of the pod', pod, missummed_answers)):
        before, sent = ledger.since()['IpExtInCsumErrors'], sender.sent
        for packet in source():
            sender.send(packet)

        def dropped(now, sent=sender.sent - sent, before=before):
            n = now['IpExtInCsumErrors'] - before
            return [] if n == sent else ['%d of %d were dropped' % (n, sent)]
        ok = books(ledger, flow_sums, dropped, 'wrong checksums ' + what)[0] and ok
    ok = ok and books_of('wrong checksums')
    until = time.monotonic() + seconds
    while ok and time.monotonic() < until:
        for _ in range(2000):
            wire.send(flow_wild())
        ok = books_of('wild packets, %d sent' % wire.sent)
    n = ledger.since()
    came, delivered, dropped = flow_sums(n)
    print('by name: ' + ' '.join('%s %d' % (k, v) for k, v in sorted(n.items())
                                 if v and not k.startswith(('nft.', 'Udp'))))
    print('%d of them got to the module, %d past the stack' % (came, n['flow.hit']))
    print('packets %d delivered %d dropped %d' % (wire.sent + pod.sent, delivered, dropped))
    return ok


# --- services -------------------------------------------------------------

def openings():
    """(name, bytes, length of the headers) of first packets to services, and to what is none."""
    out = []
    for src, dst in (POD, '10.96.0.10'), (POD, '10.96.0.11'), (POD, '10.96.0.99'), \
            (POD6, 'fd00:96::10'), (POD6, 'fd00:96::99'):
        make, hlen = (pkt.ipv6, 40) if ':' in src else (pkt.ipv4, 20)
        sctp = struct.pack('!HHII', 1001, 80, 0, 0) + struct.pack('!BBHIIHHI', 1, 0, 20, 1, 9999, 1, 1, 7)
        for name, proto, body in (
                ('tcp', 6, pkt.tcp(src, dst, 1001, 80)), ('udp', 17, pkt.udp(src, dst, 1001, 80, b'x' * 20)),
                ('sctp', 132, sctp),
                ('ping', 58 if hlen == 40 else 1,
                 pkt.icmp6_echo(src, dst) if hlen == 40 else pkt.icmp_echo())):
            out.append(('%s to %s' % (name, dst), make(src, dst, proto, body),
                        hlen + {6: 20, 17: 8, 132: 32}.get(proto, 8)))
    return out


def mac_of(ns, dev):
    said = subprocess.run(['ip', '-n', ns, '-j', 'link', 'show', 'dev', dev],
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    return said.split('"address":"')[1].split('"')[0]


def main():
    what = sys.argv[1]
    seed, step, limit, seconds = (int(a) for a in sys.argv[2:6])
    rnd.seed(seed)
    if what == 'tunnel':
        ledger = Ledger('n1')
        ok = run(ledger, Sender('n2', 'eth0', MAC1, MAC2), goldens(), tunnel_sums, tunnel_check,
                 step, limit, seconds)
    elif what == 'flow':
        ok = run_flows(step, limit, seconds)
    else:
        ledger = Ledger('n1')
        ok = run(ledger, Sender('p1a', 'eth0', mac_of('n1', 'vp1a'), mac_of('p1a', 'eth0')),
                 openings(), service_sums, service_check, step, limit, seconds)
    return 0 if ok else 1


if __name__ == '__main__':
    sys.exit(main())
