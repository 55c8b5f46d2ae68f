/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A Node, as far as the network needs it.
 */
#ifndef K8SNET_KUBE_NODE_H
#define K8SNET_KUBE_NODE_H

#include <linux/k8snet.h>

#include "address.h"
#include "field.h"
#include "prefix.h"

/* How packets get to a node in one way. */
struct k8snet_kube_way {
	struct k8snet_address via;
	bool has_format;
	uint32_t format;	/* enum k8snet_format */
	bool has_mac;
	uint8_t mac[K8SNET_MAC_LEN];
};

/*
 * flannel has a device for IPv4 in IPv4 and one for IPv6 in IPv6, with a MAC
 * address each: a node that says so is reached in two ways. Otherwise way6 is
 * not there and all goes one way.
 */
struct k8snet_kube_node {
	struct k8snet_origin origin;
	const char *name;
	const char *zone;		/* "" if it is in none */
	struct k8snet_prefixes pods;
	struct k8snet_kube_way way;
	bool has_way6;
	struct k8snet_kube_way way6;
};

/* False if it is not to be used; a problem has been noted then. */
bool k8snet_kube_node_read(struct k8snet_kube_node *node, const struct k8snet_field *object);

#endif /* K8SNET_KUBE_NODE_H */
