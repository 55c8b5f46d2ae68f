#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demo's story: two nodes set up by hand, their pods talking, and every claim checked; tests/demo/run shows it.
#
# Lines to be read begin with "=" (a heading) or "|"; the rest is KTAP. What is
# shown as typed is what is run, in the namespace that the prompt names.

. "$(dirname "$0")/../lib.sh"

PATH=$TESTS/demo:$PATH
headings=0

heading() {
	headings=$((headings + 1))
	echo "=$headings. $*"
}

# text [INDENT] - shows what comes in on standard input, no wider than a terminal
text() { fold -s -w 92 | sed "s/^/|  ${1-}/; s/ *\$//"; }

# sure CHECK... - one of lib.sh's checks; the story ends here when it does not hold
sure() {
	"$@"
	[ "$_failed" = 0 ] || give_up
}

give_up() {
	note "story.sh, line ${BASH_LINENO[1]}"
	ktap_end
}

# at [-f] WHO COMMAND - types a command there, and shows its output, which is
# in $out afterwards; -f: it must fail
at() {
	local fails=0 who ns rc=0

	[ "$1" != -f ] || {
		fails=1
		shift
	}
	who=$1
	case $who in
	node*) ns=n${who#node} ;;
	pod*) ns=p${who#pod} ;;
	*) ns=out ;;
	esac
	echo "|  $who# ${2//$'\n'/$'\n|  > '}"
	in_ns "$ns" bash -c "$2" >"$T/typed" 2>&1 || rc=$?
	out=$(<"$T/typed")
	[ -z "$out" ] || text "  " <"$T/typed"
	if [ $rc -ge 126 ] || [ $((rc != 0)) != $fails ]; then
		not_ok "$who# $2" "exit status $rc"
		give_up
	fi
}

# column N WORD [COLUMN] - of the table in $out: column N of the row that has
# the word in its first (or that) column
column() { awk -v n="$1" -v word="$2" -v at="${3:-1}" '$at == word { print $n }' <<<"$out"; }

# --- the machines -------------------------------------------------------------

# serve NS PORT NAME - the folder www by HTTP, with NAME.log
serve() {
	bg_ns "$1" bash -c "exec busybox httpd -f -vv -p $2 -h www >$3.log 2>&1"
	wait_listen "$1" tcp "$2"
}

ktap_start
cd "$T"
topo_two_nodes
topo_outside
# Checksums are to be complete on the wire, where a packet is looked at.
for n in n1 n2; do offload_off $n eth0; done
mkdir www
head -c 1048576 /dev/urandom >www/file
serve p2a 8080 pod2a
serve p2b 8080 pod2b
serve out 80 outside
udp_echo p2a 5353 pod2a
udp_echo p2b 5353 pod2b

heading "Two nodes, two pods on each, and a host outside of the cluster"
text <<'DRAWING'

.------- node1  192.168.99.1 --------.     .------- node2  192.168.99.2 --------.
|                                    |     |                                    |
|  pod1a 10.244.1.10 -.              |     |             .- pod2a 10.244.2.10   |
|                      >-- k8snet0 = = = = = = k8snet0 -<                       |
|  pod1b 10.244.1.11 -'       |      |     |      |      '- pod2b 10.244.2.11   |
|                             |      |     |      |                             |
'--------------------------- eth0 ---'     '---- eth0 --------------------------'
                              |                   |
  underlay  192.168.99.0/24 --+---------+---------+--
                                        |
                             outside  192.168.99.100

pod2a and pod2b serve a file of 1 MB (TCP port 8080) and answer datagrams
(UDP port 5353). The outside knows no way to any pod.
DRAWING

# --- configuration ------------------------------------------------------------

# configure N PEER - what is typed on node N
configure() {
	at node"$1" "ip link add k8snet0 type k8snet"
	at node"$1" "ip link set k8snet0 up"
	at node"$1" "ip addr add 10.244.$1.0/32 dev k8snet0"
	at node"$1" "ip route add 10.244.0.0/16 dev k8snet0"
	at node"$1" "k8snetctl node add node$2 via 192.168.99.$2 pods 10.244.$2.0/24"
	at node"$1" "k8snetctl config set pods 10.244.0.0/16 services 10.96.0.0/16"
	at node"$1" "k8snetctl service add default/web:http tcp 10.96.0.10:80 \\
    endpoint 10.244.2.10:8080 endpoint 10.244.2.11:8080"
	at node"$1" "k8snetctl service add kube-system/dns:dns udp 10.96.0.53:53 \\
    endpoint 10.244.2.10:5353 endpoint 10.244.2.11:5353"
	at node"$1" "k8snetctl service add default/none:http tcp 10.96.0.30:80"
	at node"$1" "k8snetctl egress set on"
}

heading "Node 1: the overlay, three services, egress"
configure 1 2
at node1 "ip -br addr show dev k8snet0"
sure check_match "the device is there" '10\.244\.1\.0/32' "$out"
at node1 "ip route"
sure check_match "all pods of the cluster are behind it" '10\.244\.0\.0/16 dev k8snet0' "$out"

heading "Node 2: the same, the other way round"
configure 2 1
at node2 "k8snetctl node show"
sure check_eq "it knows node1" 192.168.99.1 "$(column 3 node1)"

# --- traffic ------------------------------------------------------------------

heading "A pod pings a pod of the other node"
at pod1a "ping -c 2 -i 0.3 -W 5 10.244.2.10"
sure check_match "both are answered, over two hops" \
	'ttl=62.*ttl=62.*2 packets transmitted, 2 received' "${out//$'\n'/ }"

heading "A file of 1 MB through a service (10.96.0.10), by HTTP"
at pod1a "curl -sS -f --max-time 20 -o got http://10.96.0.10/file \\
    -w 'HTTP %{http_code}, %{size_download} bytes, from my port %{local_port}\n'"
sure check_match "it arrives" '^HTTP 200, 1048576 bytes' "$out"
port=${out##* }
server=pod2a
wait_for 5 grep -qs url:/file pod2a.log pod2b.log
[ -s pod2a.log ] || server=pod2b
at $server "cat $server.log"
sure check_match "the server saw the pod's own address and port" "10\\.244\\.1\\.10\\]?:$port: url:/file" "$out"
at $server "sha256sum www/file"
sum=${out%% *}
at pod1a "sha256sum got"
sure check_eq "the same SHA-256 at both ends" "$sum" "${out%% *}"

heading "Ten datagrams to a service (10.96.0.53), each from a port of its own"
at pod1a "ask.py 10.96.0.53 53 40001-40010"
answers=$(grep -cE '^pod2[ab] 10\.244\.1\.10:400(0[1-9]|10) hello$' <<<"$out")
a=$(grep -c '^pod2a' <<<"$out") || :
b=$(grep -c '^pod2b' <<<"$out") || :
sure check_eq "ten answers, and the servers saw the pod's own address" 10 "$answers"
sure check "they spread over both: $a from pod2a, $b from pod2b" [ "$a" -gt 0 -a "$b" -gt 0 ]

heading "A service without endpoints (10.96.0.30)"
at -f pod1a "curl -s -v http://10.96.0.30/"
sure check_match "the connection is refused" 'Connection refused' "$out"
took=$(sed -nE 's/.* after ([0-9]+) ms.*/\1/p' <<<"$out")
sure check "at once, before TCP would try again" [ "$took" -lt 900 ]

heading "The outside"
at pod1a "curl -sS -f --max-time 20 -o got2 http://192.168.99.100/file \\
    -w 'HTTP %{http_code}, %{size_download} bytes\n'"
sure check_match "a pod reaches it" '^HTTP 200, 1048576 bytes' "$out"
sure check "and gets the same file" cmp got2 www/file
wait_for 5 grep -qs url:/file outside.log
at outside "cat outside.log"
sure check_match "it saw the node's address" '192\.168\.99\.1\]?:[0-9]+: url:/file' "$out"
sure check_fails "and no pod's" grep -F 10.244. outside.log

# --- one packet ---------------------------------------------------------------

heading "One packet on the underlay"
typed="tcpdump -ni eth0 -Z root -c 1 -w one.pcap src 192.168.99.1 and udp port 8472"
echo "|  node1# $typed &"
bg_ns n1 bash -c "exec $typed 2>tcpdump.log"
wait_for 20 _says tcpdump.log 'listening on'
at pod1a "ask.py 10.96.0.53 53 40011"
[[ $out == pod2a* ]] && a=$((a + 1)) to=10 || b=$((b + 1)) to=11
wait_for 10 _gone "$bg"
at node1 "layers.py one.pcap"
sure check_match "from node to node, as VXLAN 1 to port 8472" \
	'192\.168\.99\.1 > 192\.168\.99\.2.*> 8472.*VNI 1' "${out//$'\n'/ }"
sure check_match "from pod to pod: the service's address became an endpoint's" \
	"10\\.244\\.1\\.10 > 10\\.244\\.2\\.$to.*40011 > 5353" "${out//$'\n'/ }"
sure check_eq "every checksum is right" "4 0" \
	"$(grep -c 'checksum right' <<<"$out") $(grep -c 'WRONG' <<<"$out")"

# --- counters -----------------------------------------------------------------

heading "What was counted on node 1"
at node1 "k8snetctl link show"
sure check_eq "one node behind the device" 1 "${out##* }"
at node1 "ip -s link show k8snet0"
packets=$(awk '/^ *[RT]X:/ { getline; print $2, $4 }' <<<"$out" | xargs)
at node1 "k8snetctl -j -p node show node2"
of_node() { sed -nE "s/^ *\"$1\": ?([0-9]+),?\$/\1/p" <<<"$out"; }
sure check_eq "all of the device's packets are the node's, none dropped" "$packets" \
	"$(of_node rx_packets) $(of_node rx_dropped) $(of_node tx_packets) $(of_node tx_dropped)"
at node1 "k8snetctl -s service show"
sure check_eq "each connection, for its service" "1 11" \
	"$(column 6 default/web:http) $(column 6 kube-system/dns:dns)"
sure check_eq "and each refused one" 1 "$(column 7 default/none:http)"
at node1 "k8snetctl -s endpoint show"
sure check_eq "and for its endpoint" "$a $b" "$(column 5 10.244.2.10:5353 2) $(column 5 10.244.2.11:5353 2)"
web="1 0"
[ $server = pod2a ] || web="0 1"
sure check_eq "also that of the file" "$web" "$(column 5 10.244.2.10:8080 2) $(column 5 10.244.2.11:8080 2)"
at node1 "k8snetctl -s egress show"
sure check_eq "one connection to the outside" 1 "$(column 3 on)"
at node1 "k8snetctl stats"
sure check_eq "dropped: only what was refused" service-no-endpoint "$(awk 'NR > 1 { print $2 }' <<<"$out")"

ktap_end
