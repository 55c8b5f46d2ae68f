// SPDX-License-Identifier: GPL-2.0
/*
 * Hashes of what nodes have: no chain is long, or is not any more with another
 * seed, for which rhashtable hashes a table anew.
 */
#ifdef DEBUG

#include <linux/in.h>
#include <linux/string.h>

#include "selftest/selftest.h"

#define CHAINS_BITS	14
/* What rhashtable takes for an attack (RHT_ELASTICITY). */
#define CHAINS_LONGEST	16
#define CHAINS_SEEDS	8

static u32 selftest_prefix(unsigned int i, u32 seed)
{
	return k8snet_hash_2words((__force u32)htonl(0x0af40000 + i * 256), 24,
				  seed);
}

static u32 selftest_port(unsigned int i, unsigned int step, u32 seed)
{
	static const u16 protocols[] = { IPPROTO_TCP, IPPROTO_UDP,
					 IPPROTO_SCTP };
	u16 port = (__force u16)htons(80 + i / 3 * step);

	return k8snet_hash_2words((__force u32)htonl(0x0a600001),
				  protocols[i % 3] << 16 | port, seed);
}

static u32 selftest_near(unsigned int i, u32 seed)
{
	return selftest_port(i, 1, seed);
}

static u32 selftest_far(unsigned int i, u32 seed)
{
	return selftest_port(i, 64, seed);
}

/* Of one client. */
static u32 selftest_flow(unsigned int i, u32 seed)
{
	return k8snet_hash_end(k8snet_hash_word(0, (10000 + i) << 16 | 80) +
			       k8snet_hash_word(1, 7 << 8 ^ IPPROTO_UDP) +
			       k8snet_hash_word(2, 0x0a01f40a) +
			       k8snet_hash_word(3, 0x0100600a), seed);
}

/* Of as many clients, which use one port. */
static u32 selftest_client(unsigned int i, u32 seed)
{
	return k8snet_hash_end(k8snet_hash_word(0, 123 << 16 | 123) +
			       k8snet_hash_word(1, 7 << 8 ^ IPPROTO_UDP) +
			       k8snet_hash_word(2, (__force u32)
						htonl(0x0af40000 + i)) +
			       k8snet_hash_word(3, 0x0100600a), seed);
}

static const struct {
	const char *name;
	u32 (*hash)(unsigned int i, u32 seed);
	unsigned int n;
	unsigned int bits;		/* of the table that has so many */
} hash_sets[] = {
	{ "prefixes", selftest_prefix, 256, 9 },
	{ "ports next to each other", selftest_near, 768, 10 },
	{ "ports far from each other", selftest_far, 768, 10 },
	{ "flows", selftest_flow, 10000, 14 },
	{ "clients", selftest_client, 2500, 12 },
};

static unsigned int selftest_chain(unsigned int set, u32 seed)
{
	static u16 chains[1 << CHAINS_BITS];
	unsigned int i, longest = 0;
	u32 bucket;

	memset(chains, 0, sizeof(chains));
	for (i = 0; i < hash_sets[set].n; i++) {
		bucket = hash_sets[set].hash(i, seed) &
			 ((1 << hash_sets[set].bits) - 1);
		longest = max_t(unsigned int, longest, ++chains[bucket]);
	}
	return longest;
}

bool k8snet_hash_selftest(void)
{
	unsigned int n, set, seeds, chain;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 6);
	for (n = 0; n < SELFTEST_OPS;) {
		k8snet_hash_init();
		for (set = 0; set < ARRAY_SIZE(hash_sets); set++) {
			seeds = 0;
			do {
				chain = selftest_chain(set,
						       prandom_u32_state(&rnd));
				n += hash_sets[set].n;
			} while (chain > CHAINS_LONGEST && ++seeds < CHAINS_SEEDS);
			if (chain > CHAINS_LONGEST)
				return selftest_fail("%s: %u in a bucket",
						     hash_sets[set].name,
						     chain);
		}
		cond_resched();
	}
	return true;
}

#endif
