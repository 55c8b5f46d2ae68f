# SPDX-License-Identifier: GPL-2.0
"""Plays the kernel for k8snetctl.

Messages are taken apart and made from the netlink specification, by code that
shares nothing with the tool's. What a strict kernel would refuse is an error.
"""

import errno
import ipaddress
import socket
import struct
import threading

import yaml

NLMSG_ERROR, NLMSG_DONE = 2, 3
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_MCAST_GROUPS = 1, 2, 7
CTRL_ATTR_MCAST_GRP_NAME, CTRL_ATTR_MCAST_GRP_ID = 1, 2
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP_INTR = 1, 2, 4, 0x10
NLM_F_DUMP = 0x300
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLA_F_NESTED = 0x8000
FAMILY_ID = 0x2A
# Another group comes first: the number of one is not its place.
GROUPS = {"others": 0x31, "drops": 0x32, "endpoints": 0x33, "changes": 0x34}
(EXTACK_MSG, EXTACK_OFFS, _, EXTACK_POLICY, EXTACK_MISS_TYPE, EXTACK_MISS_NEST) = range(1, 7)


class Malformed(Exception):
    pass


def attr(kind, payload):
    pad = -len(payload) % 4
    return struct.pack("HH", len(payload) + 4, kind) + payload + b"\0" * pad


def attrs_of(data, base):
    """(offset in the message, type, payload) of each attribute."""
    at = 0
    while at < len(data):
        if len(data) - at < 4:
            raise Malformed(f"{len(data) - at} bytes after the last attribute")
        length, kind = struct.unpack_from("HH", data, at)
        if length < 4 or at + length > len(data):
            raise Malformed(f"attribute {kind:#x} has length {length}")
        yield base + at, kind, data[at + 4 : at + length]
        at += (length + 3) & ~3


class Spec:
    def __init__(self, path):
        with open(path, encoding="utf-8") as stream:
            self.spec = yaml.safe_load(stream)
        self.sets = {
            s["name"]: {i + 1: a for i, a in enumerate(s["attributes"])}
            for s in self.spec["attribute-sets"]
        }
        self.enums = {}
        self.consts = {}
        for d in self.spec["definitions"]:
            if d["type"] == "const":
                self.consts[d["name"]] = d["value"]
            else:
                self.enums[d["name"]] = [e["name"] for e in d["entries"]]
        self.ops = {i + 1: op for i, op in enumerate(self.spec["operations"]["list"])}
        self.cmds = {op["name"]: i for i, op in self.ops.items()}

    def number(self, a, payload, fmt):
        if len(payload) != struct.calcsize(fmt):
            raise Malformed(f"{a['name']} has {len(payload)} bytes")
        return struct.unpack((">" if a.get("byte-order") else "=") + fmt, payload)[0]

    def decode_one(self, a, payload, base):
        if a["type"] == "nest":
            return self.decode(a["nested-attributes"], payload, base, None)
        if a["type"] == "string":
            if payload[-1:] != b"\0":
                raise Malformed(f"{a['name']} does not end with NUL")
            return payload[:-1].decode()
        if a["type"] == "binary":
            want = a["checks"]["exact-len"]
            if len(payload) != self.consts.get(want, want):
                raise Malformed(f"{a['name']} has {len(payload)} bytes")
            if a.get("display-hint") == "ipv6":
                return str(ipaddress.IPv6Address(payload))
            return payload.hex()
        value = self.number(a, payload, {"u16": "H", "u32": "I", "u64": "Q"}[a["type"]])
        if a.get("display-hint") == "ipv4":
            return str(ipaddress.IPv4Address(value))
        if a.get("enum-as-flags"):
            return [n for i, n in enumerate(self.enums[a["enum"]]) if value & 1 << i]
        if "enum" in a:
            return self.enums[a["enum"]][value]
        return value

    def decode(self, set_name, data, base, allowed):
        out = {}
        for offset, kind, payload in attrs_of(data, base):
            a = self.sets[set_name].get(kind & ~NLA_F_NESTED)
            if not a or a["type"] == "pad" or (allowed is not None and a["name"] not in allowed):
                raise Malformed(f"attribute {kind:#x} is not allowed in {set_name}")
            if bool(kind & NLA_F_NESTED) != (a["type"] == "nest"):
                raise Malformed(f"{a['name']}: wrong nested flag")
            value = self.decode_one(a, payload, offset + 4)
            if a.get("multi-attr"):
                out.setdefault(a["name"], []).append(value)
            elif a["name"] in out:
                raise Malformed(f"{a['name']} is there twice")
            else:
                out[a["name"]] = value
        return out

    def encode_one(self, a, value):
        if a["type"] == "nest":
            return self.encode(a["nested-attributes"], value)
        if a["type"] == "string":
            return value.encode() + b"\0"
        if a.get("display-hint") == "ipv6":
            return ipaddress.IPv6Address(value).packed
        if a["type"] == "binary":
            return bytes.fromhex(value)
        if a.get("display-hint") == "ipv4":
            value = int(ipaddress.IPv4Address(value))
        elif a.get("enum-as-flags"):
            value = sum(1 << self.enums[a["enum"]].index(name) for name in value)
        elif "enum" in a and isinstance(value, str):
            value = self.enums[a["enum"]].index(value)
        order = ">" if a.get("byte-order") else "="
        return struct.pack(order + {"u16": "H", "u32": "I", "u64": "Q"}[a["type"]], value)

    def encode(self, set_name, values):
        out = b""
        for kind, a in self.sets[set_name].items():
            if a["name"] not in values:
                continue
            value = values[a["name"]]
            for one in value if a.get("multi-attr") else [value]:
                nested = NLA_F_NESTED if a["type"] == "nest" else 0
                out += attr(kind | nested, self.encode_one(a, one))
        return out

    def offset(self, set_name, data, base, path):
        """Of the attribute that path (names, and indices into lists) leads to."""
        name, rest = path[0], path[1:]
        index = 0
        if rest and isinstance(rest[0], int):
            index, rest = rest[0], rest[1:]
        for offset, kind, payload in attrs_of(data, base):
            a = self.sets[set_name][kind & ~NLA_F_NESTED]
            if a["name"] != name:
                continue
            if index:
                index -= 1
                continue
            if not rest:
                return offset
            return self.offset(a["nested-attributes"], payload, offset + 4, rest)
        raise KeyError(path)


class Kernel:
    """Answers on a socket; fd is what the tool inherits.

    replies has, by operation, a list of the replies to a get or a dump.
    refusals has, by operation, a dict: errno, and where wanted msg, path,
    missing (a path), policy (numbers of NL_POLICY_TYPE_ATTR_*), late (at the
    end of the dump). interrupts is how many dumps change while they last.
    events is what whoever joins the group of drops is sent (drops have a reason,
    drained endpoints none), with None where some are lost; groups is whether there is such a group.
    """

    def __init__(self, spec, replies=None, refusals=None, interrupts=0, family=True,
                 events=(), groups=True):
        self.spec = spec
        self.replies = replies or {}
        self.refusals = refusals or {}
        self.interrupts = interrupts
        self.family = family
        self.events = events
        self.groups = groups
        self.requests = []
        self.errors = []
        self.mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.theirs = theirs
        self.fd = theirs.fileno()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def close(self):
        self.theirs.close()
        self.thread.join()
        self.mine.close()

    def serve(self):
        while True:
            try:
                data = self.mine.recv(1 << 20)
            except ConnectionResetError:
                # The tool ended with events that it did not read.
                return
            if not data:
                return
            try:
                if len(data) == 4:
                    self.join(struct.unpack("I", data)[0])
                elif struct.unpack_from("H", data, 6)[0] & (NLM_F_ACK | NLM_F_DUMP):
                    self.answer(data)
                else:
                    self.batch(data)
            except (Malformed, KeyError, IndexError, UnicodeDecodeError) as error:
                self.errors.append(f"{type(error).__name__}: {error}")
                self.error(data, errno.EINVAL, [])

    def join(self, group):
        if group == GROUPS["endpoints"]:
            self.requests.append(("drained-event", {}))
            return
        if group == GROUPS["changes"]:
            self.requests.append(("change-event", {}))
            return
        if group != GROUPS["drops"]:
            self.errors.append(f"group {group} is not one of events")
            return
        self.requests.append(("drop-event", {}))
        for event in self.events:
            if event is None:
                self.mine.send(b"!")
                continue
            name, op = ("drop", "drop-event") if "reason" in event else (
                ("transaction", "change-event") if "generation" in event else
                ("endpoint", "drained-event"))
            cmd = self.spec.cmds[op]
            payload = bytes([cmd, 1, 0, 0]) + self.spec.encode(name, event)
            self.mine.send(struct.pack("IHHII", 16 + len(payload), FAMILY_ID, 0, 0, 0) + payload)

    def batch(self, data):
        """Several requests without acknowledgments, as one datagram."""
        at = 0
        while at < len(data):
            length = struct.unpack_from("I", data, at)[0]
            if length < 20 or at + length > len(data):
                raise Malformed(f"message of {length} bytes at {at} of {len(data)}")
            self.answer(data[at : at + length])
            at += (length + 3) & ~3
        # The twin takes this for the end of what there is to receive.
        self.mine.send(b"!!")

    def send(self, request, kind, flags, payload):
        seq = struct.unpack_from("I", request, 8)[0]
        return struct.pack("IHHII", 16 + len(payload), kind, flags, seq, 1) + payload

    def error(self, request, code, tlvs):
        if not code and not struct.unpack_from("H", request, 6)[0] & NLM_F_ACK:
            return
        flags = NLM_F_CAPPED | (NLM_F_ACK_TLVS if tlvs else 0)
        payload = struct.pack("i", -code) + request[:16] + b"".join(tlvs)
        self.mine.send(self.send(request, NLMSG_ERROR, flags, payload))

    def extack(self, set_name, data, refusal):
        tlvs = []
        base = 20
        if "msg" in refusal:
            tlvs.append(attr(EXTACK_MSG, refusal["msg"].encode() + b"\0"))
        if "path" in refusal:
            offset = self.spec.offset(set_name, data[base:], base, refusal["path"])
            tlvs.append(attr(EXTACK_OFFS, struct.pack("I", offset)))
        if "missing" in refusal:
            *nest, name = refusal["missing"]
            inner = set_name
            for part in nest:
                for a in self.spec.sets[inner].values():
                    if a["name"] == part:
                        inner = a["nested-attributes"]
                        break
            kind = next(k for k, a in self.spec.sets[inner].items() if a["name"] == name)
            tlvs.append(attr(EXTACK_MISS_TYPE, struct.pack("I", kind)))
            if nest:
                offset = self.spec.offset(set_name, data[base:], base, nest)
                tlvs.append(attr(EXTACK_MISS_NEST, struct.pack("I", offset)))
        if "policy" in refusal:
            policy = b"".join(attr(k, struct.pack("Q", v)) for k, v in refusal["policy"].items())
            tlvs.append(attr(EXTACK_POLICY | NLA_F_NESTED, policy))
        return tlvs

    def answer_control(self, data):
        if data[16] != CTRL_CMD_GETFAMILY:
            raise Malformed("not GETFAMILY")
        found = list(attrs_of(data[20:], 20))
        if [f[1:] for f in found] != [(CTRL_ATTR_FAMILY_NAME, b"k8snet\0")]:
            raise Malformed(f"GETFAMILY {found}")
        if not self.family:
            self.error(data, errno.ENOENT, [])
            return
        reply = bytes([1, 2, 0, 0]) + attr(CTRL_ATTR_FAMILY_ID, struct.pack("H", FAMILY_ID))
        if self.groups:
            reply += attr(CTRL_ATTR_MCAST_GROUPS, b"".join(
                attr(i + 1, attr(CTRL_ATTR_MCAST_GRP_ID, struct.pack("I", number))
                     + attr(CTRL_ATTR_MCAST_GRP_NAME, name.encode() + b"\0"))
                for i, (name, number) in enumerate(GROUPS.items())))
        self.mine.send(self.send(data, GENL_ID_CTRL, 0, reply))
        self.error(data, 0, [])

    def answer(self, data):
        length, kind, flags = struct.unpack_from("IHH", data)
        if length != len(data):
            raise Malformed(f"length {length} of {len(data)}")
        if kind == GENL_ID_CTRL:
            self.answer_control(data)
            return
        cmd, version = data[16], data[17]
        if kind != FAMILY_ID or version != 1 or not flags & NLM_F_REQUEST:
            raise Malformed(f"type {kind} version {version} flags {flags:#x}")
        op = self.spec.ops[cmd]
        mode = "dump" if flags & NLM_F_DUMP == NLM_F_DUMP else "do"
        allowed = op[mode].get("request", {}).get("attributes", [])
        set_name = op["attribute-set"]
        values = self.spec.decode(set_name, data[20:], 20, allowed)
        self.requests.append((op["name"], values))
        refusal = self.refusals.get(op["name"])
        if refusal and refusal.get("nth") is not None:
            # Of the messages of this kind, that one alone.
            seen = sum(name == op["name"] for name, _ in self.requests) - 1
            refusal = refusal if seen == refusal["nth"] else None
        if refusal and not refusal.get("late"):
            self.error(data, refusal["errno"], self.extack(set_name, data, refusal))
            return
        replies = [
            bytes([cmd, 1, 0, 0]) + self.spec.encode(set_name, r)
            for r in self.replies.get(op["name"], [])
        ]
        if mode == "do":
            for reply in replies:
                self.mine.send(self.send(data, FAMILY_ID, 0, reply))
            self.error(data, 0, [])
            return
        self.dump(data, set_name, replies, refusal)

    def dump(self, data, set_name, replies, refusal):
        flags = NLM_F_MULTI
        if self.interrupts:
            self.interrupts -= 1
            flags |= NLM_F_DUMP_INTR
        # Several messages in one datagram, as the kernel packs them.
        batch = b""
        for reply in replies:
            one = self.send(data, FAMILY_ID, flags, reply)
            one += b"\0" * (-len(one) % 4)
            if len(batch) + len(one) > 16000:
                self.mine.send(batch)
                batch = b""
            batch += one
        code, tlvs = 0, []
        if refusal:
            code, tlvs = refusal["errno"], self.extack(set_name, data, refusal)
            flags |= NLM_F_ACK_TLVS
        done = self.send(data, NLMSG_DONE, flags, struct.pack("i", -code) + b"".join(tlvs))
        self.mine.send(batch + done)
