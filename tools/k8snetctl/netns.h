/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entering a network namespace.
 */
#ifndef K8SNETCTL_NETNS_H
#define K8SNETCTL_NETNS_H

int netns_enter(const char *name);

#endif /* K8SNETCTL_NETNS_H */
