/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections of a service or an endpoint, and what they have carried.
 */
#ifndef K8SNET_TALLY_H
#define K8SNET_TALLY_H

#include <stdint.h>

struct k8snet_tally {
	uint64_t active;
	uint64_t in_packets;	/* from clients */
	uint64_t in_bytes;
	uint64_t out_packets;	/* to clients */
	uint64_t out_bytes;
};

#endif /* K8SNET_TALLY_H */
