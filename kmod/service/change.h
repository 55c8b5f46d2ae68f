/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes of services, settings, egress and the flow cache that are prepared and checked, and
 * not made yet.
 */
#ifndef K8SNET_SERVICE_CHANGE_H
#define K8SNET_SERVICE_CHANGE_H

#include "flow/flow.h"
#include "pending.h"
#include "service/service.h"

struct k8snet_affinity;
struct k8snet_config;
struct k8snet_egress;

/* A frontend that a service is going to have. */
struct k8snet_claim {
	struct k8snet_pending_claim pending;
	struct k8snet_frontend_key key;
	u32 type;
	struct k8snet_change *change;
	struct k8snet_frontend *frontend;	/* NULL: the service has it */
	struct k8snet_frontend *old;		/* that it takes the place of */
	bool reserved;
};

/* What becomes of one service. */
struct k8snet_change {
	struct k8snet_pending_change pending;
	struct k8snet_service *service;		/* a reference */
	bool created;			/* and has its parts, but no rules yet */
	bool published;
	bool removed;
	bool lost;			/* flows of it may have to end */
	bool configured;		/* what is below, up to the claims, counts */
	u8 protocol;
	struct k8snet_rules *rules;
	struct k8snet_affinity *affinity;	/* if there was none and will be */
	unsigned int n_claims;
	struct k8snet_claim *claims;
	struct k8snet_backends *backends[2];	/* NULL: as they are */
};

#define K8SNET_CHANGES_FEW	8

/*
 * All that changes at once. The last word on each service counts: one that is
 * removed and added again is one that is changed.
 */
struct k8snet_changes {
	struct k8snet_pending pending;
	struct k8snet_config *config;		/* NULL: as it is */
	struct k8snet_egress *egress;
	bool has_egress;
	struct k8snet_flow_settings flows;
	bool has_flows;

	/* While they are made: the frontends that go. */
	bool evict;
	bool reset;
	unsigned int gone_bits;
	struct hlist_head *gone;
	struct hlist_head few[K8SNET_CHANGES_FEW];
};

int k8snet_changes_init(struct k8snet_changes *changes, bool indexed);
void k8snet_changes_free(struct k8snet_changes *changes);
bool k8snet_changes_are_none(const struct k8snet_changes *changes);

int k8snet_change_write(struct k8snet_net *kn, struct k8snet_changes *changes,
			struct k8snet_service_conf *conf, bool replace,
			struct k8snet_refusal *refusal);
int k8snet_change_del(struct k8snet_net *kn, struct k8snet_changes *changes,
		      const char *name, struct k8snet_refusal *refusal);
int k8snet_change_add_endpoint(struct k8snet_net *kn,
			       struct k8snet_changes *changes, const char *name,
			       const struct k8snet_endpoint_conf *endpoint,
			       bool replace, struct k8snet_refusal *refusal);
int k8snet_change_del_endpoint(struct k8snet_net *kn,
			       struct k8snet_changes *changes, const char *name,
			       const struct k8snet_addr *addr, __be16 port,
			       struct k8snet_refusal *refusal);

#endif /* K8SNET_SERVICE_CHANGE_H */
