// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of the module and of settings that are no device's: versions,
 * forwarding, conntrack, ports, pod ranges.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"
#include "version.h"

/* kube-proxy's own minimum; a busy node has more. */
#define CONNTRACK_MIN	131072

/* The module that is loaded may be an older one than what is installed. */
void check_module(struct checkup *checkup)
{
	FILE *file = fopen("/sys/module/k8snet/version", "re");
	char version[64] = "";

	checkup->checks++;
	if (file && fgets(version, sizeof(version), file))
		version[strcspn(version, "\n")] = 0;
	if (file)
		fclose(file);
	if (*version && strcmp(version, K8SNET_VERSION))
		finding_fix(checkup,
			    finding_add(checkup, LEVEL_WARNING, "version", "k8snet",
					"the module is version %s, this tool is %s", version,
					K8SNET_VERSION),
			    false,
			    "install the same version of both, then: rmmod k8snet; modprobe k8snet");
}

/* A default route that came by router advertisement goes away with forwarding. */
static bool has_advertised_default(void)
{
	FILE *file = fopen("/proc/net/ipv6_route", "re");
	unsigned int length, flags;
	bool found = false;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*32s %x %*s %*x %*s %*x %*x %*x %x", &length, &flags) == 2 &&
		    !length && flags & 0x00040000 /* RTF_ADDRCONF */)
			found = true;
	if (file)
		fclose(file);
	return found;
}

static void check_forwarding(struct checkup *checkup)
{
	struct finding *finding;

	checkup->checks++;
	if (checkup->ipv4 && !sysctl_read("net/ipv4/ip_forward")) {
		finding = finding_add(checkup, LEVEL_ERROR, "forwarding", "net.ipv4.ip_forward",
				      "is 0: no IPv4 packet gets from a pod to the network, or back");
		finding_fix(checkup, finding, true, "sysctl -w net.ipv4.ip_forward=1");
	}
	if (checkup->ipv6 && !sysctl_read("net/ipv6/conf/all/forwarding")) {
		bool safe = !has_advertised_default();

		finding = finding_add(checkup, LEVEL_ERROR, "forwarding",
				      "net.ipv6.conf.all.forwarding",
				      "is 0: no IPv6 packet gets from a pod to the network, or back%s",
				      safe ? "" :
				      "; the default route is a router's advertisement and needs accept_ra=2 on its device first");
		finding_fix(checkup, finding, safe, "sysctl -w net.ipv6.conf.all.forwarding=1");
	}
}

static void check_conntrack(struct checkup *checkup)
{
	long max = sysctl_read("net/netfilter/nf_conntrack_max");
	long count = sysctl_read("net/netfilter/nf_conntrack_count");
	struct finding *finding;

	checkup->checks++;
	if (max < 0)
		return;
	if (count > max / 4 * 3) {
		finding = finding_add(checkup, LEVEL_ERROR, "conntrack",
				      "net.netfilter.nf_conntrack_max",
				      "is %ld and %ld are in use: when all are, new connections are dropped",
				      max, count);
	} else if (max < CONNTRACK_MIN) {
		finding = finding_add(checkup, LEVEL_WARNING, "conntrack",
				      "net.netfilter.nf_conntrack_max",
				      "is %ld, less than kube-proxy asks for: when all are in use, new connections are dropped",
				      max);
	} else {
		return;
	}
	finding_fix(checkup, finding, true, "sysctl -w net.netfilter.nf_conntrack_max=%ld",
		    2 * max > CONNTRACK_MIN ? 2 * max : CONNTRACK_MIN);
}

/* "LO-HI,PORT": whether all of a range is reserved. */
static bool is_reserved(const char *list, uint32_t min, uint32_t max)
{
	while (min <= max) {
		const char *at = list;
		uint32_t before = min;

		while (*at) {
			char *end;
			unsigned long low = strtoul(at, &end, 10), high = low;

			if (end == at)
				break;
			if (*end == '-')
				high = strtoul(end + 1, &end, 10);
			if (low <= min && min <= high)
				min = high + 1;
			at = *end == ',' ? end + 1 : end;
			if (*at == '\n')
				break;
		}
		if (min == before)
			return false;
	}
	return true;
}

/* A local connection that has a node port as its own hides the service there. */
static void check_ports(struct checkup *checkup)
{
	const struct k8snet_state_config *config = &checkup->state.config;
	FILE *range = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_reserved_ports", "re");
	unsigned int low = 0, high = 0;
	struct finding *finding;
	char reserved[1024] = "";

	checkup->checks++;
	if (range && fscanf(range, "%u %u", &low, &high) != 2)
		high = 0;
	if (file && !fgets(reserved, sizeof(reserved), file))
		*reserved = 0;
	reserved[strcspn(reserved, "\n")] = 0;
	if (range)
		fclose(range);
	if (file)
		fclose(file);
	if (!high || low > config->nodeports_max || high < config->nodeports_min ||
	    is_reserved(reserved, config->nodeports_min, config->nodeports_max))
		return;
	finding = finding_add(checkup, LEVEL_WARNING, "ports", "net.ipv4.ip_local_port_range",
			      "is %u-%u and has node ports (%u-%u) in it: connections of this node can take one",
			      low, high, config->nodeports_min, config->nodeports_max);
	finding_fix(checkup, finding, strlen(reserved) < sizeof(reserved) - 16,
		    "sysctl -w net.ipv4.ip_local_reserved_ports=%s%s%u-%u", reserved,
		    *reserved ? "," : "", config->nodeports_min, config->nodeports_max);
}

static void check_ranges(struct checkup *checkup)
{
	const struct k8snet_state *state = &checkup->state;

	checkup->checks++;
	if (state->config.pods.count || (!state->service_count && !state->node_count))
		return;
	finding_fix(checkup,
		    finding_add(checkup, LEVEL_WARNING, "ranges", "config pods",
				"is empty: pods that use services are masqueraded, egress is off"),
		    false, "k8snetctl config set pods CIDR,... (the cluster's pod ranges)");
}

void check_settings(struct checkup *checkup)
{
	check_forwarding(checkup);
	check_conntrack(checkup);
	check_ports(checkup);
	check_ranges(checkup);
}
