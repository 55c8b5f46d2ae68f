// SPDX-License-Identifier: GPL-2.0
/*
 * Adds up what the CPUs have counted.
 */
#include "stats.h"

/**
 * k8snet_stats_sum() - add up the traffic of all CPUs
 * @traffic: the per-CPU counters
 * @sum: where the totals go
 */
void k8snet_stats_sum(struct k8snet_traffic __percpu *traffic,
		      struct k8snet_traffic_sum *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		struct k8snet_traffic *t = per_cpu_ptr(traffic, cpu);
		struct k8snet_traffic_sum one;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&t->syncp);
			one.rx_packets = u64_stats_read(&t->rx_packets);
			one.rx_bytes = u64_stats_read(&t->rx_bytes);
			one.tx_packets = u64_stats_read(&t->tx_packets);
			one.tx_bytes = u64_stats_read(&t->tx_bytes);
			one.rx_dropped = u64_stats_read(&t->rx_dropped);
			one.tx_dropped = u64_stats_read(&t->tx_dropped);
		} while (u64_stats_fetch_retry(&t->syncp, start));
		sum->rx_packets += one.rx_packets;
		sum->rx_bytes += one.rx_bytes;
		sum->tx_packets += one.tx_packets;
		sum->tx_bytes += one.tx_bytes;
		sum->rx_dropped += one.rx_dropped;
		sum->tx_dropped += one.tx_dropped;
	}
}
