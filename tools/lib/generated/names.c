// SPDX-License-Identifier: GPL-2.0
/*
 * Names of the netlink family, from uapi/netlink/specs/k8snet.yaml; do not edit.
 */
#include <linux/k8snet.h>

#include "../array.h"
#include "names.h"

static const struct k8snet_spec_value format_values[] = {
	{
		K8SNET_FORMAT_VXLAN,
		"vxlan",
		"VXLAN (RFC 7348), the bytes of flannel's vxlan backend.",
	},
	{
		K8SNET_FORMAT_UDP,
		"udp",
		"The inner IP packet as the payload of UDP, the bytes of flannel's udp backend, of Linux FOU and of bareudp.",
	},
	{
		K8SNET_FORMAT_IPIP,
		"ipip",
		"The inner IP packet as the payload of IP, protocol 4 or 41 (RFC 2003, RFC 2473, RFC 4213), the bytes of Calico's IPIP.",
	},
	{
		K8SNET_FORMAT_DIRECT,
		"direct",
		"No encapsulation; the packet goes to the next hop on the way to the node as it is, as with flannel's host-gw and Calico's BGP.",
	},
};

const struct k8snet_spec_enum k8snet_spec_format = {
	format_values, ARRAY_SIZE(format_values),
};

static const struct k8snet_spec_value df_values[] = {
	{
		K8SNET_DF_UNSET,
		"unset",
		"Never set, as flannel and Calico do (the default).",
	},
	{
		K8SNET_DF_SET,
		"set",
		"Always set.",
	},
	{
		K8SNET_DF_INHERIT,
		"inherit",
		"Copied from the inner IPv4 header.",
	},
};

const struct k8snet_spec_enum k8snet_spec_df = {
	df_values, ARRAY_SIZE(df_values),
};

static const struct k8snet_spec_value algorithm_values[] = {
	{
		K8SNET_ALGORITHM_MAGLEV,
		"maglev",
		"Maglev table over a keyed hash of the 5-tuple; every node with the same seed and the same endpoints chooses the same endpoint.",
	},
	{
		K8SNET_ALGORITHM_RANDOM,
		"random",
		"At random, by weight.",
	},
	{
		K8SNET_ALGORITHM_RR,
		"rr",
		"In turn, by weight.",
	},
	{
		K8SNET_ALGORITHM_LC,
		"lc",
		"Of two at random the one with fewer active connections for its weight.",
	},
};

const struct k8snet_spec_enum k8snet_spec_algorithm = {
	algorithm_values, ARRAY_SIZE(algorithm_values),
};

static const struct k8snet_spec_value frontend_type_values[] = {
	{
		K8SNET_FRONTEND_TYPE_CLUSTER_IP,
		"cluster-ip",
		"A ClusterIP, reachable from pods and nodes of the cluster.",
	},
	{
		K8SNET_FRONTEND_TYPE_NODE_PORT,
		"node-port",
		"A port of this node, on all of its addresses but loopback ones, or on those in the nodeport-address ranges of the configuration; its own address is 0.0.0.0 or \"::\".",
	},
	{
		K8SNET_FRONTEND_TYPE_LOAD_BALANCER,
		"load-balancer",
		"An address of a load balancer, whose source ranges apply.",
	},
	{
		K8SNET_FRONTEND_TYPE_EXTERNAL,
		"external",
		"Any other address that leads here from outside of the cluster.",
	},
};

const struct k8snet_spec_enum k8snet_spec_frontend_type = {
	frontend_type_values, ARRAY_SIZE(frontend_type_values),
};

static const struct k8snet_spec_value policy_values[] = {
	{
		K8SNET_POLICY_CLUSTER,
		"cluster",
		"Those of the cluster set (the default).",
	},
	{
		K8SNET_POLICY_LOCAL,
		"local",
		"Those of the local set, on this node.",
	},
};

const struct k8snet_spec_enum k8snet_spec_policy = {
	policy_values, ARRAY_SIZE(policy_values),
};

static const struct k8snet_spec_value on_remove_values[] = {
	{
		K8SNET_ON_REMOVE_DRAIN,
		"drain",
		"They live on until they end (the default).",
	},
	{
		K8SNET_ON_REMOVE_RESET,
		"reset",
		"They end at once, TCP with a reset to both ends.",
	},
};

const struct k8snet_spec_enum k8snet_spec_on_remove = {
	on_remove_values, ARRAY_SIZE(on_remove_values),
};

static const struct k8snet_spec_value range_scope_values[] = {
	{
		K8SNET_RANGE_SCOPE_LOAD_BALANCER,
		"load-balancer",
		"The load-balancer addresses (the default).",
	},
	{
		K8SNET_RANGE_SCOPE_EXTERNAL,
		"external",
		"Node ports and external addresses as well.",
	},
};

const struct k8snet_spec_enum k8snet_spec_range_scope = {
	range_scope_values, ARRAY_SIZE(range_scope_values),
};

static const struct k8snet_spec_value endpoint_flag_values[] = {
	{
		K8SNET_ENDPOINT_FLAG_CLUSTER,
		"cluster",
		"In the set that policy cluster chooses from.",
	},
	{
		K8SNET_ENDPOINT_FLAG_LOCAL,
		"local",
		"In the set that policy local chooses from.",
	},
	{
		K8SNET_ENDPOINT_FLAG_ON_NODE,
		"on-node",
		"On this node.",
	},
	{
		K8SNET_ENDPOINT_FLAG_SERVING,
		"serving",
		"In no set perhaps, but it still serves the connections that it has; without this flag and in no set its UDP flows end at once, as if it were removed.",
	},
};

const struct k8snet_spec_enum k8snet_spec_endpoint_flag = {
	endpoint_flag_values, ARRAY_SIZE(endpoint_flag_values),
};

static const struct k8snet_spec_value config_field_values[] = {
	{
		K8SNET_CONFIG_FIELD_PODS,
		"pods",
		"The pod ranges.",
	},
	{
		K8SNET_CONFIG_FIELD_SERVICES,
		"services",
		"The service ranges.",
	},
	{
		K8SNET_CONFIG_FIELD_SEED,
		"seed",
		"The selection seed; cleared means the all-zero default.",
	},
	{
		K8SNET_CONFIG_FIELD_NODEPORT_ADDRESS,
		"nodeport-address",
		"The ranges of addresses that answer node ports.",
	},
	{
		K8SNET_CONFIG_FIELD_NODEPORTS,
		"nodeports",
		"The range of node ports; cleared means 30000 to 32767.",
	},
};

const struct k8snet_spec_enum k8snet_spec_config_field = {
	config_field_values, ARRAY_SIZE(config_field_values),
};

static const struct k8snet_spec_value flow_counter_values[] = {
	{
		K8SNET_FLOW_COUNTER_HIT,
		"hit",
		"Packets that went past the stack.",
	},
	{
		K8SNET_FLOW_COUNTER_MISS,
		"miss",
		"TCP and UDP packets of no flow that is known.",
	},
	{
		K8SNET_FLOW_COUNTER_LEARNED,
		"learned",
		"Flows that were remembered.",
	},
	{
		K8SNET_FLOW_COUNTER_PASS_TTL,
		"pass-ttl",
		"Packets of a known flow that the stack has got: the TTL runs out.",
	},
	{
		K8SNET_FLOW_COUNTER_PASS_DSCP,
		"pass-dscp",
		"Likewise: another DSCP than the flow has, by which a rule may choose another route.",
	},
	{
		K8SNET_FLOW_COUNTER_PASS_MARK,
		"pass-mark",
		"Likewise: something has set a mark.",
	},
	{
		K8SNET_FLOW_COUNTER_PASS_UNUSUAL,
		"pass-unusual",
		"Likewise: not to this machine alone, or with a route, IPsec or a bridge behind it.",
	},
	{
		K8SNET_FLOW_COUNTER_PASS_WATCHED,
		"pass-watched",
		"Likewise: something looks at the packets of the overlay device (a capture, tc, BPF).",
	},
	{
		K8SNET_FLOW_COUNTER_PASS_MTU,
		"pass-mtu",
		"Likewise: too large for the way out, or there is none at the moment.",
	},
	{
		K8SNET_FLOW_COUNTER_PASS_MEMORY,
		"pass-memory",
		"Likewise: no memory to write the headers.",
	},
	{
		K8SNET_FLOW_COUNTER_REFUSE_MARK,
		"refuse-mark",
		"Packets whose flow is not remembered: it had a mark where packets are forwarded.",
	},
	{
		K8SNET_FLOW_COUNTER_REFUSE_WATCHED,
		"refuse-watched",
		"Likewise: a conntrack helper, a zone, a SYN proxy or an nftables flowtable has the connection.",
	},
	{
		K8SNET_FLOW_COUNTER_REFUSE_ROUTE,
		"refuse-route",
		"Likewise: the route is no plain one (IPsec, a lightweight tunnel, a redirect, of IPv6 a nexthop object).",
	},
	{
		K8SNET_FLOW_COUNTER_REFUSE_DEVICE,
		"refuse-device",
		"Likewise: it leaves by the device that it came in on, or by one that cannot be gone past.",
	},
	{
		K8SNET_FLOW_COUNTER_REFUSE_FULL,
		"refuse-full",
		"Likewise: there are as many as there may be.",
	},
	{
		K8SNET_FLOW_COUNTER_REFUSE_MEMORY,
		"refuse-memory",
		"Likewise: no memory.",
	},
	{
		K8SNET_FLOW_COUNTER_EVICT_CHANGED,
		"evict-changed",
		"Flows that were forgotten: a node, a device or its settings changed.",
	},
	{
		K8SNET_FLOW_COUNTER_EVICT_CONNECTION,
		"evict-connection",
		"Likewise: the connection is not in conntrack any more.",
	},
	{
		K8SNET_FLOW_COUNTER_EVICT_CLOSING,
		"evict-closing",
		"Likewise: the TCP connection ends.",
	},
	{
		K8SNET_FLOW_COUNTER_EVICT_ROUTE,
		"evict-route",
		"Likewise: a route changed.",
	},
	{
		K8SNET_FLOW_COUNTER_EVICT_IDLE,
		"evict-idle",
		"Likewise: no packet for a minute.",
	},
	{
		K8SNET_FLOW_COUNTER_EVICT_FLUSH,
		"evict-flush",
		"Likewise: on request.",
	},
	{
		K8SNET_FLOW_COUNTER_HIT_PEER,
		"hit-peer",
		"Packets that a pod has got past the queue of its veth; each is a hit as well.",
	},
	{
		K8SNET_FLOW_COUNTER_HIT_INGRESS,
		"hit-ingress",
		"Packets that were taken at their device's ingress, before the IP stack: of flows, and tunnel packets.",
	},
};

const struct k8snet_spec_enum k8snet_spec_flow_counter = {
	flow_counter_values, ARRAY_SIZE(flow_counter_values),
};

static const struct k8snet_spec_value drop_reason_values[] = {
	{
		K8SNET_DROP_REASON_TX_PROTOCOL,
		"tx-protocol",
		"A packet routed to the device was not a protocol that the device carries, or its header was too short to be one.",
	},
	{
		K8SNET_DROP_REASON_TX_NO_NODE,
		"tx-no-node",
		"No node of the device has a prefix that holds the destination; the sender is told by ICMP host unreachable.",
	},
	{
		K8SNET_DROP_REASON_TX_NO_LOCAL,
		"tx-no-local",
		"The device has no usable socket or source address for the node.",
	},
	{
		K8SNET_DROP_REASON_TX_NO_ROUTE,
		"tx-no-route",
		"The underlay has no route to the node's address.",
	},
	{
		K8SNET_DROP_REASON_TX_LOOP,
		"tx-loop",
		"The route to the node's address leads back into a k8snet device.",
	},
	{
		K8SNET_DROP_REASON_TX_TOO_BIG,
		"tx-too-big",
		"The packet is larger than the device's MTU, or than the way to the node is known to carry, and must not be fragmented; the sender is told by ICMP.",
	},
	{
		K8SNET_DROP_REASON_TX_NO_MEMORY,
		"tx-no-memory",
		"No memory for the headers of the encapsulation.",
	},
	{
		K8SNET_DROP_REASON_TX_UNDERLAY,
		"tx-underlay",
		"The underlay refused the encapsulated packet (a full queue, or a firewall rule on the output path).",
	},
	{
		K8SNET_DROP_REASON_RX_SHORT,
		"rx-short",
		"A tunnel packet was too short to hold the tunnel header and an inner packet.",
	},
	{
		K8SNET_DROP_REASON_RX_HEADER,
		"rx-header",
		"A tunnel header had a flag or reserved bit that its format does not define, or lacked the one that it requires.",
	},
	{
		K8SNET_DROP_REASON_RX_NO_DEVICE,
		"rx-no-device",
		"A tunnel packet carried an identifier (VNI) that no device on this port has, or the device was down.",
	},
	{
		K8SNET_DROP_REASON_RX_PROTOCOL,
		"rx-protocol",
		"The inner packet was not a protocol that the device carries.",
	},
	{
		K8SNET_DROP_REASON_RX_INNER_HEADER,
		"rx-inner-header",
		"The inner IP header was malformed (version, header length or total length).",
	},
	{
		K8SNET_DROP_REASON_RX_POLICY,
		"rx-policy",
		"An IP-in-IP packet did not have the protection that an IPsec policy of the node asks for (those of UDP tunnels are dropped, and counted, by IPsec itself).",
	},
	{
		K8SNET_DROP_REASON_RX_OUTER_SOURCE,
		"rx-outer-source",
		"Strict check, the packet came from an address that is not a node of the device.",
	},
	{
		K8SNET_DROP_REASON_RX_OUTER_DEVICE,
		"rx-outer-device",
		"Strict check, the packet had the address of a node, or without encapsulation that of a node's pod, but came in on a device that no route to the node uses, as when a pod pretends to be a node or another node's pod.",
	},
	{
		K8SNET_DROP_REASON_RX_INNER_SOURCE,
		"rx-inner-source",
		"Strict check, the inner source address does not belong to the node that sent the packet: it is in none of its prefixes, and not its underlay address.",
	},
	{
		K8SNET_DROP_REASON_RX_ECN,
		"rx-ecn",
		"Congestion was marked on the outer header of a packet whose inner header cannot carry the mark (RFC 6040).",
	},
	{
		K8SNET_DROP_REASON_RX_NO_MEMORY,
		"rx-no-memory",
		"No memory to take the tunnel headers off.",
	},
	{
		K8SNET_DROP_REASON_RX_BACKLOG,
		"rx-backlog",
		"The receive queue of the device was full (net.core.netdev_max_backlog).",
	},
	{
		K8SNET_DROP_REASON_FORWARD_TUNNEL,
		"forward-tunnel",
		"A packet that this node was to forward was addressed to the tunnel (UDP port, or protocol 4 or 41) of a node, or to such a port of anybody with the address of a node, or of this one, as its source without coming from there; nodes send those themselves, pods never.",
	},
	{
		K8SNET_DROP_REASON_OUTPUT_TUNNEL,
		"output-tunnel",
		"A process of this node sent a packet to the tunnel port of a node; only the overlay does that.",
	},
	{
		K8SNET_DROP_REASON_FORGED_ERROR,
		"forged-error",
		"An ICMP error that would have changed the path MTU of a node was not from the path: it was about a packet without DF, or, strict check, it came in on a device that no route to the node uses, as when a pod makes one up.",
	},
	{
		K8SNET_DROP_REASON_SERVICE_NO_ENDPOINT,
		"service-no-endpoint",
		"A new connection to a service without endpoints; it was refused, TCP with a reset, all else with ICMP port unreachable.",
	},
	{
		K8SNET_DROP_REASON_SERVICE_UNKNOWN_PORT,
		"service-unknown-port",
		"A new connection to a service's address on a port that the service does not have; it was refused likewise.",
	},
	{
		K8SNET_DROP_REASON_SERVICE_UNUSED_ADDRESS,
		"service-unused-address",
		"A new connection to an address in the service ranges that no service has; it was dropped.",
	},
	{
		K8SNET_DROP_REASON_NAT_FAILED,
		"nat-failed",
		"The kernel's NAT could not set up the translation of a new connection (no memory, or no free port).",
	},
	{
		K8SNET_DROP_REASON_SERVICE_NO_LOCAL_ENDPOINT,
		"service-no-local-endpoint",
		"A new connection under policy local to a service that has endpoints, but none on this node; it was dropped, so that a load balancer tries another node.",
	},
	{
		K8SNET_DROP_REASON_SERVICE_SOURCE_RANGE,
		"service-source-range",
		"A new connection from an address that is not in the source ranges of the service; it was dropped.",
	},
	{
		K8SNET_DROP_REASON_SERVICE_LIMIT,
		"service-limit",
		"A new connection to a service that has as many as it may have; it was refused, TCP with a reset, all else with ICMP port unreachable.",
	},
	{
		K8SNET_DROP_REASON_SERVICE_INVALID,
		"service-invalid",
		"A packet of a service's connection that conntrack finds invalid (TCP, out of its window), which cannot be translated; it would have shown the endpoint's address, and been answered with a reset.",
	},
};

const struct k8snet_spec_enum k8snet_spec_drop_reason = {
	drop_reason_values, ARRAY_SIZE(drop_reason_values),
};

static const struct k8snet_spec_value verdict_values[] = {
	{
		K8SNET_VERDICT_ACCEPT,
		"accept",
		"It is not one of a service, and goes where it is addressed to.",
	},
	{
		K8SNET_VERDICT_TRANSLATE,
		"translate",
		"It goes to an endpoint.",
	},
	{
		K8SNET_VERDICT_PING,
		"ping",
		"It is an echo request to a service's address, which the node answers.",
	},
	{
		K8SNET_VERDICT_REJECT,
		"reject",
		"It is refused, TCP with a reset, all else with ICMP.",
	},
	{
		K8SNET_VERDICT_DROP,
		"drop",
		"It is dropped in silence.",
	},
};

const struct k8snet_spec_enum k8snet_spec_verdict = {
	verdict_values, ARRAY_SIZE(verdict_values),
};

static const struct k8snet_spec_value range_state_values[] = {
	{
		K8SNET_RANGE_STATE_NONE,
		"none",
		"They do not apply, or there are none.",
	},
	{
		K8SNET_RANGE_STATE_INSIDE,
		"inside",
		"The client may come.",
	},
	{
		K8SNET_RANGE_STATE_OUTSIDE,
		"outside",
		"The client may not come.",
	},
};

const struct k8snet_spec_enum k8snet_spec_range_state = {
	range_state_values, ARRAY_SIZE(range_state_values),
};

static const struct k8snet_spec_value affinity_state_values[] = {
	{
		K8SNET_AFFINITY_STATE_NONE,
		"none",
		"The service has none.",
	},
	{
		K8SNET_AFFINITY_STATE_NEW,
		"new",
		"The client has no endpoint yet, or has one no longer.",
	},
	{
		K8SNET_AFFINITY_STATE_KEPT,
		"kept",
		"The client goes to its endpoint again.",
	},
};

const struct k8snet_spec_enum k8snet_spec_affinity_state = {
	affinity_state_values, ARRAY_SIZE(affinity_state_values),
};

static const struct k8snet_spec_value flow_state_values[] = {
	{
		K8SNET_FLOW_STATE_NONE,
		"none",
		"Nothing ever: a process of the node opens the connection, or its protocol is neither TCP nor UDP.",
	},
	{
		K8SNET_FLOW_STATE_OFF,
		"off",
		"The flow cache is off.",
	},
	{
		K8SNET_FLOW_STATE_UNKNOWN,
		"unknown",
		"Nothing; its packets go through the stack, and are learned from.",
	},
	{
		K8SNET_FLOW_STATE_KNOWN,
		"known",
		"How its packets go past the stack. What else is said here is for a connection that is new.",
	},
	{
		K8SNET_FLOW_STATE_STALE,
		"stale",
		"What does not hold any more; the next packet removes it.",
	},
};

const struct k8snet_spec_enum k8snet_spec_flow_state = {
	flow_state_values, ARRAY_SIZE(flow_state_values),
};

static const struct k8snet_spec_value source_state_values[] = {
	{
		K8SNET_SOURCE_STATE_KEPT,
		"kept",
		"Its own.",
	},
	{
		K8SNET_SOURCE_STATE_MASQUERADE,
		"masquerade",
		"One of the node's, for the answer must come back this way.",
	},
	{
		K8SNET_SOURCE_STATE_EGRESS,
		"egress",
		"One of the node's, for it leaves the cluster.",
	},
};

const struct k8snet_spec_enum k8snet_spec_source_state = {
	source_state_values, ARRAY_SIZE(source_state_values),
};

static const struct k8snet_spec_attr prefix_attrs[] = {
	[K8SNET_A_PREFIX_IPV4] = {
		.name = "ipv4",
		.word = "address",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_PREFIX_LENGTH] = {
		.name = "length",
		.word = "length",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_PREFIX_IPV6] = {
		.name = "ipv6",
		.word = "address",
		.kind = K8SNET_KIND_IPV6,
	},
};

const struct k8snet_spec_set k8snet_spec_prefix_set = {
	prefix_attrs, ARRAY_SIZE(prefix_attrs),
};

static const struct k8snet_spec_attr address_attrs[] = {
	[K8SNET_A_ADDRESS_IPV4] = {
		.name = "ipv4",
		.word = "address",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_ADDRESS_IPV6] = {
		.name = "ipv6",
		.word = "address",
		.kind = K8SNET_KIND_IPV6,
	},
};

const struct k8snet_spec_set k8snet_spec_address_set = {
	address_attrs, ARRAY_SIZE(address_attrs),
};

static const struct k8snet_spec_attr link_stats_attrs[] = {
	[K8SNET_A_LINK_STATS_PAD] = {
		.name = "pad",
		.word = "pad",
		.kind = K8SNET_KIND_PAD,
	},
	[K8SNET_A_LINK_STATS_RX_PACKETS] = {
		.name = "rx-packets",
		.word = "rx-packets",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_LINK_STATS_RX_BYTES] = {
		.name = "rx-bytes",
		.word = "rx-bytes",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_LINK_STATS_TX_PACKETS] = {
		.name = "tx-packets",
		.word = "tx-packets",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_LINK_STATS_TX_BYTES] = {
		.name = "tx-bytes",
		.word = "tx-bytes",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_LINK_STATS_RX_DROPPED] = {
		.name = "rx-dropped",
		.word = "rx-dropped",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_LINK_STATS_TX_DROPPED] = {
		.name = "tx-dropped",
		.word = "tx-dropped",
		.kind = K8SNET_KIND_U64,
	},
};

const struct k8snet_spec_set k8snet_spec_link_stats_set = {
	link_stats_attrs, ARRAY_SIZE(link_stats_attrs),
};

static const struct k8snet_spec_attr link_attrs[] = {
	[K8SNET_A_LINK_PAD] = {
		.name = "pad",
		.word = "pad",
		.kind = K8SNET_KIND_PAD,
	},
	[K8SNET_A_LINK_IFINDEX] = {
		.name = "ifindex",
		.word = "ifindex",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_LINK_IFNAME] = {
		.name = "ifname",
		.word = "dev",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_LINK_FORMAT] = {
		.name = "format",
		.word = "format",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_format,
	},
	[K8SNET_A_LINK_ID] = {
		.name = "id",
		.word = "id",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_LINK_PORT] = {
		.name = "port",
		.word = "port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_LINK_LOCAL_IPV4] = {
		.name = "local-ipv4",
		.word = "local",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_LINK_STRICT] = {
		.name = "strict",
		.word = "strict",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_LINK_MTU] = {
		.name = "mtu",
		.word = "mtu",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_LINK_MTU_AUTO] = {
		.name = "mtu-auto",
		.word = "mtu-auto",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_LINK_TTL] = {
		.name = "ttl",
		.word = "ttl",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_LINK_DSCP] = {
		.name = "dscp",
		.word = "dscp",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_LINK_DF] = {
		.name = "df",
		.word = "df",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_df,
	},
	[K8SNET_A_LINK_MAC] = {
		.name = "mac",
		.word = "mac",
		.kind = K8SNET_KIND_BINARY,
	},
	[K8SNET_A_LINK_NODES] = {
		.name = "nodes",
		.word = "nodes",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_LINK_STATS] = {
		.name = "stats",
		.word = "stats",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_link_stats_set,
	},
	[K8SNET_A_LINK_LOCAL_IPV6] = {
		.name = "local-ipv6",
		.word = "local",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_LINK_CROSS_SUBNET] = {
		.name = "cross-subnet",
		.word = "cross-subnet",
		.kind = K8SNET_KIND_U32,
	},
};

const struct k8snet_spec_set k8snet_spec_link_set = {
	link_attrs, ARRAY_SIZE(link_attrs),
};

static const struct k8snet_spec_attr node_attrs[] = {
	[K8SNET_A_NODE_PAD] = {
		.name = "pad",
		.word = "pad",
		.kind = K8SNET_KIND_PAD,
	},
	[K8SNET_A_NODE_IFINDEX] = {
		.name = "ifindex",
		.word = "ifindex",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_NODE_IFNAME] = {
		.name = "ifname",
		.word = "dev",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_NODE_NAME] = {
		.name = "name",
		.word = "name",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_NODE_VIA_IPV4] = {
		.name = "via-ipv4",
		.word = "via",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_NODE_PORT] = {
		.name = "port",
		.word = "port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_NODE_MAC] = {
		.name = "mac",
		.word = "mac",
		.kind = K8SNET_KIND_BINARY,
	},
	[K8SNET_A_NODE_FORMAT] = {
		.name = "format",
		.word = "format",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_format,
	},
	[K8SNET_A_NODE_PREFIX] = {
		.name = "prefix",
		.word = "pods",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_prefix_set,
	},
	[K8SNET_A_NODE_STATS] = {
		.name = "stats",
		.word = "stats",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_link_stats_set,
	},
	[K8SNET_A_NODE_VIA_IPV6] = {
		.name = "via-ipv6",
		.word = "via",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_NODE_CURRENT_FORMAT] = {
		.name = "current-format",
		.word = "current-format",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_format,
	},
	[K8SNET_A_NODE_PATH_MTU] = {
		.name = "path-mtu",
		.word = "path-mtu",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_NODE_MOVE] = {
		.name = "move",
		.word = "move",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_NODE_ALSO] = {
		.name = "also",
		.word = "also",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_address_set,
	},
};

const struct k8snet_spec_set k8snet_spec_node_set = {
	node_attrs, ARRAY_SIZE(node_attrs),
};

static const struct k8snet_spec_attr frontend_attrs[] = {
	[K8SNET_A_FRONTEND_TYPE] = {
		.name = "type",
		.word = "type",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_frontend_type,
	},
	[K8SNET_A_FRONTEND_IPV4] = {
		.name = "ipv4",
		.word = "address",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_FRONTEND_PORT] = {
		.name = "port",
		.word = "port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_FRONTEND_IPV6] = {
		.name = "ipv6",
		.word = "address",
		.kind = K8SNET_KIND_IPV6,
	},
};

const struct k8snet_spec_set k8snet_spec_frontend_set = {
	frontend_attrs, ARRAY_SIZE(frontend_attrs),
};

static const struct k8snet_spec_attr backend_attrs[] = {
	[K8SNET_A_BACKEND_IPV4] = {
		.name = "ipv4",
		.word = "address",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_BACKEND_PORT] = {
		.name = "port",
		.word = "port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_BACKEND_WEIGHT] = {
		.name = "weight",
		.word = "weight",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_BACKEND_IPV6] = {
		.name = "ipv6",
		.word = "address",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_BACKEND_FLAGS] = {
		.name = "flags",
		.word = "flags",
		.kind = K8SNET_KIND_FLAGS,
		.values = &k8snet_spec_endpoint_flag,
	},
};

const struct k8snet_spec_set k8snet_spec_backend_set = {
	backend_attrs, ARRAY_SIZE(backend_attrs),
};

static const struct k8snet_spec_attr endpoint_attrs[] = {
	[K8SNET_A_ENDPOINT_PAD] = {
		.name = "pad",
		.word = "pad",
		.kind = K8SNET_KIND_PAD,
	},
	[K8SNET_A_ENDPOINT_SERVICE] = {
		.name = "service",
		.word = "service",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_ENDPOINT_IPV4] = {
		.name = "ipv4",
		.word = "address",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_ENDPOINT_PORT] = {
		.name = "port",
		.word = "port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_ENDPOINT_WEIGHT] = {
		.name = "weight",
		.word = "weight",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_ENDPOINT_NEW] = {
		.name = "new",
		.word = "new",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_ENDPOINT_IPV6] = {
		.name = "ipv6",
		.word = "address",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_ENDPOINT_FLAGS] = {
		.name = "flags",
		.word = "flags",
		.kind = K8SNET_KIND_FLAGS,
		.values = &k8snet_spec_endpoint_flag,
	},
	[K8SNET_A_ENDPOINT_ACTIVE] = {
		.name = "active",
		.word = "active",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_ENDPOINT_IN_PACKETS] = {
		.name = "in-packets",
		.word = "in-packets",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_ENDPOINT_IN_BYTES] = {
		.name = "in-bytes",
		.word = "in-bytes",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_ENDPOINT_OUT_PACKETS] = {
		.name = "out-packets",
		.word = "out-packets",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_ENDPOINT_OUT_BYTES] = {
		.name = "out-bytes",
		.word = "out-bytes",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_ENDPOINT_PROTOCOL] = {
		.name = "protocol",
		.word = "protocol",
		.kind = K8SNET_KIND_U32,
	},
};

const struct k8snet_spec_set k8snet_spec_endpoint_set = {
	endpoint_attrs, ARRAY_SIZE(endpoint_attrs),
};

static const struct k8snet_spec_attr service_attrs[] = {
	[K8SNET_A_SERVICE_PAD] = {
		.name = "pad",
		.word = "pad",
		.kind = K8SNET_KIND_PAD,
	},
	[K8SNET_A_SERVICE_NAME] = {
		.name = "name",
		.word = "name",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_SERVICE_PROTOCOL] = {
		.name = "protocol",
		.word = "protocol",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_SERVICE_FRONTEND] = {
		.name = "frontend",
		.word = "frontend",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_frontend_set,
	},
	[K8SNET_A_SERVICE_ALGORITHM] = {
		.name = "algorithm",
		.word = "algorithm",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_algorithm,
	},
	[K8SNET_A_SERVICE_ENDPOINT] = {
		.name = "endpoint",
		.word = "endpoint",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_backend_set,
	},
	[K8SNET_A_SERVICE_ENDPOINTS] = {
		.name = "endpoints",
		.word = "endpoints",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_SERVICE_NEW] = {
		.name = "new",
		.word = "new",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_SERVICE_REJECTED] = {
		.name = "rejected",
		.word = "rejected",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_SERVICE_INTERNAL_POLICY] = {
		.name = "internal-policy",
		.word = "internal",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_policy,
	},
	[K8SNET_A_SERVICE_EXTERNAL_POLICY] = {
		.name = "external-policy",
		.word = "external-policy",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_policy,
	},
	[K8SNET_A_SERVICE_RANGE] = {
		.name = "range",
		.word = "ranges",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_prefix_set,
	},
	[K8SNET_A_SERVICE_RANGE_SCOPE] = {
		.name = "range-scope",
		.word = "ranges-on",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_range_scope,
	},
	[K8SNET_A_SERVICE_ON_REMOVE] = {
		.name = "on-remove",
		.word = "on-remove",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_on_remove,
	},
	[K8SNET_A_SERVICE_LIMIT] = {
		.name = "limit",
		.word = "limit",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_SERVICE_AFFINITY] = {
		.name = "affinity",
		.word = "affinity",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_SERVICE_ACTIVE] = {
		.name = "active",
		.word = "active",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_SERVICE_IN_PACKETS] = {
		.name = "in-packets",
		.word = "in-packets",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_SERVICE_IN_BYTES] = {
		.name = "in-bytes",
		.word = "in-bytes",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_SERVICE_OUT_PACKETS] = {
		.name = "out-packets",
		.word = "out-packets",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_SERVICE_OUT_BYTES] = {
		.name = "out-bytes",
		.word = "out-bytes",
		.kind = K8SNET_KIND_U64,
	},
};

const struct k8snet_spec_set k8snet_spec_service_set = {
	service_attrs, ARRAY_SIZE(service_attrs),
};

static const struct k8snet_spec_attr config_attrs[] = {
	[K8SNET_A_CONFIG_CLEAR] = {
		.name = "clear",
		.word = "clear",
		.kind = K8SNET_KIND_FLAGS,
		.values = &k8snet_spec_config_field,
	},
	[K8SNET_A_CONFIG_PODS] = {
		.name = "pods",
		.word = "pods",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_prefix_set,
	},
	[K8SNET_A_CONFIG_SERVICES] = {
		.name = "services",
		.word = "services",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_prefix_set,
	},
	[K8SNET_A_CONFIG_SEED] = {
		.name = "seed",
		.word = "seed",
		.kind = K8SNET_KIND_BINARY,
	},
	[K8SNET_A_CONFIG_NODEPORT_ADDRESS] = {
		.name = "nodeport-address",
		.word = "nodeport-addresses",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_prefix_set,
	},
	[K8SNET_A_CONFIG_NODEPORTS_MIN] = {
		.name = "nodeports-min",
		.word = "nodeports",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_CONFIG_NODEPORTS_MAX] = {
		.name = "nodeports-max",
		.word = "nodeports",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_CONFIG_VIP_PING] = {
		.name = "vip-ping",
		.word = "vip-ping",
		.kind = K8SNET_KIND_U32,
	},
};

const struct k8snet_spec_set k8snet_spec_config_set = {
	config_attrs, ARRAY_SIZE(config_attrs),
};

static const struct k8snet_spec_attr egress_attrs[] = {
	[K8SNET_A_EGRESS_PAD] = {
		.name = "pad",
		.word = "pad",
		.kind = K8SNET_KIND_PAD,
	},
	[K8SNET_A_EGRESS_ENABLED] = {
		.name = "enabled",
		.word = "enabled",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_EGRESS_SOURCE_IPV4] = {
		.name = "source-ipv4",
		.word = "source",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_EGRESS_EXCLUDE] = {
		.name = "exclude",
		.word = "exclude",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_prefix_set,
	},
	[K8SNET_A_EGRESS_NEW] = {
		.name = "new",
		.word = "new",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_EGRESS_SOURCE_IPV6] = {
		.name = "source-ipv6",
		.word = "source",
		.kind = K8SNET_KIND_IPV6,
	},
};

const struct k8snet_spec_set k8snet_spec_egress_set = {
	egress_attrs, ARRAY_SIZE(egress_attrs),
};

static const struct k8snet_spec_attr flow_count_attrs[] = {
	[K8SNET_A_FLOW_COUNT_PAD] = {
		.name = "pad",
		.word = "pad",
		.kind = K8SNET_KIND_PAD,
	},
	[K8SNET_A_FLOW_COUNT_COUNTER] = {
		.name = "counter",
		.word = "counter",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_flow_counter,
	},
	[K8SNET_A_FLOW_COUNT_VALUE] = {
		.name = "value",
		.word = "value",
		.kind = K8SNET_KIND_U64,
	},
};

const struct k8snet_spec_set k8snet_spec_flow_count_set = {
	flow_count_attrs, ARRAY_SIZE(flow_count_attrs),
};

static const struct k8snet_spec_attr flow_cache_attrs[] = {
	[K8SNET_A_FLOW_CACHE_ENABLED] = {
		.name = "enabled",
		.word = "enabled",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_FLOW_CACHE_LIMIT] = {
		.name = "limit",
		.word = "limit",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_FLOW_CACHE_FLOWS] = {
		.name = "flows",
		.word = "flows",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_FLOW_CACHE_PEER] = {
		.name = "peer",
		.word = "peer",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_FLOW_CACHE_INGRESS] = {
		.name = "ingress",
		.word = "ingress",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_FLOW_CACHE_EARLY] = {
		.name = "early",
		.word = "early",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_FLOW_CACHE_COUNT] = {
		.name = "count",
		.word = "count",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_flow_count_set,
	},
};

const struct k8snet_spec_set k8snet_spec_flow_cache_set = {
	flow_cache_attrs, ARRAY_SIZE(flow_cache_attrs),
};

static const struct k8snet_spec_attr flow_attrs[] = {
	[K8SNET_A_FLOW_PAD] = {
		.name = "pad",
		.word = "pad",
		.kind = K8SNET_KIND_PAD,
	},
	[K8SNET_A_FLOW_PROTOCOL] = {
		.name = "protocol",
		.word = "protocol",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_FLOW_SOURCE_IPV4] = {
		.name = "source-ipv4",
		.word = "source",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_FLOW_SOURCE_IPV6] = {
		.name = "source-ipv6",
		.word = "source",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_FLOW_SOURCE_PORT] = {
		.name = "source-port",
		.word = "source-port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_FLOW_DEST_IPV4] = {
		.name = "dest-ipv4",
		.word = "dest",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_FLOW_DEST_IPV6] = {
		.name = "dest-ipv6",
		.word = "dest",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_FLOW_DEST_PORT] = {
		.name = "dest-port",
		.word = "dest-port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_FLOW_NEW_SOURCE_IPV4] = {
		.name = "new-source-ipv4",
		.word = "new-source",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_FLOW_NEW_SOURCE_IPV6] = {
		.name = "new-source-ipv6",
		.word = "new-source",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_FLOW_NEW_SOURCE_PORT] = {
		.name = "new-source-port",
		.word = "new-source-port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_FLOW_NEW_DEST_IPV4] = {
		.name = "new-dest-ipv4",
		.word = "new-dest",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_FLOW_NEW_DEST_IPV6] = {
		.name = "new-dest-ipv6",
		.word = "new-dest",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_FLOW_NEW_DEST_PORT] = {
		.name = "new-dest-port",
		.word = "new-dest-port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_FLOW_IIF] = {
		.name = "iif",
		.word = "iif",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_FLOW_OIF] = {
		.name = "oif",
		.word = "oif",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_FLOW_NODE] = {
		.name = "node",
		.word = "node",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_FLOW_PACKETS] = {
		.name = "packets",
		.word = "packets",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_FLOW_BYTES] = {
		.name = "bytes",
		.word = "bytes",
		.kind = K8SNET_KIND_U64,
	},
	[K8SNET_A_FLOW_AGE] = {
		.name = "age",
		.word = "age",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_FLOW_IDLE] = {
		.name = "idle",
		.word = "idle",
		.kind = K8SNET_KIND_U32,
	},
};

const struct k8snet_spec_set k8snet_spec_flow_set = {
	flow_attrs, ARRAY_SIZE(flow_attrs),
};

static const struct k8snet_spec_attr counter_attrs[] = {
	[K8SNET_A_COUNTER_PAD] = {
		.name = "pad",
		.word = "pad",
		.kind = K8SNET_KIND_PAD,
	},
	[K8SNET_A_COUNTER_REASON] = {
		.name = "reason",
		.word = "reason",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_drop_reason,
	},
	[K8SNET_A_COUNTER_PACKETS] = {
		.name = "packets",
		.word = "packets",
		.kind = K8SNET_KIND_U64,
	},
};

const struct k8snet_spec_set k8snet_spec_counter_set = {
	counter_attrs, ARRAY_SIZE(counter_attrs),
};

static const struct k8snet_spec_attr stats_attrs[] = {
	[K8SNET_A_STATS_IFINDEX] = {
		.name = "ifindex",
		.word = "ifindex",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_STATS_IFNAME] = {
		.name = "ifname",
		.word = "dev",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_STATS_COUNTER] = {
		.name = "counter",
		.word = "counter",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_counter_set,
	},
};

const struct k8snet_spec_set k8snet_spec_stats_set = {
	stats_attrs, ARRAY_SIZE(stats_attrs),
};

static const struct k8snet_spec_attr drop_attrs[] = {
	[K8SNET_A_DROP_IFINDEX] = {
		.name = "ifindex",
		.word = "ifindex",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_DROP_IFNAME] = {
		.name = "ifname",
		.word = "dev",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_DROP_REASON] = {
		.name = "reason",
		.word = "reason",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_drop_reason,
	},
	[K8SNET_A_DROP_OUTER_IPV4] = {
		.name = "outer-ipv4",
		.word = "outer",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_DROP_OUTER_IPV6] = {
		.name = "outer-ipv6",
		.word = "outer",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_DROP_INNER_IPV4] = {
		.name = "inner-ipv4",
		.word = "inner",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_DROP_INNER_IPV6] = {
		.name = "inner-ipv6",
		.word = "inner",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_DROP_IIF] = {
		.name = "iif",
		.word = "iif",
		.kind = K8SNET_KIND_U32,
	},
};

const struct k8snet_spec_set k8snet_spec_drop_set = {
	drop_attrs, ARRAY_SIZE(drop_attrs),
};

static const struct k8snet_spec_attr transaction_attrs[] = {
	[K8SNET_A_TRANSACTION_GENERATION] = {
		.name = "generation",
		.word = "generation",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_TRANSACTION_MESSAGES] = {
		.name = "messages",
		.word = "messages",
		.kind = K8SNET_KIND_U32,
	},
};

const struct k8snet_spec_set k8snet_spec_transaction_set = {
	transaction_attrs, ARRAY_SIZE(transaction_attrs),
};

static const struct k8snet_spec_attr explain_attrs[] = {
	[K8SNET_A_EXPLAIN_PROTOCOL] = {
		.name = "protocol",
		.word = "protocol",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_EXPLAIN_SOURCE_IPV4] = {
		.name = "source-ipv4",
		.word = "source",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_EXPLAIN_SOURCE_IPV6] = {
		.name = "source-ipv6",
		.word = "source",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_EXPLAIN_SOURCE_PORT] = {
		.name = "source-port",
		.word = "source-port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_EXPLAIN_DEST_IPV4] = {
		.name = "dest-ipv4",
		.word = "dest",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_EXPLAIN_DEST_IPV6] = {
		.name = "dest-ipv6",
		.word = "dest",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_EXPLAIN_DEST_PORT] = {
		.name = "dest-port",
		.word = "dest-port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_EXPLAIN_IIFNAME] = {
		.name = "iifname",
		.word = "iifname",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_EXPLAIN_VERDICT] = {
		.name = "verdict",
		.word = "verdict",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_verdict,
	},
	[K8SNET_A_EXPLAIN_REASON] = {
		.name = "reason",
		.word = "reason",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_drop_reason,
	},
	[K8SNET_A_EXPLAIN_SERVICE] = {
		.name = "service",
		.word = "service",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_EXPLAIN_FRONTEND] = {
		.name = "frontend",
		.word = "frontend",
		.kind = K8SNET_KIND_NEST,
		.nest = &k8snet_spec_frontend_set,
	},
	[K8SNET_A_EXPLAIN_POLICY] = {
		.name = "policy",
		.word = "policy",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_policy,
	},
	[K8SNET_A_EXPLAIN_RANGE_STATE] = {
		.name = "range-state",
		.word = "range-state",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_range_state,
	},
	[K8SNET_A_EXPLAIN_ENDPOINTS] = {
		.name = "endpoints",
		.word = "endpoints",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_EXPLAIN_AFFINITY_STATE] = {
		.name = "affinity-state",
		.word = "affinity-state",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_affinity_state,
	},
	[K8SNET_A_EXPLAIN_ALGORITHM] = {
		.name = "algorithm",
		.word = "algorithm",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_algorithm,
	},
	[K8SNET_A_EXPLAIN_ENDPOINT_IPV4] = {
		.name = "endpoint-ipv4",
		.word = "endpoint",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_EXPLAIN_ENDPOINT_IPV6] = {
		.name = "endpoint-ipv6",
		.word = "endpoint",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_EXPLAIN_ENDPOINT_PORT] = {
		.name = "endpoint-port",
		.word = "endpoint-port",
		.kind = K8SNET_KIND_PORT,
	},
	[K8SNET_A_EXPLAIN_SOURCE_STATE] = {
		.name = "source-state",
		.word = "source-state",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_source_state,
	},
	[K8SNET_A_EXPLAIN_NEW_SOURCE_IPV4] = {
		.name = "new-source-ipv4",
		.word = "new-source",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_EXPLAIN_NEW_SOURCE_IPV6] = {
		.name = "new-source-ipv6",
		.word = "new-source",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_EXPLAIN_OIFNAME] = {
		.name = "oifname",
		.word = "oifname",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_EXPLAIN_NODE] = {
		.name = "node",
		.word = "node",
		.kind = K8SNET_KIND_STRING,
	},
	[K8SNET_A_EXPLAIN_VIA_IPV4] = {
		.name = "via-ipv4",
		.word = "via",
		.kind = K8SNET_KIND_IPV4,
	},
	[K8SNET_A_EXPLAIN_VIA_IPV6] = {
		.name = "via-ipv6",
		.word = "via",
		.kind = K8SNET_KIND_IPV6,
	},
	[K8SNET_A_EXPLAIN_FORMAT] = {
		.name = "format",
		.word = "format",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_format,
	},
	[K8SNET_A_EXPLAIN_MTU] = {
		.name = "mtu",
		.word = "mtu",
		.kind = K8SNET_KIND_U32,
	},
	[K8SNET_A_EXPLAIN_FLOW_STATE] = {
		.name = "flow-state",
		.word = "flow-state",
		.kind = K8SNET_KIND_ENUM,
		.values = &k8snet_spec_flow_state,
	},
};

const struct k8snet_spec_set k8snet_spec_explain_set = {
	explain_attrs, ARRAY_SIZE(explain_attrs),
};

const struct k8snet_spec_op k8snet_spec_ops[] = {
	[K8SNET_CMD_LINK_GET] = {
		"link-get", &k8snet_spec_link_set,
	},
	[K8SNET_CMD_LINK_SET] = {
		"link-set", &k8snet_spec_link_set,
	},
	[K8SNET_CMD_NODE_NEW] = {
		"node-new", &k8snet_spec_node_set,
	},
	[K8SNET_CMD_NODE_REPLACE] = {
		"node-replace", &k8snet_spec_node_set,
	},
	[K8SNET_CMD_NODE_DEL] = {
		"node-del", &k8snet_spec_node_set,
	},
	[K8SNET_CMD_NODE_GET] = {
		"node-get", &k8snet_spec_node_set,
	},
	[K8SNET_CMD_SERVICE_NEW] = {
		"service-new", &k8snet_spec_service_set,
	},
	[K8SNET_CMD_SERVICE_REPLACE] = {
		"service-replace", &k8snet_spec_service_set,
	},
	[K8SNET_CMD_SERVICE_DEL] = {
		"service-del", &k8snet_spec_service_set,
	},
	[K8SNET_CMD_SERVICE_GET] = {
		"service-get", &k8snet_spec_service_set,
	},
	[K8SNET_CMD_ENDPOINT_NEW] = {
		"endpoint-new", &k8snet_spec_endpoint_set,
	},
	[K8SNET_CMD_ENDPOINT_DEL] = {
		"endpoint-del", &k8snet_spec_endpoint_set,
	},
	[K8SNET_CMD_ENDPOINT_GET] = {
		"endpoint-get", &k8snet_spec_endpoint_set,
	},
	[K8SNET_CMD_CONFIG_GET] = {
		"config-get", &k8snet_spec_config_set,
	},
	[K8SNET_CMD_CONFIG_SET] = {
		"config-set", &k8snet_spec_config_set,
	},
	[K8SNET_CMD_EGRESS_GET] = {
		"egress-get", &k8snet_spec_egress_set,
	},
	[K8SNET_CMD_EGRESS_SET] = {
		"egress-set", &k8snet_spec_egress_set,
	},
	[K8SNET_CMD_STATS_GET] = {
		"stats-get", &k8snet_spec_stats_set,
	},
	[K8SNET_CMD_DROP_EVENT] = {
		"drop-event", &k8snet_spec_drop_set,
	},
	[K8SNET_CMD_ENDPOINT_REPLACE] = {
		"endpoint-replace", &k8snet_spec_endpoint_set,
	},
	[K8SNET_CMD_DRAINED_EVENT] = {
		"drained-event", &k8snet_spec_endpoint_set,
	},
	[K8SNET_CMD_FLOW_GET] = {
		"flow-get", &k8snet_spec_flow_set,
	},
	[K8SNET_CMD_FLOW_FLUSH] = {
		"flow-flush", &k8snet_spec_flow_cache_set,
	},
	[K8SNET_CMD_FLOW_CACHE_GET] = {
		"flow-cache-get", &k8snet_spec_flow_cache_set,
	},
	[K8SNET_CMD_FLOW_CACHE_SET] = {
		"flow-cache-set", &k8snet_spec_flow_cache_set,
	},
	[K8SNET_CMD_TRANSACTION_BEGIN] = {
		"transaction-begin", &k8snet_spec_transaction_set,
	},
	[K8SNET_CMD_TRANSACTION_COMMIT] = {
		"transaction-commit", &k8snet_spec_transaction_set,
	},
	[K8SNET_CMD_TRANSACTION_ABORT] = {
		"transaction-abort", &k8snet_spec_transaction_set,
	},
	[K8SNET_CMD_CHANGE_EVENT] = {
		"change-event", &k8snet_spec_transaction_set,
	},
	[K8SNET_CMD_EXPLAIN] = {
		"explain", &k8snet_spec_explain_set,
	},
};

const unsigned int k8snet_spec_op_count = ARRAY_SIZE(k8snet_spec_ops);
