/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How objects are hashed by name, and what a name may be.
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

/*
 * Those of Kubernetes are DNS labels and slashes (RFC 1123). What would move a
 * terminal's cursor, or is no text in JSON, is no name.
 */
static inline bool k8snet_name_is_text(const char *name)
{
	for (; *name; name++)
		if (*name <= ' ' || *name > '~')
			return false;
	return true;
}

#endif /* K8SNET_NAME_H */
