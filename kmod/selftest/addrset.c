// SPDX-License-Identifier: GPL-2.0
/*
 * The counted set of addresses against an array of counters.
 */
#ifdef DEBUG

#include "selftest/selftest.h"

#define ADDRSET_UNIVERSE	512

static struct k8snet_addr selftest_addr(unsigned int i)
{
	struct k8snet_addr addr = k8snet_addr4(htonl(0x0a000000 + i / 2));

	if (i & 1) {
		addr = (struct k8snet_addr) { .family = AF_INET6 };
		addr.ip6.s6_addr32[0] = htonl(0xfd000000);
		addr.ip6.s6_addr32[3] = htonl(i / 2);
	}
	return addr;
}

bool k8snet_addrset_selftest(void)
{
	static unsigned int users[ADDRSET_UNIVERSE];
	static struct k8snet_addrset set;
	struct k8snet_addr addr;
	struct rnd_state rnd;
	unsigned int n, i;
	bool has;

	memset(users, 0, sizeof(users));
	prandom_seed_state(&rnd, 1);
	if (k8snet_addrset_init(&set))
		return selftest_fail("no memory");
	for (n = 0; n < SELFTEST_OPS; n++) {
		i = selftest_random(&rnd, ADDRSET_UNIVERSE);
		addr = selftest_addr(i);
		switch (selftest_random(&rnd, 4)) {
		case 0:
			if (k8snet_addrset_add(&set, &addr))
				return selftest_fail("no memory");
			users[i]++;
			break;
		case 1:
			if (!users[i])
				break;
			k8snet_addrset_del(&set, &addr);
			users[i]--;
			break;
		default:
			rcu_read_lock();
			has = k8snet_addrset_has(&set, &addr);
			rcu_read_unlock();
			if (has != !!users[i])
				return selftest_fail("%pI4 of %u users is %s",
						     &addr.ip, users[i],
						     has ? "there" : "missing");
		}
		if (!(n % 64))
			cond_resched();
	}
	k8snet_addrset_destroy(&set);
	return true;
}

#endif
