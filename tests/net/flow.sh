#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The flow cache: what goes past the stack, that it is the same, and that each change acts on the next packet.
#
#   p1a 10.244.1.10 --.                              .-- p2a 10.244.2.10
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2
#   p1b 10.244.1.11 --'                  br0         `-- p2b 10.244.2.11
#                                         |
#                                out 192.168.99.100
#
#   all but out with IPv6 as well: fd00:244:N::10 and ::11, fd99::N
#
#   10.96.0.20:90 and fd00:96::20 are p2a:9090, 10.96.0.21:90 is p1b:9090 (on p1a's own node);
#   both are NodePort 30090 and 30091 as well
#
# timeout: 800

. "$(dirname "$0")/../lib.sh"

# It is about the cache: without it there is nothing to see.
unset K8SNET_FLOW

# count NS COUNTER - of the flow cache
count() { k8snetctl -n "$1" -j flow stats | gojq ".counter[\"$2\"]"; }
flows() { k8snetctl -n "$1" -j flow stats | gojq .flows; }
_count_from() { [ "$(count "$1" "$2")" -ge "$3" ]; }
_flows_are() { [ "$(flows "$1")" -eq "$2" ]; }

# settled NAME [NS...] - until the connection's packets go past the stack, both ways
_settled() {
	talk say "$1" 2 100 || return
	for n in "${@:2}"; do
		_flows_from "$n" 2 || return
	done
}
_flows_from() { [ "$(flows "$1")" -ge "$2" ]; }
settled() { wait_for 10 _settled "$@"; }

# short NAME NS... - do its packets go past the stack of these nodes?
_short() {
	local n before after
	for n in "${@:2}"; do
		before=$(count "$n" hit)
		talk say "$1" 5 100 || return
		after=$(count "$n" hit)
		[ $((after - before)) -ge 10 ] || {
			echo "$n: $((after - before)) packets of 10 went past the stack"
			return 1
		}
	done
}
short() { wait_for 10 _short "$@"; }

# fresh - no connection, no flow, the cache as it is at first
fresh() {
	for n in n1 n2; do
		in_ns $n conntrack -F >/dev/null 2>&1
		k8snetctl -n $n flow set on limit 65536 peer on ingress on early on
		k8snetctl -n $n flow flush
	done
}

ktap_start
talk_start

topo_two_nodes_dual
topo_outside
k8snet_node_dual n1 1 2
k8snet_node_dual n2 2 1
for n in n1 n2; do
	k8snetctl -n $n config set services 10.96.0.0/16,fd00:96::/112
	k8snetctl -n $n service add default/far:x tcp 10.96.0.20:90 nodeport 30090 endpoint 10.244.2.10:9090
	k8snetctl -n $n service add default/far:y udp 10.96.0.20:90 nodeport 30090 endpoint 10.244.2.10:9090
	k8snetctl -n $n service add default/six:x tcp '[fd00:96::20]:90' endpoint '[fd00:244:2::10]:9090'
	k8snetctl -n $n service add default/six:y udp '[fd00:96::20]:90' endpoint '[fd00:244:2::10]:9090'
	k8snetctl -n $n service add default/near:x tcp 10.96.0.21:90 nodeport 30091 endpoint 10.244.1.11:9090
	sysctl_ns $n net/netfilter/nf_conntrack_acct=1
done
check "an echo on a pod of the other node" talk echo p2a 10.244.2.10 9090
check "and on one of this" talk echo p1b 10.244.1.11 9090
check "and by IPv6" talk echo p2a fd00:244:2::10 9090

# --- what goes past the stack --------------------------------------------------

# state_of_far [iif DEV] - what explain says of the flow of the first connection
state_of_far() { k8snetctl -n n1 -j explain tcp 10.244.1.10:40001 to 10.96.0.20:90 "$@" | gojq -r .flow; }
check_eq "explain knows of no flow" unknown "$(state_of_far iif vp1a)"
talk open far p1a tcp 10.244.1.10 40001 10.96.0.20 90 >/dev/null
check "TCP through a service becomes a flow each way, on both nodes" settled far n1 n2
check "and its packets go past the stack of both" short far n1 n2
check_eq "the server sees the pod" "ok 10.244.1.10:40001" "$(talk peer far)"
check_eq "explain knows the flow, by the device that it comes in on" "known unknown none" \
	"$(state_of_far iif vp1a) $(state_of_far iif vp1b) $(state_of_far)"
check_eq "a flow says where it goes" \
	'["10.96.0.20",90,"10.244.2.10",9090,"k8snet0","worker2"]' \
	"$(k8snetctl -n n1 -j flow show | gojq -c '.[] | select(.iif == "vp1a") |
		[.in.dest, .in.dest_port, .out.dest, .out.dest_port, .oif, .node]')"
check "10 MB, in large messages, come back as they were" talk say far 20 500000
check "and small ones" talk say far 100 1
check_eq "no packet was dropped as invalid" 0 \
	"$(k8snetctl -n n1 -j stats | gojq '[.[].counter[] | select(.reason == "service-invalid").packets] | add')"

talk open udp p1a udp 10.244.1.10 40002 10.96.0.20 90 >/dev/null
fresh
check "UDP through a service, when it is a stream" settled udp n1 n2
check "and its packets go past the stack" short udp n1 n2
check "a datagram in fragments does not, and arrives" talk say udp 3 4000
check "what follows does again" short udp n1 n2

fresh
talk open near p1a tcp 10.244.1.10 40003 10.96.0.21 90 >/dev/null
check "a service on the same node" settled near n1
check "past the stack" short near n1

fresh
talk open plain p1a tcp 10.244.1.10 40004 10.244.2.10 9090 >/dev/null
check "pod to pod" settled plain n1 n2
check "past the stack" short plain n1 n2

fresh
talk open six p1a tcp fd00:244:1::10 40008 fd00:96::20 90 >/dev/null
check "IPv6 through a service" settled six n1 n2
check "past the stack" short six n1 n2
check_eq "the server sees the pod" "ok fd00:244:1::10:40008" "$(talk peer six)"
check "1 MB, in large messages, comes back as it was" talk say six 4 250000
talk open six-udp p1a udp fd00:244:1::10 40009 fd00:96::20 90 >/dev/null
check "and UDP" settled six-udp n1 n2
check "past the stack" short six-udp n1 n2

# More than a walk over the table does without a pause. All go at once, and
# those that are there when the namespace ends are no hindrance.
check "600 flows" talk many p1a 10.244.1.10 10.244.2.10 9090 600
check "both ways, on both nodes" test "$(flows n1)" -ge 1200 -a "$(flows n2)" -ge 1200
k8snetctl -n n1 flow flush
check_eq "a flush forgets all" 0 "$(flows n1)"
k8snetctl -n n2 flow set off
check_eq "so does switching off" 0 "$(flows n2)"

fresh
ip -n out route add 10.244.0.0/16 via 192.168.99.1
talk open port out tcp 192.168.99.100 40005 192.168.99.1 30090 >/dev/null
check "NodePort, to a pod of the other node" settled port n1 n2
check "past the stack, translated twice" short port n1 n2
talk open port1 out tcp 192.168.99.100 40006 192.168.99.1 30091 >/dev/null
check "NodePort, to a pod of this node" settled port1 n1
check "past the stack" short port1 n1
for c in port port1; do talk close $c >/dev/null; done

k8snetctl -n n1 egress set on
fresh
check "an echo outside" talk echo out 192.168.99.100 9091
talk open egress p1a tcp 10.244.1.10 40007 192.168.99.100 9091 >/dev/null
check "egress" settled egress n1
check "past the stack" short egress n1
check_eq "from the node's address" "ok 192.168.99.1:40007" "$(talk peer egress)"
talk close egress >/dev/null

# --- conntrack has the say ------------------------------------------------------

# carried ON - packets and bytes that conntrack has counted of an exchange
carried() {
	for n in n1 n2; do k8snetctl -n $n flow set "$1"; done
	in_ns n1 conntrack -F >/dev/null 2>&1
	in_ns n2 conntrack -F >/dev/null 2>&1
	talk say udp 1 100 >/dev/null
	wait_for 10 eval 'talk say udp 1 100 && in_ns n1 conntrack -L -p udp --orig-port-src 40002 | grep ASSURED' >/dev/null
	talk say udp 4 100 >/dev/null
	in_ns n1 conntrack -L -z >/dev/null 2>&1
	talk say udp 20 700 >/dev/null
	in_ns n1 conntrack -L -p udp --orig-port-src 40002 2>/dev/null | grep -oE '(packets|bytes)=[0-9]+' | xargs
}
off=$(carried off)
check_eq "conntrack counts the same packets and bytes with the cache as without" "$off" "$(carried on)"
check_eq "which are those that were sent" "packets=20 bytes=14560 packets=20 bytes=14560" "$off"

fresh
settled udp n1 n2 >/dev/null
left() { in_ns n1 conntrack -L -p udp --orig-port-src 40002 2>/dev/null | awk '{ print $3 }'; }
_left_below() { [ "$(left)" -lt "$1" ]; }
wait_for 10 _left_below 119 >/dev/null
talk say udp 1 100 >/dev/null
check "a packet renews the connection's time" [ "$(left)" -ge 119 ]

before=$(count n1 evict-connection)
in_ns n1 conntrack -D -p udp --orig-port-src 40002 >/dev/null 2>&1
check "a connection that is deleted is gone with the next packet: another one begins" \
	talk say udp 1 100
check "and the flow is counted as such" [ "$(count n1 evict-connection)" -gt "$before" ]
check_match "it is a new one" UNREPLIED\|src=10.244.1.10 \
	"$(in_ns n1 conntrack -L -p udp --orig-port-src 40002 2>/dev/null)"

state() { in_ns "$1" conntrack -L -p tcp --orig-port-src "$2" 2>/dev/null | awk '{ print $4 }'; }
_state_is() { [ "$(state "$1" "$2")" = "$3" ]; }
fresh
talk open end p1a tcp 10.244.1.10 40010 10.96.0.20 90 >/dev/null
settled end n1 n2 >/dev/null
short end n1 n2 >/dev/null
check "an orderly end" talk close end
check "is seen by conntrack" wait_for 5 _state_is n1 40010 TIME_WAIT
check "on both nodes" wait_for 5 _state_is n2 40010 TIME_WAIT
check "and the flows go" wait_for 5 _flows_are n1 0
talk open end p1a tcp 10.244.1.10 40011 10.96.0.20 90 >/dev/null
settled end n1 n2 >/dev/null
short end n1 n2 >/dev/null
talk say end 20 60000 >/dev/null
check "a reset" talk reset end
check "is seen by conntrack" wait_for 5 _state_is n1 40011 CLOSE
check "on both nodes" wait_for 5 _state_is n2 40011 CLOSE

# A client that has lost its end begins anew from the same port: the server's end
# answers what it has not expected with an acknowledgement, and gets a reset.
fresh
talk open again p1a tcp 10.244.1.10 40012 10.96.0.20 90 >/dev/null
settled again n1 n2 >/dev/null
short again n1 n2 >/dev/null
in_ns p1a nft 'table ip crash { chain c { type filter hook output priority 0; tcp flags rst drop; }; }'
talk reset again >/dev/null
in_ns p1a nft delete table ip crash
check "a connection is begun anew while the flow of the old one is known" \
	talk open again p1a tcp 10.244.1.10 40012 10.96.0.20 90
check "and goes past the stack" short again n1 n2
talk close again >/dev/null

# --- every change acts on the next packet ----------------------------------------

fresh
talk open c6 p1a udp fd00:244:1::10 40024 fd00:244:2::10 9090 >/dev/null
settled c6 n1 n2 >/dev/null
check "IPv6: past the stack" short c6 n1 n2
# By the table of its own addresses alone.
ip -n n2 addr add fd00:244:2::10/128 dev lo nodad noprefixroute
_local6() { [ -n "$(ip -6 -n n2 route show table local fd00:244:2::10)" ]; }
wait_for 5 _local6
check_fails "IPv6: the pod's address becomes the node's own: no packet comes to the pod" talk say c6 1 100
ip -n n2 addr del fd00:244:2::10/128 dev lo
check "IPv6: and no more: they do" talk say c6 1 100
short c6 n1 n2 >/dev/null
ip -n n1 route add blackhole fd00:244:2::10
check_fails "IPv6: a route that is better acts with the next packet" talk say c6 1 100
# A route that goes tells nobody if it was by a nexthop object.
ip -n n1 route add blackhole fd00:244:2::10/127
ip -6 -n n1 nexthop add id 1 dev k8snet0
ip -n n1 route replace fd00:244:2::10 nhid 1
before=$(count n1 refuse-route)
check "IPv6: so does one by a nexthop object" talk say c6 5 100
check "IPv6: which is left to the stack" [ $(($(count n1 refuse-route) - before)) -ge 5 ]
ip -n n1 route del fd00:244:2::10
check_fails "IPv6: and acts with the next packet when it goes" talk say c6 1 100
ip -n n1 route del blackhole fd00:244:2::10/127
ip -n n1 nexthop del id 1
check "IPv6: and as before" talk say c6 1 100
check "IPv6: past the stack again" short c6 n1 n2

fresh
talk open c p1a tcp 10.244.1.10 40020 10.244.2.10 9090 >/dev/null
settled c n1 n2 >/dev/null
short c n1 n2 >/dev/null

# on_wire N FILTER - has the underlay N of these packets while 3 messages come back?
_seen() { [ "$(capture_count)" -ge "$1" ]; }
on_wire() {
	local rc=0

	capture_start ul br0 "$2"
	talk say c 3 100 || rc=1
	wait_for 5 _seen "$1" || rc=1
	capture_stop >/dev/null
	return "$rc"
}

# not_on_wire FILTER - has it none?
not_on_wire() {
	capture_start ul br0 "$1"
	talk say c 3 100 || return
	[ "$(capture_count "$(capture_stop)")" = 0 ]
}
check "VXLAN on the wire" on_wire 6 'udp port 8472'
for n in 1 2; do
	in_ns n$n k8snetctl node replace worker$((3 - n)) dev k8snet0 via 192.168.99.$((3 - n)) \
		pods 10.244.$((3 - n)).0/24 format ipip
done
check "a node's format changes: IP in IP with the next packet" on_wire 6 'ip proto 4'
check "and VXLAN no more" not_on_wire 'udp port 8472'
check "past the stack again" short c n1 n2
for n in 1 2; do
	in_ns n$n k8snetctl node replace worker$((3 - n)) dev k8snet0 via fd99::$((3 - n)) \
		pods 10.244.$((3 - n)).0/24
	k8snetctl -n n$n link set k8snet0 local auto
done
check "a node's address changes: by IPv6 with the next packet" on_wire 6 'ip6 and udp port 8472'
check "past the stack again" short c n1 n2
in_ns n1 k8snetctl node replace worker2 dev k8snet0 via 192.168.99.2 pods 10.244.2.0/24
in_ns n2 k8snetctl node replace worker1 dev k8snet0 via 192.168.99.1 pods 10.244.1.0/24
check "and back" on_wire 6 'ip and udp port 8472'
short c n1 n2 >/dev/null

in_ns n1 k8snetctl link set k8snet0 ttl 7
check "a setting of the device: the outer TTL" on_wire 3 'src 192.168.99.1 and ip[8] = 7'
in_ns n1 k8snetctl link set k8snet0 ttl 64
short c n1 n2 >/dev/null

for n in 1 2; do ip -n n$n route add 10.244.$((3 - n)).0/24 via 192.168.99.$((3 - n)); done
check "a route that is better: without a tunnel with the next packet" \
	on_wire 3 'src 10.244.1.10 and dst 10.244.2.10'
check "past the stack" short c n1 n2
for n in 1 2; do ip -n n$n route del 10.244.$((3 - n)).0/24; done
check "it goes: in the tunnel again" on_wire 6 'udp port 8472'
short c n1 n2 >/dev/null

mac=$(in_ns n2 cat /sys/class/net/eth0/address)
ip -n n1 neigh replace 192.168.99.2 lladdr 02:00:00:00:00:99 dev eth0 nud permanent
talk tell c 1 100 >/dev/null
# shellcheck disable=SC2016  # later, by eval
check "the neighbour's MAC address changes: with the next packet" eval '
	capture_start ul br0 "ether dst 02:00:00:00:00:99" && talk tell c 2 100 &&
	wait_for 5 eval "[ \$(capture_count $capture) -ge 1 ]"; capture_stop >/dev/null'
ip -n n1 neigh replace 192.168.99.2 lladdr "$mac" dev eth0 nud reachable
talk reset c >/dev/null
talk open c p1a tcp 10.244.1.10 40021 10.244.2.10 9090 >/dev/null
settled c n1 n2 >/dev/null
short c n1 n2 >/dev/null

ip -n n1 link set k8snet0 mtu 1000
ip -n n2 link set k8snet0 mtu 1000
before=$(count n1 pass-mtu)
check "a smaller MTU: large messages still come back" talk say c 5 20000
check "no packet on the wire is larger" not_on_wire 'udp port 8472 and greater 1070'
ip -n n1 link set k8snet0 mtu 1450
ip -n n2 link set k8snet0 mtu 1450
short c n1 n2 >/dev/null

ip -n n1 route replace 10.244.0.0/16 dev k8snet0 mtu 1000
talk open m p1a udp 10.244.1.10 40023 10.244.2.10 9090 >/dev/null
settled m n1 n2 >/dev/null
short m n1 n2 >/dev/null
before=$(count n1 pass-mtu)
# (What was learned of smaller devices above.)
ip -n p1a route flush cache
capture_start ul br0 'src 192.168.99.1 and greater 1100'
check "a route that carries less: a large datagram" talk tell m 1 1300
check "and what is sent behind it" talk say c 1 100
check_eq "the large one is left to the stack" 1 $(($(count n1 pass-mtu) - before))
check_eq "and is not on the wire" 0 "$(capture_count)"
capture_stop >/dev/null
ip -n n1 route replace 10.244.0.0/16 dev k8snet0
short c n1 n2 >/dev/null

ip -n n1 link set k8snet0 down
check_fails "the device goes down: nothing gets through" talk say c 1 100
ip -n n1 link set k8snet0 up
ip -n n1 route replace 10.244.0.0/16 dev k8snet0
talk reset c >/dev/null
talk open c p1a tcp 10.244.1.10 40022 10.244.2.10 9090 >/dev/null
settled c n1 n2 >/dev/null
check "and up again" short c n1 n2

in_ns n1 k8snetctl node del worker2 dev k8snet0
check_fails "the node is deleted: nothing gets through" talk say c 1 100
in_ns n1 k8snetctl node add worker2 dev k8snet0 via 192.168.99.2 pods 10.244.2.0/24
talk reset c >/dev/null

talk open u p1a udp 10.244.1.10 40030 10.96.0.20 90 >/dev/null
settled u n1 n2 >/dev/null
short u n1 n2 >/dev/null
check "an echo on the other pod there" talk echo p2b 10.244.2.11 9090
k8snetctl -n n1 service replace default/far:y udp 10.96.0.20:90 nodeport 30090 endpoint 10.244.2.11:9090
check "an endpoint is replaced: UDP goes to the new one at once" talk say u 1 100
check_match "as conntrack has it" 'src=10.244.2.11' \
	"$(in_ns n1 conntrack -L -p udp --orig-port-src 40030 2>/dev/null)"
k8snetctl -n n1 service replace default/far:y udp 10.96.0.20:90 nodeport 30090 endpoint 10.244.2.10:9090

# --- what does not go past the stack ----------------------------------------------

fresh
talk open t p1a udp 10.244.1.10 40031 10.96.0.20 90 >/dev/null
settled t n1 n2 >/dev/null
short t n1 n2 >/dev/null
before=$(count n1 pass-ttl)
check_fails "a TTL that runs out: no answer" talk say t 1 100 1
check "it was left to the stack" [ "$(count n1 pass-ttl)" -gt "$before" ]
check "a usual one: as before" talk say t 2 100 64
short t n1 n2 >/dev/null

capture_start n1 k8snet0 'udp port 9090'
before=$(count n1 pass-watched)
check "somebody looks at the overlay device" talk say t 3 100
# shellcheck disable=SC2016  # later, by eval
check "and sees the packets, both ways" wait_for 5 eval '[ "$(capture_count)" -ge 6 ]'
capture_stop >/dev/null
check "which are counted" [ "$(count n1 pass-watched)" -gt "$before" ]
check "past the stack when it has gone" short t n1 n2
in_ns n1 tc qdisc add dev k8snet0 root pfifo
check "a queueing discipline there" talk say t 5 100
check_match "has the packets" 'Sent [0-9]+ bytes [5-9] pkt' "$(in_ns n1 tc -s qdisc show dev k8snet0)"
in_ns n1 tc qdisc del dev k8snet0 root
check "past the stack when it is gone" short t n1 n2

cat >"$T/drop.nft" <<'NFT'
table ip f {
	chain forward {
		type filter hook forward priority 0
		udp dport 9090 drop
	}
}
NFT
in_ns n1 nft -f "$T/drop.nft"
check "a rule that drops what is forwarded does not touch a flow that is known" talk say t 1 100
k8snetctl -n n1 flow flush
check_fails "but acts after a flush" talk say t 1 100
in_ns n1 nft delete table ip f
check "and no more when it is gone" talk say t 1 100

sed 's/drop$/meta mark set 1/' "$T/drop.nft" >"$T/mark.nft"
in_ns n1 nft -f "$T/mark.nft"
k8snetctl -n n1 flow flush
before=$(count n1 refuse-mark)
check "a rule that marks what is forwarded" talk say t 5 100
check "keeps the flow out" [ "$(count n1 refuse-mark)" -ge $((before + 5)) ]
check_eq "that way alone" 1 "$(flows n1)"
in_ns n1 nft delete table ip f
check "until it goes" short t n1

k8snetctl -n n1 flow set off
check_eq "off: no flows" 0 "$(flows n1)"
check_eq "explain says so" off "$(state_of_far iif vp1a)"
before=$(count n1 hit)
check "all goes on" talk say t 5 100
check_eq "by the stack" "$before" "$(count n1 hit)"
k8snetctl -n n1 flow set on limit 1
talk open t2 p1a udp 10.244.1.10 40032 10.96.0.20 90 >/dev/null
check "no more flows than there may be" talk say t 5 100
check_eq "one" 1 "$(flows n1)"
check "the others are refused" [ "$(count n1 refuse-full)" -ge 1 ]
check_fails "a limit of none is refused" k8snetctl -n n1 flow set limit 0
k8snetctl -n n1 flow set limit 65536

# --- the tunnel packets' own hooks -------------------------------------------------

fresh
settled t n1 n2 >/dev/null
short t n1 n2 >/dev/null

# Rules in output see tunnel packets, also those of flows that are known.
in_ns n1 nft 'table ip o { counter c { }; chain c { type filter hook output priority 0; udp dport 8472 counter name c; }; }'
sent() { in_ns n1 nft -j list counter ip o c | gojq '.nftables[] | select(.counter).counter.packets'; }
before=$(count n1 hit)
check "a firewall on the way out" talk say t 5 100
check_eq "sees each tunnel packet" 5 "$(sent)"
check "of flows that are known" [ "$(count n1 hit)" -ge $((before + 10)) ]
in_ns n1 nft delete table ip o
short t n1 n2 >/dev/null

# What a process lets go comes on in that process, with bottom halves off
# (nf_reinject()): past the stack as well.
if in_ns n2 nft 'table ip q { chain c { type filter hook input priority 0; udp dport 8472 queue num 0; }; }' 2>/dev/null; then
	bg_ns n2 python3 -S "$TESTS/nfqueue.py" n2
	queue=$bg
	said=$T/bg.$((${#_pids[@]} - 1))
	wait_for 10 grep -q 'accepted 0' "$said" >/dev/null
	before=$(count n2 hit)
	check "a process has tunnel packets in its queue, and lets them go" talk say t 5 100
	check "those were all" wait_for 10 grep -qx 'accepted 5' "$said"
	check "and go past the stack" [ "$(count n2 hit)" -ge $((before + 10)) ]
	in_ns n2 nft delete table ip q
	kill "$queue"
	short t n1 n2 >/dev/null
else
	skip "a process has tunnel packets in its queue" "this kernel has no nft queue"
fi

cat >"$T/input.nft" <<'NFT'
table ip g {
	chain input {
		type filter hook input priority 0
		udp dport 8472 drop
	}
}
NFT
in_ns n2 nft -f "$T/input.nft"
check_fails "a firewall on the tunnel's port sees each packet, and may drop it" talk say t 1 100
in_ns n2 nft delete table ip g
check "all goes on when it is gone" talk say t 2 100

# --- the ends of the way: ingress, and the pod's end of its veth ------------------

# rise NS COUNTER CONNECTION - by how much it rises while 5 messages come back
rise() {
	local before
	before=$(count "$1" "$2")
	talk say "$3" 5 100 >/dev/null || return
	echo $(($(count "$1" "$2") - before))
}
_rises() { [ "$(rise "$1" "$2" "$3")" -ge "$4" ]; }

fresh
settled t n1 n2 >/dev/null
short t n1 n2 >/dev/null
check "packets are taken at ingress: from the wire and from the pod" wait_for 10 _rises n2 hit-ingress t 10
check "on both nodes" wait_for 10 _rises n1 hit-ingress t 10
check "and the pods get them past the queue" wait_for 10 _rises n2 hit-peer t 5
check "on both nodes" wait_for 10 _rises n1 hit-peer t 5
before=$(stat_ns p2a eth0 rx_packets)
sent=$(stat_ns n2 vp2a tx_packets)
talk say t 5 100 >/dev/null
check "both ends of the veth count them" test $(($(stat_ns p2a eth0 rx_packets) - before)) -ge 5 \
	-a $(($(stat_ns n2 vp2a tx_packets) - sent)) -ge 5
check "in large messages, too" talk say t 5 20000
talk open tt p1a tcp 10.244.1.10 40033 10.96.0.20 90 >/dev/null
settled tt n1 n2 >/dev/null
check "and TCP" wait_for 10 _rises n2 hit-peer tt 5
check "of which 10 MB come back as they were" talk say tt 20 500000
talk close tt >/dev/null

# seen NS DEV FILTER - a capture of 5 messages; $risen by how much hit-peer of n2 has risen
seen() {
	local rc=0

	capture_start "$1" "$2" "$3"
	risen=$(rise n2 hit-peer t)
	wait_for 5 _seen 10 || rc=1
	capture_stop >/dev/null
	return "$rc"
}
check "a capture on the underlay has all packets" seen n2 eth0 'udp port 8472'
# (One packet takes the queue when the node has not heard of the pod for some time.)
_seen_past() {
	seen p2a eth0 'udp port 9090' || return
	[ "$risen" -ge 5 ] || { echo "$risen past it"; false; }
}
check "and one at the pod's end, past the queue as before" wait_for 10 _seen_past
check "and one at the node's end" seen n2 vp2a 'udp port 9090'
check_eq "for which packets take the queue" 0 "$risen"
check "not any more when it has gone" wait_for 10 _rises n2 hit-peer t 5

in_ns p2a tc qdisc add dev eth0 clsact
in_ns p2a tc filter add dev eth0 ingress protocol ip matchall action drop
check_fails "tc at the pod's end sees the packet, and may drop it" talk say t 1 100
in_ns p2a tc qdisc del dev eth0 clsact
check "all goes on when it is gone" talk say t 2 100
in_ns n2 tc qdisc add dev vp2a clsact
in_ns n2 tc filter add dev vp2a egress protocol ip matchall action drop
check_fails "so does tc at the node's end" talk say t 1 100
in_ns n2 tc qdisc del dev vp2a clsact
check "all goes on" talk say t 2 100
in_ns n2 tc qdisc add dev vp2a root pfifo
check_eq "a queueing discipline has its packets" 0 "$(rise n2 hit-peer t)"
check_match "each of them" 'Sent [0-9]+ bytes [5-9] pkt' "$(in_ns n2 tc -s qdisc show dev vp2a)"
in_ns n2 tc qdisc del dev vp2a root
check "past it when it is gone" wait_for 10 _rises n2 hit-peer t 5
in_ns p2a ethtool -K eth0 gro on >/dev/null 2>&1
check_eq "so has GRO" 0 "$(rise n2 hit-peer t)"
in_ns p2a ethtool -K eth0 gro off >/dev/null 2>&1
in_ns n2 tc qdisc add dev eth0 clsact
in_ns n2 tc filter add dev eth0 ingress protocol ip matchall action drop
check_fails "tc on the underlay sees tunnel packets first" talk say t 1 100
in_ns n2 tc qdisc del dev eth0 clsact
check "all goes on" talk say t 2 100

k8snetctl -n n2 flow set peer off
check_eq "off: the queue" 0 "$(rise n2 hit-peer t)"
check_eq "as is told" false "$(k8snetctl -n n2 -j flow stats | gojq .peer)"
k8snetctl -n n2 flow set peer on ingress off
check_eq "off: nothing at ingress" 0 "$(rise n2 hit-ingress t)"
check_eq "as is told" '[true,false]' "$(k8snetctl -n n2 -j flow stats | gojq -c '[.peer, .ingress]')"
check "but past the stack" short t n1 n2
k8snetctl -n n2 flow set ingress on
check "on again" wait_for 10 _rises n2 hit-ingress t 10
talk open m p1a udp 10.244.1.10 40035 10.244.2.10 9090 >/dev/null
check_eq "a packet of no flow is looked for once" 10 "$(rise n1 miss m)"
k8snetctl -n n2 flow set early off
check "early off: the stack gets tunnel packets" [ "$(rise n2 hit-ingress t)" -le 5 ]
check_eq "as is told" false "$(k8snetctl -n n2 -j flow stats | gojq .early)"
check "and they arrive" talk say t 5 100
k8snetctl -n n2 flow set early on
check "on again, for tunnel packets" wait_for 10 _rises n2 hit-ingress t 10
in_ns n2 nft 'table ip r { chain c { type filter hook prerouting priority -300; udp dport 8472 counter; }; }'
check "a firewall on the way in: tunnel packets are not taken" [ "$(rise n2 hit-ingress t)" -le 5 ]
check_match "it sees each of them" 'packets [5-9]' "$(in_ns n2 nft list ruleset)"
in_ns n2 nft delete table ip r
if in_ns n2 nft 'table netdev w { chain c { type filter hook ingress device eth0 priority 0; udp dport 8472 drop; }; }' 2>/dev/null; then
	check_fails "a firewall at ingress comes first" talk say t 1 100
	in_ns n2 nft delete table netdev w
else
	skip "a firewall at ingress comes first" "this kernel has no nft netdev tables"
fi
check "as before" wait_for 10 _rises n2 hit-ingress t 10

# A pod's own tunnel: a NIC finds the headers of one tunnel only.
for p in 1 2; do
	ip -n p${p}a -b - <<-BATCH
		link add vx type vxlan id 7 remote 10.244.$((3 - p)).10 dstport 4789 srcport 4789 4790 dev eth0
		addr add 10.9.0.$p/24 dev vx
		link set vx up
	BATCH
done
check "a connection in a pod's own tunnel" talk echo p2a 10.9.0.2 9092
talk open own p1a tcp 10.9.0.1 40036 10.9.0.2 9092 >/dev/null
_is_left() {
	local before

	before=$(count n1 pass-unusual)
	talk say own 5 100 || return
	[ $(($(count n1 pass-unusual) - before)) -ge 5 ]
}
check "is left to the stack on its way out" wait_for 10 _is_left
check "and carries what it should" talk say own 20 20000
talk close own >/dev/null

# A device that packets are taken at goes.
talk open b p1b udp 10.244.1.11 40034 10.96.0.20 90 >/dev/null
settled b n1 n2 >/dev/null
check "from another pod" wait_for 10 _rises n1 hit-ingress b 10
ip netns add moved
ip -n n1 link set vp1b netns moved
check_fails "whose device is moved away" talk say b 1 100
ip netns del moved

# With many flows in the cache the namespaces end: see what the harness says
# about the removal of the module.
fresh
check "1,000 flows for the end" talk many p1a 10.244.1.10 10.244.2.10 9090 1000
ktap_end
