// SPDX-License-Identifier: GPL-2.0
/*
 * Two services that claim one address and port.
 *
 * Anyone who can make a service can give it external addresses, so that one must
 * neither take another one's address away (CVE-2020-8554) nor keep the rest
 * from being applied. What the cluster itself assigns goes before what users
 * write, and names decide between equals, so that all nodes decide alike.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kube.h"

struct claim {
	const struct k8snet_state_service *service;
	struct k8snet_state_frontend *frontend;
};

/* A port of the node is claimed apart from those of addresses. */
static int compare_places(const struct claim *a, const struct claim *b)
{
	const struct k8snet_state_frontend *x = a->frontend, *y = b->frontend;
	int order = k8snet_state_compare_address(&x->addr, &y->addr);

	if (!order)
		order = (x->port > y->port) - (x->port < y->port);
	if (!order)
		order = (a->service->protocol > b->service->protocol) -
			(a->service->protocol < b->service->protocol);
	return order;
}

/* Types are in the order of precedence. */
static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = compare_places(x, y);

	if (!order)
		order = (x->frontend->type > y->frontend->type) -
			(x->frontend->type < y->frontend->type);
	return order ? order : strcmp(x->service->name, y->service->name);
}

static void refuse(const struct claim *claim, const struct claim *holder,
		   struct k8snet_problems *notes)
{
	char addr[K8SNET_ADDRESS_STRLEN];

	/* That a service has an address in two ways is nothing to speak of. */
	if (claim->service != holder->service)
		k8snet_problems_add(notes, &claim->service->origin,
				    "Service port %s: does not get %s port %u (%s), which is %s's (%s)",
				    claim->service->name,
				    k8snet_address_print(&claim->frontend->addr, addr),
				    claim->frontend->port,
				    k8snet_state_frontend_types[claim->frontend->type],
				    holder->service->name,
				    k8snet_state_frontend_types[holder->frontend->type]);
	claim->frontend->port = 0;
}

static void drop_refused(struct k8snet_state_service *service)
{
	size_t kept = 0;

	for (size_t i = 0; i < service->frontend_count; i++)
		if (service->frontend[i].port)
			service->frontend[kept++] = service->frontend[i];
	service->frontend_count = kept;
}

void k8snet_kube_settle_conflicts(struct k8snet_state *state, struct k8snet_problems *problems,
				  struct k8snet_problems *notes)
{
	size_t count = 0, holder = 0;
	struct claim *claim;

	for (size_t i = 0; i < state->service_count; i++)
		count += state->service[i].frontend_count;
	if (!count)
		return;
	claim = calloc(count, sizeof(*claim));
	if (!claim) {
		problems->failed = ENOMEM;
		return;
	}
	count = 0;
	for (size_t i = 0; i < state->service_count; i++)
		for (size_t j = 0; j < state->service[i].frontend_count; j++)
			claim[count++] = (struct claim){ &state->service[i],
							 &state->service[i].frontend[j] };
	qsort(claim, count, sizeof(*claim), compare_claims);
	for (size_t i = 1; i < count; i++) {
		if (compare_places(&claim[holder], &claim[i]))
			holder = i;
		else
			refuse(&claim[i], &claim[holder], notes);
	}
	free(claim);
	for (size_t i = 0; i < state->service_count; i++)
		drop_refused(&state->service[i]);
}
