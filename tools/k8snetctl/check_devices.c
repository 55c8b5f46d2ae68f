// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of the overlay devices and of what surrounds them: addresses, routes,
 * MTU, rp_filter, bridges.
 */
#include <string.h>
#include <unistd.h>

#include <linux/k8snet.h>

#include "finding.h"
#include "lib/generated/names.h"

bool check_holds(const struct k8snet_prefixes *ranges, const struct k8snet_address *addr)
{
	const uint8_t *want = (const uint8_t *)&addr->ipv6;

	for (size_t i = 0; i < ranges->count; i++) {
		const struct k8snet_prefix *prefix = &ranges->prefix[i];
		const uint8_t *have = (const uint8_t *)&prefix->addr.ipv6;
		uint32_t bytes = prefix->length / 8, bits = prefix->length % 8;

		if (prefix->addr.family != addr->family || memcmp(want, have, bytes))
			continue;
		if (!bits || !((want[bytes] ^ have[bytes]) & (0xff00 >> bits) & 0xff))
			return true;
	}
	return false;
}

static const struct k8snet_host_link *find_link(const struct checkup *checkup, const char *name)
{
	for (size_t i = 0; i < checkup->host.link_count; i++)
		if (!strcmp(checkup->host.link[i].name, name))
			return &checkup->host.link[i];
	return NULL;
}

static bool has_address(const struct checkup *checkup, uint32_t index, int family)
{
	for (size_t i = 0; i < checkup->host.address_count; i++) {
		const struct k8snet_host_address *address = &checkup->host.address[i];

		if (address->index != index || address->addr.family != family)
			continue;
		if (family == AF_INET || !IN6_IS_ADDR_LINKLOCAL(&address->addr.ipv6))
			return true;
	}
	return false;
}

static void check_up(struct checkup *checkup, const struct k8snet_host_link *link)
{
	if (!link->up)
		finding_fix(checkup,
			    finding_add(checkup, LEVEL_ERROR, "device", link->name,
					"is down: nothing gets through the overlay"),
			    true, "ip link set %s up", link->name);
}

/*
 * Without one the kernel takes any of the node's addresses, and the other end drops
 * what it does not know.
 */
static void check_address(struct checkup *checkup, const struct k8snet_host_link *link)
{
	static const int families[] = { AF_INET, AF_INET6 };
	const bool wanted[] = { checkup->ipv4, checkup->ipv6 };

	for (int i = 0; i < 2; i++) {
		if (!wanted[i] || has_address(checkup, link->index, families[i]))
			continue;
		finding_fix(checkup,
			    finding_add(checkup, LEVEL_WARNING, "address", link->name,
					"has no %s address: connections of this node to pods of others may come from an address that those drop",
					i ? "IPv6" : "IPv4"),
			    false,
			    "ip addr add ADDRESS/%d dev %s (the first address of this node's own pod range)",
			    i ? 128 : 32, link->name);
	}
}

static uint32_t overhead(uint32_t format, bool ipv6)
{
	switch (format) {
	case K8SNET_FORMAT_VXLAN:
		return ipv6 ? 70 : 50;
	case K8SNET_FORMAT_UDP:
		return ipv6 ? 48 : 28;
	case K8SNET_FORMAT_IPIP:
		return ipv6 ? 40 : 20;
	default:
		return 0;
	}
}

static void check_node_mtu(struct checkup *checkup, const struct k8snet_host_link *link,
			   const struct k8snet_state_node *node, uint32_t oif, bool *told)
{
	const struct k8snet_host_link *under = k8snet_host_link(&checkup->host, oif);
	uint32_t head = overhead(node->format, node->via.family == AF_INET6);

	if (*told || !under || !under->mtu || link->mtu + head <= under->mtu)
		return;
	*told = true;
	finding_fix(checkup,
		    finding_add(checkup, LEVEL_WARNING, "mtu", link->name,
				"has MTU %u, but %s (%u) leaves %u to node %s: large packets are fragmented, or turned back",
				link->mtu, under->name, under->mtu, under->mtu - head, node->name),
		    true, "k8snetctl link set %s mtu auto", link->name);
}

/* One of a device is told of, and how many more there are. */
struct routes {
	const struct k8snet_state_node *no_way;	/* the underlay does not reach it */
	size_t no_ways;
	const struct k8snet_state_node *astray;	/* its pods are not routed to the device */
	const struct k8snet_prefix *prefix;
	uint32_t oif;
	bool is_default;
	size_t astrays;
	bool plain;				/* BGP, or the like, has routes beside ours */
};

static void look_at_prefix(struct routes *routes, const struct k8snet_host_link *link,
			   const struct k8snet_state_node *node,
			   const struct k8snet_prefix *prefix, bool direct)
{
	struct k8snet_host_route route;
	bool none = k8snet_host_route(&prefix->addr, &route);

	if (!none && route.oif == link->index)
		return;
	/* Without encapsulation the node's own routes do as well. */
	if (!none && direct && route.length) {
		routes->plain = true;
		return;
	}
	routes->astrays++;
	if (routes->astray)
		return;
	routes->astray = node;
	routes->prefix = prefix;
	routes->oif = none ? 0 : route.oif;
	routes->is_default = none || !route.length;
}

static void tell_routes(struct checkup *checkup, const struct k8snet_host_link *link,
			const struct routes *routes)
{
	char addr[K8SNET_ADDRESS_STRLEN], text[K8SNET_PREFIX_STRLEN], more[48] = "";
	const struct k8snet_host_link *other;
	struct finding *finding;

	if (routes->no_way) {
		if (routes->no_ways > 1)
			snprintf(more, sizeof(more), ", nor to %zu more", routes->no_ways - 1);
		finding = finding_add(checkup, LEVEL_ERROR, "underlay", routes->no_way->name,
				      "there is no route to %s%s: nothing can be sent there",
				      k8snet_address_print(&routes->no_way->via, addr), more);
		finding_fix(checkup, finding, false, "ip route add %s via ROUTER",
			    k8snet_address_print(&routes->no_way->via, addr));
	}
	if (!routes->astray)
		return;
	other = routes->oif ? k8snet_host_link(&checkup->host, routes->oif) : NULL;
	*more = 0;
	if (routes->astrays > 1)
		snprintf(more, sizeof(more), " (and %zu more prefixes)", routes->astrays - 1);
	k8snet_prefix_print(routes->prefix, text);
	finding = finding_add(checkup, LEVEL_ERROR, "route", text,
			      "pods of node %s%s are %s%s, not to %s: they cannot be reached",
			      routes->astray->name, more, other ? "routed to " : "not routed",
			      other ? other->name : " at all", link->name);
	/* Pods of all nodes have one route, if the range is known. */
	for (size_t i = 0; i < checkup->state.config.pods.count; i++) {
		const struct k8snet_prefix *range = &checkup->state.config.pods.prefix[i];
		struct k8snet_prefixes one = { (struct k8snet_prefix *)range, 1 };

		if (check_holds(&one, &routes->prefix->addr) &&
		    range->length <= routes->prefix->length)
			k8snet_prefix_print(range, text);
	}
	finding_fix(checkup, finding, routes->is_default && link->up, "ip route add %s dev %s",
		    text, link->name);
}

static void check_routes(struct checkup *checkup, const struct k8snet_host_link *link,
			 const struct k8snet_state_link *settings, struct routes *routes)
{
	const struct k8snet_state *state = &checkup->state;
	struct k8snet_host_route route;
	bool told = false;

	for (size_t i = 0; i < state->node_count; i++) {
		const struct k8snet_state_node *node = &state->node[i];
		bool direct = node->format == K8SNET_FORMAT_DIRECT || settings->cross_subnet;

		if (strcmp(node->device, link->name))
			continue;
		if (k8snet_host_route(&node->via, &route)) {
			if (!routes->no_ways++)
				routes->no_way = node;
		} else if (settings->mtu) {
			check_node_mtu(checkup, link, node, route.oif, &told);
		}
		for (size_t j = 0; j < node->pods.count; j++)
			look_at_prefix(routes, link, node, &node->pods.prefix[j], direct);
	}
	tell_routes(checkup, link, routes);
}

static bool any_encapsulated(const struct checkup *checkup,
			     const struct k8snet_state_link *settings)
{
	if (settings->format != K8SNET_FORMAT_DIRECT && !settings->cross_subnet)
		return true;
	for (size_t i = 0; i < checkup->state.node_count; i++)
		if (!strcmp(checkup->state.node[i].device, settings->name) &&
		    checkup->state.node[i].format != K8SNET_FORMAT_DIRECT)
			return true;
	return false;
}

/*
 * The larger of the device's and that of all devices is what counts. In strict
 * mode a packet's source must be routed to where it came in: other nodes' own
 * addresses are not, and pods that BGP has a route to are not either.
 */
static void check_rp_filter(struct checkup *checkup, const struct k8snet_host_link *link,
			    const struct k8snet_state_link *settings, bool plain)
{
	long all = sysctl_read("net/ipv4/conf/all/rp_filter");
	long own = sysctl_read("net/ipv4/conf/%s/rp_filter", link->name);
	struct finding *finding;

	if ((all > own ? all : own) != 1)
		return;
	if (plain)
		finding = finding_add(checkup, LEVEL_ERROR, "rp-filter", link->name,
				      "rp_filter is 1, and other nodes' pods are routed past the device: what they send is dropped");
	else if (any_encapsulated(checkup, settings))
		finding = finding_add(checkup, LEVEL_WARNING, "rp-filter", link->name,
				      "rp_filter is 1: what other nodes send to pods from their own address is dropped");
	else
		return;
	finding_fix(checkup, finding, true, strchr(link->name, '.') ?
		    "sysctl -w net/ipv4/conf/%s/rp_filter=2" :
		    "sysctl -w net.ipv4.conf.%s.rp_filter=2", link->name);
}

static void check_device(struct checkup *checkup, const struct k8snet_state_link *settings)
{
	const struct k8snet_host_link *link = find_link(checkup, settings->name);
	struct routes routes = { 0 };

	if (!link)
		return;
	check_up(checkup, link);
	check_address(checkup, link);
	if (link->up)
		check_routes(checkup, link, settings, &routes);
	if (checkup->ipv4)
		check_rp_filter(checkup, link, settings, routes.plain);
}

/* --- bridges --- */

static bool is_pod_bridge(const struct checkup *checkup, const struct k8snet_host_link *link,
			  int family)
{
	if (strcmp(link->kind, "bridge"))
		return false;
	for (size_t i = 0; i < checkup->host.address_count; i++) {
		const struct k8snet_host_address *address = &checkup->host.address[i];

		if (address->index == link->index && address->addr.family == family &&
		    check_holds(&checkup->state.config.pods, &address->addr))
			return true;
	}
	return false;
}

#define BRIDGE_TEXT	"a pod does not reach a service whose endpoint is on the same bridge: answers pass this node by"

static void check_bridge(struct checkup *checkup, const struct k8snet_host_link *link, bool ipv6)
{
	const char *key = ipv6 ? "nf_call_ip6tables" : "nf_call_iptables";
	long on = sysctl_read("net/bridge/bridge-nf-call-ip%stables", ipv6 ? "6" : "");

	if (on < 0)
		finding_fix(checkup,
			    finding_add(checkup, LEVEL_WARNING, "bridge", link->name,
					"br_netfilter is not loaded: " BRIDGE_TEXT),
			    false,
			    "modprobe br_netfilter (all bridges of the host then show netfilter what they forward)");
	else if (!on && !(ipv6 ? link->nf_call_ip6tables : link->nf_call_iptables))
		finding_fix(checkup,
			    finding_add(checkup, LEVEL_WARNING, "bridge", link->name,
					"%s is off: " BRIDGE_TEXT, key),
			    true, "ip link set %s type bridge %s 1", link->name, key);
}

static void check_bridges(struct checkup *checkup)
{
	for (size_t i = 0; i < checkup->host.link_count; i++) {
		const struct k8snet_host_link *link = &checkup->host.link[i];

		if (is_pod_bridge(checkup, link, AF_INET))
			check_bridge(checkup, link, false);
		if (is_pod_bridge(checkup, link, AF_INET6))
			check_bridge(checkup, link, true);
	}
}

void check_devices(struct checkup *checkup)
{
	/* Up, address, route, underlay, MTU, rp_filter, bridges. */
	checkup->checks += 7;
	for (size_t i = 0; i < checkup->state.link_count; i++)
		check_device(checkup, &checkup->state.link[i]);
	check_bridges(checkup);
}
