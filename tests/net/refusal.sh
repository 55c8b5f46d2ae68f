#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every change that is refused: with status 1, a sentence that names what is wrong, and nothing changed.
#
#   n1: eth0 (dummy) 192.168.99.1, k8snet0 (VNI 1), k8snet1 (VNI 2), k8snet2 (down)
#   bare: nothing
#
# timeout: 400

. "$(dirname "$0")/../lib.sh"

ktap_start
ns_new n1 bare
ip -n n1 -b - <<-BATCH
	link add eth0 type dummy
	addr add 192.168.99.1/24 dev eth0
	link set eth0 up
BATCH
k8snet_node n1 1 2 3
ip -n n1 -b - <<-BATCH
	link add k8snet1 type k8snet
	link add k8snet2 type k8snet
BATCH
in_ns n1 k8snetctl link set k8snet1 id 2
ip -n n1 link set k8snet1 up
in_ns n1 k8snetctl service add default/web:http tcp 10.96.0.10:80,10.96.0.11:80 \
	endpoint 10.244.2.10:8080 endpoint 10.244.2.11:8080,weight=5
in_ns n1 k8snetctl service add kube-system/dns:dns udp 10.96.0.53:53 endpoint 10.244.2.53:53
in_ns n1 k8snetctl egress set on exclude 10.0.0.0/8

check_match "there is something to change" 'worker3' "$(k8snetctl -n n1 node show)"
probe_start
for n in n1 bare; do check "what $n has is remembered" probe remember $n; done

NS=n1
# refused NAME TEXT WORD... - the tool ends with status 1 and says that, and nothing has changed
refused() {
	local name=$1 text=$2 rc=0
	shift 2

	k8snetctl -n "$NS" "$@" >"$T/out" 2>"$T/err" || rc=$?
	if ! probe same "$NS" >"$T/same"; then
		not_ok "$name" "$(<"$T/same")"
		return
	fi
	check_eq "$name" "1: k8snetctl: $text" "$rc: $(<"$T/err")$(<"$T/out")"
}

# --- nodes --------------------------------------------------------------------

node=(node add w9 dev k8snet0)
via=(via 192.168.99.9 pods 10.244.9.0/24)

refused "an unknown node cannot be removed" \
	"node w9: the device has no node of this name" node del w9 dev k8snet0
refused "an unknown node cannot be shown" \
	"node w9: the device has no node of this name" node show w9 dev k8snet0
refused "a node cannot be added twice" \
	"node worker2: the device has a node of this name; replace changes it" \
	node add worker2 dev k8snet0 "${via[@]}"
refused "a prefix has one node" \
	"node w9: pods 10.244.2.0/24: another node of the device has this prefix; move takes it over" \
	"${node[@]}" via 192.168.99.9 pods 10.244.9.0/24,10.244.2.0/24
refused "also when a node is replaced" \
	"node worker3: pods 10.244.2.0/24: another node of the device has this prefix; move takes it over" \
	node replace worker3 dev k8snet0 via 192.168.99.3 pods 10.244.3.0/24,10.244.2.0/24
refused "prefixes of a node do not overlap" \
	"node w9: pods 10.244.9.128/25: this prefix overlaps another one of the same node" \
	"${node[@]}" via 192.168.99.9 pods 10.244.9.0/24,10.244.9.128/25
refused "the wider one second" \
	"node w9: pods 10.244.8.0/23: this prefix overlaps another one of the same node" \
	"${node[@]}" via 192.168.99.9 pods 10.244.9.0/24,10.244.8.0/23
refused "nor is one there twice" \
	"node w9: pods 10.244.9.0/24: this prefix overlaps another one of the same node" \
	"${node[@]}" via 192.168.99.9 pods 10.244.9.0/24,10.244.9.0/24
refused "a prefix has no host bits" \
	"node w9: pods 10.244.9.1/24: the prefix has bits set beyond its length" \
	"${node[@]}" via 192.168.99.9 pods 10.244.9.1/24
refused "nor more bits than an address" \
	"node w9: pods 10.244.9.0/33: the length of an IPv4 prefix must be 0 to 32" \
	"${node[@]}" via 192.168.99.9 pods 10.244.9.0/33
refused "a node has 64 prefixes at most" \
	"node w9: pods 10.244.9.64/32: there can be 64 prefixes at most" \
	"${node[@]}" via 192.168.99.9 pods "$(printf '10.244.9.%d,' {0..63})10.244.9.64"
refused "a node is not this node" \
	"node w9: via 192.168.99.1: this is an address of this node itself; add only the other nodes" \
	"${node[@]}" via 192.168.99.1 pods 10.244.9.0/24
refused "nor has it the overlay's address of this node" \
	"node w9: via 10.244.1.0: this is an address of this node itself; add only the other nodes" \
	"${node[@]}" via 10.244.1.0 pods 10.244.9.0/24
for a in 224.0.0.1 239.255.255.255 0.0.0.0 127.0.0.1 255.255.255.255; do
	refused "a node is not at $a" \
		"node w9: via $a: a node's underlay address must be a unicast address of another machine" \
		"${node[@]}" via $a pods 10.244.9.0/24
done
refused "two nodes are not at one address" \
	"node w9: via 192.168.99.2: another node of the device has this underlay address" \
	"${node[@]}" via 192.168.99.2 pods 10.244.9.0/24
refused "nor by a replacement" \
	"node worker3: via 192.168.99.2: another node of the device has this underlay address" \
	node replace worker3 dev k8snet0 via 192.168.99.2 pods 10.244.3.0/24
refused "nor with a further one" \
	"node w9: also 192.168.99.2: another node of the device has this underlay address" \
	"${node[@]}" "${via[@]}" also 192.168.99.10,192.168.99.2
for a in 192.168.99.9 192.168.99.10; do
	refused "a node has $a once" \
		"node w9: also $a: the node has this underlay address twice" \
		"${node[@]}" "${via[@]}" also 192.168.99.10,$a
done
refused "a further address is not one of this node" \
	"node w9: also 192.168.99.1: this is an address of this node itself; add only the other nodes" \
	"${node[@]}" "${via[@]}" also 192.168.99.1
refused "nor a broadcast address" \
	"node w9: also 192.168.99.255: this is a broadcast address of the underlay" \
	"${node[@]}" "${via[@]}" also 192.168.99.255
refused "nor a multicast one" \
	"node w9: also 224.0.0.1: a node's underlay address must be a unicast address of another machine" \
	"${node[@]}" "${via[@]}" also 224.0.0.1
refused "there are 7 of them at most" \
	"node w9: also 192.168.99.17: there can be 7 further addresses at most" \
	"${node[@]}" "${via[@]}" also "$(printf '192.168.99.%d,' {10..16})192.168.99.17"
refused "a node's port is not 0" "node w9: port 0: the port must be 1 to 65535" \
	"${node[@]}" "${via[@]}" port 0
for a in 01:00:5e:00:00:01 ff:ff:ff:ff:ff:ff 00:00:00:00:00:00; do
	refused "a node's MAC address is not $a" \
		"node w9: mac $a: the MAC address of a node must be a unicast one" \
		"${node[@]}" "${via[@]}" mac $a
done
refused "a node has a name" "node : the name of a node must not be empty" \
	node add "" dev k8snet0 "${via[@]}"
long=$(printf 'n%.0s' {1..254})
refused "of 253 bytes at most" \
	"node $long: Attribute failed policy validation (allowed: at most 253 bytes)" \
	node add "$long" dev k8snet0 "${via[@]}"
refused "a node is behind a k8snet device" \
	"node w9: dev eth0: the device is not of kind k8snet" node add w9 dev eth0 "${via[@]}"
refused "which is there" \
	"node w9: dev nope: this network namespace has no such device" \
	node add w9 dev nope "${via[@]}"
refused "no node is removed from another device" \
	"node worker2: the device has no node of this name" node del worker2 dev k8snet1

# --- devices ------------------------------------------------------------------

set=(link set k8snet0)
refused "another kind of device has no settings" \
	"link eth0: the device is not of kind k8snet" link set eth0 id 5
refused "nor is it shown" "link eth0: the device is not of kind k8snet" link show eth0
refused "nor one that is not there" \
	"link nope: this network namespace has no such device" link show nope
refused "an identifier has 24 bits" \
	"link k8snet0: id 16777216: the identifier must be 0 to 16777215" "${set[@]}" id 16777216
refused "a device's port is not 0" "link k8snet0: port 0: the port must be 1 to 65535" "${set[@]}" port 0
for n in 1 575 65486 4294967295; do
	refused "an MTU is not $n" \
		"link k8snet0: mtu $n: the MTU must be 0 (automatic) or 576 to 65485" "${set[@]}" mtu $n
done
refused "a TTL is not 256" "link k8snet0: ttl 256: the TTL must be 0 (inherit) or 1 to 255" \
	"${set[@]}" ttl 256
refused "a DSCP is not 65" "link k8snet0: dscp 65: the DSCP must be 0 to 63, or 64 (inherit)" \
	"${set[@]}" dscp 65
refused "a MAC address is not a multicast one" \
	"link k8snet0: mac 01:00:5e:00:00:01: the MAC address must be a unicast one, or zero for the derived one" \
	"${set[@]}" mac 01:00:5e:00:00:01
refused "a local address is local" \
	"link k8snet0: local 192.168.99.2: the local address must be one of the device's creating namespace" \
	"${set[@]}" local 192.168.99.2
refused "two devices on a port differ in their identifier" \
	"link k8snet1: id 1: another device on this port has this identifier" link set k8snet1 id 1
refused "what is right beside what is wrong does not change either" \
	"link k8snet0: id 2: another device on this port has this identifier" \
	"${set[@]}" id 2 mtu 1000 ttl 3 strict off df set
bg_ns n1 socat -u UDP4-RECV:9999 OPEN:/dev/null
wait_listen n1 udp 9999
refused "a port that something else listens on is not taken" \
	"link k8snet0: port 9999: something else listens on this UDP port" "${set[@]}" port 9999 mtu 1000

# What ip link is told.
dmesg -c >/dev/null
check_fails "the second device of a port and identifier stays down" ip -n n1 link set k8snet2 up
check_match "ip says why" 'Address already in use' "$(cat "$T/out")"
check_match "the log says more" 'cannot listen for VNI 1 on port 8472: another device on this port has this identifier' \
	"$(dmesg)"
for n in 575 65486; do
	check_fails "ip link sets no MTU of $n" ip -n n1 link set k8snet0 mtu $n
done
check "and nothing has changed" probe same n1

# --- services -----------------------------------------------------------------

add=(service add a/b:c tcp)
refused "a service cannot be added twice" \
	"service default/web:http: there is a service of this name; replace changes it" \
	service add default/web:http tcp 10.96.0.99:80
refused "an unknown service cannot be removed" \
	"service a/b:c: there is no service of this name" service del a/b:c
refused "an unknown service cannot be shown" \
	"service a/b:c: there is no service of this name" service show a/b:c
refused "a frontend has one service" \
	"service a/b:c: frontend 10.96.0.11:80: another service has this frontend" \
	"${add[@]}" 10.96.0.99:80,10.96.0.11:80
refused "also when a service is replaced" \
	"service kube-system/dns:dns: frontend 10.96.0.10:80: another service has this frontend" \
	service replace kube-system/dns:dns tcp 10.96.0.53:53,10.96.0.10:80
refused "a service has a frontend once" \
	"service a/b:c: frontend 10.96.0.99:80: the service has this frontend twice" \
	"${add[@]}" 10.96.0.99:80,10.96.0.98:80,10.96.0.99:80
refused "a frontend's port is not 0" \
	"service a/b:c: frontend 10.96.0.99:0: the port of a frontend must be 1 to 65535" \
	"${add[@]}" 10.96.0.99:0
refused "a service has 16 frontends at most" \
	"service a/b:c: frontend 10.96.1.17:80: a service has 16 frontends at most" \
	"${add[@]}" "$(printf '10.96.1.%d:80,' {1..16})10.96.1.17:80"
for a in 0.0.0.0 224.0.0.1 255.255.255.255 127.0.0.1; do
	refused "a frontend is not at $a" \
		"service a/b:c: frontend $a:80: the address of a frontend must be a unicast address" \
		"${add[@]}" $a:80
	refused "an endpoint is not at $a" \
		"service a/b:c: endpoint $a:80: the address of an endpoint must be a unicast address" \
		"${add[@]}" 10.96.0.99:80 endpoint 10.244.2.1:80 endpoint $a:80
done
for a in :: ff02::1 ::1 fe80::1 ::ffff:10.0.0.1; do
	refused "a frontend is not at $a" \
		"service a/b:c: frontend [$a]:80: the address of a frontend must be a unicast address" \
		"${add[@]}" "[$a]:80"
	refused "an endpoint is not at $a" \
		"service a/b:c: endpoint [$a]:80: the address of an endpoint must be a unicast address" \
		"${add[@]}" 10.96.0.99:80 endpoint "[$a]:80"
done
in_ns n1 k8snetctl service add default/six:http tcp "[fd00:96::9]:80" nodeport 30009 endpoint "[fd00:244:2::9]:80"
check "what n1 has now is remembered" probe remember n1
refused "an IPv6 frontend has one service" \
	"service a/b:c: frontend [fd00:96::9]:80: another service has this frontend" \
	"${add[@]}" 10.96.0.99:80 external fd00:96::9
refused "a node port has one service" \
	"service a/b:c: frontend [::]:30009: another service has this frontend" \
	"${add[@]}" "[fd00:96::8]:80" nodeport 30009
refused "a node port is not 0" \
	"service a/b:c: frontend 0.0.0.0:0: the port of a frontend must be 1 to 65535" \
	"${add[@]}" 10.96.0.99:80 nodeport 0
refused "an affinity has an end" \
	"service a/b:c: affinity 86401: the affinity must be 0 (off) or 1 to 86400 seconds" \
	"${add[@]}" 10.96.0.99:80 affinity 86401
refused "64 source ranges at most" "service a/b:c: ranges 10.64.0.0/16: there can be 64 prefixes at most" \
	"${add[@]}" 10.96.0.99:80 ranges "$(printf '10.%d.0.0/16,' {0..63})10.64.0.0/16"
refused "source ranges without host bits" \
	"service a/b:c: ranges 10.0.0.1/8: the prefix has bits set beyond its length" \
	"${add[@]}" 10.96.0.99:80 ranges 10.0.0.1/8
for r in 0-5 30000-65536 5-4; do
	refused "node ports are not $r" \
		"config: nodeports ${r%-*}: a range of node ports must be within 1 to 65535" config set nodeports $r
done
refused "a service has an endpoint once" \
	"service a/b:c: endpoint 10.244.2.9:80: the service has this endpoint twice" \
	"${add[@]}" 10.96.0.99:80 endpoint 10.244.2.9:80 endpoint 10.244.2.8:80 endpoint 10.244.2.9:80,weight=3
refused "an endpoint's port is not 0" \
	"service a/b:c: endpoint 10.244.2.9:0: the port of an endpoint must be 1 to 65535" \
	"${add[@]}" 10.96.0.99:80 endpoint 10.244.2.9:0
for n in 0 101 65537; do
	refused "an endpoint's weight is not $n" \
		"service a/b:c: endpoint 10.244.2.9:80: the weight of an endpoint must be 1 to 100" \
		"${add[@]}" 10.96.0.99:80 endpoint 10.244.2.8:80 endpoint 10.244.2.9:80,weight=$n
	refused "nor when it is added alone" \
		"endpoint 10.244.2.9:80: weight $n: the weight of an endpoint must be 1 to 100" \
		endpoint add default/web:http 10.244.2.9:80 weight $n
done
refused "a service has a name" "service : the name of a service must not be empty" \
	service add "" tcp 10.96.0.99:80
long=$(printf 's%.0s' {1..192})
refused "of 191 bytes at most" \
	"service $long: Attribute failed policy validation (allowed: at most 191 bytes)" \
	service add "$long" tcp 10.96.0.99:80
for verb in add del; do
	refused "no endpoint of an unknown service: $verb" \
		"endpoint 10.244.2.10:8080: service a/b:c: there is no service of this name" \
		endpoint $verb a/b:c 10.244.2.10:8080
done
# (Before 6.2 the end of a dump does not say which attribute.)
rc=0
k8snetctl -n n1 endpoint show a/b:c >"$T/out" 2>&1 || rc=$?
check_match "no endpoint of an unknown service: show" \
	'^1: k8snetctl: endpoint: (service a/b:c: )?there is no service of this name$' "$rc: $(cat "$T/out")"
refused "an endpoint cannot be added twice" \
	"endpoint 10.244.2.10:8080: address 10.244.2.10: the service has this endpoint twice" \
	endpoint add default/web:http 10.244.2.10:8080
refused "an endpoint is added with a port" \
	"endpoint 10.244.2.10:0: port 0: the port of an endpoint must be 1 to 65535" \
	endpoint add default/web:http 10.244.2.10:0
refused "an endpoint is not added at 224.0.0.1" \
	"endpoint 224.0.0.1:80: address 224.0.0.1: the address of an endpoint must be a unicast address" \
	endpoint add default/web:http 224.0.0.1:80
refused "an unknown endpoint cannot be removed" \
	"endpoint 10.244.2.10:8081: address 10.244.2.10: the service has no such endpoint" \
	endpoint del default/web:http 10.244.2.10:8081

# --- settings -----------------------------------------------------------------

many=$(printf '10.%d.0.0/16,' {0..63})10.64.0.0/16
for list in pods services; do
	refused "64 ranges of $list at most" \
		"config: $list 10.64.0.0/16: there can be 64 prefixes at most" config set $list "$many"
	refused "ranges of $list without host bits" \
		"config: $list 10.244.0.1/16: the prefix has bits set beyond its length" \
		config set $list 10.0.0.0/16,10.244.0.1/16
	refused "ranges of $list of 32 bits at most" \
		"config: $list 10.0.0.0/33: the length of an IPv4 prefix must be 0 to 32" \
		config set $list 10.0.0.0/33
done
refused "egress needs the pod ranges" \
	"config: egress is on and needs the pod ranges; switch it off first" config set pods none
refused "what is right beside it does not change either" \
	"config: egress is on and needs the pod ranges; switch it off first" \
	config set pods none services 10.97.0.0/16 seed 00112233445566778899aabbccddeeff
NS=bare
refused "egress is not switched on without them" \
	"egress: egress needs to know the pods: set the pod ranges of the configuration first" \
	egress set on
NS=n1
refused "egress has a source of its own" \
	"egress: source 192.168.99.2: the source must be an address of this network namespace" \
	egress set on source 192.168.99.2
refused "64 exclusions at most" "egress: exclude 10.64.0.0/16: there can be 64 prefixes at most" \
	egress set on exclude "$many"
refused "no source without egress" \
	"egress: enabled 0: egress that is off has no source and no exclusions" \
	egress set off source 192.168.99.1
refused "no exclusion without egress" \
	"egress: enabled 0: egress that is off has no source and no exclusions" \
	egress set off exclude 10.0.0.0/8

# --- messages that the tool does not send ----------------------------------------

cat >"$T/raw" <<'RAW'
import errno
import struct
import sys
from nlraw import *

ENDPOINT_REPLACE = 20
(LINK_GET, LINK_SET, NODE_NEW, NODE_REPLACE, NODE_DEL, NODE_GET, SERVICE_NEW, SERVICE_REPLACE,
 SERVICE_DEL, SERVICE_GET, ENDPOINT_NEW, ENDPOINT_DEL, ENDPOINT_GET, CONFIG_GET, CONFIG_SET,
 EGRESS_GET, EGRESS_SET, STATS_GET) = range(1, 19)
DUMPS = LINK_GET, NODE_GET, SERVICE_GET, ENDPOINT_GET, STATS_GET
POLICY = 'Attribute failed policy validation'
TOO_BIG = 'integer out of range'
LENGTH = 'invalid attribute length'
SIZE = 'binary attribute size out of range'
LEFT = 'bytes leftover after parsing attributes'
k8snet = Family('k8snet')


def state():
    """All that there is, counters too: nothing passes here."""
    return [k8snet.dump(cmd) for cmd in DUMPS] + [k8snet.do(CONFIG_GET), k8snet.do(EGRESS_GET)]


def case(name, err, sentence, cmd, body=b'', at=None, missing=None, dump=False):
    """Refused with that errno and sentence, about the attribute at that place."""
    before = state()
    why = []
    try:
        (k8snet.dump if dump else k8snet.do)(cmd, body)
        why.append('accepted')
    except Refused as r:
        if r.errno != err:
            why.append('errno: %s' % r)
        if r.text != sentence:
            why.append('sentence: %s, expected: %s' % (r, sentence))
        if at is not None and r.offset != position(body, *at):
            why.append('offset: %s, expected: %d' % (r, position(body, *at)))
        if at is None and r.offset is not None:
            why.append('an offset: %s' % r)
        if r.missing != missing:
            why.append('missing: %s, expected: %s' % (r, missing))
    if state() != before:
        why.append('something has changed')
    print('%s\t%s\t%s' % ('not ok' if why else 'ok', name, '; '.join(why)))


def prefix(kind, address, length):
    return nest(kind, ip(1, address), u32(2, length))


dev = text(3, 'k8snet0')
named = text(4, 'w9')
at9 = ip(5, '192.168.99.9')
pods = prefix(9, '10.244.9.0', 24)
new = dev + named + at9 + pods
name = text(2, 'a/b:c')
tcp = u32(3, 6)
front = nest(4, u32(1, 0), ip(2, '10.96.0.99'), u16(3, 80))
back = nest(6, ip(1, '10.244.2.9'), u16(2, 80))
service = name + tcp + front + back
EINVAL, EOPNOTSUPP = errno.EINVAL, errno.EOPNOTSUPP

# What is missing.
case('a node without a name', EINVAL, 'a node needs a name', NODE_NEW, dev + at9 + pods, missing=4)
case('a node without an address', EINVAL, 'a node needs an underlay address, IPv4 or IPv6', NODE_NEW,
     dev + named + pods)
case('a node without a prefix', EINVAL, 'a node needs at least one pod prefix', NODE_NEW,
     dev + named + at9)
which = 'name a device, by its index or by its name'
case('a node without a device', EINVAL, which, NODE_NEW, named + at9 + pods)
case('a removal without a name', EINVAL, 'name the node', NODE_DEL, dev, missing=4)
case('a removal without a device', EINVAL, which, NODE_DEL, text(4, 'worker2'))
case('settings without a device', EINVAL, which, LINK_SET, u32(5, 7))
case('a device by name and by index', EINVAL, which, LINK_GET, u32(2, 1) + dev, at=(3,))
case('an index that no device has', errno.ENODEV, 'this network namespace has no such device',
     LINK_GET, u32(2, 4711), at=(2,))
case('an index beyond all', errno.ENODEV, 'this network namespace has no such device',
     LINK_GET, u32(2, 0xffffffff), at=(2,))
case('the index of another kind', EOPNOTSUPP, 'the device is not of kind k8snet',
     LINK_GET, u32(2, 1), at=(2,))
case('a prefix without a length', EINVAL, 'a prefix needs an IPv4 or an IPv6 address, and a length', NODE_NEW,
     dev + named + at9 + pods + nest(9, ip(1, '10.244.8.0')), at=((9, 1),))
case('a prefix without an address', EINVAL, 'a prefix needs an IPv4 or an IPv6 address, and a length', NODE_NEW,
     dev + named + at9 + nest(9, u32(2, 24)), at=(9,))
for odd in 'w 9', 'w9\n', '\x1b[2J', 'w\x7f', 'w\xe9':
    case('a node whose name is %r' % odd, EINVAL, 'the name of a node must be printable ASCII without spaces', NODE_NEW,
         dev + attr(4, odd.encode('latin-1') + b'\0') + at9 + pods, at=(4,))
    case('a service whose name is %r' % odd, EINVAL, 'the name of a service must be printable ASCII without spaces',
         SERVICE_NEW, attr(2, odd.encode('latin-1') + b'\0') + tcp + front + back, at=(2,))
case('an empty prefix', EINVAL, 'a prefix needs an IPv4 or an IPv6 address, and a length', NODE_NEW,
     dev + named + at9 + nest(9), at=(9,))
case('a service without a name', EINVAL, 'a service needs a name', SERVICE_NEW, tcp + front, missing=2)
case('a service without a protocol', EINVAL, 'a service needs a protocol', SERVICE_NEW,
     name + front, missing=3)
case('a service without a frontend', EINVAL, 'a service needs at least one frontend', SERVICE_NEW,
     name + tcp + back)
for proto in 1, 0, 256 + 6, 0xffffffff:
    case('a service of protocol %d' % proto, errno.EPROTONOSUPPORT,
         'the protocol of a service must be 6 (TCP), 17 (UDP) or 132 (SCTP)', SERVICE_NEW,
         name + u32(3, proto) + front, at=(3,))
case('a frontend without a port', EINVAL, 'a frontend needs an IPv4 or an IPv6 address, and a port', SERVICE_NEW,
     name + tcp + front + nest(4, ip(2, '10.96.0.98')), at=((4, 1),))
case('a frontend without an address', EINVAL, 'a frontend needs an IPv4 or an IPv6 address, and a port', SERVICE_NEW,
     name + tcp + nest(4, u16(3, 80)), at=(4,))
case('an endpoint without a port', EINVAL, 'an endpoint needs an IPv4 or an IPv6 address, and a port', SERVICE_NEW,
     service + nest(6, ip(1, '10.244.2.8')), at=((6, 1),))
case('a node port with an address', EINVAL, 'a node port has no address of its own; give 0.0.0.0 or ::',
     SERVICE_NEW, name + tcp + nest(4, u32(1, 1), ip(2, '10.96.0.99'), u16(3, 80)), at=(4,))
case('one endpoint with two addresses', EINVAL, 'an endpoint has one address', ENDPOINT_NEW,
     text(2, 'default/web:http') + ip(3, '10.244.2.9') + u16(4, 80) + attr(7, bytes(16)), at=(7,))
case('a first node port without a last one', EINVAL, 'a range of node ports has a first and a last port',
     CONFIG_SET, u32(6, 30000), at=(6,))
case('one endpoint without a service', EINVAL, 'name the service', ENDPOINT_NEW,
     ip(3, '10.244.2.9') + u16(4, 80), missing=2)
case('one endpoint without an address', EINVAL, 'an endpoint needs an IPv4 or an IPv6 address', ENDPOINT_NEW,
     text(2, 'default/web:http') + u16(4, 80), missing=3)
case('one endpoint without a port', EINVAL, 'an endpoint needs a port', ENDPOINT_DEL,
     text(2, 'default/web:http') + ip(3, '10.244.2.10'), missing=4)
case('a removal without a service', EINVAL, 'name the service', SERVICE_DEL, missing=2)
case('egress neither on nor off', EINVAL, 'say whether egress is on or off', EGRESS_SET,
     ip(3, '192.168.99.1'), missing=2)
for field, body in ((1, prefix(2, '10.0.0.0', 8)), (2, prefix(3, '10.0.0.0', 8)), (4, attr(4, bytes(16))),
                    (8, prefix(5, '10.0.0.0', 8)), (16, u32(6, 1) + u32(7, 2))):
    case('a field both cleared and set (%d)' % field, EINVAL,
         'a field cannot be cleared and set at once', CONFIG_SET, u32(1, field) + body, at=(1,))

# What the policy refuses.
case('format 4', errno.ERANGE, TOO_BIG, LINK_SET, dev + u32(4, 4), at=(4,))
case('strict 2', errno.ERANGE, TOO_BIG, LINK_SET, dev + u32(8, 2), at=(8,))
case('df 3', errno.ERANGE, TOO_BIG, LINK_SET, dev + u32(13, 3), at=(13,))
case('move 2', errno.ERANGE, TOO_BIG, NODE_NEW, new + u32(14, 2), at=(14,))
case('also neither IPv4 nor IPv6', EINVAL, 'an address is an IPv4 or an IPv6 one', NODE_NEW,
     new + nest(15), at=(15,))
case('also both', EINVAL, 'an address is an IPv4 or an IPv6 one', NODE_NEW,
     new + nest(15, ip(1, '192.168.99.10'), attr(2, bytes(16))), at=(15,))
case('format 4 of a node', errno.ERANGE, TOO_BIG, NODE_NEW, new + u32(8, 4), at=(8,))
case('algorithm 4', errno.ERANGE, TOO_BIG, SERVICE_NEW, service + u32(5, 4), at=(5,))
for kind, what in ((10, 'internal policy'), (11, 'external policy'), (13, 'scope of ranges'), (14, 'end of connections')):
    case('%s 2' % what, errno.ERANGE, TOO_BIG, SERVICE_NEW, service + u32(kind, 2), at=(kind,))
case('unknown flags of an endpoint', EINVAL, 'reserved bit set', SERVICE_NEW,
     name + tcp + front + nest(6, ip(1, '10.244.2.8'), u16(2, 80), u32(5, 16)), at=(6, 5))
case('a frontend of type 4', errno.ERANGE, TOO_BIG, SERVICE_NEW,
     name + tcp + nest(4, u32(1, 4), ip(2, '10.96.0.99'), u16(3, 80)), at=(4, 1))
case('egress 2', errno.ERANGE, TOO_BIG, EGRESS_SET, u32(2, 2), at=(2,))
case('an unknown field to clear', EINVAL, 'reserved bit set', CONFIG_SET, u32(1, 32), at=(1,))
case('vip-ping 2', errno.ERANGE, TOO_BIG, CONFIG_SET, u32(8, 2), at=(8,))
for size in 0, 5, 7:
    case('a MAC address of %d bytes' % size, errno.ERANGE, SIZE, NODE_NEW,
         new + attr(7, bytes(size)), at=(7,))
for size in 15, 17:
    case('a seed of %d bytes' % size, errno.ERANGE, SIZE, CONFIG_SET,
         attr(4, bytes(size)), at=(4,))

# What is no message.
case('an unknown attribute', EINVAL, 'Unknown attribute type', NODE_NEW, new + u32(100, 1), at=(100,))
case('an attribute that only replies have', EINVAL, 'Unsupported attribute', NODE_NEW,
     new + nest(10), at=(10,))
case('the padding attribute', EINVAL, 'Unsupported attribute', NODE_NEW, new + attr(1), at=(1,))
case('an unknown attribute in a nest', EINVAL, 'Unknown attribute type', NODE_NEW,
     dev + named + at9 + nest(9, ip(1, '10.244.9.0'), u32(2, 24), u32(4, 0)), at=(9, 4))
case('a nest that does not say that it is one', EINVAL, 'NLA_F_NESTED is missing', NODE_NEW,
     dev + named + at9 + attr(9, ip(1, '10.244.9.0') + u32(2, 24)), at=(9,))
case('a nest whose last attribute is cut', EINVAL, LEFT, NODE_NEW,
     dev + named + at9 + attr(9 | 0x8000, ip(1, '10.244.9.0') + struct.pack('=HH', 8, 2) + b'\x18\0'))
case('a nest of three bytes', errno.ERANGE, POLICY, NODE_NEW,
     dev + named + at9 + attr(9 | 0x8000, b'\1\2\3'), at=(9,))
case('an attribute longer than the message', EINVAL, LEFT, NODE_NEW, new + attr(6, b'\x21\x18', 400))
case('an attribute shorter than its header', EINVAL, LEFT, NODE_NEW, new + attr(6, b'', 3))
for size in 1, 2, 3:
    case('%d bytes behind the attributes' % size, EINVAL, LEFT, NODE_NEW, new + bytes(size))
for size in 0, 1, 2, 3, 5, 8:
    case('a number of %d bytes' % size, EINVAL, LENGTH, LINK_SET, dev + attr(5, bytes(size)), at=(5,))
for size in 0, 1, 3, 4:
    case('a port of %d bytes' % size, EINVAL, LENGTH, LINK_SET, dev + attr(6, b'\x21\x18\x21\x18'[:size]),
         at=(6,))
case('an address of 16 bytes', EINVAL, LENGTH, NODE_NEW, dev + named + attr(5, bytes(16)) + pods, at=(5,))
case('a name without its NUL', EINVAL, POLICY, NODE_NEW, dev + attr(4, b'w9') + at9 + pods, at=(4,))
case('an empty name without its NUL', EINVAL, POLICY, NODE_NEW, dev + attr(4) + at9 + pods, at=(4,))
case('a name of 254 bytes', EINVAL, POLICY, NODE_NEW, dev + text(4, 'n' * 254) + at9 + pods, at=(4,))
case('a device name of 16 bytes', EINVAL, POLICY, NODE_NEW, text(3, 'd' * 16) + named + at9 + pods, at=(3,))
case('a service name of 192 bytes', EINVAL, POLICY, SERVICE_NEW, text(2, 's' * 192) + tcp + front, at=(2,))
for cmd in 0, 19, 21, 255:
    case('command %d' % cmd, EOPNOTSUPP, None, cmd)
for cmd, what in ((ENDPOINT_GET, 'endpoint-get'), (STATS_GET, 'stats-get')):
    case('%s of one' % what, EOPNOTSUPP, None, cmd)
for cmd, what in ((CONFIG_GET, 'config-get'), (EGRESS_GET, 'egress-get'), (NODE_NEW, 'node-new')):
    case('a dump by %s' % what, EOPNOTSUPP, None, cmd, dump=True)

# A connection that is asked about, and an echo request.
EXPLAIN = uapi()['CMD_EXPLAIN']
ends, ports = ip(2, '10.244.1.10') + ip(5, '10.96.0.10'), u16(4, 40000) + u16(7, 80)
ends6 = attr(3, bytes([0xfd] + [0] * 14 + [1])) + attr(6, bytes([0xfd] + [0] * 14 + [2]))
both = 'a connection has two addresses of one family, and two ports; an echo request has no ports'
case('explain without a protocol', EINVAL, 'say which protocol the connection has', EXPLAIN, ends + ports, missing=1)
case('explain another protocol', errno.EPROTONOSUPPORT,
     'the protocol must be 6 (TCP), 17 (UDP) or 132 (SCTP), or for an echo request 1 (ICMP) or 58 (ICMPv6)',
     EXPLAIN, u32(1, 47) + ends + ports, at=(1,))
case('explain TCP without ports', EINVAL, both, EXPLAIN, u32(1, 6) + ends)
case('explain TCP with one port', EINVAL, both, EXPLAIN, u32(1, 6) + ends + u16(7, 80))
case('explain an echo request with ports', EINVAL, both, EXPLAIN, u32(1, 1) + ends + ports)
for protocol, addresses in (1, ends6), (58, ends):
    case('explain an echo request of protocol %d over the other family' % protocol, errno.EPROTONOSUPPORT,
         'an echo request is of protocol 1 (ICMP) over IPv4, of 58 (ICMPv6) over IPv6',
         EXPLAIN, u32(1, protocol) + addresses, at=(1,))

# The largest that there may be.
full = b''.join(nest(6, ip(1, '10.244.%d.%d' % (n >> 8, n & 255)), u16(2, 80)) for n in range(4097))
case('4097 endpoints', errno.E2BIG, 'a service has 4096 endpoints at most', SERVICE_NEW,
     name + tcp + front + full, at=((6, 4096),))
RAW
in_ns n1 python3 -S "$T/raw" >"$T/results" 2>"$T/err" || not_ok "all raw messages were sent" "$(cat "$T/err")"
while IFS=$'\t' read -r result name why; do
	if [ "$result" = ok ]; then
		ok "raw: $name"
	else
		not_ok "raw: $name" "$why"
	fi
done <"$T/results"
check "and nothing has changed since" probe same n1

# --- without the capability ------------------------------------------------------

# A user who is nobody, in the namespace of root.
cat >"$T/nobody" <<'NOBODY'
import os
from nlraw import *
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
k8snet = Family('k8snet')
# endpoint-get and stats-get are dumps only.
dumps = 1, 6, 10, 13, 18
for how, cmd in ([(k8snet.do, cmd) for cmd in (*range(1, 19), 20) if cmd not in (13, 18)] +
                 [(k8snet.dump, cmd) for cmd in dumps]):
    try:
        how(cmd)
        print(cmd, how.__name__, 'accepted')
    except Refused as r:
        print('EPERM' if r.errno == 1 else '%d %s %s' % (cmd, how.__name__, r))
NOBODY
in_ns n1 python3 -S "$T/nobody" >"$T/nobody.out" 2>&1
check_eq "all 22 operations need the capability" "EPERM" "$(sort "$T/nobody.out" | uniq)"
check_eq "(each do and each dump)" 22 "$(wc -l <"$T/nobody.out")"

# nobody WORD... - the tool, run by nobody
nobody() {
	in_ns n1 setpriv --reuid 65534 --regid 65534 --clear-groups k8snetctl "$@"
}
denied="Operation not permitted (needs CAP_NET_ADMIN in the network namespace)"
# denied OBJECT WORD... - what nobody may not do
denied() {
	local rc=0 object=$1
	shift

	nobody "$@" >"$T/out" 2>"$T/err" || rc=$?
	check_eq "nobody: k8snetctl $*" "1: k8snetctl: $object: $denied" "$rc: $(cat "$T/err" "$T/out")"
}
denied "node w9" node add w9 dev k8snet0 "${via[@]}"
denied node node show
denied "link k8snet0" link set k8snet0 strict off
denied link link show
denied "service a/b:c" service add a/b:c tcp 10.96.0.99:80
denied service service show
denied config config set pods 10.0.0.0/8
denied config config show
denied egress egress set off
denied stats stats
check "and nobody has changed anything" probe same n1

# The same user in namespaces of his own.
# shellcheck disable=SC2016  # for the inner shell
check "who owns the namespace may do everything" \
	setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urn bash -euc '
		ip link set lo up
		ip link add k8snet0 type k8snet
		k8snetctl link set k8snet0 id 7 port 7777
		ip link set k8snet0 up
		k8snetctl node add w dev k8snet0 via 192.0.2.1 pods 10.1.0.0/16
		k8snetctl config set pods 10.0.0.0/8 services 10.96.0.0/16
		k8snetctl service add a/b:c tcp 10.96.0.1:80 endpoint 10.1.0.1:80
		k8snetctl endpoint add a/b:c 10.1.0.2:80
		k8snetctl egress set on
		[ "$(k8snetctl -j node show | gojq -r ".[].name")" = w ]
		[ "$(k8snetctl -j endpoint show | gojq length)" = 2 ]
		k8snetctl stats
		k8snetctl node del w
		k8snetctl service del a/b:c
		ip link del k8snet0'
check "there, and nowhere else" probe same n1

# A device that was given away does not let its new owner steer the node.
# shellcheck disable=SC2016  # for the inner shell
owner='
	echo ready
	read -r _
	for set in "id 9" "port 999" "local 192.168.99.1" "ttl 9" "dscp 9" "df set"; do
		k8snetctl link set k8snet2 $set 2>&1 && echo accepted
	done
	k8snetctl node add x dev k8snet2 via 192.168.99.100 pods 10.9.0.0/16 2>&1 && echo accepted
	k8snetctl node replace w2 dev k8snet2 via 192.168.99.100 pods 10.9.0.0/16 2>&1 && echo accepted
	k8snetctl link set k8snet2 mtu 1300 && echo changed'
mkfifo "$T/given"
exec {given}<>"$T/given"
setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urn bash -c "$owner" \
	<&"$given" >"$T/owner.out" 2>&1 &
owner=$!
check "a user makes a namespace" wait_for 10 _says "$T/owner.out" ready
ip -n n1 link set k8snet2 netns "$owner"
echo go >&"$given"
check "the user is done with the device" wait_for 20 _gone "$owner"
steer="this needs CAP_NET_ADMIN where the device was created"
check_eq "what touches the underlay is not the user's to set" "ready
k8snetctl: link k8snet2: id 9: $steer
k8snetctl: link k8snet2: port 999: $steer
k8snetctl: link k8snet2: local 192.168.99.1: $steer
k8snetctl: link k8snet2: ttl 9: $steer
k8snetctl: link k8snet2: dscp 9: $steer
k8snetctl: link k8snet2: df set: $steer
k8snetctl: node x: $steer
k8snetctl: node w2: $steer
changed" "$(cat "$T/owner.out")"

# --- large ----------------------------------------------------------------------

# The last index that there is: dumps end after it.
ns_new edge
ip -n edge link add big index 2147483647 type k8snet
ip -n edge link add small index 77 type k8snet
check_eq "a dump ends with the largest index" "small big" "$(timeout 20 k8snetctl -n edge -j link show |
	gojq -r '[.[].ifname] | sort_by(. == "big") | join(" ")')"
check_eq "also one of nodes" "0" "$(timeout 20 k8snetctl -n edge -j node show | gojq length)"
check_eq "and one of counters" "3" "$(timeout 20 k8snetctl -n edge -j stats | gojq length)"

check "a node with 64 prefixes" k8snetctl -n n1 "${node[@]}" via 192.168.99.9 \
	pods "$(printf '10.244.9.%d,' {0..62})10.244.9.63"
check_eq "is shown with all of them" "64 10.244.9.0/32 10.244.9.63/32" \
	"$(k8snetctl -n n1 -j node show w9 dev k8snet0 | gojq -r '.[0].pods | "\(length) \(.[0]) \(.[-1])"')"
check_eq "also in the list" 64 "$(k8snetctl -n n1 -j node show | gojq '.[] | select(.name == "w9").pods | length')"
check "64 ranges of each kind" k8snetctl -n bare config set pods "${many%,*}" services "${many%,*}"
check_eq "are shown" "64 64" "$(k8snetctl -n bare -j config show | gojq -r '"\(.pods | length) \(.services | length)"')"

endpoints=()
for ((i = 0; i < 4096; i++)); do
	endpoints+=(endpoint "10.240.$((i >> 8)).$((i & 255)):80,weight=$((i % 100 + 1))")
done
printf '%s\n' "${endpoints[@]}" | grep -v '^endpoint$' | tr , ' ' | sed 's/weight=//' >"$T/want"
check "a service with 4096 endpoints" \
	k8snetctl -n n1 service add a/b:c tcp 10.96.0.99:80 "${endpoints[@]}"
check_eq "says how many it has" 4096 "$(k8snetctl -n n1 -j service show a/b:c | gojq '.[0].endpoints')"
k8snetctl -n n1 -j endpoint show a/b:c | gojq -r '.[] | "\(.address):\(.port) \(.weight)"' >"$T/have"
check "and shows them all" cmp "$T/want" "$T/have"
probe remember n1 >"$T/out"
refused "one more is too many" \
	"endpoint 10.244.2.9:80: address 10.244.2.9: a service has 4096 endpoints at most" \
	endpoint add a/b:c 10.244.2.9:80
refused "also all at once" \
	"service d/e:f: endpoint 10.244.2.9:80: a service has 4096 endpoints at most" \
	service add d/e:f tcp 10.96.0.98:80 "${endpoints[@]}" endpoint 10.244.2.9:80
check "one goes" k8snetctl -n n1 endpoint del a/b:c 10.240.0.0:80
check "then one may come" k8snetctl -n n1 endpoint add a/b:c 10.244.2.9:80

ktap_end
