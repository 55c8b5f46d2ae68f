// SPDX-License-Identifier: GPL-2.0
/*
 * What the listings of several objects have in common.
 */
#include <arpa/inet.h>
#include <string.h>

#include "show.h"

/* buf has MAC_STRLEN bytes. */
const char *show_mac(const uint8_t *mac, char *buf)
{
	snprintf(buf, MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return buf;
}

/* buf has INET_ADDRSTRLEN bytes. */
const char *show_ipv4(struct in_addr addr, char *buf)
{
	return inet_ntop(AF_INET, &addr, buf, INET_ADDRSTRLEN);
}

/* All in one line; empty if there are none. */
const char *show_prefixes(const struct k8snet_prefixes *list, struct k8snet_arena *arena)
{
	char *text = k8snet_arena_alloc(arena, list->count * K8SNET_PREFIX_STRLEN + 1), *p = text;
	char one[K8SNET_PREFIX_STRLEN];

	if (!text)
		return "?";
	for (size_t i = 0; i < list->count; i++)
		p += sprintf(p, "%s%s", i ? "," : "", k8snet_prefix_print(&list->prefix[i], one));
	return text;
}

void show_tally_columns(struct table *table)
{
	table_column(table, "ACTIVE", true);
	table_column(table, "IN-PACKETS", true);
	table_column(table, "IN-BYTES", true);
	table_column(table, "OUT-PACKETS", true);
	table_column(table, "OUT-BYTES", true);
}

void show_tally_cells(struct table *table, const struct k8snet_tally *tally)
{
	table_count(table, tally->active);
	table_count(table, tally->in_packets);
	table_bytes(table, tally->in_bytes);
	table_count(table, tally->out_packets);
	table_bytes(table, tally->out_bytes);
}

void show_traffic_columns(struct table *table)
{
	table_column(table, "RX-PACKETS", true);
	table_column(table, "RX-BYTES", true);
	table_column(table, "RX-DROPPED", true);
	table_column(table, "TX-PACKETS", true);
	table_column(table, "TX-BYTES", true);
	table_column(table, "TX-DROPPED", true);
}

void show_traffic_cells(struct table *table, const struct k8snet_traffic *traffic)
{
	table_count(table, traffic->rx_packets);
	table_bytes(table, traffic->rx_bytes);
	table_count(table, traffic->rx_dropped);
	table_count(table, traffic->tx_packets);
	table_bytes(table, traffic->tx_bytes);
	table_count(table, traffic->tx_dropped);
}

/* Prints and frees it. */
void show_table(struct table *table)
{
	table_print(table, stdout, table_terminal(stdout));
	table_free(table);
}

void show_json_ipv4(struct json *json, const char *key, struct in_addr addr)
{
	char text[INET_ADDRSTRLEN];

	json_string(json, key, show_ipv4(addr, text));
}

/* null if there is none. */
void show_json_address(struct json *json, const char *key, const struct k8snet_address *addr)
{
	char text[K8SNET_ADDRESS_STRLEN];

	if (addr->family)
		json_string(json, key, k8snet_address_print(addr, text));
	else
		json_null(json, key);
}

void show_json_addresses(struct json *json, const char *key, const struct k8snet_addresses *list)
{
	char text[K8SNET_ADDRESS_STRLEN];

	json_open(json, key, '[');
	for (size_t i = 0; i < list->count; i++)
		json_string(json, NULL, k8snet_address_print(&list->address[i], text));
	json_close(json, ']');
}

void show_json_prefixes(struct json *json, const char *key, const struct k8snet_prefixes *list)
{
	char text[K8SNET_PREFIX_STRLEN];

	json_open(json, key, '[');
	for (size_t i = 0; i < list->count; i++)
		json_string(json, NULL, k8snet_prefix_print(&list->prefix[i], text));
	json_close(json, ']');
}

void show_json_traffic(struct json *json, const struct k8snet_traffic *traffic)
{
	json_open(json, "stats", '{');
	json_number(json, "rx_packets", traffic->rx_packets);
	json_number(json, "rx_bytes", traffic->rx_bytes);
	json_number(json, "tx_packets", traffic->tx_packets);
	json_number(json, "tx_bytes", traffic->tx_bytes);
	json_number(json, "rx_dropped", traffic->rx_dropped);
	json_number(json, "tx_dropped", traffic->tx_dropped);
	json_close(json, '}');
}

void show_json_tally(struct json *json, const struct k8snet_tally *tally)
{
	json_number(json, "active", tally->active);
	json_number(json, "in_packets", tally->in_packets);
	json_number(json, "in_bytes", tally->in_bytes);
	json_number(json, "out_packets", tally->out_packets);
	json_number(json, "out_bytes", tally->out_bytes);
}
