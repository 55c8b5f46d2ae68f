/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What Calico derives from the name of a node.
 */
#ifndef K8SNET_CALICO_H
#define K8SNET_CALICO_H

#include <stdbool.h>
#include <stdint.h>

void k8snet_calico_mac(const char *node, bool ipv6, uint8_t *mac);

#endif /* K8SNET_CALICO_H */
