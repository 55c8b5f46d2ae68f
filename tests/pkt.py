#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Reads captures, verifying every checksum by itself, and makes and sends crafted frames.
"""
pkt.py decode FILE [--port N]...   a JSON object per packet
pkt.py count FILE                  the number of packets
pkt.py send DEV HEX...             raw frames out of a device

As a module: eth(), ipv4(), ipv6(), udp(), tcp(), icmp_echo(), vxlan() give
bytes, to be nested: eth(src, dst, ipv4(a, b, 17, udp(a, b, 1, 2, b'x'))).
udp() and tcp() take addresses of both families.
"""

import struct
import sys
# The C module alone: socket.py costs half a second on an emulated processor.
import _socket as socket

VXLAN_PORTS = {4789, 8472}
# UDP whose payload is an IP packet.
RAW_PORTS = {8285}


# --- making ---------------------------------------------------------------

def mac(text):
    return bytes.fromhex(text.replace(':', ''))


def mac_text(raw):
    return ':'.join('%02x' % b for b in raw)


def csum(data):
    """The Internet checksum of data."""
    if len(data) & 1:
        data += b'\0'
    s = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def addr(text):
    return socket.inet_pton(socket.AF_INET6 if ':' in text else socket.AF_INET, text)


def addr6_text(raw):
    return socket.inet_ntop(socket.AF_INET6, raw)


def pseudo(src, dst, proto, length):
    tail = struct.pack('!I3xB', length, proto) if ':' in src else \
        struct.pack('!xBH', proto, length)
    return addr(src) + addr(dst) + tail


def eth(src, dst, payload, proto=0x0800, vlan=None):
    tag = b'' if vlan is None else struct.pack('!HH', 0x8100, vlan)
    return mac(dst) + mac(src) + tag + struct.pack('!H', proto) + payload


def ipv4(src, dst, proto, payload, ttl=64, tos=0, ident=0, flags=2, frag=0,
         options=b'', length=None, version=4, ihl=None, check=None):
    """frag is in units of 8 bytes; flags: 1 more fragments, 2 don't fragment."""
    options += b'\0' * (-len(options) % 4)
    if ihl is None:
        ihl = 5 + len(options) // 4
    if length is None:
        length = 20 + len(options) + len(payload)
    head = struct.pack('!BBHHHBBH4s4s', version << 4 | ihl, tos, length, ident,
                       flags << 13 | frag, ttl, proto, 0,
                       socket.inet_aton(src), socket.inet_aton(dst)) + options
    if check is None:
        check = csum(head)
    return head[:10] + struct.pack('!H', check) + head[12:] + payload


def ipv6(src, dst, proto, payload, ttl=64, tos=0, label=0, length=None, version=6):
    """proto is the next header, with what it is the beginning of."""
    if length is None:
        length = len(payload)
    return struct.pack('!IHBB', version << 28 | tos << 20 | label, length, proto, ttl) + \
        addr(src) + addr(dst) + payload


def udp(src, dst, sport, dport, payload, check=None, length=None):
    """check=0 sends none."""
    if length is None:
        length = 8 + len(payload)
    if check is None:
        head = struct.pack('!HHHH', sport, dport, length, 0)
        check = csum(pseudo(src, dst, 17, length) + head + payload) or 0xffff
    return struct.pack('!HHHH', sport, dport, length, check) + payload


def tcp(src, dst, sport, dport, flags='S', seq=0, ack=0, window=65535,
        payload=b'', options=b'', check=None):
    """flags: a string of the letters FSRPAUEC."""
    options += b'\0' * (-len(options) % 4)
    bits = sum(1 << 'FSRPAUEC'.index(f) for f in flags)
    head = struct.pack('!HHIIBBHHH', sport, dport, seq, ack,
                       (5 + len(options) // 4) << 4, bits, window, 0, 0) + options
    if check is None:
        check = csum(pseudo(src, dst, 6, len(head) + len(payload)) + head + payload)
    return head[:16] + struct.pack('!H', check) + head[18:] + payload


def icmp(kind, code=0, rest=b'\0\0\0\0', payload=b'', check=None):
    head = struct.pack('!BBH', kind, code, 0) + rest
    if check is None:
        check = csum(head + payload)
    return head[:2] + struct.pack('!H', check) + head[4:] + payload


def icmp_echo(ident=1, seq=1, payload=b'k8snet', reply=False):
    return icmp(0 if reply else 8, 0, struct.pack('!HH', ident, seq), payload)


def icmp6(src, dst, kind, code=0, rest=b'\0\0\0\0', payload=b'', check=None):
    head = struct.pack('!BBH', kind, code, 0) + rest
    if check is None:
        check = csum(pseudo(src, dst, 58, len(head) + len(payload)) + head + payload)
    return head[:2] + struct.pack('!H', check) + head[4:] + payload


def icmp6_echo(src, dst, ident=1, seq=1, payload=b'k8snet', reply=False):
    return icmp6(src, dst, 129 if reply else 128, 0, struct.pack('!HH', ident, seq), payload)


def vxlan(vni, frame, flags=0x08, reserved=0, reserved2=0):
    return struct.pack('!II', flags << 24 | reserved, vni << 8 | reserved2) + frame


def send(dev, *frames):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((dev, 0))
    for f in frames:
        s.send(f)
    s.close()


# --- reading --------------------------------------------------------------

def decode_eth(raw, ports):
    if len(raw) < 14:
        return {'short': raw.hex()}
    out = {'eth': {'dst': mac_text(raw[:6]), 'src': mac_text(raw[6:12])}}
    proto, = struct.unpack_from('!H', raw, 12)
    at = 14
    while proto in (0x8100, 0x88a8) and len(raw) >= at + 4:
        tag, proto = struct.unpack_from('!HH', raw, at)
        out['eth'].setdefault('vlan', []).append(tag & 0xfff)
        at += 4
    out['eth']['type'] = proto
    out.update(decode_l3(proto, raw[at:], ports))
    return out


def decode_l3(proto, raw, ports):
    if proto == 0x0800:
        return decode_ipv4(raw, ports)
    if proto == 0x86dd:
        return decode_ipv6(raw, ports)
    if proto == 0x0806 and len(raw) >= 28:
        op, sha, spa, tha, tpa = struct.unpack_from('!6xH6s4s6s4s', raw)
        return {'arp': {'op': op, 'sha': mac_text(sha), 'spa': socket.inet_ntoa(spa),
                        'tha': mac_text(tha), 'tpa': socket.inet_ntoa(tpa)}}
    return {'payload': raw.hex()}


def decode_ipv4(raw, ports):
    if len(raw) < 20 or raw[0] >> 4 != 4 or raw[0] & 15 < 5 or len(raw) < (raw[0] & 15) * 4:
        return {'bad_ip': raw.hex()}
    hlen = (raw[0] & 15) * 4
    _, tos, length, ident, frag, ttl, proto, check, src, dst = \
        struct.unpack_from('!BBHHHBBH4s4s', raw)
    src, dst = socket.inet_ntoa(src), socket.inet_ntoa(dst)
    out = {'ip': {
        'src': src, 'dst': dst, 'proto': proto, 'ttl': ttl, 'tos': tos,
        'ecn': tos & 3, 'dscp': tos >> 2, 'id': ident, 'len': length,
        'df': bool(frag & 0x4000), 'mf': bool(frag & 0x2000), 'frag': frag & 0x1fff,
        'csum': check, 'csum_ok': csum(raw[:hlen]) == 0}}
    if hlen > 20:
        out['ip']['options'] = raw[20:hlen].hex()
    if length > len(raw):
        out['ip']['truncated'] = length - len(raw)
    body = raw[hlen:length]
    if len(raw) > length >= hlen:
        out['ip']['padding'] = len(raw) - length
    if frag & 0x3fff:
        out['payload'] = body.hex()
        return out
    decode_l4(out, proto, src, dst, body, ports)
    return out


def decode_ipv6(raw, ports):
    if len(raw) < 40 or raw[0] >> 4 != 6:
        return {'bad_ip': raw.hex()}
    first, length, proto, ttl = struct.unpack_from('!IHBB', raw)
    src, dst = addr6_text(raw[8:24]), addr6_text(raw[24:40])
    out = {'ip6': {
        'src': src, 'dst': dst, 'proto': proto, 'ttl': ttl, 'tos': first >> 20 & 0xff,
        'ecn': first >> 20 & 3, 'dscp': first >> 22 & 0x3f, 'label': first & 0xfffff,
        'len': length}}
    if 40 + length > len(raw):
        out['ip6']['truncated'] = 40 + length - len(raw)
    body = raw[40:40 + length]
    if len(raw) > 40 + length:
        out['ip6']['padding'] = len(raw) - 40 - length
    if proto == 44 and len(body) >= 8:
        # Not an atomic fragment, RFC 6946: only a part is there.
        proto, frag, ident = struct.unpack_from('!BxHI', body)
        out['ip6'].update(proto=proto, frag=frag >> 3, mf=bool(frag & 1), id=ident)
        body = body[8:]
        if frag & ~6:
            out['payload'] = body.hex()
            return out
    decode_l4(out, proto, src, dst, body, ports)
    return out


def decode_ip(raw, ports):
    """By the version that it says."""
    return (decode_ipv6 if raw[:1] and raw[0] >> 4 == 6 else decode_ipv4)(raw, ports)


def decode_udp(out, src, dst, body, ports):
    sport, dport, ulen, ucheck = struct.unpack_from('!HHHH', body)
    out['udp'] = {
        'sport': sport, 'dport': dport, 'len': ulen, 'csum': ucheck,
        # None: the sender has sent no checksum.
        'csum_ok': None if ucheck == 0 else
        csum(pseudo(src, dst, 17, ulen) + body[:ulen]) == 0}
    if dport in RAW_PORTS and len(body) >= 28:
        out['inner'] = decode_ip(body[8:ulen], ports)
    elif dport in ports and len(body) >= 16:
        first, second = struct.unpack_from('!II', body, 8)
        out['vxlan'] = {'flags': first >> 24, 'vni': second >> 8,
                        'reserved': first & 0xffffff, 'reserved2': second & 0xff}
        out['inner'] = decode_eth(body[16:ulen], ports)
    else:
        out['payload'] = body[8:ulen].hex()


def decode_icmp(out, body, ports):
    kind, code, icheck, rest = struct.unpack_from('!BBHI', body)
    out['icmp'] = {'type': kind, 'code': code, 'csum': icheck, 'csum_ok': csum(body) == 0}
    if kind in (0, 8):
        out['icmp'].update(id=rest >> 16, seq=rest & 0xffff)
    elif kind in (3, 4, 5, 11, 12):
        if kind == 3 and code == 4:
            out['icmp']['mtu'] = rest & 0xffff
        out['icmp']['about'] = decode_ipv4(body[8:], ports)
    out['payload'] = body[8:].hex()


def decode_icmp6(out, src, dst, body, ports):
    kind, code, icheck, rest = struct.unpack_from('!BBHI', body)
    out['icmp6'] = {'type': kind, 'code': code, 'csum': icheck,
                    'csum_ok': csum(pseudo(src, dst, 58, len(body)) + body) == 0}
    if kind in (128, 129):
        out['icmp6'].update(id=rest >> 16, seq=rest & 0xffff)
    elif kind < 128:
        if kind == 2:
            out['icmp6']['mtu'] = rest
        out['icmp6']['about'] = decode_ipv6(body[8:], ports)
    out['payload'] = body[8:].hex()


def decode_l4(out, proto, src, dst, body, ports):
    if proto == 17 and len(body) >= 8:
        decode_udp(out, src, dst, body, ports)
    elif proto == 6 and len(body) >= 20:
        sport, dport, seq, ack, off, bits, window, tcheck = \
            struct.unpack_from('!HHIIBBHH', body)
        out['tcp'] = {
            'sport': sport, 'dport': dport, 'seq': seq, 'ack': ack,
            'flags': ''.join(f for i, f in enumerate('FSRPAUEC') if bits & 1 << i),
            'window': window, 'csum': tcheck,
            'csum_ok': csum(pseudo(src, dst, 6, len(body)) + body) == 0}
        if off >> 4 > 5:
            out['tcp']['options'] = body[20:(off >> 4) * 4].hex()
        out['payload'] = body[(off >> 4) * 4:].hex()
    elif proto == 1 and len(body) >= 8:
        decode_icmp(out, body, ports)
    elif proto == 58 and len(body) >= 8:
        decode_icmp6(out, src, dst, body, ports)
    elif proto in (4, 41):
        out['inner'] = (decode_ipv4 if proto == 4 else decode_ipv6)(body, ports)
    else:
        out['payload'] = body.hex()


def packets(path):
    """(time, link type, bytes as captured, length on the wire) of each packet."""
    with open(path, 'rb') as f:
        raw = f.read()
    for order in '<>':
        magic, = struct.unpack_from(order + 'I', raw)
        if magic in (0xa1b2c3d4, 0xa1b23c4d):
            break
    else:
        raise ValueError('%s is no pcap file' % path)
    scale = 1e-9 if magic == 0xa1b23c4d else 1e-6
    link, = struct.unpack_from(order + 'I', raw, 20)
    at = 24
    while at + 16 <= len(raw):
        sec, sub, have, wire = struct.unpack_from(order + 'IIII', raw, at)
        at += 16
        if at + have > len(raw):
            break
        yield sec + sub * scale, link & 0xffff, raw[at:at + have], wire
        at += have


def decode(path, ports=()):
    """A dictionary per packet of a pcap file."""
    ports = VXLAN_PORTS | set(ports)
    for n, (when, link, raw, wire) in enumerate(packets(path), 1):
        out = {'n': n, 'time': round(when, 6), 'wire': wire}
        if link == 1:
            out.update(decode_eth(raw, ports))
        elif link in (12, 14, 101, 228, 229):
            out.update(decode_ip(raw, ports))
        elif link == 113:
            out.update(decode_l3(struct.unpack_from('!H', raw, 14)[0], raw[16:], ports))
        elif link == 276:
            out.update(decode_l3(struct.unpack_from('!H', raw)[0], raw[20:], ports))
        else:
            out['link'] = link
        yield out


def checksums_ok(p):
    """Whether no checksum of a decoded packet, at any depth, is wrong."""
    return all(layer.get('csum_ok') is not False for key, layer in p.items()
               if key in ('ip', 'udp', 'tcp', 'icmp', 'icmp6')) and \
        ('inner' not in p or checksums_ok(p['inner']))


def dumps(x):
    """JSON of what decode() makes (the json module is slow to load)."""
    if isinstance(x, dict):
        return '{' + ', '.join('"%s": %s' % (k, dumps(v)) for k, v in x.items()) + '}'
    if isinstance(x, (list, tuple)):
        return '[' + ', '.join(map(dumps, x)) + ']'
    if isinstance(x, str):
        return '"%s"' % x
    return {True: 'true', False: 'false', None: 'null'}[x] \
        if x is None or isinstance(x, bool) else repr(x)


def main(argv=None):
    argv = sys.argv[1:] if argv is None else argv
    if len(argv) >= 2 and argv[0] == 'decode':
        ports = [int(argv[i + 1]) for i, a in enumerate(argv[:-1]) if a == '--port']
        for p in decode(argv[1], ports):
            p['csums_ok'] = checksums_ok(p)
            print(dumps(p))
        return 0
    if len(argv) == 2 and argv[0] == 'count':
        print(sum(1 for _ in packets(argv[1])))
        return 0
    if len(argv) >= 3 and argv[0] == 'send':
        send(argv[1], *(bytes.fromhex(a) for a in argv[2:]))
        return 0
    print(__doc__.strip(), file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main())
