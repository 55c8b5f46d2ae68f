// SPDX-License-Identifier: GPL-2.0
/*
 * Collects changes and has the kernel make them all together, or not at all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/k8snet.h>

#include "transaction.h"

/* Messages go together: a system call for each would cost more than they do. */
#define QUEUE_SIZE	(32 * 1024)

static int take_state(const struct nlmsghdr *reply, void *arg)
{
	struct k8snet_transaction *t = arg;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, reply, GENL_HDRLEN)
		if (mnl_attr_get_type(attr) == K8SNET_A_TRANSACTION_GENERATION &&
		    mnl_attr_get_payload_len(attr) == sizeof(t->generation))
			t->generation = mnl_attr_get_u32(attr);
	return 0;
}

static int fail(struct k8snet_transaction *t, int code)
{
	memset(&t->nl->refusal, 0, sizeof(t->nl->refusal));
	t->nl->refusal.code = code;
	return -1;
}

/* Starts to collect; generation is that of the state which is changed. */
int k8snet_transaction_begin(struct k8snet_transaction *t, struct k8snet_nl *nl)
{
	struct k8snet_msg msg;
	int err;

	memset(t, 0, sizeof(*t));
	t->nl = nl;
	k8snet_msg_init(&msg, K8SNET_CMD_TRANSACTION_BEGIN);
	err = k8snet_nl_do(nl, &msg, take_state, t);
	k8snet_msg_free(&msg);
	t->open = !err;
	return err;
}

/* Of the messages in the queue, keeps the one that was refused. */
static void keep_refused(struct k8snet_transaction *t, uint32_t seq)
{
	char *at = t->queue;

	while (at < t->queue + t->len) {
		struct nlmsghdr *header = (struct nlmsghdr *)at;

		if (header->nlmsg_seq == seq) {
			t->refused.data = malloc(header->nlmsg_len);
			if (!t->refused.data)
				return;
			memcpy(t->refused.data, at, header->nlmsg_len);
			t->refused.len = header->nlmsg_len;
			t->refused.size = header->nlmsg_len;
			t->refused_index = t->messages - 1 - (t->nl->seq - seq);
			return;
		}
		at += NLMSG_ALIGN(header->nlmsg_len);
	}
}

static int flush(struct k8snet_transaction *t)
{
	struct k8snet_refusal refusal;
	uint32_t seq = 0;

	if (!t->len)
		return 0;
	if (!k8snet_nl_batch(t->nl, t->queue, t->len, t->first_seq, &seq)) {
		t->len = 0;
		return 0;
	}
	keep_refused(t, seq);
	refusal = t->nl->refusal;
	k8snet_transaction_abort(t);
	t->nl->refusal = refusal;
	return -1;
}

static int queue(struct k8snet_transaction *t, const struct k8snet_msg *msg)
{
	struct nlmsghdr *header;

	if (t->len + msg->len > t->size) {
		size_t size = 2 * (t->len + msg->len);
		char *data = realloc(t->queue, size);

		if (!data)
			return ENOMEM;
		t->queue = data;
		t->size = size;
	}
	header = (struct nlmsghdr *)(t->queue + t->len);
	memcpy(header, msg->data, msg->len);
	header->nlmsg_type = t->nl->family;
	header->nlmsg_flags = NLM_F_REQUEST;
	header->nlmsg_seq = ++t->nl->seq;
	if (!t->len)
		t->first_seq = header->nlmsg_seq;
	t->len += msg->len;
	return 0;
}

/*
 * Adds one change; the message is copied. It may be sent later, with others:
 * that it is refused can be told by a later call. Other requests on the
 * connection must come before the first message or after the last one.
 */
int k8snet_transaction_add(struct k8snet_transaction *t, const struct k8snet_msg *msg)
{
	int code = msg->failed;

	if (!t->open)
		return fail(t, EINVAL);
	if (t->len && t->len + msg->len > QUEUE_SIZE && flush(t))
		return -1;
	if (!code)
		code = queue(t, msg);
	if (code) {
		k8snet_transaction_abort(t);
		return fail(t, code);
	}
	t->messages++;
	return 0;
}

/* Makes all changes, unless the state is not of the generation any more (ESTALE). */
int k8snet_transaction_commit(struct k8snet_transaction *t)
{
	struct k8snet_msg msg;
	int err;

	if (!t->open)
		return fail(t, EINVAL);
	if (flush(t))
		return -1;
	k8snet_msg_init(&msg, K8SNET_CMD_TRANSACTION_COMMIT);
	k8snet_msg_put_u32(&msg, K8SNET_A_TRANSACTION_GENERATION, t->generation);
	err = k8snet_nl_do(t->nl, &msg, take_state, t);
	k8snet_msg_free(&msg);
	t->open = false;
	return err;
}

/* Forgets all changes. */
void k8snet_transaction_abort(struct k8snet_transaction *t)
{
	struct k8snet_msg msg;

	t->len = 0;
	if (!t->open)
		return;
	t->open = false;
	k8snet_msg_init(&msg, K8SNET_CMD_TRANSACTION_ABORT);
	k8snet_nl_do(t->nl, &msg, NULL, NULL);
	k8snet_msg_free(&msg);
}

/* Prints why it failed; name as with k8snet_refusal_print(). */
void k8snet_transaction_refusal(const struct k8snet_transaction *t, const char *name,
				char *buf, size_t size)
{
	k8snet_refusal_print(&t->nl->refusal, t->refused.data ? &t->refused : NULL, name,
			     buf, size);
}

/* Ends it if it is open; not the connection. */
void k8snet_transaction_free(struct k8snet_transaction *t)
{
	k8snet_transaction_abort(t);
	k8snet_msg_free(&t->refused);
	free(t->queue);
	t->queue = NULL;
}
