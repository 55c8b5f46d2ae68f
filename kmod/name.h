/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How objects are hashed by name.
 */
#ifndef K8SNET_NAME_H
#define K8SNET_NAME_H

#include <linux/jhash.h>
#include <linux/string.h>

/* rht_hashfn_t of a string key; its length is in the string. */
static inline u32 k8snet_name_hash(const void *key, u32 unused, u32 seed)
{
	return jhash(key, strlen(key), seed);
}

#endif /* K8SNET_NAME_H */
