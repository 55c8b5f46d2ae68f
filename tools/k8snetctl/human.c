// SPDX-License-Identifier: GPL-2.0
/*
 * Prints numbers for people to read.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "human.h"

/* With a comma after every three digits. buf has HUMAN_STRLEN bytes. */
const char *human_count(uint64_t count, char *buf)
{
	char digits[HUMAN_STRLEN];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, count);
	char *p = buf;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = 0;
	return buf;
}

/* In the largest unit that leaves something before the point. */
const char *human_bytes(uint64_t bytes, char *buf)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned int unit = 0;
	uint64_t scale = 1;

	while (bytes / scale >= 1024) {
		scale *= 1024;
		unit++;
	}
	if (!unit)
		snprintf(buf, HUMAN_STRLEN, "%" PRIu64 " B", bytes);
	else
		snprintf(buf, HUMAN_STRLEN, "%.1f %s", (double)bytes / scale, units[unit]);
	return buf;
}
