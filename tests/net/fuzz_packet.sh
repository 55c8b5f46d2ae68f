#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tunnel packets of every format, first packets to services, and packets of flows in the cache, that are cut, flipped and made up: each is delivered or dropped under a name, and the sums are equal.
#
#   p1a 10.244.1.10 --.
#                      n1 192.168.99.1 --[ul]-- n2 192.168.99.2 to .5
#                      k8snet0          br0     (sends the crafted packets)
#
# n2 is eight nodes, one for each format and family of the underlay; both
# families inside.
#
# FUZZ_STEP: of all cuts and flips one in so many (8; 1 on User-Mode Linux),
# FUZZ_SECONDS: go on with wilder ones (0), FUZZ_SEED (1)
#
# timeout: 3600

. "$(dirname "$0")/../lib.sh"

ktap_start
topo_underlay
topo_host n1 192.168.99.1
topo_host n2 192.168.99.2
topo_host6 n1 1
topo_host6 n2 2
for n in 3 4 5; do
	ip -n n2 -b - <<-BATCH
		addr add 192.168.99.$n/24 dev eth0
		addr add fd99::$n/64 dev eth0
	BATCH
done
sysctl_ns n1 net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1
topo_pod n1 p1a 10.244.1.10 10.244.1.1
topo_pod6 n1 p1a fd00:244:1::10 fd00:244:1::1
k8snet_node_dual n1 1
i=2
for format in vxlan udp ipip direct; do
	in_ns n1 k8snetctl node add "w$i" dev k8snet0 via "192.168.99.$i" \
		pods "10.244.$i.0/24,fd00:244:$i::/64" format $format
	in_ns n1 k8snetctl node add "w1$i" dev k8snet0 via "fd99::$i" \
		pods "10.244.1$i.0/24,fd00:244:1$i::/64" format $format
	i=$((i + 1))
done

# What comes to the module, counted by somebody else: UDP; IP in IP, if there is
# an inner header, without which the kernel drops it; and packets of pods of a
# node that sends them as they are.
in_ns n1 nft -f - <<-NFT
	table inet books {
		counter udp_all { }
		counter by_protocol { }
		counter direct { }
		counter direct_left { }
		counter opened { }
		chain first {
			type filter hook prerouting priority -500;
			iifname eth0 ip saddr { 10.244.5.0/24, 10.244.15.0/24 } counter name direct
			iifname eth0 ip6 saddr { fd00:244:5::/64, fd00:244:15::/64 } counter name direct
		}
		chain second {
			type filter hook prerouting priority -440;
			iifname eth0 ip saddr { 10.244.5.0/24, 10.244.15.0/24 } counter name direct_left
			iifname eth0 ip6 saddr { fd00:244:5::/64, fd00:244:15::/64 } counter name direct_left
		}
		chain has_ip4 {
			@th,152,8 & 0 == 0 counter name by_protocol
		}
		chain has_ip6 {
			@th,312,8 & 0 == 0 counter name by_protocol
		}
		chain last {
			type filter hook input priority 1000;
			meta l4proto 17 counter name udp_all
			iifname eth0 meta l4proto 4 jump has_ip4
			iifname eth0 meta l4proto 41 jump has_ip6
		}
	}
NFT

# Nothing but the tunnels listens in n1.
step=8
! is_uml || step=1
step=${FUZZ_STEP:-$step}

# fuzz NAME WHAT - runs one of them, and shows its sums
fuzz() {
	check "$1: what came in was delivered or dropped under a name, the sums are equal" \
		python3 -S "$TESTS/pktfuzz.py" "$2" "${FUZZ_SEED:-1}" "$step" 100000000 "${FUZZ_SECONDS:-0}"
	note "$(tail -n 3 "$T/out")"
}

fuzz "cut and flipped tunnel packets of 16 kinds" tunnel
read -r _ sent _ delivered _ dropped < <(tail -n 1 "$T/out")
check "there were many, and of both kinds" \
	test "$sent" -gt 1000 -a $((delivered * 20)) -gt "$sent" -a $((dropped * 20)) -gt "$sent"
check "well-formed ones get through afterwards" \
	in_ns n1 k8snetctl node show w2

# --- services ---------------------------------------------------------------------

# shellcheck disable=SC2016  # for the inner shell
in_ns n1 bash -euc '
	k8snetctl config set services 10.96.0.0/16,fd00:96::/112
	for p in tcp udp sctp; do
		k8snetctl service add a/b:$p $p 10.96.0.10:80 endpoint 10.244.1.10:8080 endpoint 10.244.2.11:8080
		k8snetctl service add a/none:$p $p 10.96.0.11:80
		k8snetctl service add a/six:$p $p [fd00:96::10]:80 endpoint [fd00:244:1::10]:8080
	done'
in_ns n1 nft -f - <<-NFT
	table inet books {
		chain before {
			type filter hook prerouting priority -101;
			ct state new ct status & confirmed == 0 ip daddr 10.96.0.0/16 counter name opened
			ct state new ct status & confirmed == 0 ip6 daddr fd00:96::/112 counter name opened
		}
	}
NFT
fuzz "cut and flipped first packets to services" service
read -r _ sent _ delivered _ dropped < <(tail -n 1 "$T/out")
check "some were sent to an endpoint, some dropped" test "$delivered" -gt 20 -a "$dropped" -gt 20

# --- flows that are remembered ----------------------------------------------------

# Without rules, tunnel packets are taken at ingress; the pod answers.
in_ns n1 nft delete table inet books
in_ns n1 conntrack -F 2>/dev/null
in_ns n1 k8snetctl flow set on
# A pod that forges a source of theirs is dropped as one of them would be.
for n in w5 w15; do in_ns n1 k8snetctl node del $n dev k8snet0; done
talk_start
for a in 10.244.1.10 fd00:244:1::10; do talk echo p1a $a 4242 >/dev/null; done
fuzz "cut and flipped packets of flows in the cache" flow
read -r _ sent _ delivered _ dropped < <(tail -n 1 "$T/out")
check "there were many, and of both kinds" \
	test "$sent" -gt 500 -a $((delivered * 20)) -gt "$sent" -a $((dropped * 40)) -gt "$sent"

ktap_end
