/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ends a TCP connection from the middle.
 */
#ifndef K8SNET_SERVICE_RESET_H
#define K8SNET_SERVICE_RESET_H

struct net;
struct nf_conn;

void k8snet_reset_both(struct net *net, const struct nf_conn *ct);

#endif /* K8SNET_SERVICE_RESET_H */
