/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers for people to read.
 */
#ifndef K8SNETCTL_HUMAN_H
#define K8SNETCTL_HUMAN_H

#include <stdint.h>

/* "18,446,744,073,709,551,615" and its end. */
#define HUMAN_STRLEN	32

const char *human_count(uint64_t count, char *buf);
const char *human_bytes(uint64_t bytes, char *buf);

#endif /* K8SNETCTL_HUMAN_H */
