#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Beside others: Docker's masquerade and published ports (nft and iptables-nft), a network policy that drops forwarded packets, a proxy's rules for the same service; which addresses answer NodePorts.
#
#   box 172.18.0.2, fd00:172::2 - n1 --.
#   p1a, p1b -------------------------'+--[ul]-- rt -- inet        (tests/services.sh)
#   p2a, p2b ------------------- n2 ---'
#
# box is a container of Docker's on the node n1.
#
# timeout: 300

# Words are split where several are meant.
# shellcheck disable=SC2086
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=../../services.sh
. "$TESTS/services.sh"

ktap_start
topo_cluster 2
ns_new box
ip -n n1 link add docker0 type veth peer name eth0 netns box
ipv6_on n1 box
ip -n n1 -b - <<-BATCH
	addr add 172.18.0.1/16 dev docker0
	addr add fd00:172::1/64 dev docker0
	link set docker0 up
BATCH
ip -n box -b - <<-BATCH
	addr add 172.18.0.2/16 dev eth0
	addr add fd00:172::2/64 dev eth0
	link set eth0 up
	route add default via 172.18.0.1
	route add default via fd00:172::1
BATCH
for p in p1a p1b p2a p2b box inet; do pods serve $p $p tcp,80 udp,80 tcp,81 >/dev/null; done
for n in n1 n2; do k8snetctl -n $n egress set on; done
service add d/web:tcp tcp .10:80 nodeport 30010 lb=10 @p2a:80
service add d/local:tcp tcp .11:80 nodeport 30011 external-policy local @p1a:80

box=([4]=172.18.0.2 [6]=fd00:172::2)
net=([4]=172.18.0.0/16 [6]=fd00:172::/64)

_with() {
	local how=$1
	see ask box tcp @inet 80
	saw_like "$how: the container's own masquerade" '^inet @n1 [0-9]+$'
	see ask inet tcp @n1 8088
	saw_like "$how: its published port" '^box @inet [0-9]+$'
	see ask box tcp .10 80
	saw_like "$how: the container reaches a ClusterIP, masqueraded as what is no pod" '^p2a @k1 [0-9]+$'
	see ask box tcp @n1 30010
	saw_like "$how: and a NodePort" '^p2a @k1 [0-9]+$'
	see ask p1b tcp .10 80 from=21000
	see ask inet tcp +10 80
	see ask inet tcp @n1 30011 from=21000
	see ask p1b tcp @inet 80
	saw_like "$how: pods, the internet and egress are served as before" \
		'^p2a @p1b 21000 p2a @k1 [0-9]+ p1a @inet 21000 inet @n1 [0-9]+$'
	# Both change what comes to the node; the service's address is ours.
	see ask p1b tcp .12 80
	saw_like "$how: another proxy's rule for the address of a service comes after k8snet's" '^p2b @p1b [0-9]+$'
}
service add d/both:tcp tcp .12:80 @p2b:80

for f in 4 6; do
	p=ip a=${box[f]}
	[ $f = 4 ] || p=ip6 a="[${box[f]}]"
	in_ns n1 nft -f - <<-NFT
		table $p docker {
			chain post {
				type nat hook postrouting priority srcnat;
				$p saddr ${net[f]} oifname != "docker0" masquerade
			}
			chain pre {
				type nat hook prerouting priority dstnat;
				tcp dport 8088 dnat to $a:80
				$p daddr ${vip[f]}12 tcp dport 80 dnat to $a:80
			}
		}
	NFT
done
_with "nft chains"
for p in ip ip6; do in_ns n1 nft delete table $p docker; done

if in_ns n1 sh -c 'command -v iptables-nft' >/dev/null; then
	for f in 4 6; do
		p=iptables-nft a=${box[f]}
		[ $f = 4 ] || p=ip6tables-nft a="[${box[f]}]"
		in_ns n1 $p-restore <<-IPT
			*nat
			:DOCKER - [0:0]
			-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
			-A POSTROUTING -s ${net[f]} ! -o docker0 -j MASQUERADE
			-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8088 -j DNAT --to-destination $a:80
			-A PREROUTING -d ${vip[f]}12 -p tcp -m tcp --dport 80 -j DNAT --to-destination $a:80
			COMMIT
		IPT
	done
	_with iptables-nft
	for p in iptables-nft ip6tables-nft; do in_ns n1 $p -t nat -F; done
else
	skip "iptables-nft" "the guest has none"
fi

# A network policy sees endpoints, not service addresses, as with kube-proxy.
in_ns n1 nft -f - <<-NFT
	table inet netpol {
		chain forward {
			type filter hook forward priority filter; policy drop;
			ct state established,related accept
			ip saddr $(pod p1a 4) ip daddr $(pod p2a 4) tcp dport 80 counter accept
			ip6 saddr $(pod p1a 6) ip6 daddr $(pod p2a 6) tcp dport 80 counter accept
		}
	}
NFT
see ask p1a tcp .10 80 from=21001
see ask p1b tcp .10 80 timeout=.4
see ask inet tcp +10 80 timeout=.4
see ask n1 tcp .10 80
saw_like "a network policy in FORWARD: what it lets pass does, what it drops does not, the node's own is not forwarded" \
	'^p2a @p1a 21001 timeout timeout p2a @k1 [0-9]+$'
in_ns n1 nft delete table inet netpol

# Which addresses answer NodePorts.
ip -n n1 addr add 10.9.9.9/32 dev lo
ip -n n1 addr add fd00:9::9/128 dev lo nodad
ip -n rt route add 10.9.9.9 via 192.168.99.1
ip -n rt -6 route add fd00:9::9 via fd99::1
nodeports() {
	local f other=([4]=10.9.9.9 [6]=fd00:9::9)
	see ask inet tcp @n1 30010 timeout=.5
	for f in 4 6; do _got[$f]+=" $(pods ask inet tcp ${other[f]} 30010 timeout=.5)"; done
}
nodeports
saw_like "NodePorts answer on all addresses" '^p2a @k1 [0-9]+ p2a @k1 [0-9]+$'
k8snetctl -n n1 config set nodeport-addresses 192.168.99.0/24,fd99::/64
nodeports
saw_like "with nodeport-addresses on these" '^p2a @k1 [0-9]+ refused$'
k8snetctl -n n1 config set nodeport-addresses 10.9.9.0/24
nodeports
check_match "another list, IPv4" '^refused p2a 10.244.1.0 [0-9]+$' "${_got[4]}"
check_eq "a list of the other family only is none of this one, IPv6" "refused refused" "${_got[6]}"
_got=([4]='' [6]='')
k8snetctl -n n1 config set nodeport-addresses none
hears "a NodePort is not on loopback" refused ask n1 tcp 127.0.0.1 30010
k8snetctl -n n1 config set nodeport-addresses 127.0.0.0/8
sysctl_ns n1 net/ipv4/conf/k8snet0/route_localnet=1
hears_like "unless asked (with route_localnet on k8snet0 alone)" '^p2a 10.244.1.0 [0-9]+$' ask n1 tcp 127.0.0.1 30010
k8snetctl -n n1 config set nodeport-addresses none

ktap_end
