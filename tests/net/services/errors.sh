#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ICMP errors, fragments and path MTU of connections that are translated, in both families; VIP ping.
#
#   p1a, p1b - n1 --.
#                   +--[ul]-- rt -- inet        (tests/services.sh)
#   p2a, p2b - n2 --'

# Words are split where several are meant.
# shellcheck disable=SC2086
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=../../services.sh
. "$TESTS/services.sh"

ktap_start
topo_cluster 2
pods serve p2a p2a tcp,80 udp,80 >/dev/null
service add d/open:udp udp .10:53 nodeport 30010 @p2a:80
service add d/open:tcp tcp .10:80 @p2a:80
service add d/closed:udp udp .11:53 nodeport 30011 lb=11 external-policy local @p2a:99
offload_off p1a eth0

# A pod's socket hears of a port that is closed; the error is about what it knows.
declare -A icmp=([4]="icmp[0] == 3" [6]="icmp6 and ip6[40] == 1")
for f in 4 6; do
	of $f .11
	capture_start p1a eth0 "${icmp[$f]}"
	hears "an endpoint's port unreachable reaches the client's socket, IPv$f" refused ask p1a udp "$of" 53
	wait_for 5 _captured 1
	said=$(tcpdump -Z root -r "$(capture_stop)" -n 2>/dev/null)
	check_match "it comes from the service's address and is about it, IPv$f" \
		" $of > $(pod p1a $f): .*$of udp port 53[ ,]" "$said"
	of $f "inet udp @n2 30011"
	hears "through a NodePort of policy Local, to the internet, IPv$f" refused ask $of
	of $f "n1 udp .11 53"
	hears "to a process of the node, which is masqueraded, IPv$f" refused ask $of
done

# The device's MTU is 1450: a datagram that may not be fragmented is too long, and
# the error names the service, or the socket would not learn.
for f in 4 6; do
	of $f .10
	hears "frag-needed (packet-too-big) reaches the client, IPv$f" 1450 mtu p1a "$of" 53 1440
	check "fragments of 4000 bytes to a service and back, IPv$f" pods echo p1a udp "$of" 53 4000
	check "from a process of the node, IPv$f" pods echo n1 udp "$of" 53 4000
	of $f @n1
	check "through a NodePort from the internet, masqueraded, IPv$f" pods echo inet udp "$of" 30010 4000
	of $f .10
	check "100 kB of TCP, IPv$f" pods echo p1a tcp "$of" 80 100000
done

# Errors on the way to the endpoint: a hop limit that is over on the first node.
cat >"$T/ttl" <<'PY'
import select, sys
import _socket as socket
from traffic import family
addr = sys.argv[1]
six = family(addr) == socket.AF_INET6
s = socket.socket(family(addr), socket.SOCK_DGRAM, 0)
level = 41 if six else 0
s.setsockopt(level, 25 if six else 11, 1)           # RECVERR
s.setsockopt(level, 16 if six else 2, 1)            # hop limit
s.connect((addr, 53))
s.send(b'id')
if not select.select([s], [], [], 3)[0]:
    sys.exit('nothing')
data, anc, flags, to = s.recvmsg(100, 500, 0x2000)  # MSG_ERRQUEUE
err = anc[0][2]
print('%s %d about %s' % (('icmp' if err[4] == 2 else 'icmp6'), err[5], to[0]))
PY
check_eq "time exceeded is about the service's address, IPv4" "icmp 11 about 10.96.0.10" \
	"$(in_ns p1a python3 -S "$T/ttl" 10.96.0.10)"
check_eq "time exceeded is about the service's address, IPv6" "icmp6 3 about fd00:96::10" \
	"$(in_ns p1a python3 -S "$T/ttl" fd00:96::10)"

for f in 4 6; do
	of $f .10
	check_fails "a ClusterIP does not answer ping, IPv$f" in_ns p1a ping -c 1 -W 1 "$of"
done
for n in n1 n2; do k8snetctl -n $n config set vip-ping on; done
for f in 4 6; do
	of $f .10
	check "unless asked, IPv$f" in_ns p1a ping -c 1 -W 3 "$of"
	of $f .99
	check_fails "an address that no service has does not, IPv$f" in_ns p1a ping -c 1 -W 1 "$of"
done

ktap_end
