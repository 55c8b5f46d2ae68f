# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sourced by the benches: what clusters use today for 1,000 services, on both nodes, as kube-proxy 1.36 sets it up.
#
# 10.96.10.2, port 53 of TCP and UDP, is port 5353 of the pod 10.244.2.10.

rules=$TESTS/bench/peers

# on_both CMD... - in n1 and n2
on_both() {
	in_ns n1 "$@"
	in_ns n2 "$@"
}

rival_nftables() {
	busybox zcat "$rules"/kube-proxy-nftables-1k.nft.gz | sed 's/10\.244\.1\.10/10.244.2.10/g' >"$T/rules.nft"
	on_both nft -f "$T/rules.nft"
}

# More services, as far as a packet can see: what they are in the maps.
rival_nftables_more() {
	local i chain

	chain=$(sed -n 's/.* 10\.96\.10\.2 \. udp \. 53 : goto \([^ ,]*\).*/\1/p' "$T/rules.nft")
	{
		echo "add element ip kube-proxy cluster-ips {"
		for ((i = 1000; i < 10000; i++)); do echo "10.98.$((i / 250)).$((i % 250 + 1)),"; done
		echo "}"
		echo "add element ip kube-proxy service-ips {"
		for ((i = 1000; i < 10000; i++)); do echo "10.98.$((i / 250)).$((i % 250 + 1)) . udp . 53 : goto $chain,"; done
		echo "}"
	} >"$T/more.nft"
	on_both nft -f "$T/more.nft"
}

# _ipvs FROM TO - services for ipvsadm
_ipvs() {
	local i

	for ((i = $1; i < $2; i++)); do
		echo "-A -u 10.97.$((i / 250)).$((i % 250 + 1)):53 -s rr"
		echo "-a -u 10.97.$((i / 250)).$((i % 250 + 1)):53 -r 10.244.2.10:5353 -m"
	done
}

rival_ipvs_more() {
	local n

	_ipvs 1000 10000 >"$T/ipvs"
	for n in n1 n2; do in_ns $n ipvsadm -R <"$T/ipvs"; done
}

rival_ipvs() {
	local n protocol

	modprobe ip_vs
	for protocol in u t; do
		echo "-A -$protocol 10.96.10.2:53 -s rr"
		echo "-a -$protocol 10.96.10.2:53 -r 10.244.2.10:5353 -m"
	done >"$T/ipvs"
	_ipvs 0 1000 >>"$T/ipvs"
	for n in n1 n2; do
		in_ns $n nft -f - <<-'NFT'
			table ip m {
				chain postrouting {
					type nat hook postrouting priority srcnat
					ip saddr != 10.244.0.0/16 masquerade
				}
			}
		NFT
		ip -n $n link add kube-ipvs0 type dummy
		ip -n $n addr add 10.96.10.2/32 dev kube-ipvs0
		in_ns $n ipvsadm -R <"$T/ipvs"
		sysctl_ns $n net/ipv4/vs/conntrack=1
	done
}

rival_ipvs_end() {
	on_both ipvsadm -C
	on_both nft flush ruleset
	ip -n n1 link del kube-ipvs0
	ip -n n2 link del kube-ipvs0
}

# Not to be undone: the tables of iptables stay, and cost, when they are empty.
rival_iptables() {
	# The counting of two rules (nfacct) has objects that only kube-proxy makes.
	busybox zcat "$rules"/kube-proxy-iptables-1k.rules.gz |
		sed 's/10\.244\.1\.10/10.244.2.10/g; s/-m nfacct --nfacct-name *[^ ]* //' >"$T/rules"
	# shellcheck disable=SC2016  # for the inner shell
	on_both busybox sh -c 'iptables-legacy-restore <"$1"' - "$T/rules"
}
