/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The network of this namespace as Linux has it: devices, addresses, routes.
 */
#ifndef K8SNET_HOST_H
#define K8SNET_HOST_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "arena.h"

struct k8snet_host_link {
	uint32_t index;
	char name[IF_NAMESIZE];
	char kind[16];		/* "bridge", "vxlan"; empty for none */
	uint32_t mtu;
	bool up;
	bool nf_call_iptables;	/* of a bridge */
	bool nf_call_ip6tables;
	uint16_t vxlan_port;
};

struct k8snet_host_address {
	uint32_t index;		/* of the device */
	struct k8snet_address addr;
};

struct k8snet_host {
	struct k8snet_arena arena;
	struct k8snet_host_link *link;
	size_t link_count;
	struct k8snet_host_address *address;
	size_t address_count;
};

/* Where packets to an address go. */
struct k8snet_host_route {
	uint32_t oif;
	uint32_t length;	/* of the prefix that matched; 0 is the default route */
};

/* These return 0 or an errno. */
int k8snet_host_read(struct k8snet_host *host);
int k8snet_host_route(const struct k8snet_address *addr, struct k8snet_host_route *route);

/* NULL if there is none. */
const struct k8snet_host_link *k8snet_host_link(const struct k8snet_host *host, uint32_t index);

void k8snet_host_free(struct k8snet_host *host);

#endif /* K8SNET_HOST_H */
