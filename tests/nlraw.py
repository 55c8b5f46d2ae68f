#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Generic netlink by hand: messages that the tool would never send, and the kernel's answers in full.
"""
As a module: attr(), u16(), u32(), ip(), text(), nest() give bytes; Family has
do() and dump(), which return replies or raise Refused; Route has ask(), for
devices, routes and neighbours; uapi() has the numbers of the contract by name.
"""

import os
import struct
# The C module alone: socket.py costs half a second on an emulated processor.
import _socket as socket

NETLINK_GENERIC = 16
SOL_NETLINK = 270
CAP_ACK, EXT_ACK, STRICT_CHK = 10, 11, 12
F_REQUEST, F_ACK, F_DUMP = 1, 4, 0x300
F_REPLACE, F_EXCL, F_CREATE = 0x100, 0x200, 0x400
F_CAPPED, F_ACK_TLVS = 0x100, 0x200
ERROR, DONE = 2, 3
GENL_CTRL, CTRL_GETFAMILY, CTRL_FAMILY_ID, CTRL_FAMILY_NAME = 16, 3, 1, 2
NESTED = 0x8000
HEAD = 20			# of netlink and generic netlink


# --- the contract ---------------------------------------------------------

def uapi():
    """{'CMD_LINK_GET': 1, ...}: what the enums of the header define, without K8SNET_."""
    out = {}
    value = 0
    with open(os.path.dirname(os.path.abspath(__file__)) + '/../uapi/linux/k8snet.h') as f:
        for line in f:
            word, _, number = line.strip().rstrip(',').partition(' = ')
            if line.startswith('enum'):
                value = 0
            elif line.startswith('\tK8SNET_') and not number.startswith('('):
                value = int(number) if number else value
                out[word[7:]] = value
                value += 1
    return out


# --- making ---------------------------------------------------------------

def attr(kind, payload=b'', length=None):
    """length: what the header says, if it is to lie."""
    length = 4 + len(payload) if length is None else length
    return struct.pack('=HH', length, kind) + payload + b'\0' * (-len(payload) % 4)


def u16(kind, value):
    """In network byte order, as ports are."""
    return attr(kind, struct.pack('!H', value))


def u32(kind, value):
    return attr(kind, struct.pack('=I', value))


def ip(kind, address):
    return attr(kind, socket.inet_aton(address))


def text(kind, value):
    return attr(kind, value.encode() + b'\0')


def nest(kind, *inner):
    return attr(kind | NESTED, b''.join(inner))


# --- reading --------------------------------------------------------------

def attrs(raw, at=0):
    """(type, payload, position) of each attribute."""
    out = []
    while at + 4 <= len(raw):
        length, kind = struct.unpack_from('=HH', raw, at)
        if length < 4 or at + length > len(raw):
            break
        out.append((kind & 0x3fff, raw[at + 4:at + length], at))
        at += length + 3 & ~3
    return out


def position(request, *path):
    """Where an attribute of a request is: types, or (type, which one of them)."""
    at, end = 0, len(request)
    for step in path:
        kind, index = step if isinstance(step, tuple) else (step, 0)
        found = [(p, at_) for k, p, at_ in attrs(request[:end], at) if k == kind][index]
        at, end = found[1] + 4, found[1] + 4 + len(found[0])
    return HEAD + at - 4


class Refused(Exception):
    """errno, text, offset and missing (a type) as the kernel has sent them, or None."""

    def __init__(self, errno, told):
        told = {kind: payload for kind, payload, _ in told}
        self.errno = errno
        self.text = told[1].rstrip(b'\0').decode() if 1 in told else None
        self.offset = struct.unpack('=I', told[2])[0] if 2 in told else None
        self.missing = struct.unpack('=I', told[5])[0] if 5 in told else None
        Exception.__init__(self, '%s: %s (offset %s, missing %s)' % (
            os.strerror(errno), self.text, self.offset, self.missing))


# --- talking --------------------------------------------------------------

class Family:
    """A generic netlink family in the network namespace of the caller."""

    def __init__(self, name):
        self.seq = 0
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        for option in (CAP_ACK, EXT_ACK, STRICT_CHK):
            self.sock.setsockopt(SOL_NETLINK, option, 1)
        # A message of thousands of attributes; needs privileges, or fits anyhow.
        try:
            self.sock.setsockopt(socket.SOL_SOCKET, 32, 1 << 20)
        except PermissionError:
            pass
        reply = self.exchange(GENL_CTRL, CTRL_GETFAMILY,
                              text(CTRL_FAMILY_NAME, name), F_ACK)[0]
        self.id, = [struct.unpack('=H', p)[0] for k, p, _ in attrs(reply)
                    if k == CTRL_FAMILY_ID]

    def exchange(self, kind, cmd, body, flags, version=1):
        """Sends a request; returns the payloads of all replies."""
        self.seq += 1
        self.sock.send(struct.pack('=IHHIIBBH', HEAD + len(body), kind,
                                   F_REQUEST | flags, self.seq, 0,
                                   cmd, version, 0) + body)
        out = []
        while True:
            raw = self.sock.recv(1 << 16)
            at = 0
            while at < len(raw):
                length, rkind, rflags, seq = struct.unpack_from('=IHHI', raw, at)
                one = raw[at:at + length]
                at += length + 3 & ~3
                if seq != self.seq:
                    continue
                if rkind not in (ERROR, DONE):
                    out.append(one[HEAD:])
                    continue
                errno, = struct.unpack_from('=i', one, 16)
                if not errno:
                    return out
                start = 20
                if rkind == ERROR:
                    start += 16 if rflags & F_CAPPED else \
                        struct.unpack_from('=I', one, 20)[0] + 3 & ~3
                raise Refused(-errno, attrs(one, start) if rflags & F_ACK_TLVS else [])

    def do(self, cmd, body=b'', version=1):
        return self.exchange(self.id, cmd, body, F_ACK, version)

    def dump(self, cmd, body=b''):
        return self.exchange(self.id, cmd, body, F_DUMP)


class Route:
    """rtnetlink in the network namespace of the caller."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.seq = 0

    def ask(self, kind, flags, body):
        """Sends a request; raises OSError if it is refused."""
        self.seq += 1
        self.sock.send(struct.pack('=IHHII', 16 + len(body), kind, F_REQUEST | F_ACK | flags,
                                   self.seq, 0) + body)
        while True:
            raw = self.sock.recv(1 << 16)
            _, rkind, _, seq = struct.unpack_from('=IHHI', raw)
            if seq == self.seq and rkind == ERROR:
                err, = struct.unpack_from('=i', raw, 16)
                if err:
                    raise OSError(-err, os.strerror(-err))
                return
