// SPDX-License-Identifier: GPL-2.0
/*
 * Gives a generic netlink family its operations on kernels with and without
 * split ones.
 */
#include <uapi/linux/k8snet.h>

#ifdef K8SNET_HAVE_GENL_SPLIT_OPS

void k8snet_compat_genl_ops(struct genl_family *family,
			    const struct genl_split_ops *ops, unsigned int n)
{
	family->split_ops = ops;
	family->n_split_ops = n;
}

#else

static struct genl_ops folded[K8SNET_CMD_MAX];

/* The generated table has "do" before "dump", next to each other. */
void k8snet_compat_genl_ops(struct genl_family *family,
			    const struct genl_split_ops *ops, unsigned int n)
{
	struct genl_ops *op = NULL;
	unsigned int i, count = 0;

	for (i = 0; i < n; i++) {
		if (!op || op->cmd != ops[i].cmd) {
			if (WARN_ON(count == ARRAY_SIZE(folded)))
				return;
			op = &folded[count++];
			op->cmd = ops[i].cmd;
			op->flags = ops[i].flags &
				    (GENL_ADMIN_PERM | GENL_UNS_ADMIN_PERM);
		}
		/* A dump that takes no attributes shares the policy of "do". */
		if (ops[i].policy) {
			op->policy = ops[i].policy;
			op->maxattr = ops[i].maxattr;
		}
		if (ops[i].flags & GENL_CMD_CAP_DUMP) {
			op->start = ops[i].start;
			op->dumpit = ops[i].dumpit;
			op->done = ops[i].done;
		} else {
			op->doit = ops[i].doit;
		}
	}
	family->ops = folded;
	family->n_ops = count;
}

#endif
