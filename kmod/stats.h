/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU counters: one for every reason to drop a packet.
 *
 * They count events and wrap as machine words do. Traffic is counted in
 * 64 bits on all machines, see struct k8snet_traffic.
 */
#ifndef K8SNET_STATS_H
#define K8SNET_STATS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

#include <uapi/linux/k8snet.h>

#define K8SNET_DROP_REASONS	(K8SNET_DROP_REASON_MAX + 1)

struct k8snet_drops {
	unsigned long n[K8SNET_DROP_REASONS];
};

/* Traffic of one node, or the sum over the CPUs of it. */
struct k8snet_traffic {
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t rx_dropped;
	u64_stats_t tx_dropped;
	struct u64_stats_sync syncp;
};

struct k8snet_traffic_sum {
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
	u64 rx_dropped;
	u64 tx_dropped;
};

static inline void k8snet_stats_drop(struct k8snet_drops __percpu *drops,
				     enum k8snet_drop_reason why)
{
	this_cpu_inc(drops->n[why]);
}

static inline u64 k8snet_stats_drops(struct k8snet_drops __percpu *drops,
				     enum k8snet_drop_reason why)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(drops, cpu)->n[why]);
	return sum;
}

static inline bool k8snet_stats_is_tx(enum k8snet_drop_reason why)
{
	return why <= K8SNET_DROP_REASON_TX_UNDERLAY;
}

static inline bool k8snet_stats_is_rx(enum k8snet_drop_reason why)
{
	return why > K8SNET_DROP_REASON_TX_UNDERLAY &&
	       why <= K8SNET_DROP_REASON_RX_BACKLOG;
}

/* Reasons that a device counts; the namespace counts all others. */
static inline bool k8snet_stats_of_device(enum k8snet_drop_reason why)
{
	return why <= K8SNET_DROP_REASON_RX_BACKLOG &&
	       why != K8SNET_DROP_REASON_RX_SHORT &&
	       why != K8SNET_DROP_REASON_RX_HEADER &&
	       why != K8SNET_DROP_REASON_RX_NO_DEVICE;
}

/* The callers run with bottom halves off, so one CPU has one writer. */
static inline void k8snet_stats_rx(struct k8snet_traffic __percpu *traffic,
				   unsigned int len)
{
	struct k8snet_traffic *t = this_cpu_ptr(traffic);

	u64_stats_update_begin(&t->syncp);
	u64_stats_inc(&t->rx_packets);
	u64_stats_add(&t->rx_bytes, len);
	u64_stats_update_end(&t->syncp);
}

static inline void k8snet_stats_tx(struct k8snet_traffic __percpu *traffic,
				   unsigned int len)
{
	struct k8snet_traffic *t = this_cpu_ptr(traffic);

	u64_stats_update_begin(&t->syncp);
	u64_stats_inc(&t->tx_packets);
	u64_stats_add(&t->tx_bytes, len);
	u64_stats_update_end(&t->syncp);
}

static inline void k8snet_stats_rx_dropped(struct k8snet_traffic __percpu *traffic)
{
	struct k8snet_traffic *t = this_cpu_ptr(traffic);

	u64_stats_update_begin(&t->syncp);
	u64_stats_inc(&t->rx_dropped);
	u64_stats_update_end(&t->syncp);
}

static inline void k8snet_stats_tx_dropped(struct k8snet_traffic __percpu *traffic)
{
	struct k8snet_traffic *t = this_cpu_ptr(traffic);

	u64_stats_update_begin(&t->syncp);
	u64_stats_inc(&t->tx_dropped);
	u64_stats_update_end(&t->syncp);
}

void k8snet_stats_sum(struct k8snet_traffic __percpu *traffic,
		      struct k8snet_traffic_sum *sum);

#endif /* K8SNET_STATS_H */
