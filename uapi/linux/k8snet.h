/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	uapi/netlink/specs/k8snet.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_K8SNET_H
#define _UAPI_LINUX_K8SNET_H

#define K8SNET_FAMILY_NAME	"k8snet"
#define K8SNET_FAMILY_VERSION	1

#define K8SNET_NAME_MAX		253
#define K8SNET_SERVICE_NAME_MAX	191
#define K8SNET_SEED_LEN		16
#define K8SNET_MAC_LEN		6
#define K8SNET_ADDR6_LEN	16
#define K8SNET_ENDPOINTS_MAX	4096
#define K8SNET_PREFIXES_MAX	64
#define K8SNET_ALSO_MAX		7
#define K8SNET_WEIGHT_MAX	100
#define K8SNET_AFFINITY_MAX	86400

/**
 * enum k8snet_format - How a packet between two nodes looks on the underlay.
 * @K8SNET_FORMAT_VXLAN: VXLAN (RFC 7348), the bytes of flannel's vxlan
 *   backend.
 * @K8SNET_FORMAT_UDP: The inner IP packet as the payload of UDP, the bytes of
 *   flannel's udp backend, of Linux FOU and of bareudp.
 * @K8SNET_FORMAT_IPIP: The inner IP packet as the payload of IP, protocol 4 or
 *   41 (RFC 2003, RFC 2473, RFC 4213), the bytes of Calico's IPIP.
 * @K8SNET_FORMAT_DIRECT: No encapsulation; the packet goes to the next hop on
 *   the way to the node as it is, as with flannel's host-gw and Calico's BGP.
 */
enum k8snet_format {
	K8SNET_FORMAT_VXLAN,
	K8SNET_FORMAT_UDP,
	K8SNET_FORMAT_IPIP,
	K8SNET_FORMAT_DIRECT,
};

/**
 * enum k8snet_df - The Don't-Fragment bit of outer IPv4 packets.
 * @K8SNET_DF_UNSET: Never set, as flannel and Calico do (the default).
 * @K8SNET_DF_SET: Always set.
 * @K8SNET_DF_INHERIT: Copied from the inner IPv4 header.
 */
enum k8snet_df {
	K8SNET_DF_UNSET,
	K8SNET_DF_SET,
	K8SNET_DF_INHERIT,
};

/**
 * enum k8snet_algorithm - How a service chooses an endpoint for a new
 *   connection.
 * @K8SNET_ALGORITHM_MAGLEV: Maglev table over a keyed hash of the 5-tuple;
 *   every node with the same seed and the same endpoints chooses the same
 *   endpoint.
 * @K8SNET_ALGORITHM_RANDOM: At random, by weight.
 * @K8SNET_ALGORITHM_RR: In turn, by weight.
 * @K8SNET_ALGORITHM_LC: Of two at random the one with fewer active connections
 *   for its weight.
 */
enum k8snet_algorithm {
	K8SNET_ALGORITHM_MAGLEV,
	K8SNET_ALGORITHM_RANDOM,
	K8SNET_ALGORITHM_RR,
	K8SNET_ALGORITHM_LC,
};

/**
 * enum k8snet_frontend_type - What kind of address a service answers on.
 * @K8SNET_FRONTEND_TYPE_CLUSTER_IP: A ClusterIP, reachable from pods and nodes
 *   of the cluster.
 * @K8SNET_FRONTEND_TYPE_NODE_PORT: A port of this node, on all of its
 *   addresses but loopback ones, or on those in the nodeport-address ranges of
 *   the configuration; its own address is 0.0.0.0 or "::".
 * @K8SNET_FRONTEND_TYPE_LOAD_BALANCER: An address of a load balancer, whose
 *   source ranges apply.
 * @K8SNET_FRONTEND_TYPE_EXTERNAL: Any other address that leads here from
 *   outside of the cluster.
 */
enum k8snet_frontend_type {
	K8SNET_FRONTEND_TYPE_CLUSTER_IP,
	K8SNET_FRONTEND_TYPE_NODE_PORT,
	K8SNET_FRONTEND_TYPE_LOAD_BALANCER,
	K8SNET_FRONTEND_TYPE_EXTERNAL,
};

/**
 * enum k8snet_policy - Which endpoints take the traffic of a kind of frontend.
 * @K8SNET_POLICY_CLUSTER: Those of the cluster set (the default).
 * @K8SNET_POLICY_LOCAL: Those of the local set, on this node.
 */
enum k8snet_policy {
	K8SNET_POLICY_CLUSTER,
	K8SNET_POLICY_LOCAL,
};

/**
 * enum k8snet_on_remove - What becomes of established connections to an
 *   endpoint or a frontend that is removed. UDP flows always end at once.
 * @K8SNET_ON_REMOVE_DRAIN: They live on until they end (the default).
 * @K8SNET_ON_REMOVE_RESET: They end at once, TCP with a reset to both ends.
 */
enum k8snet_on_remove {
	K8SNET_ON_REMOVE_DRAIN,
	K8SNET_ON_REMOVE_RESET,
};

/**
 * enum k8snet_range_scope - Which frontends the source ranges of a service
 *   apply to.
 * @K8SNET_RANGE_SCOPE_LOAD_BALANCER: The load-balancer addresses (the
 *   default).
 * @K8SNET_RANGE_SCOPE_EXTERNAL: Node ports and external addresses as well.
 */
enum k8snet_range_scope {
	K8SNET_RANGE_SCOPE_LOAD_BALANCER,
	K8SNET_RANGE_SCOPE_EXTERNAL,
};

/**
 * enum k8snet_endpoint_flag - Which sets an endpoint is in. One that is in
 *   none takes no new connections; those that it has live on.
 * @K8SNET_ENDPOINT_FLAG_CLUSTER: In the set that policy cluster chooses from.
 * @K8SNET_ENDPOINT_FLAG_LOCAL: In the set that policy local chooses from.
 * @K8SNET_ENDPOINT_FLAG_ON_NODE: On this node.
 * @K8SNET_ENDPOINT_FLAG_SERVING: In no set perhaps, but it still serves the
 *   connections that it has; without this flag and in no set its UDP flows end
 *   at once, as if it were removed.
 */
enum k8snet_endpoint_flag {
	K8SNET_ENDPOINT_FLAG_CLUSTER = 1,
	K8SNET_ENDPOINT_FLAG_LOCAL = 2,
	K8SNET_ENDPOINT_FLAG_ON_NODE = 4,
	K8SNET_ENDPOINT_FLAG_SERVING = 8,
};

/**
 * enum k8snet_config_field - Fields of the configuration that can be cleared.
 * @K8SNET_CONFIG_FIELD_PODS: The pod ranges.
 * @K8SNET_CONFIG_FIELD_SERVICES: The service ranges.
 * @K8SNET_CONFIG_FIELD_SEED: The selection seed; cleared means the all-zero
 *   default.
 * @K8SNET_CONFIG_FIELD_NODEPORT_ADDRESS: The ranges of addresses that answer
 *   node ports.
 * @K8SNET_CONFIG_FIELD_NODEPORTS: The range of node ports; cleared means 30000
 *   to 32767.
 */
enum k8snet_config_field {
	K8SNET_CONFIG_FIELD_PODS = 1,
	K8SNET_CONFIG_FIELD_SERVICES = 2,
	K8SNET_CONFIG_FIELD_SEED = 4,
	K8SNET_CONFIG_FIELD_NODEPORT_ADDRESS = 8,
	K8SNET_CONFIG_FIELD_NODEPORTS = 16,
};

/**
 * enum k8snet_flow_counter - What the flow cache counts.
 * @K8SNET_FLOW_COUNTER_HIT: Packets that went past the stack.
 * @K8SNET_FLOW_COUNTER_MISS: TCP and UDP packets of no flow that is known.
 * @K8SNET_FLOW_COUNTER_LEARNED: Flows that were remembered.
 * @K8SNET_FLOW_COUNTER_PASS_TTL: Packets of a known flow that the stack has
 *   got: the TTL runs out.
 * @K8SNET_FLOW_COUNTER_PASS_DSCP: Likewise: another DSCP than the flow has, by
 *   which a rule may choose another route.
 * @K8SNET_FLOW_COUNTER_PASS_MARK: Likewise: something has set a mark.
 * @K8SNET_FLOW_COUNTER_PASS_UNUSUAL: Likewise: not to this machine alone, or
 *   with a route, IPsec or a bridge behind it.
 * @K8SNET_FLOW_COUNTER_PASS_WATCHED: Likewise: something looks at the packets
 *   of the overlay device (a capture, tc, BPF).
 * @K8SNET_FLOW_COUNTER_PASS_MTU: Likewise: too large for the way out, or there
 *   is none at the moment.
 * @K8SNET_FLOW_COUNTER_PASS_MEMORY: Likewise: no memory to write the headers.
 * @K8SNET_FLOW_COUNTER_REFUSE_MARK: Packets whose flow is not remembered: it
 *   had a mark where packets are forwarded.
 * @K8SNET_FLOW_COUNTER_REFUSE_WATCHED: Likewise: a conntrack helper, a zone, a
 *   SYN proxy or an nftables flowtable has the connection.
 * @K8SNET_FLOW_COUNTER_REFUSE_ROUTE: Likewise: the route is no plain one
 *   (IPsec, a lightweight tunnel, a redirect, of IPv6 a nexthop object).
 * @K8SNET_FLOW_COUNTER_REFUSE_DEVICE: Likewise: it leaves by the device that
 *   it came in on, or by one that cannot be gone past.
 * @K8SNET_FLOW_COUNTER_REFUSE_FULL: Likewise: there are as many as there may
 *   be.
 * @K8SNET_FLOW_COUNTER_REFUSE_MEMORY: Likewise: no memory.
 * @K8SNET_FLOW_COUNTER_EVICT_CHANGED: Flows that were forgotten: a node, a
 *   device or its settings changed.
 * @K8SNET_FLOW_COUNTER_EVICT_CONNECTION: Likewise: the connection is not in
 *   conntrack any more.
 * @K8SNET_FLOW_COUNTER_EVICT_CLOSING: Likewise: the TCP connection ends.
 * @K8SNET_FLOW_COUNTER_EVICT_ROUTE: Likewise: a route changed.
 * @K8SNET_FLOW_COUNTER_EVICT_IDLE: Likewise: no packet for a minute.
 * @K8SNET_FLOW_COUNTER_EVICT_FLUSH: Likewise: on request.
 * @K8SNET_FLOW_COUNTER_HIT_PEER: Packets that a pod has got past the queue of
 *   its veth; each is a hit as well.
 * @K8SNET_FLOW_COUNTER_HIT_INGRESS: Packets that were taken at their device's
 *   ingress, before the IP stack: of flows, and tunnel packets.
 */
enum k8snet_flow_counter {
	K8SNET_FLOW_COUNTER_HIT,
	K8SNET_FLOW_COUNTER_MISS,
	K8SNET_FLOW_COUNTER_LEARNED,
	K8SNET_FLOW_COUNTER_PASS_TTL,
	K8SNET_FLOW_COUNTER_PASS_DSCP,
	K8SNET_FLOW_COUNTER_PASS_MARK,
	K8SNET_FLOW_COUNTER_PASS_UNUSUAL,
	K8SNET_FLOW_COUNTER_PASS_WATCHED,
	K8SNET_FLOW_COUNTER_PASS_MTU,
	K8SNET_FLOW_COUNTER_PASS_MEMORY,
	K8SNET_FLOW_COUNTER_REFUSE_MARK,
	K8SNET_FLOW_COUNTER_REFUSE_WATCHED,
	K8SNET_FLOW_COUNTER_REFUSE_ROUTE,
	K8SNET_FLOW_COUNTER_REFUSE_DEVICE,
	K8SNET_FLOW_COUNTER_REFUSE_FULL,
	K8SNET_FLOW_COUNTER_REFUSE_MEMORY,
	K8SNET_FLOW_COUNTER_EVICT_CHANGED,
	K8SNET_FLOW_COUNTER_EVICT_CONNECTION,
	K8SNET_FLOW_COUNTER_EVICT_CLOSING,
	K8SNET_FLOW_COUNTER_EVICT_ROUTE,
	K8SNET_FLOW_COUNTER_EVICT_IDLE,
	K8SNET_FLOW_COUNTER_EVICT_FLUSH,
	K8SNET_FLOW_COUNTER_HIT_PEER,
	K8SNET_FLOW_COUNTER_HIT_INGRESS,

	/* private: */
	__K8SNET_FLOW_COUNTER_MAX,
	K8SNET_FLOW_COUNTER_MAX = (__K8SNET_FLOW_COUNTER_MAX - 1)
};

/**
 * enum k8snet_drop_reason - Why a packet was dropped. Every drop is counted
 *   under one of these, the tx and rx ones by device where the packet got as
 *   far as one, all others by namespace.
 * @K8SNET_DROP_REASON_TX_PROTOCOL: A packet routed to the device was not a
 *   protocol that the device carries, or its header was too short to be one.
 * @K8SNET_DROP_REASON_TX_NO_NODE: No node of the device has a prefix that
 *   holds the destination; the sender is told by ICMP host unreachable.
 * @K8SNET_DROP_REASON_TX_NO_LOCAL: The device has no usable socket or source
 *   address for the node.
 * @K8SNET_DROP_REASON_TX_NO_ROUTE: The underlay has no route to the node's
 *   address.
 * @K8SNET_DROP_REASON_TX_LOOP: The route to the node's address leads back into
 *   a k8snet device.
 * @K8SNET_DROP_REASON_TX_TOO_BIG: The packet is larger than the device's MTU,
 *   or than the way to the node is known to carry, and must not be fragmented;
 *   the sender is told by ICMP.
 * @K8SNET_DROP_REASON_TX_NO_MEMORY: No memory for the headers of the
 *   encapsulation.
 * @K8SNET_DROP_REASON_TX_UNDERLAY: The underlay refused the encapsulated
 *   packet (a full queue, or a firewall rule on the output path).
 * @K8SNET_DROP_REASON_RX_SHORT: A tunnel packet was too short to hold the
 *   tunnel header and an inner packet.
 * @K8SNET_DROP_REASON_RX_HEADER: A tunnel header had a flag or reserved bit
 *   that its format does not define, or lacked the one that it requires.
 * @K8SNET_DROP_REASON_RX_NO_DEVICE: A tunnel packet carried an identifier
 *   (VNI) that no device on this port has, or the device was down.
 * @K8SNET_DROP_REASON_RX_PROTOCOL: The inner packet was not a protocol that
 *   the device carries.
 * @K8SNET_DROP_REASON_RX_INNER_HEADER: The inner IP header was malformed
 *   (version, header length or total length).
 * @K8SNET_DROP_REASON_RX_POLICY: An IP-in-IP packet did not have the
 *   protection that an IPsec policy of the node asks for (those of UDP tunnels
 *   are dropped, and counted, by IPsec itself).
 * @K8SNET_DROP_REASON_RX_OUTER_SOURCE: Strict check, the packet came from an
 *   address that is not a node of the device.
 * @K8SNET_DROP_REASON_RX_OUTER_DEVICE: Strict check, the packet had the
 *   address of a node, or without encapsulation that of a node's pod, but came
 *   in on a device that no route to the node uses, as when a pod pretends to
 *   be a node or another node's pod.
 * @K8SNET_DROP_REASON_RX_INNER_SOURCE: Strict check, the inner source address
 *   does not belong to the node that sent the packet: it is in none of its
 *   prefixes, and not its underlay address.
 * @K8SNET_DROP_REASON_RX_ECN: Congestion was marked on the outer header of a
 *   packet whose inner header cannot carry the mark (RFC 6040).
 * @K8SNET_DROP_REASON_RX_NO_MEMORY: No memory to take the tunnel headers off.
 * @K8SNET_DROP_REASON_RX_BACKLOG: The receive queue of the device was full
 *   (net.core.netdev_max_backlog).
 * @K8SNET_DROP_REASON_FORWARD_TUNNEL: A packet that this node was to forward
 *   was addressed to the tunnel (UDP port, or protocol 4 or 41) of a node, or
 *   to such a port of anybody with the address of a node, or of this one, as
 *   its source without coming from there; nodes send those themselves, pods
 *   never.
 * @K8SNET_DROP_REASON_OUTPUT_TUNNEL: A process of this node sent a packet to
 *   the tunnel port of a node; only the overlay does that.
 * @K8SNET_DROP_REASON_FORGED_ERROR: An ICMP error that would have changed the
 *   path MTU of a node was not from the path: it was about a packet without
 *   DF, or, strict check, it came in on a device that no route to the node
 *   uses, as when a pod makes one up.
 * @K8SNET_DROP_REASON_SERVICE_NO_ENDPOINT: A new connection to a service
 *   without endpoints; it was refused, TCP with a reset, all else with ICMP
 *   port unreachable.
 * @K8SNET_DROP_REASON_SERVICE_UNKNOWN_PORT: A new connection to a service's
 *   address on a port that the service does not have; it was refused likewise.
 * @K8SNET_DROP_REASON_SERVICE_UNUSED_ADDRESS: A new connection to an address
 *   in the service ranges that no service has; it was dropped.
 * @K8SNET_DROP_REASON_NAT_FAILED: The kernel's NAT could not set up the
 *   translation of a new connection (no memory, or no free port).
 * @K8SNET_DROP_REASON_SERVICE_NO_LOCAL_ENDPOINT: A new connection under policy
 *   local to a service that has endpoints, but none on this node; it was
 *   dropped, so that a load balancer tries another node.
 * @K8SNET_DROP_REASON_SERVICE_SOURCE_RANGE: A new connection from an address
 *   that is not in the source ranges of the service; it was dropped.
 * @K8SNET_DROP_REASON_SERVICE_LIMIT: A new connection to a service that has as
 *   many as it may have; it was refused, TCP with a reset, all else with ICMP
 *   port unreachable.
 * @K8SNET_DROP_REASON_SERVICE_INVALID: A packet of a service's connection that
 *   conntrack finds invalid (TCP, out of its window), which cannot be
 *   translated; it would have shown the endpoint's address, and been answered
 *   with a reset.
 */
enum k8snet_drop_reason {
	K8SNET_DROP_REASON_TX_PROTOCOL,
	K8SNET_DROP_REASON_TX_NO_NODE,
	K8SNET_DROP_REASON_TX_NO_LOCAL,
	K8SNET_DROP_REASON_TX_NO_ROUTE,
	K8SNET_DROP_REASON_TX_LOOP,
	K8SNET_DROP_REASON_TX_TOO_BIG,
	K8SNET_DROP_REASON_TX_NO_MEMORY,
	K8SNET_DROP_REASON_TX_UNDERLAY,
	K8SNET_DROP_REASON_RX_SHORT,
	K8SNET_DROP_REASON_RX_HEADER,
	K8SNET_DROP_REASON_RX_NO_DEVICE,
	K8SNET_DROP_REASON_RX_PROTOCOL,
	K8SNET_DROP_REASON_RX_INNER_HEADER,
	K8SNET_DROP_REASON_RX_POLICY,
	K8SNET_DROP_REASON_RX_OUTER_SOURCE,
	K8SNET_DROP_REASON_RX_OUTER_DEVICE,
	K8SNET_DROP_REASON_RX_INNER_SOURCE,
	K8SNET_DROP_REASON_RX_ECN,
	K8SNET_DROP_REASON_RX_NO_MEMORY,
	K8SNET_DROP_REASON_RX_BACKLOG,
	K8SNET_DROP_REASON_FORWARD_TUNNEL,
	K8SNET_DROP_REASON_OUTPUT_TUNNEL,
	K8SNET_DROP_REASON_FORGED_ERROR,
	K8SNET_DROP_REASON_SERVICE_NO_ENDPOINT,
	K8SNET_DROP_REASON_SERVICE_UNKNOWN_PORT,
	K8SNET_DROP_REASON_SERVICE_UNUSED_ADDRESS,
	K8SNET_DROP_REASON_NAT_FAILED,
	K8SNET_DROP_REASON_SERVICE_NO_LOCAL_ENDPOINT,
	K8SNET_DROP_REASON_SERVICE_SOURCE_RANGE,
	K8SNET_DROP_REASON_SERVICE_LIMIT,
	K8SNET_DROP_REASON_SERVICE_INVALID,

	/* private: */
	__K8SNET_DROP_REASON_MAX,
	K8SNET_DROP_REASON_MAX = (__K8SNET_DROP_REASON_MAX - 1)
};

/**
 * enum k8snet_verdict - What becomes of a new connection.
 * @K8SNET_VERDICT_ACCEPT: It is not one of a service, and goes where it is
 *   addressed to.
 * @K8SNET_VERDICT_TRANSLATE: It goes to an endpoint.
 * @K8SNET_VERDICT_PING: It is an echo request to a service's address, which
 *   the node answers.
 * @K8SNET_VERDICT_REJECT: It is refused, TCP with a reset, all else with ICMP.
 * @K8SNET_VERDICT_DROP: It is dropped in silence.
 */
enum k8snet_verdict {
	K8SNET_VERDICT_ACCEPT,
	K8SNET_VERDICT_TRANSLATE,
	K8SNET_VERDICT_PING,
	K8SNET_VERDICT_REJECT,
	K8SNET_VERDICT_DROP,
};

/**
 * enum k8snet_range_state - What the source ranges of a service say of a
 *   client.
 * @K8SNET_RANGE_STATE_NONE: They do not apply, or there are none.
 * @K8SNET_RANGE_STATE_INSIDE: The client may come.
 * @K8SNET_RANGE_STATE_OUTSIDE: The client may not come.
 */
enum k8snet_range_state {
	K8SNET_RANGE_STATE_NONE,
	K8SNET_RANGE_STATE_INSIDE,
	K8SNET_RANGE_STATE_OUTSIDE,
};

/**
 * enum k8snet_affinity_state - What the affinity of a service says of a
 *   client.
 * @K8SNET_AFFINITY_STATE_NONE: The service has none.
 * @K8SNET_AFFINITY_STATE_NEW: The client has no endpoint yet, or has one no
 *   longer.
 * @K8SNET_AFFINITY_STATE_KEPT: The client goes to its endpoint again.
 */
enum k8snet_affinity_state {
	K8SNET_AFFINITY_STATE_NONE,
	K8SNET_AFFINITY_STATE_NEW,
	K8SNET_AFFINITY_STATE_KEPT,
};

/**
 * enum k8snet_flow_state - What the flow cache has of a connection.
 * @K8SNET_FLOW_STATE_NONE: Nothing ever: a process of the node opens the
 *   connection, or its protocol is neither TCP nor UDP.
 * @K8SNET_FLOW_STATE_OFF: The flow cache is off.
 * @K8SNET_FLOW_STATE_UNKNOWN: Nothing; its packets go through the stack, and
 *   are learned from.
 * @K8SNET_FLOW_STATE_KNOWN: How its packets go past the stack. What else is
 *   said here is for a connection that is new.
 * @K8SNET_FLOW_STATE_STALE: What does not hold any more; the next packet
 *   removes it.
 */
enum k8snet_flow_state {
	K8SNET_FLOW_STATE_NONE,
	K8SNET_FLOW_STATE_OFF,
	K8SNET_FLOW_STATE_UNKNOWN,
	K8SNET_FLOW_STATE_KNOWN,
	K8SNET_FLOW_STATE_STALE,
};

/**
 * enum k8snet_source_state - Which source address a connection has when it
 *   leaves the node.
 * @K8SNET_SOURCE_STATE_KEPT: Its own.
 * @K8SNET_SOURCE_STATE_MASQUERADE: One of the node's, for the answer must come
 *   back this way.
 * @K8SNET_SOURCE_STATE_EGRESS: One of the node's, for it leaves the cluster.
 */
enum k8snet_source_state {
	K8SNET_SOURCE_STATE_KEPT,
	K8SNET_SOURCE_STATE_MASQUERADE,
	K8SNET_SOURCE_STATE_EGRESS,
};

enum {
	K8SNET_A_PREFIX_IPV4 = 1,
	K8SNET_A_PREFIX_LENGTH,
	K8SNET_A_PREFIX_IPV6,

	__K8SNET_A_PREFIX_MAX,
	K8SNET_A_PREFIX_MAX = (__K8SNET_A_PREFIX_MAX - 1)
};

enum {
	K8SNET_A_ADDRESS_IPV4 = 1,
	K8SNET_A_ADDRESS_IPV6,

	__K8SNET_A_ADDRESS_MAX,
	K8SNET_A_ADDRESS_MAX = (__K8SNET_A_ADDRESS_MAX - 1)
};

enum {
	K8SNET_A_LINK_STATS_PAD = 1,
	K8SNET_A_LINK_STATS_RX_PACKETS,
	K8SNET_A_LINK_STATS_RX_BYTES,
	K8SNET_A_LINK_STATS_TX_PACKETS,
	K8SNET_A_LINK_STATS_TX_BYTES,
	K8SNET_A_LINK_STATS_RX_DROPPED,
	K8SNET_A_LINK_STATS_TX_DROPPED,

	__K8SNET_A_LINK_STATS_MAX,
	K8SNET_A_LINK_STATS_MAX = (__K8SNET_A_LINK_STATS_MAX - 1)
};

enum {
	K8SNET_A_LINK_PAD = 1,
	K8SNET_A_LINK_IFINDEX,
	K8SNET_A_LINK_IFNAME,
	K8SNET_A_LINK_FORMAT,
	K8SNET_A_LINK_ID,
	K8SNET_A_LINK_PORT,
	K8SNET_A_LINK_LOCAL_IPV4,
	K8SNET_A_LINK_STRICT,
	K8SNET_A_LINK_MTU,
	K8SNET_A_LINK_MTU_AUTO,
	K8SNET_A_LINK_TTL,
	K8SNET_A_LINK_DSCP,
	K8SNET_A_LINK_DF,
	K8SNET_A_LINK_MAC,
	K8SNET_A_LINK_NODES,
	K8SNET_A_LINK_STATS,
	K8SNET_A_LINK_LOCAL_IPV6,
	K8SNET_A_LINK_CROSS_SUBNET,

	__K8SNET_A_LINK_MAX,
	K8SNET_A_LINK_MAX = (__K8SNET_A_LINK_MAX - 1)
};

enum {
	K8SNET_A_NODE_PAD = 1,
	K8SNET_A_NODE_IFINDEX,
	K8SNET_A_NODE_IFNAME,
	K8SNET_A_NODE_NAME,
	K8SNET_A_NODE_VIA_IPV4,
	K8SNET_A_NODE_PORT,
	K8SNET_A_NODE_MAC,
	K8SNET_A_NODE_FORMAT,
	K8SNET_A_NODE_PREFIX,
	K8SNET_A_NODE_STATS,
	K8SNET_A_NODE_VIA_IPV6,
	K8SNET_A_NODE_CURRENT_FORMAT,
	K8SNET_A_NODE_PATH_MTU,
	K8SNET_A_NODE_MOVE,
	K8SNET_A_NODE_ALSO,

	__K8SNET_A_NODE_MAX,
	K8SNET_A_NODE_MAX = (__K8SNET_A_NODE_MAX - 1)
};

enum {
	K8SNET_A_FRONTEND_TYPE = 1,
	K8SNET_A_FRONTEND_IPV4,
	K8SNET_A_FRONTEND_PORT,
	K8SNET_A_FRONTEND_IPV6,

	__K8SNET_A_FRONTEND_MAX,
	K8SNET_A_FRONTEND_MAX = (__K8SNET_A_FRONTEND_MAX - 1)
};

enum {
	K8SNET_A_BACKEND_IPV4 = 1,
	K8SNET_A_BACKEND_PORT,
	K8SNET_A_BACKEND_WEIGHT,
	K8SNET_A_BACKEND_IPV6,
	K8SNET_A_BACKEND_FLAGS,

	__K8SNET_A_BACKEND_MAX,
	K8SNET_A_BACKEND_MAX = (__K8SNET_A_BACKEND_MAX - 1)
};

enum {
	K8SNET_A_ENDPOINT_PAD = 1,
	K8SNET_A_ENDPOINT_SERVICE,
	K8SNET_A_ENDPOINT_IPV4,
	K8SNET_A_ENDPOINT_PORT,
	K8SNET_A_ENDPOINT_WEIGHT,
	K8SNET_A_ENDPOINT_NEW,
	K8SNET_A_ENDPOINT_IPV6,
	K8SNET_A_ENDPOINT_FLAGS,
	K8SNET_A_ENDPOINT_ACTIVE,
	K8SNET_A_ENDPOINT_IN_PACKETS,
	K8SNET_A_ENDPOINT_IN_BYTES,
	K8SNET_A_ENDPOINT_OUT_PACKETS,
	K8SNET_A_ENDPOINT_OUT_BYTES,
	K8SNET_A_ENDPOINT_PROTOCOL,

	__K8SNET_A_ENDPOINT_MAX,
	K8SNET_A_ENDPOINT_MAX = (__K8SNET_A_ENDPOINT_MAX - 1)
};

enum {
	K8SNET_A_SERVICE_PAD = 1,
	K8SNET_A_SERVICE_NAME,
	K8SNET_A_SERVICE_PROTOCOL,
	K8SNET_A_SERVICE_FRONTEND,
	K8SNET_A_SERVICE_ALGORITHM,
	K8SNET_A_SERVICE_ENDPOINT,
	K8SNET_A_SERVICE_ENDPOINTS,
	K8SNET_A_SERVICE_NEW,
	K8SNET_A_SERVICE_REJECTED,
	K8SNET_A_SERVICE_INTERNAL_POLICY,
	K8SNET_A_SERVICE_EXTERNAL_POLICY,
	K8SNET_A_SERVICE_RANGE,
	K8SNET_A_SERVICE_RANGE_SCOPE,
	K8SNET_A_SERVICE_ON_REMOVE,
	K8SNET_A_SERVICE_LIMIT,
	K8SNET_A_SERVICE_AFFINITY,
	K8SNET_A_SERVICE_ACTIVE,
	K8SNET_A_SERVICE_IN_PACKETS,
	K8SNET_A_SERVICE_IN_BYTES,
	K8SNET_A_SERVICE_OUT_PACKETS,
	K8SNET_A_SERVICE_OUT_BYTES,

	__K8SNET_A_SERVICE_MAX,
	K8SNET_A_SERVICE_MAX = (__K8SNET_A_SERVICE_MAX - 1)
};

enum {
	K8SNET_A_CONFIG_CLEAR = 1,
	K8SNET_A_CONFIG_PODS,
	K8SNET_A_CONFIG_SERVICES,
	K8SNET_A_CONFIG_SEED,
	K8SNET_A_CONFIG_NODEPORT_ADDRESS,
	K8SNET_A_CONFIG_NODEPORTS_MIN,
	K8SNET_A_CONFIG_NODEPORTS_MAX,
	K8SNET_A_CONFIG_VIP_PING,

	__K8SNET_A_CONFIG_MAX,
	K8SNET_A_CONFIG_MAX = (__K8SNET_A_CONFIG_MAX - 1)
};

enum {
	K8SNET_A_EGRESS_PAD = 1,
	K8SNET_A_EGRESS_ENABLED,
	K8SNET_A_EGRESS_SOURCE_IPV4,
	K8SNET_A_EGRESS_EXCLUDE,
	K8SNET_A_EGRESS_NEW,
	K8SNET_A_EGRESS_SOURCE_IPV6,

	__K8SNET_A_EGRESS_MAX,
	K8SNET_A_EGRESS_MAX = (__K8SNET_A_EGRESS_MAX - 1)
};

enum {
	K8SNET_A_FLOW_COUNT_PAD = 1,
	K8SNET_A_FLOW_COUNT_COUNTER,
	K8SNET_A_FLOW_COUNT_VALUE,

	__K8SNET_A_FLOW_COUNT_MAX,
	K8SNET_A_FLOW_COUNT_MAX = (__K8SNET_A_FLOW_COUNT_MAX - 1)
};

enum {
	K8SNET_A_FLOW_CACHE_ENABLED = 1,
	K8SNET_A_FLOW_CACHE_LIMIT,
	K8SNET_A_FLOW_CACHE_FLOWS,
	K8SNET_A_FLOW_CACHE_PEER,
	K8SNET_A_FLOW_CACHE_INGRESS,
	K8SNET_A_FLOW_CACHE_EARLY,
	K8SNET_A_FLOW_CACHE_COUNT,

	__K8SNET_A_FLOW_CACHE_MAX,
	K8SNET_A_FLOW_CACHE_MAX = (__K8SNET_A_FLOW_CACHE_MAX - 1)
};

enum {
	K8SNET_A_FLOW_PAD = 1,
	K8SNET_A_FLOW_PROTOCOL,
	K8SNET_A_FLOW_SOURCE_IPV4,
	K8SNET_A_FLOW_SOURCE_IPV6,
	K8SNET_A_FLOW_SOURCE_PORT,
	K8SNET_A_FLOW_DEST_IPV4,
	K8SNET_A_FLOW_DEST_IPV6,
	K8SNET_A_FLOW_DEST_PORT,
	K8SNET_A_FLOW_NEW_SOURCE_IPV4,
	K8SNET_A_FLOW_NEW_SOURCE_IPV6,
	K8SNET_A_FLOW_NEW_SOURCE_PORT,
	K8SNET_A_FLOW_NEW_DEST_IPV4,
	K8SNET_A_FLOW_NEW_DEST_IPV6,
	K8SNET_A_FLOW_NEW_DEST_PORT,
	K8SNET_A_FLOW_IIF,
	K8SNET_A_FLOW_OIF,
	K8SNET_A_FLOW_NODE,
	K8SNET_A_FLOW_PACKETS,
	K8SNET_A_FLOW_BYTES,
	K8SNET_A_FLOW_AGE,
	K8SNET_A_FLOW_IDLE,

	__K8SNET_A_FLOW_MAX,
	K8SNET_A_FLOW_MAX = (__K8SNET_A_FLOW_MAX - 1)
};

enum {
	K8SNET_A_COUNTER_PAD = 1,
	K8SNET_A_COUNTER_REASON,
	K8SNET_A_COUNTER_PACKETS,

	__K8SNET_A_COUNTER_MAX,
	K8SNET_A_COUNTER_MAX = (__K8SNET_A_COUNTER_MAX - 1)
};

enum {
	K8SNET_A_STATS_IFINDEX = 1,
	K8SNET_A_STATS_IFNAME,
	K8SNET_A_STATS_COUNTER,

	__K8SNET_A_STATS_MAX,
	K8SNET_A_STATS_MAX = (__K8SNET_A_STATS_MAX - 1)
};

enum {
	K8SNET_A_DROP_IFINDEX = 1,
	K8SNET_A_DROP_IFNAME,
	K8SNET_A_DROP_REASON,
	K8SNET_A_DROP_OUTER_IPV4,
	K8SNET_A_DROP_OUTER_IPV6,
	K8SNET_A_DROP_INNER_IPV4,
	K8SNET_A_DROP_INNER_IPV6,
	K8SNET_A_DROP_IIF,

	__K8SNET_A_DROP_MAX,
	K8SNET_A_DROP_MAX = (__K8SNET_A_DROP_MAX - 1)
};

enum {
	K8SNET_A_TRANSACTION_GENERATION = 1,
	K8SNET_A_TRANSACTION_MESSAGES,

	__K8SNET_A_TRANSACTION_MAX,
	K8SNET_A_TRANSACTION_MAX = (__K8SNET_A_TRANSACTION_MAX - 1)
};

enum {
	K8SNET_A_EXPLAIN_PROTOCOL = 1,
	K8SNET_A_EXPLAIN_SOURCE_IPV4,
	K8SNET_A_EXPLAIN_SOURCE_IPV6,
	K8SNET_A_EXPLAIN_SOURCE_PORT,
	K8SNET_A_EXPLAIN_DEST_IPV4,
	K8SNET_A_EXPLAIN_DEST_IPV6,
	K8SNET_A_EXPLAIN_DEST_PORT,
	K8SNET_A_EXPLAIN_IIFNAME,
	K8SNET_A_EXPLAIN_VERDICT,
	K8SNET_A_EXPLAIN_REASON,
	K8SNET_A_EXPLAIN_SERVICE,
	K8SNET_A_EXPLAIN_FRONTEND,
	K8SNET_A_EXPLAIN_POLICY,
	K8SNET_A_EXPLAIN_RANGE_STATE,
	K8SNET_A_EXPLAIN_ENDPOINTS,
	K8SNET_A_EXPLAIN_AFFINITY_STATE,
	K8SNET_A_EXPLAIN_ALGORITHM,
	K8SNET_A_EXPLAIN_ENDPOINT_IPV4,
	K8SNET_A_EXPLAIN_ENDPOINT_IPV6,
	K8SNET_A_EXPLAIN_ENDPOINT_PORT,
	K8SNET_A_EXPLAIN_SOURCE_STATE,
	K8SNET_A_EXPLAIN_NEW_SOURCE_IPV4,
	K8SNET_A_EXPLAIN_NEW_SOURCE_IPV6,
	K8SNET_A_EXPLAIN_OIFNAME,
	K8SNET_A_EXPLAIN_NODE,
	K8SNET_A_EXPLAIN_VIA_IPV4,
	K8SNET_A_EXPLAIN_VIA_IPV6,
	K8SNET_A_EXPLAIN_FORMAT,
	K8SNET_A_EXPLAIN_MTU,
	K8SNET_A_EXPLAIN_FLOW_STATE,

	__K8SNET_A_EXPLAIN_MAX,
	K8SNET_A_EXPLAIN_MAX = (__K8SNET_A_EXPLAIN_MAX - 1)
};

enum {
	K8SNET_CMD_LINK_GET = 1,
	K8SNET_CMD_LINK_SET,
	K8SNET_CMD_NODE_NEW,
	K8SNET_CMD_NODE_REPLACE,
	K8SNET_CMD_NODE_DEL,
	K8SNET_CMD_NODE_GET,
	K8SNET_CMD_SERVICE_NEW,
	K8SNET_CMD_SERVICE_REPLACE,
	K8SNET_CMD_SERVICE_DEL,
	K8SNET_CMD_SERVICE_GET,
	K8SNET_CMD_ENDPOINT_NEW,
	K8SNET_CMD_ENDPOINT_DEL,
	K8SNET_CMD_ENDPOINT_GET,
	K8SNET_CMD_CONFIG_GET,
	K8SNET_CMD_CONFIG_SET,
	K8SNET_CMD_EGRESS_GET,
	K8SNET_CMD_EGRESS_SET,
	K8SNET_CMD_STATS_GET,
	K8SNET_CMD_DROP_EVENT,
	K8SNET_CMD_ENDPOINT_REPLACE,
	K8SNET_CMD_DRAINED_EVENT,
	K8SNET_CMD_FLOW_GET,
	K8SNET_CMD_FLOW_FLUSH,
	K8SNET_CMD_FLOW_CACHE_GET,
	K8SNET_CMD_FLOW_CACHE_SET,
	K8SNET_CMD_TRANSACTION_BEGIN,
	K8SNET_CMD_TRANSACTION_COMMIT,
	K8SNET_CMD_TRANSACTION_ABORT,
	K8SNET_CMD_CHANGE_EVENT,
	K8SNET_CMD_EXPLAIN,

	__K8SNET_CMD_MAX,
	K8SNET_CMD_MAX = (__K8SNET_CMD_MAX - 1)
};

#define K8SNET_MCGRP_DROPS	"drops"
#define K8SNET_MCGRP_ENDPOINTS	"endpoints"
#define K8SNET_MCGRP_CHANGES	"changes"

#endif /* _UAPI_LINUX_K8SNET_H */
