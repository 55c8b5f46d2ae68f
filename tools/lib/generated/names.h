/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of the netlink family, from uapi/netlink/specs/k8snet.yaml; do not edit.
 */
#ifndef K8SNET_GENERATED_NAMES_H
#define K8SNET_GENERATED_NAMES_H

#include "../spec.h"

extern const struct k8snet_spec_enum k8snet_spec_format;
extern const struct k8snet_spec_enum k8snet_spec_df;
extern const struct k8snet_spec_enum k8snet_spec_algorithm;
extern const struct k8snet_spec_enum k8snet_spec_frontend_type;
extern const struct k8snet_spec_enum k8snet_spec_policy;
extern const struct k8snet_spec_enum k8snet_spec_on_remove;
extern const struct k8snet_spec_enum k8snet_spec_range_scope;
extern const struct k8snet_spec_enum k8snet_spec_endpoint_flag;
extern const struct k8snet_spec_enum k8snet_spec_config_field;
extern const struct k8snet_spec_enum k8snet_spec_flow_counter;
extern const struct k8snet_spec_enum k8snet_spec_drop_reason;
extern const struct k8snet_spec_enum k8snet_spec_verdict;
extern const struct k8snet_spec_enum k8snet_spec_range_state;
extern const struct k8snet_spec_enum k8snet_spec_affinity_state;
extern const struct k8snet_spec_enum k8snet_spec_flow_state;
extern const struct k8snet_spec_enum k8snet_spec_source_state;

extern const struct k8snet_spec_set k8snet_spec_prefix_set;
extern const struct k8snet_spec_set k8snet_spec_address_set;
extern const struct k8snet_spec_set k8snet_spec_link_stats_set;
extern const struct k8snet_spec_set k8snet_spec_link_set;
extern const struct k8snet_spec_set k8snet_spec_node_set;
extern const struct k8snet_spec_set k8snet_spec_frontend_set;
extern const struct k8snet_spec_set k8snet_spec_backend_set;
extern const struct k8snet_spec_set k8snet_spec_endpoint_set;
extern const struct k8snet_spec_set k8snet_spec_service_set;
extern const struct k8snet_spec_set k8snet_spec_config_set;
extern const struct k8snet_spec_set k8snet_spec_egress_set;
extern const struct k8snet_spec_set k8snet_spec_flow_count_set;
extern const struct k8snet_spec_set k8snet_spec_flow_cache_set;
extern const struct k8snet_spec_set k8snet_spec_flow_set;
extern const struct k8snet_spec_set k8snet_spec_counter_set;
extern const struct k8snet_spec_set k8snet_spec_stats_set;
extern const struct k8snet_spec_set k8snet_spec_drop_set;
extern const struct k8snet_spec_set k8snet_spec_transaction_set;
extern const struct k8snet_spec_set k8snet_spec_explain_set;

/* Indexed by K8SNET_CMD_*. */
extern const struct k8snet_spec_op k8snet_spec_ops[];
extern const unsigned int k8snet_spec_op_count;

#endif /* K8SNET_GENERATED_NAMES_H */
