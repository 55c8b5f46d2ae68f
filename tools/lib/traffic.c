// SPDX-License-Identifier: GPL-2.0
/*
 * Packets and bytes of a device or a node.
 */
#include <errno.h>

#include <linux/k8snet.h>

#include "generated/names.h"
#include "traffic.h"

int k8snet_traffic_decode(struct k8snet_traffic *traffic, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (!k8snet_spec_attr_valid(&k8snet_spec_link_stats_set, attr))
			return EBADMSG;
		switch (mnl_attr_get_type(attr)) {
		case K8SNET_A_LINK_STATS_RX_PACKETS:
			traffic->rx_packets = mnl_attr_get_u64(attr);
			break;
		case K8SNET_A_LINK_STATS_RX_BYTES:
			traffic->rx_bytes = mnl_attr_get_u64(attr);
			break;
		case K8SNET_A_LINK_STATS_TX_PACKETS:
			traffic->tx_packets = mnl_attr_get_u64(attr);
			break;
		case K8SNET_A_LINK_STATS_TX_BYTES:
			traffic->tx_bytes = mnl_attr_get_u64(attr);
			break;
		case K8SNET_A_LINK_STATS_RX_DROPPED:
			traffic->rx_dropped = mnl_attr_get_u64(attr);
			break;
		case K8SNET_A_LINK_STATS_TX_DROPPED:
			traffic->tx_dropped = mnl_attr_get_u64(attr);
			break;
		}
	}
	return 0;
}
