#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# apply and save: objects of a real API server and what becomes of each in the kernel and on the wire; everything that can be configured comes back from a file; all or nothing.
#
#   p1a 10.244.1.10 --.                                            .-- p2a 10.244.2.10
#   p1b 10.244.1.11 --' n1 192.168.99.1 --[ul]-- n2 192.168.99.2 --'
#                          192.168.77.1    br0      192.168.77.3
#                                           |
#                                  out 192.168.99.100
#
# The Kubernetes objects know n1 as node1, with 192.168.77.1, n2 as node2.
#
# timeout: 300

. "$(dirname "$0")/../lib.sh"

KUBE=$TESTS/fixtures/kube

k() { k8snetctl -n n1 "$@"; }

# What a plan file, or the kernel, says of each object: a fact in a line, sorted.
cat >"$T/facts" <<'PY'
import json, sys
def plan(path):
    types = {"nodeport": "node-port", "loadbalancer": "load-balancer", "external": "external"}
    name = None
    for line in open(path):
        words = line.split()
        if line.startswith("    + endpoint"):
            addr, *flags = words[2].split(",")
            yield f"service {name} endpoint {addr} {sorted(flags)}"
        elif line.startswith("+ node"):
            at = dict(zip(words[3::2], words[4::2]))
            yield f"node {words[2]} {at['dev']} via {at['via']}"
            for pods in at["pods"].split(","):
                yield f"node {words[2]} pods {pods}"
        elif line.startswith("+ service"):
            name = words[2]
            yield f"service {name} {words[3]}"
            rest = words[4:]
            while rest:
                word = rest.pop(0)
                if word in types:
                    yield f"service {name} {types[word]} {rest.pop(0)}"
                elif word[0] in "0123456789[":
                    yield f"service {name} cluster-ip {word}"
                else:
                    yield f"service {name} {word} {rest.pop(0)}"
def join(addr, port):
    return f"[{addr}]:{port}" if ":" in addr else f"{addr}:{port}"
def actual(nodes, services, endpoints):
    for n in json.load(open(nodes)):
        yield f"node {n['name']} {n['ifname']} via {n['via']}"
        for pods in n["pods"]:
            yield f"node {n['name']} pods {pods}"
    for s in json.load(open(services)):
        name = s["name"]
        yield f"service {name} {s['protocol']}"
        for f in s["frontend"]:
            yield f"service {name} {f['type']} {join(f['address'], f['port'])}"
        for key, word, default in (
                ("internal_policy", "internal", "cluster"), ("external_policy", "external-policy", "cluster"),
                ("affinity", "affinity", 0), ("limit", "limit", 0), ("on_remove", "on-remove", "drain"),
                ("algorithm", "algorithm", "maglev"), ("ranges_on", "ranges-on", "load-balancer")):
            if s[key] != default:
                yield f"service {name} {word} {s[key]}"
        if s["ranges"]:
            yield f"service {name} ranges {','.join(s['ranges'])}"
    for e in json.load(open(endpoints)):
        yield f"service {e['service']} endpoint {join(e['address'], e['port'])} {sorted(e['flags'])}"
print("\n".join(sorted(plan(sys.argv[2]) if sys.argv[1] == "plan" else actual(*sys.argv[2:]))))
PY

# facts NS - of its kernel
facts() {
	local o
	for o in node service endpoint; do
		k8snetctl -n "$1" -j "$o" show >"$T/${o}s.json"
	done
	python3 -S "$T/facts" actual "$T/nodes.json" "$T/services.json" "$T/endpoints.json"
}
_as_planned() { # NS PLAN-FILE
	python3 -S "$T/facts" plan "$2" >"$T/want"
	facts "$1" >"$T/got"
	diff "$T/want" "$T/got"
}

# The last line that a command says.
last() { "$@" 2>&1 | tail -n 1; }

ktap_start
topo_two_nodes
topo_outside
ip -n n1 addr add 192.168.77.1/24 dev eth0
ip -n n2 addr add 192.168.77.3/24 dev eth0
for n in 1 2; do
	ip -n n$n link add k8snet0 type k8snet
	ip -n n$n addr add 10.244.$n.0/32 dev k8snet0
	ip -n n$n link set k8snet0 up
	ip -n n$n route add 10.244.0.0/16 dev k8snet0
	k8snetctl -n n$n config set pods 10.244.0.0/16 services 10.96.0.0/16
done

# --- Kubernetes objects ------------------------------------------------------------

check_eq "a dry run tells what would be" "33 to add, 0 to change, 0 to remove, 0 unchanged" \
	"$(last k apply -f "$KUBE/kubectl.json" --dry-run node node1)"
check_eq "and does nothing" "0 0" "$(k -j node show | gojq length) $(k -j service show | gojq length)"
k apply -f "$KUBE/kubectl.json" node node1 >"$T/applied"
check_eq "apply says what it has done" "33 added, 0 changed, 0 removed, 0 unchanged" "$(tail -n 1 "$T/applied")"
check_eq "line by line, as planned" "$(head -n -1 "$KUBE/node1.plan" | md5sum)" \
	"$(head -n -1 "$T/applied" | md5sum)"
check "every object of the cluster is in node1's kernel as it should be" _as_planned n1 "$KUBE/node1.plan"
check_eq "once more: nothing to do" "nothing to change, 33 as desired" \
	"$(last k apply -f "$KUBE/kubectl.json" node node1)"
check_eq "the same as YAML documents on standard input" "nothing to change, 33 as desired" \
	"$(last k apply -f - node node1 <"$KUBE/documents.yaml")"
check_eq "and as the API's three lists" "nothing to change, 33 as desired" \
	"$(last k apply -f "$KUBE/nodes.list.json" -f "$KUBE/services.list.json" -f "$KUBE/endpointslices.list.json" node node1)"
# Somewhere that is none of them.
ns_new eye
ip -n eye link add k8snet0 type k8snet
for n in 2 3 1; do
	k8snetctl -n eye apply -f "$KUBE/kubectl.json" node node$n >"$T/applied"
	check "seen from node$n, every object" _as_planned eye "$KUBE/node$n.plan"
	note "$(tail -n 1 "$T/applied")"
done
check_eq "as JSON" '{"dry_run":true,"added":0,"changed":0,"removed":0,"unchanged":33,"steps":[],"notes":[]}' \
	"$(k -j apply -f "$KUBE/kubectl.json" node node1 --dry-run)"

for o in service endpoint node link egress; do
	k "$o" show >"$T/table"
	check "$o show: a line for each, aligned, at most 100 columns" [ "$(wc -L <"$T/table")" -le 100 ]
done
check_eq "sorted by name" "$(k -j service show | gojq -r '.[].name')" \
	"$(k service show | sed 1d | cut -d ' ' -f 1)"

# --- traffic through some of them ----------------------------------------------------

k8snetctl -n n2 apply -f "$KUBE/kubectl.json" node node2 >/dev/null
# node3 is nobody here: what is sent to its pod is lost.
tcp_id p1a 8080 p1a
tcp_id p1b 8080 p1b
tcp_id p2a 8080 p2a
tcp_id p2a 9090 p2a-9090
udp_echo p1a 5353 p1a
udp_echo p2a 5353 p2a
check_match "clusterip: a pod gets one of its endpoints" '^(p1a 10\.244\.1\.11|p1b 10\.244\.1\.1|p2a 10\.244\.1\.11):' \
	"$(tcp_ask p1b 10.96.10.1 80)"
check_match "dns, by UDP" '^(p1a|p2a) 10\.244\.1\.11:[0-9]+ name$' "$(udp_ask p1b 10.96.10.2 53 name)"
check_match "nodeport, from outside" '^(p1a|p1b|p2a) (10\.244\.1\.0|192\.168\.99\.1|10\.244\.1\.1):' \
	"$(tcp_ask out 192.168.99.1 30080)"
check_match "etp-local: a local endpoint, the client's address" '^(p1a|p1b) 192\.168\.99\.100:' \
	"$(ip -n n1 route replace default via 192.168.99.100 dev eth0; tcp_ask out 192.168.99.1 30085)"
ASK_TIMEOUT=1
check_fails "etp-local-remote: nobody is local" tcp_ask out 192.168.99.1 30086
unset ASK_TIMEOUT
check_match "itp-local: local ones only" '^(p1a|p1b) ' "$(tcp_ask p1b 10.96.10.16 80)"
check_match "externalip" '^(p1a|p1b|p2a) ' "$(tcp_ask p1b 198.51.100.10 80)"
check_match "lb" '^(p1a|p1b|p2a) ' "$(tcp_ask p1b 203.0.113.5 80)"
check_match "multiport: the port of the slice" '^(p1a|p2a-9090) ' "$(tcp_ask p1b 10.96.10.26 80 || tcp_ask p1b 10.96.10.26 80)"
check_match "unnamedport" '^p1a ' "$(tcp_ask p1b 10.96.10.27 80)"
check_match "notready: the ready one" '^p1b ' "$(tcp_ask p1a 10.96.10.19 80)"
check_match "terminating: the last one that serves" '^p1a ' "$(tcp_ask p1b 10.96.10.21 80)"
check_fails "empty: refused" tcp_ask p1b 10.96.10.18 80
check_fails "headless: no service at all" k service show sample/headless:http
check_match "n2 sees the same cluster from its side" '^(p1a|p1b|p2a) ' "$(tcp_ask p2a 10.96.10.1 80)"

# --- connections outlive what does not concern them -------------------------------------

ASK_FROM=45000 udp_ask p1b 10.96.10.2 53 one >"$T/one"
gojq '(.items[] | select(.kind == "Service" and .metadata.name == "clusterip").spec.ports[0].port) = 81' \
	"$KUBE/kubectl.json" >"$T/changed.json"
check_eq "one port changes: one object differs" "0 added, 1 changed, 0 removed, 32 unchanged" \
	"$(last k apply -f "$T/changed.json" node node1)"
check_match "the service answers there" '^(p1a|p1b|p2a) ' "$(tcp_ask p1b 10.96.10.1 81)"
check_fails "and not where it was" tcp_ask p1b 10.96.10.1 80
ASK_FROM=45000 udp_ask p1b 10.96.10.2 53 two >"$T/two"
check_eq "a UDP flow of another service stays where it is" "$(cut -d ' ' -f 1 "$T/one")" "$(cut -d ' ' -f 1 "$T/two")"
check_eq "and is counted as one" 1 "$(k -j service show sample/dns:dns | gojq '.[0].new - 1')"

# --- nothing half ----------------------------------------------------------------------

k save >"$T/before"
# refused_file NAME REGEX FILE [WORD...] - apply fails, says so, and changes nothing
refused_file() {
	local name=$1 regex=$2 rc=0 said
	shift 2
	said=$(k apply -f "$@" node node1 2>&1 >"$T/stdout") || rc=$?
	check_match "$name: refused" "$regex" "$said"
	k save >"$T/after"
	if [ $rc = 1 ] && [ ! -s "$T/stdout" ] && cmp -s "$T/before" "$T/after" && [[ $said == *"nothing was applied"* ]]; then
		ok "$name: nothing has changed"
	else
		not_ok "$name: nothing has changed" "exit $rc; $said; $(diff "$T/before" "$T/after")"
	fi
}
head -c 5000 "$KUBE/kubectl.json" >"$T/cut.json"
refused_file "half a file" "cut\\.json:[0-9]+:" "$T/cut.json"
gojq '.items += [{"kind":"Ingress","apiVersion":"networking.k8s.io/v1","metadata":{"name":"web","namespace":"x"}}]' \
	"$KUBE/kubectl.json" >"$T/kind.json"
refused_file "an unknown kind" 'kind\.json:[0-9]+: items\[65\]: Ingress x/web: this kind is not known here' "$T/kind.json"
gojq '(.items[] | select(.metadata.name == "nodeport").spec.ports[0].port) = 70000' "$KUBE/kubectl.json" >"$T/port.json"
refused_file "a port that is none" 'port\.json:[0-9]+: items\[[0-9]+\]: Service sample/nodeport: spec\.ports\[0\]\.port: ' "$T/port.json"
refused_file "a file that is not there" 'nowhere: No such file' "$T/nowhere"
check_match "the wrong name of this node" 'no Node is named other, as this one is.*exit status 1$' \
	"$(k apply -f "$KUBE/kubectl.json" node other 2>&1; echo "exit status $?")"
check_match "a device that is not there" 'node node2: there is no k8snet device k8snet7; make it with: ip link add k8snet7 type k8snet.*exit status 1$' \
	"$(k apply -f "$KUBE/kubectl.json" node node1 dev k8snet7 2>&1; echo "exit status $?")"
# What only the kernel can find: the last of three is wrong.
cat >"$T/late.yaml" <<'YAML'
services:
- {name: a/a, protocol: tcp, frontends: [{address: 10.96.0.1, port: 1}]}
- {name: a/b, protocol: tcp, frontends: [{address: 10.96.0.1, port: 2}]}
- {name: a/c, protocol: tcp, frontends: [{address: 10.96.0.1, port: 2}]}
YAML
refused_file "what the kernel refuses" \
	'late\.yaml:4: services\[2\]: service a/c: frontend.*10\.96\.0\.1:2' "$T/late.yaml"

# --- everything that can be configured ----------------------------------------------------

ns_new n9
k9() { k8snetctl -n n9 "$@"; }
ip -n n9 link add eth0 type dummy
ipv6_on n9
ip -n n9 addr add 192.168.50.1/24 dev eth0
ip -n n9 addr add fd50::1/64 dev eth0
ip -n n9 link set eth0 up
for d in k8snet0 k8snet1 k8snet2; do ip -n n9 link add $d type k8snet; done
k9 -b - <<'BATCH'
config set pods 10.244.0.0/16,fd00:244::/32 services 10.96.0.0/16,fd00:96::/112 seed 00112233445566778899aabbccddeeff
config set nodeport-addresses 192.168.50.0/24,fd50::/64 nodeports 31000-31999 vip-ping on
egress set on source 192.168.50.1 source fd50::1 exclude 172.16.0.0/12,2001:db8::/32
flow set on limit 70000
link set k8snet0 format vxlan id 77 port 4790 local 192.168.50.1 local fd50::1 strict off cross-subnet on mtu 1300 ttl inherit dscp 46 df set mac 02:00:00:00:00:77
link set k8snet1 format udp port 8285 ttl 9 dscp inherit df inherit
link set k8snet2 format ipip port 5000 mtu auto
node add a dev k8snet0 via 192.168.50.2 also 192.168.50.22,fd50::22 pods 10.244.2.0/24,fd00:244:2::/64
node add b dev k8snet0 via fd50::3 pods 10.244.3.0/24 format udp port 8286 mac 02:00:00:00:00:03
node add c dev k8snet0 via 192.168.50.4 pods 10.244.4.0/24 format ipip
node add d dev k8snet0 via 192.168.50.5 pods 10.244.5.0/24 format direct
node add a dev k8snet1 via 192.168.50.2 pods 10.244.2.0/24
node add e dev k8snet1 via 192.168.50.6 pods 10.244.6.0/24 format vxlan
node add f dev k8snet2 via fd50::7 pods 10.244.7.0/24
service add d/all:tcp tcp 10.96.0.10:80,[fd00:96::10]:80 nodeport 31080 external 203.0.113.9,[2001:db8::9]:81 loadbalancer 203.0.113.10 algorithm lc affinity 600 internal local external-policy local ranges 10.0.0.0/8,fd00::/8 ranges-on external on-remove reset limit 77 endpoint 10.244.2.10:8080,local,weight=3 endpoint 10.244.2.11:8080,terminating endpoint 10.244.2.12:8080,notready endpoint [fd00:244:2::10]:8080
service add d/rr:udp udp 10.96.0.11:53 algorithm rr endpoint 10.244.2.10:53
service add d/random:sctp sctp 10.96.0.12:132 algorithm random endpoint 10.244.2.10:132
service add d/none:x tcp none nodeport 31081
service add d/terminating:x tcp 10.96.0.13:80 endpoint 10.244.2.10:80,local,terminating endpoint 10.244.3.10:80,terminating
BATCH
k9 save >"$T/all.json"
check_eq "save, apply: nothing to do" "nothing to change, 18 as desired" "$(last k9 apply -f "$T/all.json")"
k9 -j save >"$T/all.line"
check_eq "in one line as well" "1 nothing to change, 18 as desired" \
	"$(wc -l <"$T/all.line") $(last k9 apply -f - <"$T/all.line")"

# back WORDS... - the command changes one object, apply of what was saved changes it back
back() {
	local said want='^(1 added, 0 changed|0 added, 1 changed|0 added, 0 changed, 1 removed).*17 unchanged$|^0 added, 0 changed, 1 removed, 18 unchanged$'

	# Nodes that follow the device are given their defaults again.
	[[ $* != "link set k8snet0 "[fp]o* ]] || want='^0 added, [24] changed, 0 removed, 1[46] unchanged$'
	k9 "$@"
	said=$(k9 apply -f "$T/all.json" 2>&1) || :
	k9 save >"$T/again.json"
	check_match "back from: $*" "$want" "$(tail -n 1 <<<"$said")"
	if ! cmp -s "$T/all.json" "$T/again.json"; then
		not_ok "as it was after: $*" "$said
$(diff "$T/all.json" "$T/again.json")"
	fi
}
all="d/all:tcp tcp 10.96.0.10:80,[fd00:96::10]:80 nodeport 31080 external 203.0.113.9,[2001:db8::9]:81 loadbalancer 203.0.113.10"
back config set pods 10.0.0.0/8
back config set services 10.0.0.0/8
back config set seed none
back config set nodeport-addresses none
back config set nodeports none
back config set vip-ping off
back egress set off
back egress set on source 192.168.50.1
back flow set off
back flow set limit 1000
back flow set peer off
back flow set ingress off
back flow set early off
back link set k8snet0 format udp
back link set k8snet0 id 5
back link set k8snet0 port 4791
back link set k8snet0 local auto
back link set k8snet0 strict on
back link set k8snet0 cross-subnet off
back link set k8snet0 mtu auto
back link set k8snet0 ttl 5
back link set k8snet0 dscp 0
back link set k8snet0 df unset
back link set k8snet0 mac auto
back node del a dev k8snet0
back node replace a dev k8snet0 via 192.168.50.22 pods 10.244.2.0/24,fd00:244:2::/64
back node replace b dev k8snet0 via fd50::3 pods 10.244.3.0/24
back node add x dev k8snet0 via 192.168.50.99 pods 10.9.0.0/16
back service del d/rr:udp
back service add d/more:x tcp 10.96.0.99:99
# shellcheck disable=SC2086  # words
back service replace $all
back endpoint del d/all:tcp 10.244.2.10:8080
back endpoint add d/rr:udp 10.244.9.9:53
back endpoint replace d/rr:udp 10.244.2.10:53,weight=7

echo '{"version":1,"config":{},"egress":{},"nodes":[],"services":[]}' >"$T/nothing.json"
check_match "with lists that are empty all goes" ' 12 removed' "$(last k9 apply -f "$T/nothing.json")"
check_eq "nodes and services" "0 0" "$(k9 -j node show | gojq length) $(k9 -j service show | gojq length)"
check_match "and all comes back" '^12 added, 2 changed, 0 removed, 4 unchanged$' "$(last k9 apply -f "$T/all.json")"
k9 save >"$T/again.json"
check "byte for byte" cmp "$T/all.json" "$T/again.json"
check_eq "a section that is not there is left alone" "nothing to change, 1 as desired" \
	"$(gojq '{version, egress}' "$T/all.json" | last k9 apply -f -)"
gojq 'del(.services[0]) | del(.nodes[0])' "$T/all.json" >"$T/less.json"
check_eq "--keep removes nothing" "nothing to change, 18 as desired" "$(last k9 apply --keep -f "$T/less.json")"

# What belongs to one and shall be another's: in one step.
gojq '(.nodes[] | select(.name == "c" or .name == "d")) |= (if .name == "c" then .via = "192.168.50.5" else .via = "192.168.50.4" end)
	| (.nodes[] | select(.name == "a" and .ifname == "k8snet1")).pods = ["10.244.6.0/24"]
	| (.nodes[] | select(.name == "e")).pods = ["10.244.2.0/24"]
	| (.services[] | select(.name == "d/rr:udp")).frontends[0].address = "10.96.0.55"
	| (.services[] | select(.name == "d/none:x")).frontends |= map(select(.address == "::")) 
	| (.services[] | select(.name == "d/terminating:x")).frontends += [{"type":"node-port","address":"0.0.0.0","port":31081}]' \
	"$T/all.json" >"$T/swap.json"
check_match "nodes swap addresses and prefixes, services swap frontends" '^0 added, 7 changed, 0 removed, 11 unchanged$' \
	"$(last k9 apply -f "$T/swap.json")"
check_eq "as desired" "nothing to change, 18 as desired" "$(last k9 apply -f "$T/swap.json")"
check_match "and back" '^0 added, 7 changed, ' "$(last k9 apply -f "$T/all.json")"
k9 save >"$T/again.json"
check "byte for byte again" cmp "$T/all.json" "$T/again.json"

ktap_end
