// SPDX-License-Identifier: GPL-2.0
/*
 * The numbers that hashes of a few words are made with.
 */
#include <linux/cache.h>
#include <linux/random.h>

#include "hash.h"

u64 k8snet_hash_secrets[10] __ro_after_init;

/**
 * k8snet_hash_init() - draw the numbers, before there is any table
 */
void k8snet_hash_init(void)
{
	get_random_bytes(k8snet_hash_secrets, sizeof(k8snet_hash_secrets));
}

#include "selftest/hash.c"
