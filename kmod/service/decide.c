// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of a new connection: decided here for packets (hook.c) and for
 * those who ask (netlink_explain.c). Nothing here changes anything.
 */
#include "netns.h"
#include "service/backend.h"
#include "service/decide.h"
#include "service/local.h"
#include "service/service.h"

/*
 * kube-proxy's rule for a range that the node is in: a connection from the node
 * to a load balancer's address may come from that address.
 */
static bool range_has_node(const struct k8snet_opening *o)
{
	unsigned int i;

	if (o->frontend->type != K8SNET_FRONTEND_TYPE_LOAD_BALANCER ||
	    !k8snet_addr_equal(&o->dest, &o->client))
		return false;
	for (i = 0; i < o->rules->n_ranges; i++)
		if (k8snet_local_in(o->kn->net, &o->rules->ranges[i]))
			return true;
	return false;
}

/**
 * k8snet_decide_range() - may that client come?
 * @o: the connection
 *
 * Each family has its own ranges; without any all may come.
 *
 * Context: RCU read side.
 * Return: enum k8snet_range_state.
 */
u32 k8snet_decide_range(const struct k8snet_opening *o)
{
	const struct k8snet_rules *rules = o->rules;
	u32 i, type = o->frontend->type;
	bool filtered = false;

	if (!rules->n_ranges || type == K8SNET_FRONTEND_TYPE_CLUSTER_IP)
		return K8SNET_RANGE_STATE_NONE;
	if (type != K8SNET_FRONTEND_TYPE_LOAD_BALANCER &&
	    rules->range_scope != K8SNET_RANGE_SCOPE_EXTERNAL)
		return K8SNET_RANGE_STATE_NONE;
	for (i = 0; i < rules->n_ranges; i++) {
		if (rules->ranges[i].family != o->client.family)
			continue;
		if (k8snet_prefix_has(&rules->ranges[i], &o->client))
			return K8SNET_RANGE_STATE_INSIDE;
		filtered = true;
	}
	if (!filtered)
		return K8SNET_RANGE_STATE_NONE;
	return range_has_node(o) ? K8SNET_RANGE_STATE_INSIDE :
				   K8SNET_RANGE_STATE_OUTSIDE;
}

/**
 * k8snet_decide() - may a connection come, and which endpoints may take it?
 * @o: the connection
 * @d: where the answer goes; the limit of the service is not part of it
 *
 * Context: RCU read side.
 */
void k8snet_decide(const struct k8snet_opening *o, struct k8snet_decision *d)
{
	bool local = false;

	d->backends = k8snet_service_backends(o->frontend->service,
					      o->client.family);
	d->set = &d->backends->cluster;
	d->verdict = K8SNET_VERDICT_DROP;
	if (unlikely(k8snet_decide_range(o) == K8SNET_RANGE_STATE_OUTSIDE)) {
		d->why = K8SNET_DROP_REASON_SERVICE_SOURCE_RANGE;
		return;
	}
	if (k8snet_service_is_local(o->kn, o->frontend, o->from_node,
				    &o->client)) {
		d->set = &d->backends->local;
		local = true;
	}
	if (likely(d->set->n)) {
		d->verdict = K8SNET_VERDICT_TRANSLATE;
	} else if (local && d->backends->cluster.n) {
		d->why = K8SNET_DROP_REASON_SERVICE_NO_LOCAL_ENDPOINT;
	} else {
		d->verdict = K8SNET_VERDICT_REJECT;
		d->why = K8SNET_DROP_REASON_SERVICE_NO_ENDPOINT;
	}
}

/**
 * k8snet_decide_miss() - what becomes of a connection to no service port?
 * @kn: the namespace
 * @dest: its destination, which may be a service's address at least
 * @ping: it is an echo request
 * @d: where the answer goes, without endpoints
 *
 * Context: RCU read side.
 */
void k8snet_decide_miss(struct k8snet_net *kn, const struct k8snet_addr *dest,
			bool ping, struct k8snet_decision *d)
{
	const struct k8snet_config *config = rcu_dereference(kn->config);

	d->verdict = K8SNET_VERDICT_ACCEPT;
	if (k8snet_addrset_has(&kn->services.cluster_ips, dest)) {
		d->verdict = config->vip_ping && ping ? K8SNET_VERDICT_PING :
							K8SNET_VERDICT_REJECT;
		d->why = K8SNET_DROP_REASON_SERVICE_UNKNOWN_PORT;
	} else if (k8snet_prefixes_have(&config->services, dest)) {
		d->verdict = K8SNET_VERDICT_DROP;
		d->why = K8SNET_DROP_REASON_SERVICE_UNUSED_ADDRESS;
	}
}

/**
 * k8snet_decide_masquerade() - must the server answer to this node?
 * @kn: the namespace
 * @frontend: where the client has come to
 * @client: its address
 * @server: that of the endpoint it goes to
 *
 * When the client is the server itself,
 * which would see its own address; when the client is no pod, to which the
 * server's answer might take another way; and for all that comes from outside,
 * unless the policy keeps it on this node: kube-proxy's rules with a cluster
 * CIDR. Without pod ranges at least the node's own connections are known not to
 * come from a pod.
 *
 * Context: RCU read side.
 */
bool k8snet_decide_masquerade(struct k8snet_net *kn,
			      const struct k8snet_frontend *frontend,
			      const struct k8snet_addr *client,
			      const struct k8snet_addr *server)
{
	const struct k8snet_config *config = rcu_dereference(kn->config);
	const struct k8snet_rules *rules = rcu_dereference(frontend->service->rules);

	if (k8snet_addr_equal(client, server))
		return true;
	if (frontend->type == K8SNET_FRONTEND_TYPE_CLUSTER_IP) {
		if (k8snet_prefixes_have_family(&config->pods, client->family))
			return !k8snet_prefixes_have(&config->pods, client);
		return k8snet_local_has(kn->net, client);
	}
	return rules->external == K8SNET_POLICY_CLUSTER ||
	       k8snet_local_has(kn->net, client);
}

/**
 * k8snet_decide_egress() - does a connection leave the cluster?
 * @kn: the namespace
 * @source: its source
 * @dest: its destination, a service's already translated
 *
 * Context: RCU read side.
 * Return: the settings of egress that apply, or NULL.
 */
const struct k8snet_egress *
k8snet_decide_egress(struct k8snet_net *kn, const struct k8snet_addr *source,
		     const struct k8snet_addr *dest)
{
	const struct k8snet_egress *egress = rcu_dereference(kn->egress);
	const struct k8snet_config *config;

	if (!egress)
		return NULL;
	config = rcu_dereference(kn->config);
	if (!k8snet_prefixes_have(&config->pods, source) ||
	    k8snet_prefixes_have(&config->pods, dest) ||
	    k8snet_prefixes_have(&egress->exclude, dest) ||
	    k8snet_addrset_has(&kn->node_addrs, dest) ||
	    k8snet_addr_is_multicast(dest))
		return NULL;
	return egress;
}
