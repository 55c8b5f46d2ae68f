// SPDX-License-Identifier: GPL-2.0
/*
 * Fields that hold addresses.
 *
 * They are read as Kubernetes reads its own (ParseIPSloppy, ParseCIDRSloppy):
 * numbers with leading zeros are decimal, an IPv4 address can be written as an
 * IPv6 one (::ffff:10.0.0.1), host bits behind a prefix are cleared, and spaces
 * around do not matter, as loadBalancerSourceRanges can have them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/k8snet.h>

#include "field_net.h"

#define TEXT_SIZE	64	/* for an address, its length and what is around */

/* Copies text without spaces around and zeros in front of numbers; false if it is too long. */
static bool trim(const char *text, char *buf)
{
	char *p = buf, *end;

	while (isspace((unsigned char)*text))
		text++;
	for (char last = '.'; *text; last = *text++) {
		bool first = last == '.' || last == '/';

		if (first && *text == '0' && isdigit((unsigned char)text[1])) {
			/* The next digit is a first one as well. */
			text++;
			while (*text == '0' && isdigit((unsigned char)text[1]))
				text++;
		}
		if (p - buf == TEXT_SIZE - 1)
			return false;
		*p++ = *text;
	}
	for (end = p; end > buf && isspace((unsigned char)end[-1]); end--)
		;
	*end = 0;
	return true;
}

static int parse_address(const char *text, struct k8snet_address *addr)
{
	int err = k8snet_address_parse(addr, text);
	struct in6_addr mapped;

	if (err || addr->family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&addr->ipv6))
		return err;
	mapped = addr->ipv6;
	*addr = (struct k8snet_address){ .family = AF_INET };
	memcpy(&addr->ipv4, &mapped.s6_addr[12], sizeof(addr->ipv4));
	return 0;
}

void k8snet_field_address(const struct k8snet_field *field, struct k8snet_address *addr)
{
	const char *text = k8snet_field_string(field);
	struct k8snet_address read = { 0 };
	char buf[TEXT_SIZE];

	if (!text)
		return;
	if (!trim(text, buf) || parse_address(buf, &read))
		k8snet_field_problem(field, "\"%.64s\" is not an IP address", text);
	else
		*addr = read;
}

static void clear_host_bits(struct k8snet_prefix *prefix)
{
	size_t bytes = prefix->addr.family == AF_INET ? 4 : 16;
	uint8_t *byte = (uint8_t *)&prefix->addr.ipv6;

	for (size_t i = 0; i < bytes; i++) {
		size_t bits = i * 8 >= prefix->length ? 0 : prefix->length - i * 8;

		if (bits < 8)
			byte[i] &= 0xff00 >> bits;
	}
}

static bool parse_prefix(char *text, struct k8snet_prefix *prefix)
{
	char *length = strchr(text, '/'), *end;

	if (!length || !isdigit((unsigned char)length[1]))
		return false;
	*length++ = 0;
	if (k8snet_address_parse(&prefix->addr, text))
		return false;
	prefix->length = strtoul(length, &end, 10);
	if (*end || end - length > 3)
		return false;
	if (prefix->length > (prefix->addr.family == AF_INET ? 32 : 128))
		return false;
	clear_host_bits(prefix);
	return true;
}

void k8snet_field_prefix(const struct k8snet_field *field, struct k8snet_prefixes *list)
{
	const char *text = k8snet_field_string(field);
	struct k8snet_prefix prefix = { 0 };
	char buf[TEXT_SIZE];

	if (!text)
		return;
	if (!trim(text, buf) || !parse_prefix(buf, &prefix)) {
		k8snet_field_problem(field, "\"%.64s\" is not an address range (CIDR)", text);
		return;
	}
	if (k8snet_prefixes_add(list, field->reader->arena, &prefix))
		field->reader->problems->failed = ENOMEM;
}

void k8snet_field_prefixes(const struct k8snet_field *field, struct k8snet_prefixes *list)
{
	size_t count = k8snet_field_count(field);

	for (size_t i = 0; i < count; i++) {
		struct k8snet_field element = k8snet_field_at(field, i);

		if (k8snet_field_is_set(&element))
			k8snet_field_prefix(&element, list);
		else
			k8snet_field_problem(&element, "is null");
	}
}

/* With the separator between them, if it is not 0. */
static bool parse_bytes(const char *text, char separator, uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char pair[3] = "";

		if (i && separator && *text++ != separator)
			return false;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
			return false;
		memcpy(pair, text, 2);
		text += 2;
		bytes[i] = strtoul(pair, NULL, 16);
	}
	return !*text;
}

void k8snet_field_bytes(const struct k8snet_field *field, uint8_t *bytes, size_t count)
{
	const char *text = k8snet_field_string(field);

	if (text && !parse_bytes(text, 0, bytes, count))
		k8snet_field_problem(field, "\"%.64s\" is not %zu hexadecimal digits", text,
				     2 * count);
}

/* "0a:58:c0:a8:63:02" */

void k8snet_field_mac(const struct k8snet_field *field, uint8_t *mac, bool *has)
{
	const char *text = k8snet_field_string(field);
	uint8_t read[K8SNET_MAC_LEN];

	if (!text)
		return;
	if (!parse_bytes(text, ':', read, sizeof(read))) {
		k8snet_field_problem(field, "\"%.64s\" is not a MAC address", text);
		return;
	}
	memcpy(mac, read, sizeof(read));
	*has = true;
}
