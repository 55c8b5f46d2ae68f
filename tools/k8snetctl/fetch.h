/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of objects, for more than one command.
 */
#ifndef K8SNETCTL_FETCH_H
#define K8SNETCTL_FETCH_H

#include "tool.h"

int fetch_links(struct tool *tool, struct k8snet_list *list);
int fetch_nodes(struct tool *tool, const char *device, struct k8snet_list *list);
int fetch_services(struct tool *tool, struct k8snet_list *list);

#endif /* K8SNETCTL_FETCH_H */
