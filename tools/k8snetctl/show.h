/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the listings of several objects have in common.
 */
#ifndef K8SNETCTL_SHOW_H
#define K8SNETCTL_SHOW_H

#include "json.h"
#include "lib/prefix.h"
#include "lib/tally.h"
#include "lib/traffic.h"
#include "table.h"
#include "tool.h"

#define MAC_STRLEN	18	/* "0a:58:c0:a8:63:02" and its end */

const char *show_mac(const uint8_t *mac, char *buf);
const char *show_ipv4(struct in_addr addr, char *buf);
const char *show_prefixes(const struct k8snet_prefixes *list, struct k8snet_arena *arena);
void show_tally_columns(struct table *table);
void show_tally_cells(struct table *table, const struct k8snet_tally *tally);
void show_traffic_columns(struct table *table);
void show_traffic_cells(struct table *table, const struct k8snet_traffic *traffic);
void show_table(struct table *table);

void show_json_ipv4(struct json *json, const char *key, struct in_addr addr);
void show_json_tally(struct json *json, const struct k8snet_tally *tally);
void show_json_address(struct json *json, const char *key, const struct k8snet_address *addr);
void show_json_addresses(struct json *json, const char *key, const struct k8snet_addresses *list);
void show_json_prefixes(struct json *json, const char *key, const struct k8snet_prefixes *list);
void show_json_traffic(struct json *json, const struct k8snet_traffic *traffic);

#endif /* K8SNETCTL_SHOW_H */
