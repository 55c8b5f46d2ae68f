#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Makes netlink messages from the specification, right ones and wrong ones, and sends them: refusals must say why, and change nothing.
"""
nlfuzz.py MESSAGES SEED EVERY   in the namespace of the caller, whose devices
                                are k8snet0, k8snet1 and k8snet2

One message in EVERY is looked at more closely: if it is refused, all that is
configured must be as it was. No reply may hold what the kernel poisons memory
with. The last line is "messages N accepted N refused N compared N"; a
finding is a line "FOUND ..." with the message, and the exit status 1.
"""

import errno
import random
import struct
import sys
import time

import nlraw
from nlraw import NESTED, attr
from spec import Spec

# Refusals that need no sentence: no memory, no such command.
MUTE = {errno.ENOMEM, errno.ENOBUFS, errno.EOPNOTSUPP, errno.EMSGSIZE}
WORDS = (0, 1, 2, 16, 63, 64, 65, 100, 101, 255, 256, 575, 576, 1280, 1450, 9000, 16777215,
         16777216, 29999, 30000, 32767, 65485, 65486, 65535, 65536, 86400, 86401, 0x7fffffff,
         0x80000000, 0xffffffff)

spec = Spec()
rnd = random.Random()


# --- values ---------------------------------------------------------------

def ipv4():
    return rnd.choice((b'\x0a\x60\x00', b'\xc0\xa8\x63', b'\x0a\xf4\x02')) + bytes((rnd.randrange(24),))


def ipv6():
    return rnd.choice((b'\xfd\x99', b'\xfd\x00\x02\x44')).ljust(15, b'\0') + bytes((rnd.randrange(24),))


def prefix(family):
    """Mostly one without bits beyond its length."""
    size = 32 if family == 'ipv4' else 128
    length = rnd.choice((0, 8, 16, 24, 28, size - 1, size, rnd.randrange(size + 1)))
    raw = bytes((10, 244, rnd.randrange(8), rnd.randrange(256))) if size == 32 else \
        bytes((0xfd, 0, 2, 0x44, 0, rnd.randrange(8))) + bytes(9) + bytes((rnd.randrange(256),))
    if rnd.random() < .95:
        number = int.from_bytes(raw, 'big') >> size - length << size - length
        raw = number.to_bytes(size // 8, 'big')
    return raw, length


NAMES = {
    'ifname': ['k8snet0', 'k8snet1', 'k8snet2', 'k8snet2', 'lo', 'none'],
    'name': ['worker%d' % i for i in range(6)] + ['default/web:%d' % i for i in range(6)],
    'service': ['default/web:%d' % i for i in range(6)],
}


def value(a):
    """A payload that the policy lets pass."""
    kind = a['type']
    if kind == 'string':
        names = NAMES.get(a['name'], ['x'])
        return rnd.choice(names).encode() + b'\0'
    if kind == 'nest':
        return nested(a['nested-attributes'])
    if kind == 'binary':
        size = spec.constant(a['checks']['exact-len'])
        if size == 16 and a['name'] != 'seed':
            return ipv6()
        # A MAC address that is a unicast one, mostly.
        return bytes((rnd.choice((2, 2, 2, 3)),)) + rnd.randbytes(size - 1)
    if kind == 'u16':
        return struct.pack('!H', rnd.choice((80, 80, 443, 8472, 8285, rnd.randrange(65536))))
    if a.get('display-hint') == 'ipv4':
        return ipv4()
    if a['name'] == 'protocol':
        return struct.pack('=I', rnd.choice((6, 17, 17, 132)))
    largest = spec.largest(a)
    if largest is None:
        largest = {'ifindex': 6, 'weight': 100, 'limit': 50, 'affinity': 86400, 'ttl': 255,
                   'dscp': 64, 'mtu': 1450, 'id': 3}.get(a['name'], 65535)
    return struct.pack('=I', rnd.randrange(largest + 1))


def nested(name):
    attributes = spec.sets[name]
    keep = rnd.choice(('ipv4', 'ipv4', 'ipv6'))
    if name == 'prefix':
        raw, length = prefix(keep)
        return attr(attributes[keep]['number'], raw) + \
            attr(attributes['length']['number'], struct.pack('=I', length))
    out = b''
    for key, a in attributes.items():
        if key in ('ipv4', 'ipv6') and key != keep:
            continue
        if key in ('ipv4', 'ipv6', 'port') or rnd.random() < .5:
            payload = value(a)
            # A node port has no address of its own.
            if name == 'frontend' and key == 'type' and payload == struct.pack('=I', 1):
                payload = bytes(4)
            out += attr(a['number'], payload)
    return out


def one(a):
    return attr(a['number'] | (NESTED if a['type'] == 'nest' else 0), value(a))


NEEDED = {'name', 'service', 'protocol', 'frontend', 'prefix', 'enabled', 'ifname'}


def valid(attributes):
    """Attributes that belong together, most of the time."""
    out = []
    keep = rnd.choice(('ipv4', 'ipv4', 'ipv6'))
    names = {a['name'] for a in attributes}
    for a in attributes:
        name = a['name']
        if name == 'ifindex' and 'ifname' in names:
            if rnd.random() < .97:
                continue
        elif name.endswith(('ipv4', 'ipv6')):
            if not name.endswith(keep):
                continue
        elif name not in NEEDED and name != 'port' and rnd.random() < .6:
            continue
        n = rnd.choice((1, 1, 1, 2, 3)) if a.get('multi-attr') else 1
        if a.get('multi-attr') and rnd.random() < .01:
            n = rnd.choice((8, 17, 64, 65))
        out += [one(a) for _ in range(n)]
    return out


# --- what is wrong --------------------------------------------------------

def off_by_one(out, attributes):
    """A number next to a bound."""
    a = rnd.choice([a for a in attributes if a['type'] in ('u32', 'u16')] or [None])
    if a is None:
        return
    if a['type'] == 'u16':
        out.append(attr(a['number'], struct.pack('!H', rnd.choice((0, 1, 65535)))))
        return
    largest = spec.largest(a)
    number = rnd.choice(WORDS) if largest is None or rnd.random() < .3 else \
        largest + rnd.choice((0, 1))
    out.append(attr(a['number'], struct.pack('=I', number)))


def wrong_length(out, attributes):
    if not attributes:
        return
    a = rnd.choice(attributes)
    payload = value(a)
    payload = payload[:-1] if rnd.random() < .5 and payload else payload + b'\0'
    if rnd.random() < .3:
        payload = rnd.randbytes(rnd.choice((0, 1, 2, 3, 5, 8, 15, 17, 40, 300)))
    out.append(attr(a['number'] | (NESTED if a['type'] == 'nest' else 0), payload))


def wrong_nest(out, attributes):
    """A nest that is none, holds what it cannot, or is cut."""
    if not attributes:
        return
    nests = [a for a in attributes if a['type'] == 'nest']
    a = rnd.choice(nests or attributes)
    payload = value(a)
    how = rnd.randrange(6)
    if how == 0:
        out.append(attr(a['number'], payload))
    elif how == 1:
        out.append(attr(a['number'] | NESTED, payload[:rnd.randrange(len(payload) + 1)]))
    elif how == 2:
        out.append(attr(a['number'] | NESTED, payload + one(rnd.choice(attributes))))
    elif how == 3:
        out.append(attr(a['number'] | NESTED, attr(a['number'] | NESTED, payload)))
    elif how == 4:
        out.append(attr(a['number'] | NESTED, payload + payload))
    else:
        deep = payload
        for _ in range(rnd.choice((2, 8, 40))):
            deep = attr(rnd.randrange(16) | NESTED, deep)
        out.append(deep)


def wrong_type(out, attributes):
    """An attribute that is unknown, of replies only, or of another set."""
    if rnd.random() < .5:
        out.append(attr(rnd.choice((0, 1, 23, 24, 25, 100, 0x3fff)), rnd.randbytes(4)))
    else:
        out.append(one(rnd.choice(list(spec.sets[rnd.choice(list(spec.sets))].values()))))


def missing(out, attributes):
    if out:
        del out[rnd.randrange(len(out))]


def repeated(out, attributes):
    if out:
        out.insert(rnd.randrange(len(out)), rnd.choice(out))


def lying(out, attributes):
    """A length that is not that of the attribute."""
    if out:
        i = rnd.randrange(len(out))
        length = rnd.choice((0, 1, 3, 4, len(out[i]) - 1, len(out[i]) + 1, 0x7fff, 0xffff))
        out[i] = struct.pack('=H', max(length, 0)) + out[i][2:]


def noise(out, attributes):
    out.append(rnd.randbytes(rnd.choice((1, 2, 3, 4, 7, 20, 100))))


def flip(out, attributes):
    if out:
        i = rnd.randrange(len(out))
        raw = bytearray(out[i])
        raw[rnd.randrange(len(raw))] ^= 1 << rnd.randrange(8)
        out[i] = bytes(raw)


WRONG = (off_by_one, wrong_length, wrong_nest, wrong_type, missing, repeated, lying, noise, flip)


def message():
    """(command, is it a dump, body)"""
    _, cmd, dump, attributes = rnd.choice(spec.requests)
    out = valid(attributes)
    if rnd.random() < .6:
        for _ in range(rnd.choice((1, 1, 1, 2, 3))):
            rnd.choice(WRONG)(out, attributes)
    if rnd.random() < .02:
        cmd = rnd.choice((0, 21, 22, 255, cmd ^ 1))
    if rnd.random() < .03:
        dump = not dump
    body = b''.join(out)
    if rnd.random() < .02:
        body = body[:rnd.randrange(len(body) + 1)]
    return cmd, dump, body[:60000]


# --- sending --------------------------------------------------------------

GET = [(name, how, cmd) for name, cmd, how, _ in spec.requests
       if name in ('link-get', 'node-get', 'service-get', 'endpoint-get') and how or
       name in ('config-get', 'egress-get')]


# These follow what was accepted a moment later, see k8snet_device_fit_soon().
LATER = {a['number'] for name, a in spec.sets['link'].items() if name == 'mtu'}


# What the kernel fills memory with that nobody has written to yet, or any more
# (POISON_INUSE, POISON_FREE), where slub_debug says so.
POISON = b'\x5a' * 4, b'\x6b' * 4
leaks = []


def state(family):
    out = []
    for name, dump, cmd in GET:
        got = family.dump(cmd) if dump else family.do(cmd)
        leaks.extend((name, m.hex()) for m in got if any(p in m for p in POISON))
        if name == 'link-get':
            got = [[(kind, payload) for kind, payload, _ in nlraw.attrs(m) if kind not in LATER]
                   for m in got]
        out.append((name, got))
    return out


def main():
    total, seed, every = (int(a) for a in sys.argv[1:4])
    rnd.seed(seed)
    family = nlraw.Family('k8snet')
    accepted = refused = compared = found = 0
    texts = set()
    before = state(family)
    start = time.monotonic()
    for n in range(total):
        cmd, dump, body = message()
        if before is None and not n % every:
            before = state(family)
        try:
            (family.dump if dump else family.do)(cmd, body)
            accepted += 1
            before = None
            continue
        except nlraw.Refused as r:
            why = r
        except OSError as e:
            why = nlraw.Refused(e.errno, [])
        refused += 1
        if why.text:
            texts.add(why.text)
        elif why.errno not in MUTE:
            print('FOUND no sentence: %s: command %d dump %d %s' % (why, cmd, dump, body.hex()))
            found += 1
        if before is not None and not n % every:
            compared += 1
            now = state(family)
            if now != before:
                print('FOUND changed all the same: %s: command %d dump %d %s' % (
                    why, cmd, dump, body.hex()))
                for was, is_ in zip(before, now):
                    if was != is_:
                        print('FOUND', was, 'is', is_)
                found += 1
            before = now
        if found > 20:
            break
    for name, raw in leaks[:5]:
        print('FOUND memory that nobody has written in the reply to %s: %s' % (name, raw))
    found += len(leaks)
    print('sentences %d' % len(texts))
    print('seconds %.0f' % (time.monotonic() - start))
    print('messages %d accepted %d refused %d compared %d' % (n + 1, accepted, refused, compared))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
