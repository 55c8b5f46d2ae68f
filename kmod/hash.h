/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hashes of a few words, for tables that are asked for each packet.
 *
 * Multiply-shift hashing of vectors (M. Thorup, arXiv:1504.06804): universal for
 * those who do not know the numbers, and a multiplication a word, a third of
 * what jhash() costs. rhashtable's seed is a factor of all of it, so that a table
 * that is hashed anew has other numbers, not the same ones in another order.
 */
#ifndef K8SNET_HASH_H
#define K8SNET_HASH_H

#include <linux/types.h>

/* Random, of all tables: one for each word. */
extern u64 k8snet_hash_secrets[10];

static __always_inline u64 k8snet_hash_word(unsigned int i, u32 word)
{
	return k8snet_hash_secrets[i] * word;
}

static __always_inline u32 k8snet_hash_end(u64 sum, u32 seed)
{
	return sum * (((u64)seed << 32 | seed) | 1) >> 32;
}

static __always_inline u32 k8snet_hash_2words(u32 a, u32 b, u32 seed)
{
	return k8snet_hash_end(k8snet_hash_word(0, a) + k8snet_hash_word(1, b),
			       seed);
}

void k8snet_hash_init(void);

#endif /* K8SNET_HASH_H */
