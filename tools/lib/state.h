/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tables of a node hold, or should: nodes behind overlay devices, and
 * service ports. Plain data, to be compared.
 */
#ifndef K8SNET_STATE_H
#define K8SNET_STATE_H

#include <linux/k8snet.h>

#include "address.h"
#include "arena.h"
#include "prefix.h"
#include "problem.h"

/* Settings of a device, which ip(8) makes. */
struct k8snet_state_link {
	const char *name;
	uint32_t format;		/* enum k8snet_format */
	uint32_t id;
	uint16_t port;
	struct k8snet_address local;		/* IPv4; of no family for automatic */
	struct k8snet_address local_ipv6;
	bool strict;
	bool cross_subnet;
	uint32_t mtu;			/* 0 for automatic */
	uint32_t ttl;			/* 0 to inherit */
	uint32_t dscp;			/* 64 to inherit */
	uint32_t df;			/* enum k8snet_df */
	uint8_t mac[K8SNET_MAC_LEN];	/* all zeros for automatic */
	struct k8snet_origin origin;
};

#define K8SNET_STATE_LINK_ID		1
#define K8SNET_STATE_LINK_PORT		8472
#define K8SNET_STATE_LINK_TTL		64
#define K8SNET_STATE_DSCP_INHERIT	64

/* What of a node is the device's default, as bits. */
enum {
	K8SNET_STATE_DEFAULT_FORMAT = 1 << 0,
	K8SNET_STATE_DEFAULT_PORT = 1 << 1,
	K8SNET_STATE_DEFAULT_MAC = 1 << 2,
};

/* Values left out are the device's default until k8snet_state_complete(). */
struct k8snet_state_node {
	const char *device;
	const char *name;
	struct k8snet_address via;
	struct k8snet_addresses also;
	uint32_t defaults;		/* K8SNET_STATE_DEFAULT_*, what was filled in */
	bool has_format;
	uint32_t format;		/* enum k8snet_format */
	uint16_t port;			/* 0 if left out */
	bool has_mac;
	uint8_t mac[K8SNET_MAC_LEN];
	struct k8snet_prefixes pods;
	struct k8snet_origin origin;
};

enum k8snet_state_frontend_type {
	K8SNET_STATE_CLUSTER_IP,
	K8SNET_STATE_NODE_PORT,		/* its address is 0.0.0.0 or :: */
	K8SNET_STATE_LOAD_BALANCER,
	K8SNET_STATE_EXTERNAL,
};

struct k8snet_state_frontend {
	enum k8snet_state_frontend_type type;
	struct k8snet_address addr;
	uint16_t port;
};

/*
 * One that is in no set takes no new connections and keeps those it has, but
 * for its UDP flows if it does not even serve.
 */
struct k8snet_state_endpoint {
	struct k8snet_address addr;
	uint16_t port;
	uint32_t weight;
	bool in_cluster_set;
	bool in_local_set;
	bool on_node;
	bool serving;
};

enum k8snet_state_algorithm {
	K8SNET_STATE_MAGLEV,
	K8SNET_STATE_RANDOM,
	K8SNET_STATE_RR,
	K8SNET_STATE_LC,
};

enum k8snet_state_on_remove {
	K8SNET_STATE_DRAIN,
	K8SNET_STATE_RESET,
};

enum k8snet_state_range_scope {
	K8SNET_STATE_RANGE_LOAD_BALANCER,
	K8SNET_STATE_RANGE_EXTERNAL,
};

struct k8snet_state_service {
	const char *name;		/* namespace/name:port, without :port if that has no name */
	uint32_t protocol;
	struct k8snet_state_frontend *frontend;
	size_t frontend_count;
	bool internal_local;
	bool external_local;
	struct k8snet_prefixes ranges;
	uint32_t range_scope;
	uint32_t affinity;		/* seconds, or 0 */
	uint32_t algorithm;
	uint32_t on_remove;
	uint32_t limit;			/* or 0 */
	struct k8snet_state_endpoint *endpoint;
	size_t endpoint_count;

	/* Not the kernel's business, and not compared: */
	uint16_t health_check_port;
	struct k8snet_origin origin;
};

/* Settings of the namespace. */
struct k8snet_state_config {
	struct k8snet_prefixes pods;
	struct k8snet_prefixes services;
	uint8_t seed[K8SNET_SEED_LEN];
	struct k8snet_prefixes nodeport_addresses;	/* none for all */
	uint32_t nodeports_min;
	uint32_t nodeports_max;
	bool vip_ping;
	struct k8snet_origin origin;
};

struct k8snet_state_egress {
	bool enabled;
	struct k8snet_address source;		/* IPv4; of no family for the device's own */
	struct k8snet_address source_ipv6;
	struct k8snet_prefixes exclude;
	struct k8snet_origin origin;
};

/* The flow cache. */
struct k8snet_state_flow {
	bool enabled;
	uint32_t limit;
	bool peer;
	bool ingress;
	bool early;
	struct k8snet_origin origin;
};

/* What has_* does not hold is left alone, not emptied. */
struct k8snet_state {
	struct k8snet_arena arena;
	bool has_config;
	struct k8snet_state_config config;
	bool has_egress;
	struct k8snet_state_egress egress;
	bool has_flow;
	struct k8snet_state_flow flow;
	bool has_links;
	struct k8snet_state_link *link;
	size_t link_count;
	bool has_nodes;
	struct k8snet_state_node *node;
	size_t node_count;
	bool has_services;
	struct k8snet_state_service *service;
	size_t service_count;
};

/* Names of the enumerations, by value, NULL at the end. */
extern const char *const k8snet_state_frontend_types[];
extern const char *const k8snet_state_algorithms[];
extern const char *const k8snet_state_on_removes[];
extern const char *const k8snet_state_range_scopes[];
extern const char *const k8snet_state_policies[];	/* by bool local */
extern const char *const k8snet_state_protocols[];
uint32_t k8snet_state_protocol(unsigned int index);
const char *k8snet_state_protocol_name(uint32_t protocol);

#define K8SNET_STATE_AFFINITY_MAX	86400

/* The range of node ports if nobody says another. */
#define K8SNET_STATE_NODEPORTS_MIN	30000
#define K8SNET_STATE_NODEPORTS_MAX	32767

/* Flows in the cache if nobody says another number. */
#define K8SNET_STATE_FLOW_LIMIT		65536

/* These return what was added, zeroed, or NULL without memory. */
struct k8snet_state_link *k8snet_state_add_link(struct k8snet_state *state);
struct k8snet_state_node *k8snet_state_add_node(struct k8snet_state *state);
struct k8snet_state_service *k8snet_state_add_service(struct k8snet_state *state);
struct k8snet_state_frontend *k8snet_state_add_frontend(struct k8snet_state_service *service,
							struct k8snet_arena *arena);
struct k8snet_state_endpoint *k8snet_state_add_endpoint(struct k8snet_state_service *service,
							struct k8snet_arena *arena);

/* Order, and thereby identity, of the parts of a state. */
int k8snet_state_compare_address(const struct k8snet_address *a, const struct k8snet_address *b);
int k8snet_state_compare_prefix(const void *a, const void *b);
int k8snet_state_compare_frontend(const void *a, const void *b);
int k8snet_state_compare_endpoint(const void *a, const void *b);
int k8snet_state_compare_link(const void *a, const void *b);
int k8snet_state_compare_node(const void *a, const void *b);
int k8snet_state_compare_service(const void *a, const void *b);
bool k8snet_state_same_endpoint(const struct k8snet_state_endpoint *a,
				const struct k8snet_state_endpoint *b);

void k8snet_state_sort(struct k8snet_state *state, struct k8snet_problems *problems);

/* The devices are those that the nodes are behind. */
void k8snet_state_complete(struct k8snet_state *state, const struct k8snet_state_link *links,
			   size_t count);
void k8snet_state_simplify(struct k8snet_state *state, const struct k8snet_state_link *links,
			   size_t count);
void k8snet_state_free(struct k8snet_state *state);

#endif /* K8SNET_STATE_H */
