/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes that the kernel makes all together, or not at all.
 */
#ifndef K8SNET_TRANSACTION_H
#define K8SNET_TRANSACTION_H

#include <stdbool.h>

#include "nl.h"

/*
 * Begin it, list what must not change meanwhile, add messages, commit. After a
 * function has failed (-1), the transaction is over, nothing has changed, and
 * nl->refusal says why; k8snet_transaction_refusal() makes a sentence of it.
 */
struct k8snet_transaction {
	struct k8snet_nl *nl;
	uint32_t generation;		/* that it is about; after the commit the new one */
	uint32_t messages;		/* that were added so far */
	bool open;
	/* Messages that are not sent yet. */
	char *queue;
	size_t len;
	size_t size;
	uint32_t first_seq;
	struct k8snet_msg refused;	/* a copy of the message that was */
	uint32_t refused_index;		/* which one that was, from 0 */
};

int k8snet_transaction_begin(struct k8snet_transaction *t, struct k8snet_nl *nl);
int k8snet_transaction_add(struct k8snet_transaction *t, const struct k8snet_msg *msg);
int k8snet_transaction_commit(struct k8snet_transaction *t);
void k8snet_transaction_abort(struct k8snet_transaction *t);
void k8snet_transaction_refusal(const struct k8snet_transaction *t, const char *name,
				char *buf, size_t size);
void k8snet_transaction_free(struct k8snet_transaction *t);

#endif /* K8SNET_TRANSACTION_H */
