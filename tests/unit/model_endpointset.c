// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the endpoint sets. The first cases have the names and the contents
 * of those of Kubernetes' TestCategorizeEndpoints (pkg/proxy/topology_test.go).
 */
#include <stdio.h>
#include <string.h>

#include "lib/endpointset.h"
#include "model.h"

#define ENDPOINTS_MAX	6
#define HINTS_MAX	4

struct endpoint {
	const char *addr;
	bool ready;
	bool serving;
	bool terminating;
	const char *node;
	const char *zone_hints[HINTS_MAX];
	const char *node_hints[HINTS_MAX];
};

#define READY		.ready = true, .serving = true
#define NOT_READY	.ready = false
#define TERMINATING	.serving = true, .terminating = true
#define LOCAL		.node = "here"
#define REMOTE		.node = "there"
#define ZONES(...)	.zone_hints = { __VA_ARGS__ }
#define NODES(...)	.node_hints = { __VA_ARGS__ }

/* Sets are addresses with spaces between; NULL is one that is not used. */
struct test {
	const char *name;
	const char *zone;
	const char *node;		/* "here" if not said */
	struct k8snet_endpointset_policy policy;
	struct endpoint endpoint[ENDPOINTS_MAX];
	const char *cluster;
	const char *local;
	bool only_elsewhere;		/* there are endpoints, though both sets are empty */
};

#define ITP_LOCAL	.internal_local = true
#define ETP_LOCAL	.external_local = true
#define NODEPORT	.external = true

static const struct test kubernetes[] = {
	{
		"should use topology since all endpoints have hints, node has a zone label and and there are endpoints for the node's zone",
		.zone = "zone-a",
		.endpoint = {
			{ "10.1.2.3", READY, ZONES("zone-a") },
			{ "10.1.2.4", READY, ZONES("zone-b") },
			{ "10.1.2.5", READY, ZONES("zone-c") },
			{ "10.1.2.6", READY, ZONES("zone-a") },
		},
		.cluster = "10.1.2.3 10.1.2.6",
	}, {
		"externalTrafficPolicy: Local, topology ignored for Local endpoints",
		.zone = "zone-a",
		.policy = { ETP_LOCAL, NODEPORT },
		.endpoint = {
			{ "10.1.2.3", READY, LOCAL, ZONES("zone-a") },
			{ "10.1.2.4", READY, LOCAL, ZONES("zone-b") },
			{ "10.1.2.5", READY, ZONES("zone-c") },
			{ "10.1.2.6", READY, ZONES("zone-a") },
		},
		.cluster = "10.1.2.3 10.1.2.6",
		.local = "10.1.2.3 10.1.2.4",
	}, {
		"internalTrafficPolicy: Local, topology ignored for Local endpoints",
		.zone = "zone-a",
		.policy = { ITP_LOCAL, NODEPORT },
		.endpoint = {
			{ "10.1.2.3", READY, LOCAL, ZONES("zone-a") },
			{ "10.1.2.4", READY, LOCAL, ZONES("zone-b") },
			{ "10.1.2.5", READY, ZONES("zone-c") },
			{ "10.1.2.6", READY, ZONES("zone-a") },
		},
		.cluster = "10.1.2.3 10.1.2.6",
		.local = "10.1.2.3 10.1.2.4",
	}, {
		"empty node labels",
		.endpoint = { { "10.1.2.3", READY, ZONES("zone-a") } },
		.cluster = "10.1.2.3",
	}, {
		"empty zone label",
		.zone = "",
		.endpoint = { { "10.1.2.3", READY, ZONES("zone-a") } },
		.cluster = "10.1.2.3",
	}, {
		"node in different zone, no endpoint filtering",
		.zone = "zone-b",
		.endpoint = { { "10.1.2.3", READY, ZONES("zone-a") } },
		.cluster = "10.1.2.3",
	}, {
		"unready endpoint",
		.zone = "zone-a",
		.endpoint = {
			{ "10.1.2.3", READY, ZONES("zone-a") },
			{ "10.1.2.4", READY, ZONES("zone-b") },
			{ "10.1.2.5", READY, ZONES("zone-c") },
			{ "10.1.2.6", NOT_READY, ZONES("zone-a") },
		},
		.cluster = "10.1.2.3",
	}, {
		"only unready endpoints in same zone (should not filter)",
		.zone = "zone-a",
		.endpoint = {
			{ "10.1.2.3", NOT_READY, ZONES("zone-a") },
			{ "10.1.2.4", READY, ZONES("zone-b") },
			{ "10.1.2.5", READY, ZONES("zone-c") },
			{ "10.1.2.6", NOT_READY, ZONES("zone-a") },
		},
		.cluster = "10.1.2.4 10.1.2.5",
	}, {
		"missing hints, no filtering applied",
		.zone = "zone-a",
		.endpoint = {
			{ "10.1.2.3", READY, ZONES("zone-a") },
			{ "10.1.2.4", READY, ZONES("zone-b") },
			{ "10.1.2.5", READY },
			{ "10.1.2.6", READY, ZONES("zone-a") },
		},
		.cluster = "10.1.2.3 10.1.2.4 10.1.2.5 10.1.2.6",
	}, {
		"multiple hints per endpoint, filtering includes any endpoint with zone included",
		.zone = "zone-c",
		.endpoint = {
			{ "10.1.2.3", READY, ZONES("zone-a", "zone-b", "zone-c") },
			{ "10.1.2.4", READY, ZONES("zone-b", "zone-c") },
			{ "10.1.2.5", READY, ZONES("zone-b", "zone-d") },
			{ "10.1.2.6", READY, ZONES("zone-c") },
		},
		.cluster = "10.1.2.3 10.1.2.4 10.1.2.6",
	}, {
		"PreferSameNode available",
		.node = "node-1",
		.zone = "zone-a",
		.endpoint = {
			{ "10.1.2.3", READY, ZONES("zone-a"), NODES("node-1") },
			{ "10.1.2.4", READY, ZONES("zone-b"), NODES("node-2") },
			{ "10.1.2.5", READY, ZONES("zone-c"), NODES("node-3") },
			{ "10.1.2.6", READY, ZONES("zone-a"), NODES("node-4") },
		},
		.cluster = "10.1.2.3",
	}, {
		"PreferSameNode ignored if some endpoints unhinted",
		.node = "node-1",
		.zone = "zone-a",
		.endpoint = {
			{ "10.1.2.3", READY, ZONES("zone-a"), NODES("node-1") },
			{ "10.1.2.4", READY },
			{ "10.1.2.5", READY, ZONES("zone-c"), NODES("node-3") },
			{ "10.1.2.6", READY, ZONES("zone-a"), NODES("node-4") },
		},
		.cluster = "10.1.2.3 10.1.2.4 10.1.2.5 10.1.2.6",
	}, {
		"PreferSameNode falls back to PreferSameZone if no endpoint for node",
		.node = "node-0",
		.zone = "zone-a",
		.endpoint = {
			{ "10.1.2.3", READY, ZONES("zone-a"), NODES("node-1") },
			{ "10.1.2.4", READY, ZONES("zone-b"), NODES("node-2") },
			{ "10.1.2.5", READY, ZONES("zone-c"), NODES("node-3") },
			{ "10.1.2.6", READY, ZONES("zone-a"), NODES("node-4") },
		},
		.cluster = "10.1.2.3 10.1.2.6",
	}, {
		"conflicting topology and localness require merging allEndpoints",
		.zone = "zone-a",
		.policy = { ETP_LOCAL, NODEPORT },
		.endpoint = {
			{ "10.0.0.0", READY, LOCAL, ZONES("zone-a") },
			{ "10.0.0.1", READY, LOCAL, ZONES("zone-b") },
			{ "10.0.0.2", READY, REMOTE, ZONES("zone-a") },
			{ "10.0.0.3", READY, REMOTE, ZONES("zone-b") },
		},
		.cluster = "10.0.0.0 10.0.0.2",
		.local = "10.0.0.0 10.0.0.1",
	}, {
		"internalTrafficPolicy: Local, with empty endpoints",
		.policy = { ITP_LOCAL },
		.local = "",
	}, {
		"internalTrafficPolicy: Local, but all endpoints are remote",
		.policy = { ITP_LOCAL },
		.endpoint = {
			{ "10.0.0.0", READY, REMOTE },
			{ "10.0.0.1", READY, REMOTE },
		},
		.local = "",
		.only_elsewhere = true,
	}, {
		"internalTrafficPolicy: Local, all endpoints are local",
		.policy = { ITP_LOCAL },
		.endpoint = {
			{ "10.0.0.0", READY, LOCAL },
			{ "10.0.0.1", READY, LOCAL },
		},
		.local = "10.0.0.0 10.0.0.1",
	}, {
		"internalTrafficPolicy: Local, some endpoints are local",
		.policy = { ITP_LOCAL },
		.endpoint = {
			{ "10.0.0.0", READY, LOCAL },
			{ "10.0.0.1", READY, REMOTE },
		},
		.local = "10.0.0.0",
	}, {
		"Cluster traffic policy, endpoints not Ready",
		.endpoint = {
			{ "10.0.0.0", NOT_READY },
			{ "10.0.0.1", NOT_READY },
		},
		.cluster = "",
	}, {
		"Cluster traffic policy, some endpoints are Ready",
		.endpoint = {
			{ "10.0.0.0", NOT_READY },
			{ "10.0.0.1", READY },
		},
		.cluster = "10.0.0.1",
	}, {
		"Cluster traffic policy, all endpoints are terminating",
		.endpoint = {
			{ "10.0.0.0", TERMINATING, LOCAL },
			{ "10.0.0.1", TERMINATING, REMOTE },
		},
		.cluster = "10.0.0.0 10.0.0.1",
	}, {
		"iTP: Local, eTP: Cluster, some endpoints local",
		.policy = { ITP_LOCAL, NODEPORT },
		.endpoint = {
			{ "10.0.0.0", READY, LOCAL },
			{ "10.0.0.1", READY, REMOTE },
		},
		.cluster = "10.0.0.0 10.0.0.1",
		.local = "10.0.0.0",
	}, {
		"iTP: Cluster, eTP: Local, some endpoints local",
		.policy = { ETP_LOCAL, NODEPORT },
		.endpoint = {
			{ "10.0.0.0", READY, LOCAL },
			{ "10.0.0.1", READY, REMOTE },
		},
		.cluster = "10.0.0.0 10.0.0.1",
		.local = "10.0.0.0",
	}, {
		"iTP: Local, eTP: Local, some endpoints local",
		.policy = { ITP_LOCAL, ETP_LOCAL, NODEPORT },
		.endpoint = {
			{ "10.0.0.0", READY, LOCAL },
			{ "10.0.0.1", READY, REMOTE },
		},
		.cluster = "10.0.0.0 10.0.0.1",
		.local = "10.0.0.0",
	}, {
		"iTP: Local, eTP: Local, all endpoints remote",
		.policy = { ITP_LOCAL, ETP_LOCAL, NODEPORT },
		.endpoint = {
			{ "10.0.0.0", READY, REMOTE },
			{ "10.0.0.1", READY, REMOTE },
		},
		.cluster = "10.0.0.0 10.0.0.1",
		.local = "",
	}, {
		"iTP: Local, eTP: Local, all endpoints remote and terminating",
		.policy = { ITP_LOCAL, ETP_LOCAL, NODEPORT },
		.endpoint = {
			{ "10.0.0.0", TERMINATING, REMOTE },
			{ "10.0.0.1", TERMINATING, REMOTE },
		},
		.cluster = "10.0.0.0 10.0.0.1",
		.local = "",
	}, {
		"iTP: Cluster, eTP: Local, with terminating endpoints",
		.policy = { ETP_LOCAL, NODEPORT },
		.endpoint = {
			{ "10.0.0.0", READY, REMOTE },
			{ "10.0.0.1", NOT_READY, LOCAL },
			{ "10.0.0.2", TERMINATING, LOCAL },
			{ "10.0.0.3", TERMINATING, REMOTE },
		},
		.cluster = "10.0.0.0",
		.local = "10.0.0.2",
	}, {
		"externalTrafficPolicy ignored if not externally accessible",
		.policy = { ETP_LOCAL },
		.endpoint = {
			{ "10.0.0.0", READY, REMOTE },
			{ "10.0.0.1", READY, LOCAL },
		},
		.cluster = "10.0.0.0 10.0.0.1",
	}, {
		"no cluster endpoints for iTP:Local internal-only service",
		.policy = { ITP_LOCAL },
		.endpoint = {
			{ "10.0.0.0", READY, REMOTE },
			{ "10.0.0.1", READY, LOCAL },
		},
		.local = "10.0.0.1",
	},
};

static const struct test more[] = {
	{
		"no endpoints at all",
		.cluster = "",
	}, {
		"the local set stays ready while the cluster set has nothing else",
		.policy = { ETP_LOCAL, NODEPORT },
		.endpoint = {
			{ "10.0.0.0", READY, LOCAL },
			{ "10.0.0.1", TERMINATING, LOCAL },
			{ "10.0.0.2", TERMINATING, REMOTE },
		},
		.cluster = "10.0.0.0",
		.local = "10.0.0.0",
	}, {
		"both sets fall back",
		.policy = { ETP_LOCAL, NODEPORT },
		.endpoint = {
			{ "10.0.0.0", TERMINATING, LOCAL },
			{ "10.0.0.1", TERMINATING, REMOTE },
			{ "10.0.0.2", NOT_READY, LOCAL },
		},
		.cluster = "10.0.0.0 10.0.0.1",
		.local = "10.0.0.0",
	}, {
		"a terminating endpoint that does not serve is no fallback",
		.policy = { ITP_LOCAL },
		.endpoint = {
			{ "10.0.0.0", .terminating = true, LOCAL },
			{ "10.0.0.1", .terminating = true, REMOTE },
		},
		.local = "",
	}, {
		"an endpoint that serves but neither is ready nor terminates is no fallback",
		.endpoint = { { "10.0.0.0", .serving = true, LOCAL } },
		.cluster = "",
	}, {
		"the terminating fallback is not filtered by zone hints",
		.zone = "zone-a",
		.endpoint = {
			{ "10.0.0.0", TERMINATING, ZONES("zone-a") },
			{ "10.0.0.1", TERMINATING, ZONES("zone-b") },
		},
		.cluster = "10.0.0.0 10.0.0.1",
	}, {
		"the terminating fallback is not filtered by node hints",
		.endpoint = {
			{ "10.0.0.0", TERMINATING, NODES("here") },
			{ "10.0.0.1", TERMINATING, NODES("there") },
		},
		.cluster = "10.0.0.0 10.0.0.1",
	}, {
		"only terminating endpoints in the same zone: the ready ones of others",
		.zone = "zone-a",
		.endpoint = {
			{ "10.0.0.0", TERMINATING, ZONES("zone-a") },
			{ "10.0.0.1", READY, ZONES("zone-b") },
		},
		.cluster = "10.0.0.1",
	}, {
		"hints of endpoints that are not ready do not count",
		.zone = "zone-a",
		.endpoint = {
			{ "10.0.0.0", READY, ZONES("zone-a") },
			{ "10.0.0.1", READY, ZONES("zone-b") },
			{ "10.0.0.2", NOT_READY },
			{ "10.0.0.3", TERMINATING },
		},
		.cluster = "10.0.0.0",
	}, {
		"node hints missing on one endpoint, zone hints on all: by zone",
		.zone = "zone-a",
		.endpoint = {
			{ "10.0.0.0", READY, NODES("here"), ZONES("zone-a") },
			{ "10.0.0.1", READY, ZONES("zone-a") },
			{ "10.0.0.2", READY, NODES("there"), ZONES("zone-b") },
		},
		.cluster = "10.0.0.0 10.0.0.1",
	}, {
		"node hints without zone hints",
		.endpoint = {
			{ "10.0.0.0", READY, NODES("here", "there") },
			{ "10.0.0.1", READY, NODES("there") },
		},
		.cluster = "10.0.0.0",
	}, {
		"a hint for this node on an endpoint of another",
		.endpoint = {
			{ "10.0.0.0", READY, REMOTE, NODES("here") },
			{ "10.0.0.1", READY, LOCAL, NODES("there") },
		},
		.policy = { ETP_LOCAL, NODEPORT },
		.cluster = "10.0.0.0",
		.local = "10.0.0.1",
	}, {
		"the local set is not filtered by node hints",
		.policy = { ITP_LOCAL },
		.endpoint = {
			{ "10.0.0.0", READY, LOCAL, NODES("there") },
			{ "10.0.0.1", READY, LOCAL, NODES("here") },
		},
		.local = "10.0.0.0 10.0.0.1",
	}, {
		"publishNotReadyAddresses: what terminates comes as ready",
		.endpoint = {
			{ "10.0.0.0", .ready = true, .serving = true, .terminating = true },
			{ "10.0.0.1", READY },
		},
		.cluster = "10.0.0.0 10.0.0.1",
	}, {
		"publishNotReadyAddresses: what does not serve comes as ready",
		.endpoint = {
			{ "10.0.0.0", .ready = true },
			{ "10.0.0.1", .ready = true, .terminating = true },
			{ "10.0.0.2", TERMINATING },
		},
		.cluster = "10.0.0.0 10.0.0.1",
	}, {
		"an endpoint without a node is on no node",
		.node = "",
		.policy = { ITP_LOCAL },
		.endpoint = {
			{ "10.0.0.0", READY },
			{ "10.0.0.1", READY, .node = "" },
		},
		.local = "",
		.only_elsewhere = true,
	}, {
		"eTP: Local with terminating endpoints elsewhere only",
		.policy = { ETP_LOCAL, NODEPORT },
		.endpoint = { { "10.0.0.0", TERMINATING, REMOTE } },
		.cluster = "10.0.0.0",
		.local = "",
	},
};

static size_t strings_count(const char *const *string)
{
	size_t count = 0;

	while (count < HINTS_MAX && string[count])
		count++;
	return count;
}

static size_t fill(const struct test *test, struct k8snet_candidate *candidates)
{
	size_t count = 0;

	for (; count < ENDPOINTS_MAX && test->endpoint[count].addr; count++) {
		const struct endpoint *endpoint = &test->endpoint[count];
		struct k8snet_candidate *candidate = &candidates[count];

		*candidate = (struct k8snet_candidate){
			.port = 80,
			.ready = endpoint->ready,
			.serving = endpoint->serving,
			.terminating = endpoint->terminating,
			.node = endpoint->node,
			.zone_hints = { (const char **)endpoint->zone_hints,
					strings_count(endpoint->zone_hints) },
			.node_hints = { (const char **)endpoint->node_hints,
					strings_count(endpoint->node_hints) },
			/* What was there does not matter. */
			.local = true,
			.in_cluster_set = true,
			.in_local_set = true,
		};
		k8snet_address_parse(&candidate->addr, endpoint->addr);
	}
	return count;
}

/* buf has 256 bytes. */
static size_t list(const struct k8snet_candidate *candidates, size_t count, bool cluster, char *buf)
{
	char addr[K8SNET_ADDRESS_STRLEN];
	size_t members = 0;
	char *p = buf;

	*p = 0;
	for (size_t i = 0; i < count; i++) {
		if (!(cluster ? candidates[i].in_cluster_set : candidates[i].in_local_set))
			continue;
		p += sprintf(p, "%s%s", members++ ? " " : "",
			     k8snet_address_print(&candidates[i].addr, addr));
	}
	return members;
}

static void run(const struct test *test, bool reverse)
{
	struct k8snet_candidate candidates[ENDPOINTS_MAX], swapped;
	const char *order = reverse ? " (other order)" : "";
	struct k8snet_place place = { test->node ? test->node : "here", test->zone };
	size_t count = fill(test, candidates), members;
	struct k8snet_endpointset set;
	char text[256];
	bool any;

	for (size_t i = 0; reverse && i < count / 2; i++) {
		swapped = candidates[i];
		candidates[i] = candidates[count - 1 - i];
		candidates[count - 1 - i] = swapped;
	}
	set = k8snet_endpointset_compute(candidates, count, &test->policy, &place);
	for (size_t i = 0; reverse && i < count / 2; i++) {
		swapped = candidates[i];
		candidates[i] = candidates[count - 1 - i];
		candidates[count - 1 - i] = swapped;
	}

	check(set.uses_cluster == !!test->cluster && set.uses_local == !!test->local,
	      "%s: which sets are used%s", test->name, order);
	members = list(candidates, count, true, text);
	if (test->cluster)
		check_text(text, test->cluster, "%s: cluster set%s", test->name, order);
	check(set.cluster_count == members, "%s: size of the cluster set%s", test->name, order);
	members = list(candidates, count, false, text);
	check_text(text, test->local ? test->local : "", "%s: local set%s", test->name, order);
	check(set.local_count == members, "%s: size of the local set%s", test->name, order);
	/* What Kubernetes calls hasAnyEndpoints. */
	any = members || (test->cluster && *test->cluster) || test->only_elsewhere;
	check((set.cluster_count > 0) == any, "%s: whether there are any%s", test->name, order);
	for (size_t i = 0; i < count; i++)
		if (candidates[i].local != (candidates[i].node && *place.node &&
					    !strcmp(candidates[i].node, place.node)))
			check(false, "%s: locality of endpoint %zu", test->name, i);
}

static void test_topology(void)
{
	static const char *here[] = { "here" }, *zone[] = { "z" };
	struct k8snet_endpointset_policy cluster = { 0 }, local = { ITP_LOCAL };
	struct k8snet_place place = { "here", "z" };
	struct k8snet_candidate one = {
		READY, .node_hints = { here, 1 }, .zone_hints = { zone, 1 },
	};

	check(k8snet_endpointset_compute(&one, 1, &cluster, &place).topology ==
	      K8SNET_TOPOLOGY_SAME_NODE, "topology: same node");
	one.node_hints.count = 0;
	check(k8snet_endpointset_compute(&one, 1, &cluster, &place).topology ==
	      K8SNET_TOPOLOGY_SAME_ZONE, "topology: same zone");
	check(k8snet_endpointset_compute(&one, 1, &local, &place).topology ==
	      K8SNET_TOPOLOGY_SAME_ZONE, "topology: of a cluster set that is not used");
	one.zone_hints.count = 0;
	check(k8snet_endpointset_compute(&one, 1, &cluster, &place).topology ==
	      K8SNET_TOPOLOGY_NONE, "topology: none without hints");
}

void test_endpointset(void)
{
	for (size_t i = 0; i < sizeof(kubernetes) / sizeof(kubernetes[0]); i++) {
		run(&kubernetes[i], false);
		run(&kubernetes[i], true);
	}
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		run(&more[i], false);
		run(&more[i], true);
	}
	test_topology();
}
