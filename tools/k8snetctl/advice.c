// SPDX-License-Identifier: GPL-2.0
/*
 * What to do when packets are dropped, for each reason: what it usually comes
 * from, and where to look. What the reason means is the specification's to say.
 */
#include <linux/k8snet.h>

#include "advice.h"
#include "lib/array.h"

static const char *const advice[] = {
	[K8SNET_DROP_REASON_TX_PROTOCOL] =
		"Usually harmless: only IPv4 and IPv6 are carried. Many of them: look with tcpdump on the device who sends what.",
	[K8SNET_DROP_REASON_TX_NO_NODE] =
		"Compare the destination (tcpdump on the device) with \"node show\": a node is missing here or has other pod prefixes by now; apply the cluster's Nodes again.",
	[K8SNET_DROP_REASON_TX_NO_LOCAL] =
		"See \"link show\": is the address behind local still one of this node's, and of the family of the node's? \"local auto\" follows the routes. \"check\" tells whether somebody else has the port.",
	[K8SNET_DROP_REASON_TX_NO_ROUTE] =
		"Try \"ip route get\" with the node's address: the underlay has no way to it now, or its gateway does not answer.",
	[K8SNET_DROP_REASON_TX_LOOP] =
		"\"ip route get\" with the node's address leads into the overlay: the route of the pod network covers addresses of nodes, or the node's address has become one of this node.",
	[K8SNET_DROP_REASON_TX_TOO_BIG] =
		"A few are normal: the sender learns from them. When they go on, ICMP to the pod is filtered, or pods have a larger MTU than the device (CNI's mtu).",
	[K8SNET_DROP_REASON_TX_NO_MEMORY] =
		"The node was short of memory; see dmesg.",
	[K8SNET_DROP_REASON_TX_UNDERLAY] =
		"Look at \"ip -s link\" and \"tc -s qdisc\" of the device to the underlay, and at the firewall's output rules.",
	[K8SNET_DROP_REASON_RX_SHORT] =
		"Something sends to the tunnel port that is no overlay; \"monitor\" and tcpdump tell who.",
	[K8SNET_DROP_REASON_RX_HEADER] =
		"The other end has another format, or options (group policy, GPE) that k8snet does not have; compare \"link show\" here with its settings.",
	[K8SNET_DROP_REASON_RX_NO_DEVICE] =
		"The other end has another VNI (\"link show\", ID), or the device is down here.",
	[K8SNET_DROP_REASON_RX_PROTOCOL] =
		"Usually harmless: ARP and the like out of an Ethernet overlay.",
	[K8SNET_DROP_REASON_RX_INNER_HEADER] =
		"Packets are damaged or made up; see which node they come from (tcpdump).",
	[K8SNET_DROP_REASON_RX_POLICY] =
		"See \"ip xfrm policy\": the other end does not protect what this node wants protected.",
	[K8SNET_DROP_REASON_RX_OUTER_SOURCE] =
		"\"monitor\" shows the address. If it is a node's, add it (node add, or also ADDR); if not, somebody on the underlay sends tunnel packets who should not.",
	[K8SNET_DROP_REASON_RX_OUTER_DEVICE] =
		"\"monitor\" shows the device. If it is a pod's, that pod forges packets. If it is one to the underlay, ways in and out differ there: give the node a route over it, or \"strict off\".",
	[K8SNET_DROP_REASON_RX_INNER_SOURCE] =
		"\"monitor\" shows the inner address. If it is that node's pods', add the prefix to it; if it is an address of the node itself, give its k8snet device an address of its pod range.",
	[K8SNET_DROP_REASON_RX_ECN] =
		"The underlay marks packets of senders that do not use ECN: a router is broken, or congested.",
	[K8SNET_DROP_REASON_RX_NO_MEMORY] =
		"The node was short of memory; see dmesg.",
	[K8SNET_DROP_REASON_RX_BACKLOG] =
		"Raise net.core.netdev_max_backlog, or spread the load over processors (RPS of the underlay's device).",
	[K8SNET_DROP_REASON_FORWARD_TUNNEL] =
		"\"monitor\" shows the device: a pod tries to put packets into the overlay. If this node is the router between nodes, it cannot run k8snet.",
	[K8SNET_DROP_REASON_OUTPUT_TUNNEL] =
		"A program of this node sends to a node's tunnel port: flanneld in its udp mode, or a vxlan device without k8snet, that is still running.",
	[K8SNET_DROP_REASON_FORGED_ERROR] =
		"A pod, or somebody on the underlay, tries to make the path to a node narrow; nothing to do.",
	[K8SNET_DROP_REASON_SERVICE_NO_ENDPOINT] =
		"\"endpoint show SERVICE\": no pod is ready, or the endpoints are not here yet; kubectl get endpointslices tells what the cluster thinks.",
	[K8SNET_DROP_REASON_SERVICE_UNKNOWN_PORT] =
		"A client uses a port that the service does not have; \"service show\" lists those it has.",
	[K8SNET_DROP_REASON_SERVICE_UNUSED_ADDRESS] =
		"A client has an old address of a service, from a cache of names perhaps.",
	[K8SNET_DROP_REASON_NAT_FAILED] =
		"See \"conntrack -S\" and net.netfilter.nf_conntrack_max (\"check\" does): the table is full, or all source ports to one endpoint are in use.",
	[K8SNET_DROP_REASON_SERVICE_NO_LOCAL_ENDPOINT] =
		"Normal under policy local where no endpoint is here: a load balancer with health checks does not send to this node.",
	[K8SNET_DROP_REASON_SERVICE_SOURCE_RANGE] =
		"Normal if it is meant to be; else see ranges in \"-s service show\" (loadBalancerSourceRanges).",
	[K8SNET_DROP_REASON_SERVICE_LIMIT] =
		"The service has as many connections as its limit allows (\"-s service show\"): raise it, or find out who opens so many.",
	[K8SNET_DROP_REASON_SERVICE_INVALID] =
		"A few are normal (late packets). Many: packets of a connection take different ways; see net.netfilter.nf_conntrack_tcp_be_liberal.",
};

const char *advice_of(uint32_t reason)
{
	return reason < ARRAY_SIZE(advice) && advice[reason] ? advice[reason] : "";
}
