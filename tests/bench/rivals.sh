# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sourced by the benches: what clusters use today for services, on both nodes, as kube-proxy 1.36 sets it up.
#
# 10.96.10.2, port 53 of TCP and UDP, is port 5353 of the pod 10.244.2.10. Each
# rival_NAME N makes that the one of N services that a packet of pktgen has to
# be told from the others. 1,000 are kube-proxy's own rules, as it wrote them;
# other numbers are made from them, as far as a packet can see: rules and
# entries of maps that it is looked for among, not chains that it never gets to.
#
# With $six not empty (and flannel-v6.1 in place of flannel.1) all is for IPv6, which
# kube-proxy has the same rules for: fd00:a::10:96:10:2 is port 5353 of fd00:244:2::10.
# Of kube-proxy's nftables and iptables there are 1,000 services then.

rules=$TESTS/bench/peers
six=

# of_family - rules for IPv4, as they are or for IPv6
of_family() {
	if [ -z "$six" ]; then
		cat
		return
	fi
	# (Addresses in the names of sets stay.)
	sed -E '
		s/ip protocol/meta l4proto/
		s/\bip (kube-proxy|lb|fast|m|saddr|daddr|to)\b/ip6 \1/g
		s/ipv4_addr/ipv6_addr/g
		s/flannel\.1/flannel-v6.1/
		s,(^|[[:space:]])10\.244\.0\.0/16,\1fd00:244::/32,g
		s,(^|[[:space:]])10\.96\.0\.0/(16|12),\1fd00:a::10:96:0:0/96,g
		s/(^|[[:space:]])10\.244\.([0-9]+)\.([0-9]+)\b/\1fd00:244:\2::\3/g
		s/(^|[[:space:]])([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)\b/\1fd00:a::\2:\3:\4:\5/g'
}

# on_both CMD... - in n1 and n2
on_both() {
	in_ns n1 "$@"
	in_ns n2 "$@"
}

rival_nftables() {
	local own

	# (Of IPv6 there is a table with one service in it.)
	busybox zcat "$rules"/kube-proxy-nftables-1k.nft.gz |
		sed "s/10\.244\.1\.10/10.244.2.10/g${six:+; /^table ip6/,\$d}" | of_family >"$T/rules.nft"
	on_both nft flush ruleset
	on_both nft -f "$T/rules.nft"
	[ "$1" != 1000 ] || return 0
	own=$(sed -n 's/.*\(10\.96\.10\.2 \. [a-z]* \. 53 : goto [^ ,]*\).*/\1,/p' "$T/rules.nft")
	{
		echo "flush set ip kube-proxy cluster-ips"
		echo "add element ip kube-proxy cluster-ips { 10.96.10.2,"
		others "$1" "@,"
		echo "}"
		echo "flush map ip kube-proxy service-ips"
		echo "add element ip kube-proxy service-ips { $own"
		# They lead where the one does: nobody goes there.
		others "$1" "@ . udp . 53 ${own##*53 }"
		echo "}"
	} >"$T/sized.nft"
	on_both nft -f "$T/sized.nft"
}

# The least that nftables can do for services: one map, and a verdict by it.
rival_minimal() {
	{
		# (Of what is there already only the rules would come twice.)
		in_ns n1 nft list table ip lb >/dev/null 2>&1 || cat <<-'NFT'
			table ip lb {
				map services {
					type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
				}
				chain prerouting {
					type nat hook prerouting priority dstnat
					dnat ip to ip daddr . meta l4proto . th dport map @services
				}
				chain postrouting {
					type nat hook postrouting priority srcnat
					ip saddr != 10.244.0.0/16 masquerade
				}
			}
		NFT
		echo "flush map ip lb services"
		echo "add element ip lb services { 10.96.10.2 . udp . 53 : 10.244.2.10 . 5353,"
		others "$1" "@ . udp . 53 : 10.244.2.10 . 5353,"
		echo "}"
	} | of_family >"$T/sized.nft"
	on_both nft -f "$T/sized.nft"
}

# The same, and what is established goes by a flowtable over pods and tunnel.
rival_flowtable() {
	local n

	rival_minimal "$1"
	! in_ns n1 nft list table ip fast >/dev/null 2>&1 || return 0
	for n in 1 2; do
		of_family >"$T/fast.nft" <<-NFT
			table ip fast {
				flowtable f {
					hook ingress priority 0
					devices = { vp${n}a, flannel.1 }
				}
				chain forward {
					type filter hook forward priority 0
					ip protocol udp flow add @f
				}
			}
		NFT
		in_ns n$n nft -f "$T/fast.nft"
	done
}

rival_ipvs() {
	local n protocol service=10.96.10.2

	[ -z "$six" ] || service=fd00:a::10:96:10:2
	modprobe ip_vs
	{
		for protocol in u t; do
			echo "-A -$protocol 10.96.10.2:53 -s rr"
			echo "-a -$protocol 10.96.10.2:53 -r 10.244.2.10:5353 -m"
		done
		others "$1" "-A -u @:53 -s rr\n-a -u @:53 -r 10.244.2.10:5353 -m"
	} | of_family | sed -E "${six:+s/ ([0-9a-f:]*):([0-9]+)\b/ [\1]:\2/g}" >"$T/ipvs"
	for n in n1 n2; do
		in_ns $n ipvsadm -C
		in_ns $n ipvsadm -R <"$T/ipvs"
		# Flows of UDP are forgotten soon, see forget().
		in_ns $n ipvsadm --set 0 0 2
		! ip -n $n link show kube-ipvs0 >/dev/null 2>&1 || continue
		of_family >"$T/m.nft" <<-'NFT'
			table ip m {
				chain postrouting {
					type nat hook postrouting priority srcnat
					ip saddr != 10.244.0.0/16 masquerade
				}
			}
		NFT
		in_ns $n nft -f "$T/m.nft"
		ip -n $n link add kube-ipvs0 type dummy
		ip -n $n addr add "$service" dev kube-ipvs0
		sysctl_ns $n net/ipv4/vs/conntrack=1
	done
}

rival_ipvs_end() {
	local n

	for n in n1 n2; do
		ip -n $n link show kube-ipvs0 >/dev/null 2>&1 || continue
		in_ns $n ipvsadm -C
		in_ns $n nft flush ruleset
		ip -n $n link del kube-ipvs0
	done
}

# Not to be undone: the tables of iptables stay, and cost, when they are empty.
# A rule that names a service is there N/1,000 times, so that what is behind as
# many others stays so in proportion; or one in a hundred of them is.
# The counting of two rules (nfacct) has objects that only kube-proxy makes.
# (Of IPv6 kube-proxy has no rule for 127.0.0.0/8.)
rival_iptables() {
	local restore=iptables-legacy-restore

	[ -z "$six" ] || restore=ip6tables-legacy-restore
	busybox zcat "$rules"/kube-proxy-iptables-1k.rules.gz |
		sed 's/10\.244\.1\.10/10.244.2.10/g; s/-m nfacct --nfacct-name *[^ ]* //' |
		busybox awk -v n="$1" '
			!/^-A KUBE-SERVICES .* cluster IP"/ || / 10\.96\.10\.2\/32 / { print; next }
			n < 1000 && seen++ % int(1000 / n) { next }
			{ print }
			{
				for (i = 1; i < n / 1000; i++) {
					line = $0
					sub(" 10\\.[0-9.]*/32 ", " 10." 100 + int(added / 62500) "." int(added / 250) % 250 "." added % 250 + 1 "/32 ", line)
					added++
					print line
				}
			}' | of_family |
		sed -E "${six:+/127\.0\.0\.0/d; s/(:[0-9]+)\/32 /\1\/128 /; s/icmp-port/icmp6-port/; s/(--to-destination )([0-9a-f:]*)(:[0-9]+)/\1[\2]\3/}" >"$T/rules"
	# shellcheck disable=SC2016  # for the inner shell
	on_both busybox sh -c '"$1" <"$2"' - $restore "$T/rules"
}
