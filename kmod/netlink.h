/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the configuration plane share.
 */
#ifndef K8SNET_NETLINK_H
#define K8SNET_NETLINK_H

#include <net/genetlink.h>

#include "overlay/node_change.h"
#include "prefix.h"
#include "refusal.h"
#include "service/change.h"

struct k8snet_net;
struct k8snet_transaction;

extern struct genl_family k8snet_nl_family;

/* Which attribute of a request holds a field of enum k8snet_field. */
struct k8snet_nl_field {
	enum k8snet_field field;
	int attr;
};

int k8snet_nl_missing(struct genl_info *info, int attr, const char *text);
int k8snet_nl_refuse(struct genl_info *info, const struct nlattr *attr,
		     int err, const char *text);
int k8snet_nl_refused(struct genl_info *info, int err,
		      const struct k8snet_refusal *refusal,
		      const struct k8snet_nl_field *fields, unsigned int n);

void k8snet_nl_get_addr(const struct nlattr *ipv4, const struct nlattr *ipv6,
			struct k8snet_addr *addr);
int k8snet_nl_put_addr(struct sk_buff *msg, int ipv4, int ipv6,
		       const struct k8snet_addr *addr);
int k8snet_nl_get_prefixes(struct genl_info *info, int attr,
			   struct k8snet_prefix *list, unsigned int *n);
int k8snet_nl_put_prefixes(struct sk_buff *msg, int attr,
			   const struct k8snet_prefix *list, unsigned int n);

struct sk_buff *k8snet_nl_reply_start(struct genl_info *info, void **hdr);
int k8snet_nl_reply(struct genl_info *info, struct sk_buff *msg, void *hdr,
		    int err);

/* A message that writes: into the socket's transaction, or at once. */
struct k8snet_nl_write {
	struct k8snet_net *kn;
	struct k8snet_transaction *t;
	struct k8snet_changes *changes;
	struct k8snet_changes direct;
	struct k8snet_pending *nodes;
	struct k8snet_pending direct_nodes;
};

int k8snet_nl_write_start(struct genl_info *info, struct k8snet_nl_write *w);
int k8snet_nl_write_end(struct k8snet_nl_write *w, int err);
int k8snet_nl_write_nodes_start(struct genl_info *info,
				struct k8snet_nl_write *w);
int k8snet_nl_write_nodes_end(struct k8snet_nl_write *w, int err,
			      struct k8snet_refusal *refusal);

int k8snet_netlink_transaction_init(void);
void k8snet_netlink_transaction_exit(void);
int k8snet_netlink_init(void);
void k8snet_netlink_exit(void);

#endif /* K8SNET_NETLINK_H */
