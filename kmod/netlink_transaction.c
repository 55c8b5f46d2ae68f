// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink handlers of transactions, and how other handlers write: at once, or
 * into the transaction of the socket.
 */
#include <net/sock.h>

#include "event.h"
#include "generated/netlink.h"
#include "netlink.h"
#include "netns.h"
#include "service/commit.h"
#include "transaction.h"

/**
 * k8snet_nl_write_start() - begin to write what a message asks for
 * @info: the message
 * @w: where the state of it is kept
 *
 * Return: 0 and k8snet_nl_write_end() must follow, or a negative errno.
 */
int k8snet_nl_write_start(struct genl_info *info, struct k8snet_nl_write *w)
{
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	struct k8snet_refusal refusal = {};
	int err;

	w->kn = kn;
	w->t = k8snet_transaction_get(kn, info->snd_portid);
	mutex_lock(&kn->lock);
	if (!w->t) {
		k8snet_changes_init(&w->direct, false);
		w->changes = &w->direct;
		return 0;
	}
	w->changes = &w->t->changes;
	err = k8snet_transaction_check(kn, w->t, &refusal);
	if (!err)
		return 0;
	mutex_unlock(&kn->lock);
	k8snet_transaction_put(w->t);
	return k8snet_nl_refused(info, err, &refusal, NULL, 0);
}

/**
 * k8snet_nl_write_end() - do what was prepared, unless in a transaction
 * @w: the state of it
 * @err: of the preparation
 *
 * Return: 0, or a negative errno.
 */
int k8snet_nl_write_end(struct k8snet_nl_write *w, int err)
{
	struct k8snet_net *kn = w->kn;

	if (w->t) {
		w->t->messages += !err;
	} else if (!err) {
		err = k8snet_commit(kn, w->changes);
		if (!err) {
			k8snet_netns_changed(kn);
			k8snet_event_changed(kn, 1);
		}
	}
	mutex_unlock(&kn->lock);
	if (w->t)
		k8snet_transaction_put(w->t);
	else
		k8snet_changes_free(&w->direct);
	return err;
}

/**
 * k8snet_nl_write_nodes_start() - k8snet_nl_write_start() of nodes
 * @info: the message
 * @w: where the state of it is kept
 *
 * Return: 0, with the rtnl mutex, and k8snet_nl_write_nodes_end() must follow; or
 * a negative errno.
 */
int k8snet_nl_write_nodes_start(struct genl_info *info,
				struct k8snet_nl_write *w)
{
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	struct k8snet_refusal refusal = {};
	int err;

	w->kn = kn;
	w->t = k8snet_transaction_get(kn, info->snd_portid);
	rtnl_lock();
	if (!w->t) {
		k8snet_pending_init(&w->direct_nodes, false);
		w->nodes = &w->direct_nodes;
		return 0;
	}
	w->nodes = &w->t->nodes;
	err = k8snet_transaction_check(kn, w->t, &refusal);
	if (!err)
		return 0;
	rtnl_unlock();
	k8snet_transaction_put(w->t);
	return k8snet_nl_refused(info, err, &refusal, NULL, 0);
}

/**
 * k8snet_nl_write_nodes_end() - do what was prepared, unless in a transaction
 * @w: the state of it
 * @err: of the preparation
 * @refusal: where the reason goes
 *
 * Return: 0, or a negative errno.
 */
int k8snet_nl_write_nodes_end(struct k8snet_nl_write *w, int err,
			      struct k8snet_refusal *refusal)
{
	struct k8snet_net *kn = w->kn;

	if (w->t) {
		w->t->messages += !err;
	} else if (!err) {
		err = k8snet_node_reserve(w->nodes, kn->net, refusal);
		if (!err) {
			k8snet_node_apply(w->nodes);
			k8snet_event_changed(kn, 1);
			k8snet_node_settle(w->nodes);
		}
	}
	rtnl_unlock();
	if (w->t)
		k8snet_transaction_put(w->t);
	else
		k8snet_node_changes_free(&w->direct_nodes);
	return err;
}

/*
 * The message is there before anything is done: nobody must be told that there
 * was no memory for what was done all the same.
 */
static int nl_reply_state(struct genl_info *info, struct sk_buff *msg,
			  void *hdr, u32 generation, u32 messages)
{
	int err = 0;

	if (nla_put_u32(msg, K8SNET_A_TRANSACTION_GENERATION, generation) ||
	    nla_put_u32(msg, K8SNET_A_TRANSACTION_MESSAGES, messages))
		err = -EMSGSIZE;
	return k8snet_nl_reply(info, msg, hdr, err);
}

int k8snet_nl_transaction_begin_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	struct k8snet_refusal refusal = {};
	struct sk_buff *msg;
	u32 generation;
	void *hdr;
	int err;

	msg = k8snet_nl_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	err = k8snet_transaction_begin(kn, info->snd_portid, &generation,
				       &refusal);
	if (err) {
		nlmsg_free(msg);
		return k8snet_nl_refused(info, err, &refusal, NULL, 0);
	}
	return nl_reply_state(info, msg, hdr, generation, 0);
}

static struct k8snet_transaction *nl_transaction(struct genl_info *info,
						 struct k8snet_net *kn)
{
	struct k8snet_transaction *t;

	t = k8snet_transaction_get(kn, info->snd_portid);
	if (t)
		return t;
	k8snet_nl_refuse(info, NULL, -ENOENT,
			 "this socket has no transaction; begin one first");
	return NULL;
}

int k8snet_nl_transaction_commit_doit(struct sk_buff *skb,
				      struct genl_info *info)
{
	struct nlattr *seen = info->attrs[K8SNET_A_TRANSACTION_GENERATION];
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	struct k8snet_refusal refusal = {};
	struct k8snet_transaction *t;
	u32 generation, messages;
	struct sk_buff *msg;
	void *hdr;
	int err;

	t = nl_transaction(info, kn);
	if (!t)
		return -ENOENT;
	err = k8snet_nl_missing(info, K8SNET_A_TRANSACTION_GENERATION,
				"say which generation the changes are made for");
	if (err) {
		k8snet_transaction_put(t);
		return err;
	}
	msg = k8snet_nl_reply_start(info, &hdr);
	if (!msg)
		err = -ENOMEM;
	else if (nla_get_u32(seen) != t->generation)
		err = k8snet_nl_refuse(info, seen, -ESTALE,
				       "the transaction was begun with tables of another generation; begin again");
	if (!err) {
		err = k8snet_transaction_commit(kn, t, &refusal);
		if (err)
			k8snet_nl_refused(info, err, &refusal, NULL, 0);
	}
	generation = t->generation;
	messages = t->messages;
	k8snet_transaction_end(kn, t);
	k8snet_transaction_put(t);
	if (!err)
		return nl_reply_state(info, msg, hdr, generation, messages);
	nlmsg_free(msg);
	return err;
}

int k8snet_nl_transaction_abort_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	struct k8snet_net *kn = k8snet_net(genl_info_net(info));
	struct k8snet_transaction *t;
	struct sk_buff *msg;
	u32 messages;
	void *hdr;

	msg = k8snet_nl_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	t = nl_transaction(info, kn);
	if (!t) {
		nlmsg_free(msg);
		return -ENOENT;
	}
	messages = t->messages;
	k8snet_transaction_end(kn, t);
	k8snet_transaction_put(t);
	return nl_reply_state(info, msg, hdr, k8snet_netns_generation(kn),
			      messages);
}

/* A socket that is closed takes its transaction with it. */
static int nl_socket_gone(struct notifier_block *nb, unsigned long event,
			  void *ptr)
{
	const struct netlink_notify *gone = ptr;

	if (event == NETLINK_URELEASE && gone->protocol == NETLINK_GENERIC)
		k8snet_transaction_forget(k8snet_net(gone->net), gone->portid);
	return NOTIFY_DONE;
}

static struct notifier_block nl_sockets = {
	.notifier_call = nl_socket_gone,
};

int k8snet_netlink_transaction_init(void)
{
	return netlink_register_notifier(&nl_sockets);
}

void k8snet_netlink_transaction_exit(void)
{
	netlink_unregister_notifier(&nl_sockets);
}
