#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# "k8snetctl explain" against the packet that is sent then: for every verdict, the server, the source that it sees, the way.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10
#    (clients)         n1 192.168.99.1 --[ul]-- n2 192.168.99.2   (server)
#   p1b 10.244.1.11 --'                  br0
#    (server)                             |
#                                out 192.168.99.100 (client and server)
#
# timeout: 240

. "$(dirname "$0")/../lib.sh"

cat >"$T/server" <<'PY'
import select
import sys
import _socket as socket
tag = sys.argv[1].encode()
tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
for s in tcp, udp:
    s.bind(('0.0.0.0', 80))
tcp.listen(50)
while True:
    for s in select.select([tcp, udp], [], [])[0]:
        if s is udp:
            data, who = s.recvfrom(100)
            s.sendto(b'%s %s' % (tag, who[0].encode()), who)
            continue
        fd, who = s._accept()
        c = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fd)
        c.send(b'%s %s' % (tag, who[0].encode()))
        c.shutdown(socket.SHUT_RDWR)
        c.close()
PY
cat >"$T/client" <<'PY'
import errno
import sys
import _socket as socket
proto, source, sport, dest, dport = sys.argv[1:6]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if proto == 'udp' else socket.SOCK_STREAM, 0)
s.settimeout(1.5)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    s.bind((source, int(sport)))
    s.connect((dest, int(dport)))
    if proto == 'udp':
        s.send(b'x')
    print(s.recv(100).decode())
except socket.timeout:
    print('silence')
except OSError as e:
    print('refused' if e.errno in (errno.ECONNREFUSED, errno.ECONNRESET) else e)
PY

ktap_start
topo_two_nodes
topo_host out 192.168.99.100
ip -n out route add 203.0.113.0/24 via 192.168.99.1
ip -n n1 route add 10.96.0.0/16 dev eth0
k8snet_two_nodes
for s in "p1b near" "p2a far" "p1a self" "out outside"; do
	# shellcheck disable=SC2086  # words
	set -- $s
	bg_ns "$1" python3 -S "$T/server" "$2"
done
for n in p1b p2a p1a out; do wait_listen $n tcp 80; done
declare -A tag=([10.244.1.11]=near [10.244.2.10]=far [10.244.1.10]=self [192.168.99.100]=outside)

svc() { k8snetctl -n n1 service "$@"; }
both=(endpoint "10.244.1.11:80,local" endpoint 10.244.2.10:80)
k8snetctl -n n1 -b - <<-BATCH
	config set pods 10.244.0.0/16 services 10.96.0.0/16
	egress set on
	service add even tcp 10.96.0.1:80 ${both[*]}
	service add even-udp udp 10.96.0.1:80 ${both[*]}
	service add none tcp 10.96.0.2:80
	service add turns tcp 10.96.0.3:80 ${both[*]} algorithm rr
	service add chance tcp 10.96.0.4:80 ${both[*]} algorithm random
	service add loyal tcp 10.96.0.5:80 ${both[*]} affinity 600
	service add few udp 10.96.0.6:80 endpoint 10.244.1.11:80,local limit 1
	service add self tcp 10.96.0.7:80 endpoint 10.244.1.10:80,local
	service add near tcp 10.96.0.8:80 ${both[*]} internal local
	service add lb tcp 10.96.0.9:80 loadbalancer 203.0.113.1 nodeport 30080 ${both[*]}
	service add ranges tcp 10.96.0.10:80 loadbalancer 203.0.113.2 ranges 192.168.99.0/25 ${both[*]}
	service add strangers tcp 10.96.0.11:80 loadbalancer 203.0.113.3 ranges 10.0.0.0/8 ${both[*]}
	service add local tcp 10.96.0.12:80 loadbalancer 203.0.113.4 external-policy local ${both[*]}
	service add elsewhere tcp 10.96.0.13:80 loadbalancer 203.0.113.5 external-policy local endpoint 10.244.2.10:80
	service add outside tcp 10.96.0.14:80 endpoint 192.168.99.100:80
BATCH

# field NAME - of the last explanation
field() {
	local all

	all=$(<"$T/why")
	[[ $all =~ \"$1\":\ *(\"([^\"]*)\"|[a-z0-9]+) ]] || return 1
	echo "${BASH_REMATCH[2]:-${BASH_REMATCH[1]}}"
}

# same NAME NS PROTO SOURCE:SPORT DEST:DPORT [iif DEV] - explains, then sends, and compares
same() {
	local name=$1 ns=$2 proto=$3 from=$4 to=$5 want got source
	shift 5

	if ! k8snetctl -n n1 -j explain "$proto" "$from" to "$to" "$@" >"$T/why" 2>"$T/err"; then
		not_ok "$name" "$(cat "$T/err")"
		return
	fi
	case $(field verdict) in
	translate | accept)
		want=$(field endpoint)
		[ "$want" != null ] || want=${to%:*}
		source=$(field new_source)
		[ "$source" != null ] || source=${from%:*}
		want="${tag[$want]} $source"
		;;
	reject) want=refused ;;
	drop) want=silence ;;
	*) want="the verdict $(field verdict)" ;;
	esac
	got=$(in_ns "$ns" python3 -S "$T/client" "$proto" "${from%:*}" "${from#*:}" "${to%:*}" "${to#*:}")
	check_eq "$name: $(field verdict)$([ "$(field reason)" = null ] || echo ", $(field reason)")" "$want" "$got"
}

# says FIELD VALUE - what the last explanation said of it
says() { check_eq "  $1" "$2" "$(field "$1")"; }

for p in 40001 40002 40003 40004 40005 40006; do
	same "a service, from port $p" p1a tcp 10.244.1.10:$p 10.96.0.1:80 iif vp1a
	same "the same by UDP" p1a udp 10.244.1.10:$p 10.96.0.1:80 iif vp1a
done
says service even-udp
says frontend cluster-ip
says policy cluster
says endpoints 2
says algorithm maglev
same "one without endpoints" p1a tcp 10.244.1.10:40010 10.96.0.2:80 iif vp1a
says reason service-no-endpoint
same "a port that the service does not have" p1a tcp 10.244.1.10:40011 10.96.0.1:81 iif vp1a
says reason service-unknown-port
same "an address that no service has" p1a tcp 10.244.1.10:40012 10.96.99.99:80 iif vp1a
says reason service-unused-address
for p in 40013 40014 40015; do
	same "in turn, $p" p1a tcp 10.244.1.10:$p 10.96.0.3:80 iif vp1a
done
k8snetctl -n n1 -j explain tcp 10.244.1.10:1 to 10.96.0.4:80 iif vp1a >"$T/why"
says algorithm random
says endpoint null
same "a client with affinity, first" p1a tcp 10.244.1.10:40020 10.96.0.5:80 iif vp1a
says affinity new
first=$(field endpoint)
for p in 40021 40022 40023 40024; do
	same "and again, $p" p1a tcp 10.244.1.10:$p 10.96.0.5:80 iif vp1a
	says affinity kept
	says endpoint "$first"
done
same "one that may have one connection" p1a udp 10.244.1.10:40030 10.96.0.6:80 iif vp1a
same "and has it" p1a udp 10.244.1.10:40031 10.96.0.6:80 iif vp1a
says reason service-limit
same "a pod that is its own server" p1a tcp 10.244.1.10:40032 10.96.0.7:80 iif vp1a
says source masquerade
same "policy local inside" p1a tcp 10.244.1.10:40033 10.96.0.8:80 iif vp1a
says policy local
says endpoint 10.244.1.11
same "from outside, load balancer" out tcp 192.168.99.100:40034 203.0.113.1:80 iif eth0
says frontend load-balancer
says source masquerade
same "from outside, node port" out tcp 192.168.99.100:40035 192.168.99.1:30080 iif eth0
says frontend node-port
same "inside of the source ranges" out tcp 192.168.99.100:40036 203.0.113.2:80 iif eth0
says ranges inside
same "outside of them" out tcp 192.168.99.100:40037 203.0.113.3:80 iif eth0
says reason service-source-range
same "policy local keeps the client" out tcp 192.168.99.100:40038 203.0.113.4:80 iif eth0
says source kept
says policy local
same "without a local endpoint" out tcp 192.168.99.100:40039 203.0.113.5:80 iif eth0
says reason service-no-local-endpoint
same "a pod takes the short way there" p1a tcp 10.244.1.10:40040 203.0.113.5:80 iif vp1a
says policy cluster
says node worker2
same "a process of the node" n1 tcp 192.168.99.1:40041 10.96.0.1:80
says source masquerade
same "a service outside of the cluster" p1a tcp 10.244.1.10:40042 10.96.0.14:80 iif vp1a
says source egress
says new_source 192.168.99.1
same "no service, outside" p1a tcp 10.244.1.10:40043 192.168.99.100:80 iif vp1a
says source egress
says device eth0
same "no service, another node's pod" p1a tcp 10.244.1.10:40044 10.244.2.10:80 iif vp1a
says source kept
says device k8snet0
says node worker2
says via 192.168.99.2
says format vxlan
says mtu 1450
k8snetctl -n n1 link set k8snet0 format udp port 8285
k8snetctl -n n2 link set k8snet0 format udp port 8285
same "by another format" p1a tcp 10.244.1.10:40045 10.244.2.10:80 iif vp1a
says format udp
says mtu 1472
same "no service, a pod of this node" p1a tcp 10.244.1.10:40046 10.244.1.11:80 iif vp1a
says device vp1b

# An echo request to an address of a service, to one that no service has, and to a pod.
ping_is() { # NAME ANSWERED DEST VERDICT REASON
	k8snetctl -n n1 -j explain ping 10.244.1.10 to "$3" iif vp1a >"$T/why"
	check_eq "$1: $4" "$4 $5" "$(field verdict) $(field reason)"
	local came=no
	! in_ns p1a ping -c 1 -W 1 "$3" >/dev/null 2>&1 || came=yes
	check_eq "  as the echo request finds" "$2" "$came"
}
ping_is "ping of a service" no 10.96.0.1 reject service-unknown-port
k8snetctl -n n1 config set vip-ping on
ping_is "ping of a service, if that is allowed" yes 10.96.0.1 ping null
ping_is "ping of an address that no service has" no 10.96.99.99 drop service-unused-address
ping_is "ping of a pod" yes 10.244.1.11 accept null
k8snetctl -n n1 config set vip-ping off

# Nothing is counted by it.
before=$(k8snetctl -n n1 -j service show turns | gojq -c '.[0] | [.new, .rejected]')
for _ in 1 2 3; do k8snetctl -n n1 explain tcp 10.244.1.10:1 to 10.96.0.3:80 iif vp1a >"$T/text"; done
check_eq "asking changes no counter" "$before" \
	"$(k8snetctl -n n1 -j service show turns | gojq -c '.[0] | [.new, .rejected]')"
check_match "and the steps can be read" 'service +turns.*frontend +cluster-ip 10.96.0.3:80.*policy +cluster, 2 endpoints.*algorithm +rr.*endpoint +10\.244\..*verdict +translate' \
	"$(tr '\n' ' ' <"$T/text")"
check_fails "a device that is not there is refused" k8snetctl -n n1 explain tcp 10.244.1.10:1 to 10.96.0.3:80 iif vnone
check_match "with its name" 'iif(name)? vnone: this network namespace has no such device' "$(cat "$T/out")"
check_fails "two families are refused" k8snetctl -n n1 explain tcp 10.244.1.10:1 to '[fd00::1]:80'
check_match "so" 'two addresses of one family' "$(cat "$T/out")"
ktap_end
