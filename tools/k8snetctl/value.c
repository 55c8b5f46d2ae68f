// SPDX-License-Identifier: GPL-2.0
/*
 * Reads values as they are written on the command line.
 *
 * Only what cannot be said in a message is refused here; whether a value makes
 * sense is the kernel's to say, which has the better sentence.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

/* Notes what is wrong; always returns -1. */
int request_fail(struct request *rq, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(rq->problem, sizeof(rq->problem), format, args);
	va_end(args);
	return -1;
}

/* name has IF_NAMESIZE bytes. */
int value_device(struct request *rq, const char *text, char *name)
{
	if (!*text || snprintf(name, IF_NAMESIZE, "%s", text) >= IF_NAMESIZE)
		return request_fail(rq, "\"%s\" is not a device name (1 to %d bytes)", text,
				    IF_NAMESIZE - 1);
	return 0;
}

static int read_number(struct request *rq, const char *text, unsigned long max,
		       unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 0);
	if (!isdigit((unsigned char)*text) || *end || errno || *number > max)
		return request_fail(rq, "\"%s\" is not a number from 0 to %lu", text, max);
	return 0;
}

int value_number(struct request *rq, const char *text, uint32_t *number)
{
	unsigned long n;

	if (read_number(rq, text, UINT32_MAX, &n))
		return -1;
	*number = n;
	return 0;
}

int value_port(struct request *rq, const char *text, uint16_t *port)
{
	unsigned long n;

	if (read_number(rq, text, UINT16_MAX, &n))
		return -1;
	*port = n;
	return 0;
}

int value_switch(struct request *rq, const char *text, uint32_t *on)
{
	if (strcmp(text, "on") && strcmp(text, "off"))
		return request_fail(rq, "\"%s\" is neither \"on\" nor \"off\"", text);
	*on = !strcmp(text, "on");
	return 0;
}

int value_enum(struct request *rq, const char *text, const struct k8snet_spec_enum *e,
	       uint32_t *value)
{
	char known[128] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < e->count; i++) {
		if (!strcmp(text, e->values[i].name)) {
			*value = e->values[i].value;
			return 0;
		}
		if (used < sizeof(known))
			used += snprintf(known + used, sizeof(known) - used, "%s%s",
					 i ? ", " : "", e->values[i].name);
	}
	return request_fail(rq, "\"%s\" is not one of: %s", text, known);
}

/* Of either family. */
int value_address(struct request *rq, const char *text, struct k8snet_address *addr)
{
	if (k8snet_address_parse(addr, text))
		return request_fail(rq, "\"%s\" is not an IP address", text);
	return 0;
}

/* ADDR[,ADDR...] */
int value_addresses(struct request *rq, const char *text, struct k8snet_addresses *list)
{
	char *copy = k8snet_arena_strdup(&rq->arena, text), *one;
	struct k8snet_address addr;

	if (!copy)
		return request_fail(rq, "%s", strerror(ENOMEM));
	while ((one = strsep(&copy, ","))) {
		if (value_address(rq, one, &addr))
			return -1;
		if (k8snet_addresses_add(list, &rq->arena, &addr))
			return request_fail(rq, "%s", strerror(ENOMEM));
	}
	return 0;
}

/* ADDR:PORT, or [ADDR]:PORT with an IPv6 address */
int value_address_port(struct request *rq, const char *text, struct k8snet_address *addr,
		       uint16_t *port)
{
	bool brackets = *text == '[';
	const char *colon = brackets ? strstr(text, "]:") : strchr(text, ':');
	char copy[K8SNET_ADDRESS_STRLEN];

	if (!colon || colon - text >= (ptrdiff_t)sizeof(copy) || strchr(colon + 1 + brackets, ':'))
		return request_fail(rq, "\"%s\" is not ADDR:PORT or, IPv6, [ADDR]:PORT", text);
	snprintf(copy, sizeof(copy), "%.*s", (int)(colon - text - brackets), text + brackets);
	if (value_address(rq, copy, addr) || value_port(rq, colon + 1 + brackets, port))
		return -1;
	if (addr->family != (brackets ? AF_INET6 : AF_INET))
		return request_fail(rq, "\"%s\" is not ADDR:PORT or, IPv6, [ADDR]:PORT", text);
	return 0;
}

/* An address alone is a prefix of all its bits. Host bits are left to the kernel. */
static int read_prefix(struct request *rq, char *text, struct k8snet_prefix *prefix)
{
	char *length = text;
	const char *addr = strsep(&length, "/");

	if (value_address(rq, addr, &prefix->addr))
		return -1;
	if (length)
		return value_number(rq, length, &prefix->length);
	prefix->length = prefix->addr.family == AF_INET ? 32 : 128;
	return 0;
}

/* CIDR[,CIDR...] */
int value_prefixes(struct request *rq, const char *text, struct k8snet_prefixes *list)
{
	char *copy = k8snet_arena_strdup(&rq->arena, text), *one;
	struct k8snet_prefix prefix;

	if (!copy)
		return request_fail(rq, "%s", strerror(ENOMEM));
	while ((one = strsep(&copy, ","))) {
		if (read_prefix(rq, one, &prefix))
			return -1;
		if (k8snet_prefixes_add(list, &rq->arena, &prefix))
			return request_fail(rq, "%s", strerror(ENOMEM));
	}
	return 0;
}

/* Hexadecimal bytes, with the separator between them if it is not 0. */
int value_bytes(struct request *rq, const char *text, const char *what, char separator,
		uint8_t *bytes, size_t count)
{
	const char *p = text;

	for (size_t i = 0; i < count; i++) {
		char pair[3] = "";

		if (i && separator && *p++ != separator)
			goto err;
		if (!isxdigit((unsigned char)p[0]) || !isxdigit((unsigned char)p[1]))
			goto err;
		memcpy(pair, p, 2);
		bytes[i] = strtoul(pair, NULL, 16);
		p += 2;
	}
	if (!*p)
		return 0;
err:
	return request_fail(rq, "\"%s\" is not %s", text, what);
}
