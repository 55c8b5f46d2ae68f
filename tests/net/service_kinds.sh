#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Services of both families: frontends, policies, source ranges, SNAT ports, eviction, resets, affinity, limits, counters.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10
#       fd00:244:1::10  n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'  fd99::1         br0    fd99::2  `-- p2b 10.244.2.11
#                                         |
#                                out 192.168.99.100, fd99::100
#
# timeout: 300

. "$(dirname "$0")/../lib.sh"

# One process for all questions and answers: SERVER answers, per line of its
# input: "ask PROTO FROM-ADDR FROM-PORT ADDR PORT" in the namespace it runs in.
cat >"$T/client" <<'PY'
import socket, sys
def ask(proto, sport, addr, port, timeout=2.0):
    six = ':' in addr
    fam = socket.AF_INET6 if six else socket.AF_INET
    kind = socket.SOCK_DGRAM if proto == 'udp' else socket.SOCK_STREAM
    s = socket.socket(fam, kind, 132 if proto == 'sctp' else 0)
    s.settimeout(timeout)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        if sport:
            s.bind(('', sport))
        s.connect((addr, port))
        if proto == 'udp':
            s.send(b'x')
        return s.recv(200).decode()
    except socket.timeout:
        return 'timeout'
    except ConnectionRefusedError:
        return 'refused'
    except OSError as e:
        return 'error %s' % e
    finally:
        s.close()
for spec in sys.argv[1:]:
    proto, sport, addr, port, *t = spec.split(',')
    # A server's first data, sent by a program on another processor than the COOKIE
    # ACK before it, may pass that; it comes again after three seconds (RTO.Initial).
    print(ask(proto, int(sport), addr, int(port), float(t[0]) if t else 10.0 if proto == 'sctp' else 2.0))
PY
cat >"$T/server" <<'PY'
import socket, selectors, sys
sel = selectors.DefaultSelector()
tag = sys.argv[1]
for spec in sys.argv[2:]:
    proto, port = spec.split(',')
    for fam in (socket.AF_INET, socket.AF_INET6):
        kind = socket.SOCK_DGRAM if proto == 'udp' else socket.SOCK_STREAM
        s = socket.socket(fam, kind, 132 if proto == 'sctp' else 0)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if fam == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind(('', int(port)))
        if proto != 'udp':
            s.listen(64)
        sel.register(s, selectors.EVENT_READ, proto)
held = []
print('ready', flush=True)
while True:
    for key, _ in sel.select():
        s = key.fileobj
        if key.data == 'udp':
            _, who = s.recvfrom(2000)
            s.sendto(('%s %s %d' % (tag, who[0], who[1])).encode(), who)
        else:
            c, who = s.accept()
            c.sendall(('%s %s %d' % (tag, who[0], who[1])).encode())
            if key.data == 'tcp':
                held.append(c)      # the client closes
PY
ask() { # NS SPEC...
	local ns=$1
	shift
	in_ns "$ns" timeout 60 python3 -S "$T/client" "$@"
}
serve() { # NS TAG SPEC...
	local ns=$1
	shift
	bg_ns "$ns" python3 -S "$T/server" "$@"
	wait_for 20 _says "$T/bg.$((${#_pids[@]} - 1))" ready
}
svc() { k8snetctl -n n1 -j service show "$1" | gojq -r ".[0].$2"; }
drops() { k8snetctl -n n1 -j stats -z | gojq "[.[] | select(.ifname == null).counter[] | select(.reason == \"$1\").packets][0]"; }
k() { k8snetctl -n n1 "$@"; }

ktap_start
topo_two_nodes_dual
topo_outside
topo_host6 out 100
k8snet_node_dual n1 1 2
k8snet_node_dual n2 2 1
k config set services 10.96.0.0/16,fd00:96::/112
ip -n n1 route add default via 192.168.99.254 dev eth0 onlink
ip -n n1 -6 route add default via fd99::fe dev eth0 onlink
sysctl_ns n1 net/ipv4/ip_local_reserved_ports=40000-40010
serve p2a a tcp,8080 udp,5353 sctp,9090
serve p2b b tcp,8080 udp,5353 sctp,9090
serve p1b near tcp,8080 udp,5353 sctp,9090

dual=(endpoint 10.244.2.10:8080 endpoint "[fd00:244:2::10]:8080")
check "a dual-stack service with all kinds of frontends" k service add d/web:tcp tcp \
	"10.96.0.10:80,[fd00:96::10]:80" nodeport 30080 external 203.0.113.9,2001:db8::9 \
	loadbalancer 203.0.113.10,2001:db8::10 "${dual[@]}"
note "$(k -s service show d/web:tcp)"
check_eq "frontends as they were given" \
	"cluster-ip 10.96.0.10 80,cluster-ip fd00:96::10 80,node-port 0.0.0.0 30080,external 203.0.113.9 80,external 2001:db8::9 80,load-balancer 203.0.113.10 80,load-balancer 2001:db8::10 80,node-port :: 30080" \
	"$(k -j service show d/web:tcp | gojq -r '[.[0].frontend[] | "\(.type) \(.address) \(.port)"] | join(",")')"
got=$(ask p1a tcp,21000,10.96.0.10,80 tcp,21001,fd00:96::10,80 tcp,0,192.168.99.1,30080 \
	tcp,0,fd99::1,30080 tcp,0,203.0.113.9,80 tcp,0,2001:db8::10,80 | paste -sd,)
check_match "from a pod: ClusterIP keeps the address, the others are masqueraded" \
	'^a 10.244.1.10 21000,a fd00:244:1::10 21001,a 10.244.1.0 [0-9]+,a fd00:244:1:: [0-9]+,a 10.244.1.0 [0-9]+,a fd00:244:1:: [0-9]+$' "$got"
got=$(ask n1 tcp,0,10.96.0.10,80 tcp,0,fd00:96::10,80 tcp,0,192.168.99.1,30080 tcp,0,fd99::1,30080 | paste -sd,)
check_match "from the node" \
	'^a 10.244.1.0 [0-9]+,a fd00:244:1:: [0-9]+,a 10.244.1.0 [0-9]+,a fd00:244:1:: [0-9]+$' "$got"
ip -n out route add 203.0.113.0/24 via 192.168.99.1
ip -n out -6 route add 2001:db8::/32 via fd99::1
got=$(ask out tcp,0,192.168.99.1,30080 tcp,0,fd99::1,30080 tcp,0,203.0.113.10,80 tcp,0,2001:db8::9,80 | paste -sd,)
check_match "from outside, policy cluster: masqueraded" \
	'^a 10.244.1.0 [0-9]+,a fd00:244:1:: [0-9]+,a 10.244.1.0 [0-9]+,a fd00:244:1:: [0-9]+$' "$got"
check_eq "a NodePort is not on loopback" "refused" "$(ask n1 tcp,0,127.0.0.1,30080)"
got=$(ask p1a tcp,0,10.96.0.10,81 tcp,0,fd00:96::10,81 udp,0,10.96.77.7,80,0.3 udp,0,fd00:96::77,80,0.3 tcp,0,203.0.113.9,81,0.3 | paste -sd,)
check_match "unknown port refused, unused address silent, other port of an external address passed on" \
	'^refused,refused,timeout,timeout,(timeout|error .*)$' "$got"

# SNAT ports.
got=$(ask out tcp,30500,192.168.99.1,30080 tcp,40005,192.168.99.1,30080 tcp,45678,192.168.99.1,30080 tcp,30501,fd99::1,30080 | cut -d ' ' -f 3 | paste -sd ' ')
note "ports 30500, 40005, 45678, 30501 became $got"
read -r x y z w <<<"$got"
check "SNAT leaves the node ports and reserved ports alone" \
	[ "$((x < 30000 || x > 32767)) $((y < 40000 || y > 40010)) $z $((w < 30000 || w > 32767))" = "1 1 45678 1" ]

# Policy local.
k service replace d/web:tcp tcp "10.96.0.10:80,[fd00:96::10]:80" nodeport 30080 external-policy local internal local "${dual[@]}"
before=$(drops service-no-local-endpoint)
got=$(ask out tcp,0,192.168.99.1,30080,0.5 tcp,0,fd99::1,30080,0.5 | paste -sd,)
check_eq "policy local without a local endpoint drops" "timeout,timeout" "$got"
check_eq "internal policy likewise" "timeout,timeout" "$(ask p1a tcp,0,10.96.0.10,80,0.5 tcp,0,fd00:96::10,80,0.5 | paste -sd,)"
check "counted" [ "$(drops service-no-local-endpoint)" -ge $((before + 4)) ]
got=$(ask p1a tcp,21002,192.168.99.1,30080 tcp,21003,fd99::1,30080 | paste -sd,)
check_eq "a pod takes the short way, not masqueraded" "a 10.244.1.10 21002,a fd00:244:1::10 21003" "$got"
got=$(ask n1 tcp,0,192.168.99.1,30080 tcp,0,fd99::1,30080 | paste -sd,)
check_match "so does the node, masqueraded" '^a 10.244.1.0 [0-9]+,a fd00:244:1:: [0-9]+$' "$got"
k service replace d/web:tcp tcp "10.96.0.10:80,[fd00:96::10]:80" nodeport 30080 external-policy local internal local \
	"${dual[@]}" endpoint 10.244.1.11:8080,local endpoint "[fd00:244:1::11]:8080,local"
ip -n n1 route del default
ip -n n1 route add default via 192.168.99.100 dev eth0
got=$(ask out tcp,21004,192.168.99.1,30080 tcp,21005,fd99::1,30080 | paste -sd,)
check_eq "with one, the client's address is kept" "near 192.168.99.100 21004,near fd99::100 21005" "$got"
got=$(ask p1a tcp,21006,10.96.0.10,80 tcp,21007,fd00:96::10,80 | paste -sd,)
check_eq "and internal policy local chooses it" "near 10.244.1.10 21006,near fd00:244:1::10 21007" "$got"
got=$(ask p1b tcp,0,10.96.0.10,80 tcp,0,fd00:96::10,80 | paste -sd,)
check_match "hairpin" '^near 10.244.1.1 [0-9]+,near fd00:244:1::1 [0-9]+$' "$got"

# Sets.
k service replace d/web:tcp tcp 10.96.0.10:80 endpoint 10.244.2.10:8080,terminating endpoint 10.244.2.11:8080
check_eq "a terminating one is no choice beside a ready one" b "$(ask p1a tcp,0,10.96.0.10,80 | cut -c 1)"
k service replace d/web:tcp tcp 10.96.0.10:80 endpoint 10.244.2.10:8080,terminating endpoint 10.244.2.11:8080,notready
check_eq "it is the last resort" a "$(ask p1a tcp,0,10.96.0.10,80 | cut -c 1)"
k service replace d/web:tcp tcp 10.96.0.10:80 endpoint 10.244.2.11:8080,notready
check_eq "none that can be used: refused" refused "$(ask p1a tcp,0,10.96.0.10,80)"

# Source ranges.
lb=(tcp 10.96.0.10:80 loadbalancer 203.0.113.10 external 203.0.113.9 endpoint 10.244.2.10:8080)
k service replace d/web:tcp "${lb[@]}" ranges 192.0.2.0/24,10.244.1.10/32
check_eq "source ranges: the one passes, the other does not, outside neither" "a,timeout,timeout" \
	"$(ask p1a tcp,0,203.0.113.10,80 | cut -c 1),$(ask p1b tcp,0,203.0.113.10,80,0.4),$(ask out tcp,0,203.0.113.10,80,0.4)"
check_eq "an external address has none" a "$(ask out tcp,0,203.0.113.9,80 | cut -c 1)"
k service replace d/web:tcp "${lb[@]}" ranges 192.0.2.0/24 ranges-on external
check_eq "unless asked" timeout "$(ask out tcp,0,203.0.113.9,80,0.4)"
k service replace d/web:tcp "${lb[@]}" ranges 192.0.2.0/24,0.0.0.0/0
check_eq "length 0 lets all pass" a "$(ask out tcp,0,203.0.113.10,80 | cut -c 1)"

# SCTP.
k service add d/s:s sctp "10.96.0.30:90,[fd00:96::30]:90" endpoint 10.244.2.10:9090 endpoint "[fd00:244:2::11]:9090"
got=$(ask p1a sctp,0,10.96.0.30,90 sctp,0,fd00:96::30,90 | paste -sd,)
check_match "SCTP, families apart" '^a 10.244.1.10 [0-9]+,b fd00:244:1::10 [0-9]+$' "$got"

# UDP from one port moves to the new endpoint at once.
for f in 4 6; do
	vip=10.96.0.53 e1=10.244.2.10 e2=10.244.2.11
	[ $f = 4 ] || { vip=fd00:96::53 e1='[fd00:244:2::10]' e2='[fd00:244:2::11]'; }
	v=$vip
	[ $f = 4 ] || v="[$vip]"
	k service add d/dns:$f udp "$v:53" nodeport 3005$f endpoint "$e1:5353"
	one=$(ask p1a udp,42000,$vip,53 | cut -c 1)
	k endpoint add d/dns:$f "$e2:5353"
	k endpoint del d/dns:$f "$e1:5353"
	two=$(ask p1a udp,42000,$vip,53 | cut -c 1)
	k endpoint del d/dns:$f "$e2:5353"
	none=$(ask p1a udp,42000,$vip,53)
	k endpoint add d/dns:$f "$e1:5353"
	again=$(ask p1a udp,42000,$vip,53 | cut -c 1)
	check_eq "UDP from one port follows the endpoints, IPv$f" "a b refused a" "$one $two $none $again"
done
# A flow that was there before its service.
check_eq "nobody answers" refused "$(ask out udp,42001,192.168.99.1,30099,0.3)"
k service add d/late:udp udp 10.96.0.54:53 nodeport 30099 endpoint 10.244.2.10:5353
check_eq "a service that comes late takes over" a "$(ask out udp,42001,192.168.99.1,30099 | cut -c 1)"

# Resets, and drained.
bg_ns n1 k8snetctl -j monitor
monitor=$T/bg.$((${#_pids[@]} - 1))
wait_for 10 _says "$monitor" monitoring
cat >"$T/hold" <<'PY'
import socket, sys
s = [socket.create_connection((a, 80)) for a in sys.argv[1:]]
for c in s:
    c.recv(100)
print('held', flush=True)
for c in s:
    c.settimeout(60)
    try:
        print('end', c.recv(100), flush=True)
    except ConnectionResetError:
        print('reset', flush=True)
    except socket.timeout:
        print('alive', flush=True)
PY
k service add d/r:4 tcp "10.96.0.60:80,[fd00:96::60]:80" on-remove reset \
	endpoint 10.244.2.10:8080 endpoint "[fd00:244:2::10]:8080"
bg_ns p1a python3 -S "$T/hold" 10.96.0.60 fd00:96::60
hold=$T/bg.$((${#_pids[@]} - 1))
wait_for 10 _says "$hold" held
check_eq "active connections" "2 2" "$(svc d/r:4 active) $(k -j endpoint show d/r:4 | gojq 'map(.active) | add')"
k service replace d/r:4 tcp "10.96.0.60:80,[fd00:96::60]:80" on-remove reset endpoint 10.244.2.11:8080
check "both connections are reset" wait_for 10 _says "$hold" "reset
reset"
check "the servers heard it, too" wait_for 10 bash -c \
	"! ip netns exec p2a cat /proc/net/tcp /proc/net/tcp6 | grep -E ':1F90 .* 01 '"
check "both endpoints are told as drained" wait_for 10 _says "$monitor" 'fd00:244:2::10'
note "$(cat "$monitor")"

# Affinity, limit, algorithms.
three=(endpoint 10.244.2.10:8080 endpoint 10.244.2.11:8080 endpoint 10.244.1.11:8080)
k service add d/aff:t tcp 10.96.0.70:80 nodeport 30070 affinity 100 algorithm rr "${three[@]}"
t=tcp,0,10.96.0.70,80
got=$(ask p1a $t $t $t tcp,0,192.168.99.1,30070 $t | cut -d ' ' -f 1 | sort -u | wc -l)
check_eq "affinity: one endpoint, on all frontends" 1 "$got"
k service replace d/aff:t tcp 10.96.0.70:80 algorithm rr "${three[@]}"
check_eq "rr: all three in three" 3 "$(ask p1a $t $t $t | cut -d ' ' -f 1 | sort -u | wc -l)"
for a in random lc; do
	k service replace d/aff:t tcp 10.96.0.70:80 algorithm $a "${three[@]}"
	check "$a: more than one in twelve" [ "$(ask p1a $t $t $t $t $t $t $t $t $t $t $t $t | cut -d ' ' -f 1 | sort -u | wc -l)" -gt 1 ]
done
k service add d/lim:t tcp 10.96.0.71:80 limit 1 endpoint 10.244.2.10:8080
bg_ns p1a python3 -S "$T/hold" 10.96.0.71
hold=$T/bg.$((${#_pids[@]} - 1))
wait_for 10 _says "$hold" held
check_eq "one more than the limit is refused" refused "$(ask p1b tcp,0,10.96.0.71,80)"
check_eq "and counted" "1 1" "$(drops service-limit) $(svc d/lim:t rejected)"
check "packets and bytes are counted" [ "$(svc d/lim:t in_packets)" -ge 3 ]
note "$(k -s endpoint show d/lim:t)"

# A packet that conntrack finds invalid (FIN without ACK) is not translated: neither
# the client nor the node may see it, they would answer with a reset.
cat >"$T/stray" <<'PY'
import socket, struct, sys
src, dst, sport, dport = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
s.bind((src, 0))
seg = struct.pack('!HHIIBBHHH', sport, dport, 0x40000000, 0x40000000, 5 << 4, 0x01, 1000, 0, 0) + b'stray'
pseudo = socket.inet_aton(src) + socket.inet_aton(dst) + struct.pack('!BBH', 0, 6, len(seg))
data = pseudo + seg + b'\0' * (len(seg) % 2)
c = sum(struct.unpack('!%dH' % (len(data) // 2), data))
c = (c >> 16) + (c & 0xffff)
c = ~(c + (c >> 16)) & 0xffff
s.sendto(seg[:16] + struct.pack('!H', c) + seg[18:], (dst, 0))
PY
client=$(in_ns n1 conntrack -L -p tcp --orig-dst 10.96.0.71 --state ESTABLISHED 2>/dev/null |
	sed -n 's/.*src=10.244.1.10 dst=10.96.0.71 sport=\([0-9]*\).*/\1/p')
before=$(drops service-invalid)
# (Not the connection's own late acknowledgement.)
capture_start p1a eth0 "tcp port $client and tcp[tcpflags] & (tcp-fin|tcp-rst) != 0"
in_ns p2a python3 -S "$T/stray" 10.244.2.10 10.244.1.10 8080 "$client"
_counted() { [ "$(drops service-invalid)" -gt "$before" ]; }
check "an invalid packet of a connection is dropped and counted" wait_for 5 _counted
check_eq "and the client neither sees it nor resets the connection" 0 "$(capture_count "$(capture_stop)")"
check_eq "which is still there" 1 "$(svc d/lim:t active)"

# Ping.
check_fails "a ClusterIP does not answer ping" in_ns p1a ping -c 1 -W 1 10.96.0.10
k config set vip-ping on
check "unless asked" in_ns p1a ping -c 1 -W 2 10.96.0.10
check "IPv6, too" in_ns p1a ping -c 1 -W 2 fd00:96::60
check "and the node" in_ns n1 ping -c 1 -W 2 10.96.0.10

ktap_end
