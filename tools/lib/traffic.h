/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets and bytes of a device or a node.
 */
#ifndef K8SNET_TRAFFIC_H
#define K8SNET_TRAFFIC_H

#include <stdint.h>

#include <libmnl/libmnl.h>

struct k8snet_traffic {
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t rx_dropped;
	uint64_t tx_dropped;
};

int k8snet_traffic_decode(struct k8snet_traffic *traffic, const struct nlattr *nest);

#endif /* K8SNET_TRAFFIC_H */
