#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The wire: what k8snet sends is what flannel's VXLAN sends, byte for byte, and each takes the other's.
#
#   p1a 10.244.1.10 -- n1 192.168.99.1 --[ul]-- n2 192.168.99.2 -- p2a 10.244.2.10
#   p1b 10.244.1.11      k8snet0          |       flannel.1        p2b 10.244.2.11
#                                        br0
#                                         |
#                                       n3 192.168.99.3 -- p3a 10.244.3.10
#                                       flannel.1

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_two_nodes
topo_host n3 192.168.99.3
sysctl_ns n3 net/ipv4/ip_forward=1
topo_pod n3 p3a 10.244.3.10 10.244.3.1
flannel_node n2 192.168.99.2 192.168.99.1 192.168.99.3
flannel_node n3 192.168.99.3 192.168.99.1 192.168.99.2

# A k8snet node among flannel's: it sends the peers' MAC, and declares the one
# that they have for it.
ip -n n1 link add k8snet0 type k8snet
in_ns n1 k8snetctl link set k8snet0 preset flannel local 192.168.99.1 \
	mac "$(flannel_mac 192.168.99.1)"
ip -n n1 addr add 10.244.1.0/32 dev k8snet0
for n in 2 3; do
	in_ns n1 k8snetctl node add worker$n dev k8snet0 via 192.168.99.$n \
		pods 10.244.$n.0/24 mac "$(flannel_mac 192.168.99.$n)"
done
ip -n n1 link set k8snet0 up
ip -n n1 route add 10.244.0.0/16 dev k8snet0
for n in n1 n2 n3; do offload_off $n eth0; done

check "k8snet to flannel" in_ns p1a ping -c 2 -i 0.2 -W 5 10.244.2.10
check "flannel to k8snet" in_ns p2b ping -c 2 -i 0.2 -W 5 10.244.1.11
check "flannel to flannel, as before" in_ns p2a ping -c 1 -W 5 10.244.3.10
mkdir "$T/www"
head -c 1048576 /dev/urandom >"$T/www/file"
http_serve p2a 80 "$T/www"
http_serve p1a 80 "$T/www"
check "1 MB from flannel to k8snet" http_get p1b http://10.244.2.10/file "$T/a"
check "1 MB from k8snet to flannel" http_get p2b http://10.244.1.10/file "$T/b"
check_eq "both arrive whole" "$(sha256sum <"$T/www/file")
$(sha256sum <"$T/www/file")" "$(sha256sum <"$T/a")
$(sha256sum <"$T/b")"

# The same datagram to p3a, once through k8snet on n1, once through flannel on
# n2: the outer packets may differ in what names the sender, and nowhere else.
capture_start ul p-n3 udp port 8472
inner() {
	cat <<-PY
		import pkt
		a, b = "$1", "10.244.3.10"
		pkt.send("$2", pkt.eth("$3", "$4", pkt.ipv4(a, b, 17,
		    pkt.udp(a, b, 4000, 4001, b"the same words"), tos=$5, ttl=$6, ident=7, flags=$7)))
	PY
}
mac_of() { in_ns "$1" cat "/sys/class/net/$2/address"; }
sent=0
send_both() {
	in_ns p1a python3 -S -c "$(inner 10.244.1.10 eth0 "$(mac_of p1a eth0)" "$(mac_of n1 vp1a)" "$@")"
	in_ns p2a python3 -S -c "$(inner 10.244.2.10 eth0 "$(mac_of p2a eth0)" "$(mac_of n2 vp2a)" "$@")"
	sent=$((sent + 2))
}
# shellcheck disable=SC2317  # called by wait_for
seen() { [ "$(capture_count)" -ge "$sent" ]; }
send_both 0 64 2	# plain, DF
send_both 2 64 0	# ECT(0), no DF: ECN is copied
send_both 184 7 2	# DSCP EF, small TTL: neither is
check "all packets are on the wire" wait_for 5 seen
file=$(capture_stop)
python3 -S - "$file" >"$T/compare" <<'PY'
import sys
import pkt

frames = [raw for _, _, raw, _ in pkt.packets(sys.argv[1])]
ours = [f for f in frames if f[26:30] == bytes([192, 168, 99, 1])]
theirs = [f for f in frames if f[26:30] == bytes([192, 168, 99, 2])]
print("counts", len(ours), len(theirs))

def blank(f):
    """Zero what names the sender, what is derived from it, and the IP identification."""
    f = bytearray(f)
    for a, b in ((6, 12),      # outer source MAC
                 (18, 20),     # identification: per host
                 (24, 26),     # header checksum: of the addresses
                 (26, 30),     # outer source address
                 (34, 36),     # source port: hash of the inner flow
                 (40, 42),     # UDP checksum: of all of it
                 (56, 62),     # inner source MAC
                 (74, 76),     # inner header checksum
                 (76, 80),     # inner source address
                 (90, 92)):    # inner UDP checksum
        f[a:b] = bytes(b - a)
    return bytes(f)

for i, (a, b) in enumerate(zip(ours, theirs)):
    diff = [n for n in range(max(len(a), len(b))) if blank(a)[n:n + 1] != blank(b)[n:n + 1]]
    print("differs", i, diff)
f = ours[0]
print("vxlan", f[42:50].hex())
print("ttl", f[22], "df", f[20] >> 6 & 1, "tos", f[15], "udp_csum", int(f[40:42] != b"\0\0"))
print("tos", *[x[15] for x in ours])
print("dst_mac", f[50:56].hex(":"), "src_mac", f[56:62].hex(":"))
PY
sed 's/^/# /' "$T/compare"
check_eq "k8snet and flannel sent three packets each" "counts 3 3" "$(grep counts "$T/compare")"
check_eq "no byte differs but those that name the sender" "differs 0 []
differs 1 []
differs 2 []" "$(grep differs "$T/compare")"
check_eq "the VXLAN header: flag I, VNI 1" "vxlan 0800000000000100" "$(grep vxlan "$T/compare")"
check_eq "TTL 64, DF clear, TOS 0, a UDP checksum" "ttl 64 df 0 tos 0 udp_csum 1" \
	"$(grep ttl "$T/compare")"
check_eq "ECN is copied to the outer header, DSCP is not" "tos 0 2 0" "$(grep ^tos "$T/compare")"
check_eq "the MAC rule: the peer's declared, our own declared" \
	"dst_mac $(flannel_mac 192.168.99.3) src_mac $(flannel_mac 192.168.99.1)" \
	"$(grep dst_mac "$T/compare")"
pkt decode "$file" >"$T/decoded"
check_eq "every checksum is right, inner and outer" "$(wc -l <"$T/decoded")" \
	"$(grep -c '"csums_ok": true' "$T/decoded")"

# Derived MACs, and source ports that follow the inner flow.
in_ns n1 k8snetctl link set k8snet0 mac auto
in_ns n1 k8snetctl node replace worker3 dev k8snet0 via 192.168.99.3 pods 10.244.3.0/24
capture_start ul p-n3 udp port 8472
# Long enough for a process to start.
patient=0.2
! is_sanitized || patient=2
for port in 5001 5002 5003 5004 5005 5006 5007 5008 5001; do
	ASK_FROM=$port ASK_TIMEOUT=$patient udp_ask p1a 10.244.3.10 9 >/dev/null || ok_silent=1
done
sent=9
check "nine datagrams, eight flows" wait_for 5 seen
check_eq "nobody answers there" 1 "$ok_silent"
pkt decode "$(capture_stop)" | grep '"src": "192.168.99.1", "dst": "192.168.99.3"' >"$T/flows"
check_match "derived MACs: 0a:58 and the address" '0a:58:c0:a8:63:03.*' "$(head -n 1 "$T/flows")"
check_match "on both ends" '0a:58:c0:a8:63:01' "$(head -n 1 "$T/flows")"
sed 's/.*"udp": {"sport": \([0-9]*\).*/\1/; s/}.*//' "$T/flows" | sed 's/[^0-9].*//' >"$T/ports"
check_eq "one flow, one source port" "$(sed -n 1p "$T/ports")" "$(sed -n 9p "$T/ports")"
distinct=$(sort -u "$T/ports" | wc -l)
check "eight flows have at least six source ports" [ "$distinct" -ge 6 ]

ktap_end
