// SPDX-License-Identifier: GPL-2.0
/*
 * Checks for what does the same work, or stands in its way: rules and devices of
 * kube-proxy, flannel and Calico, and a firewall that forwards nothing.
 */
#include <stdio.h>
#include <string.h>

#include "finding.h"
#include "lib/array.h"
#include "lib/rules.h"

#define CLEANUP	"stop kube-proxy (kubectl -n kube-system delete daemonset kube-proxy), then: kube-proxy --cleanup"

/* By a chain, or by a table. */
static const struct rival {
	const char *table;
	const char *chain;
	const char *subject;
	const char *text;
	const char *fix;
} rivals[] = {
	{
		.table = "kube-proxy",
		.subject = "kube-proxy",
		.text = "its nftables rules are there: services have two masters",
		.fix = CLEANUP,
	},
	{
		.chain = "KUBE-SERVICES",
		.subject = "kube-proxy",
		.text = "its iptables rules are there: services have two masters",
		.fix = CLEANUP,
	},
	{
		.table = "flannel-ipv4",
		.subject = "flannel",
		.text = "its nftables rules masquerade pods: use egress instead",
		.fix = "stop flanneld, then: nft delete table ip flannel-ipv4",
	},
	{
		.table = "flannel-ipv6",
		.subject = "flannel",
		.text = "its nftables rules masquerade pods: use egress instead",
		.fix = "stop flanneld, then: nft delete table ip6 flannel-ipv6",
	},
	{
		.chain = "FLANNEL-POSTRTG",
		.subject = "flannel",
		.text = "its iptables rules masquerade pods: use egress instead",
		.fix = "stop flanneld, then: iptables -t nat -F FLANNEL-POSTRTG",
	},
	{
		.chain = "cali-nat-outgoing",
		.subject = "Calico",
		.text = "its rules masquerade pods: use egress instead",
		.fix = "natOutgoing: false in Calico's IP pools",
	},
};

struct search {
	struct checkup *checkup;
	bool found[ARRAY_SIZE(rivals)];
	bool drops;
	char table[64];
};

static void look_at(const struct k8snet_rules_chain *chain, void *arg)
{
	struct search *search = arg;

	for (size_t i = 0; i < ARRAY_SIZE(rivals); i++)
		if ((rivals[i].table && !strcmp(chain->table, rivals[i].table)) ||
		    (rivals[i].chain && !strcmp(chain->name, rivals[i].chain)))
			search->found[i] = true;
	if (chain->forwards && chain->drops && !search->drops) {
		search->drops = true;
		snprintf(search->table, sizeof(search->table), "%s %s", chain->table, chain->name);
	}
}

/* What is not ours to mend. */
static void tell(struct checkup *checkup, enum level level, const char *check,
		 const char *subject, const char *text, const char *fix)
{
	struct finding *finding = finding_add(checkup, level, check, subject, "%s", text);

	finding_fix(checkup, finding, false, "%s", fix);
}

static void check_rules(struct checkup *checkup)
{
	struct search search = { .checkup = checkup };

	k8snet_rules_chains(look_at, &search);
	for (size_t i = 0; i < ARRAY_SIZE(rivals); i++) {
		const struct rival *rival = &rivals[i];

		if (!search.found[i] && rival->chain)
			search.found[i] = k8snet_rules_legacy(false, rival->chain) ||
					  k8snet_rules_legacy(true, rival->chain);
		if (search.found[i])
			tell(checkup, LEVEL_WARNING, "rival", rival->subject, rival->text,
			     rival->fix);
	}
	if (search.drops)
		tell(checkup, LEVEL_WARNING, "firewall", search.table,
		     "drops forwarded packets that no rule accepts: those of pods must be accepted",
		     "iptables -I FORWARD -s PODS -j ACCEPT; iptables -I FORWARD -d PODS -j ACCEPT");
}

/* A line for each virtual server follows three of headings. */
static void check_ipvs(struct checkup *checkup)
{
	FILE *file = fopen("/proc/net/ip_vs", "re");
	char line[256];
	int servers = 0;

	while (file && fgets(line, sizeof(line), file))
		servers += !strncmp(line, "TCP ", 4) || !strncmp(line, "UDP ", 4) ||
			   !strncmp(line, "SCTP ", 5);
	if (file)
		fclose(file);
	if (!servers)
		return;
	snprintf(line, sizeof(line), "has %d virtual servers: services have two masters", servers);
	tell(checkup, LEVEL_WARNING, "rival", "IPVS", line, CLEANUP " (or ipvsadm --clear)");
}

static bool has_port(const struct k8snet_state *state, const char *device, uint16_t port)
{
	for (size_t i = 0; i < state->link_count; i++)
		if (!strcmp(state->link[i].name, device) && state->link[i].port == port)
			return true;
	for (size_t i = 0; i < state->node_count; i++)
		if (!strcmp(state->node[i].device, device) && state->node[i].port == port)
			return true;
	return false;
}

/* Whether a device is to listen on the port; one that is up does so already. */
static bool wants_port(const struct checkup *checkup, uint16_t port, bool only_down)
{
	for (size_t i = 0; i < checkup->host.link_count; i++) {
		const struct k8snet_host_link *link = &checkup->host.link[i];

		if (!(only_down && link->up) && has_port(&checkup->state, link->name, port))
			return true;
	}
	return false;
}

static bool is_vxlan(const struct checkup *checkup, uint16_t port)
{
	for (size_t i = 0; i < checkup->host.link_count; i++)
		if (!strcmp(checkup->host.link[i].kind, "vxlan") &&
		    checkup->host.link[i].vxlan_port == port)
			return true;
	return false;
}

/* A vxlan device holds its port while it is up; the overlay's cannot be opened then. */
static void check_tunnels(struct checkup *checkup)
{
	for (size_t i = 0; i < checkup->host.link_count; i++) {
		const struct k8snet_host_link *link = &checkup->host.link[i];

		if (strcmp(link->kind, "vxlan") || !wants_port(checkup, link->vxlan_port, false))
			continue;
		finding_fix(checkup,
			    finding_add(checkup, link->up ? LEVEL_ERROR : LEVEL_WARNING, "port",
					link->name, "%s UDP port %u, which the overlay needs",
					link->up ? "holds" : "takes, once it is up,",
					link->vxlan_port),
			    false, "ip link del %s", link->name);
	}
}

/* A socket of a program: the device, which cannot open the port, is down then. */
static void check_sockets(struct checkup *checkup)
{
	FILE *file = fopen("/proc/net/udp", "re");
	unsigned int port;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " %*d: %*8[0-9A-F]:%4X", &port) != 1 ||
		    !wants_port(checkup, port, true) || is_vxlan(checkup, port))
			continue;
		finding_fix(checkup,
			    finding_add(checkup, LEVEL_ERROR, "port", "a program",
					"holds UDP port %u, which the overlay needs", port),
			    false, "ss -ulpn sport = :%u says which one it is; stop it", port);
	}
	if (file)
		fclose(file);
}

void check_rivals(struct checkup *checkup)
{
	checkup->checks += 4;
	check_rules(checkup);
	check_ipvs(checkup);
	check_tunnels(checkup);
	check_sockets(checkup);
}
