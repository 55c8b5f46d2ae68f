/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What to do when packets are dropped.
 */
#ifndef K8SNETCTL_ADVICE_H
#define K8SNETCTL_ADVICE_H

#include <stdint.h>

/* A sentence, for a reason of dropping; "" for one of a newer kernel. */
const char *advice_of(uint32_t reason);

#endif /* K8SNETCTL_ADVICE_H */
