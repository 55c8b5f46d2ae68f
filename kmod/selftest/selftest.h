/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables tested against slow twins that are obviously right, when a module that
 * was built with DEBUG is loaded. Each test is included by the file it tests,
 * so that it sees what is static there; other builds have none of this.
 */
#ifndef K8SNET_SELFTEST_SELFTEST_H
#define K8SNET_SELFTEST_SELFTEST_H

#ifdef DEBUG

#include <linux/printk.h>
#include <linux/prandom.h>
#include <linux/sched.h>

/* Random operations on each table. */
#define SELFTEST_OPS	1000000

/* Says where a table and its twin disagree; "return selftest_fail(...)". */
#define selftest_fail(fmt, ...) ({					\
	pr_err("k8snet: selftest failed at %s:%d: " fmt "\n",		\
	       __FILE_NAME__, __LINE__, ##__VA_ARGS__);			\
	false;								\
})

/* The same numbers at each load: what fails once fails again. */
static inline u32 selftest_random(struct rnd_state *rnd, u32 below)
{
	return prandom_u32_state(rnd) % below;
}

bool k8snet_hash_selftest(void);
bool k8snet_addrset_selftest(void);
bool k8snet_podnet_selftest(void);
bool k8snet_backend_selftest(void);
bool k8snet_affinity_selftest(void);
bool k8snet_service_selftest(void);

#endif

#endif /* K8SNET_SELFTEST_SELFTEST_H */
