// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the tool's parts that need no command line. Prints "ok NAME" or
 * "FAIL NAME" for each check.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>

#include "human.h"
#include "json.h"
#include "lib/calico.h"
#include "lib/config.h"
#include "lib/drop.h"
#include "lib/endpoint.h"
#include "lib/list.h"
#include "lib/node.h"
#include "lib/service.h"
#include "table.h"

static int failed;

static void check(int good, const char *name)
{
	printf("%s %s\n", good ? "ok" : "FAIL", name);
	failed |= !good;
}

static void check_text(const char *got, const char *want, const char *name)
{
	check(!strcmp(got, want), name);
	if (strcmp(got, want))
		printf("got  \"%s\"\nwant \"%s\"\n", got, want);
}

/* The attributes of a message must be these bytes. */
static void check_bytes(const struct k8snet_msg *msg, const uint8_t *want, size_t len,
			const char *name)
{
	const char *attrs = msg->data + NLMSG_HDRLEN + GENL_HDRLEN;

	check(msg->data + msg->len == attrs + len && !memcmp(attrs, want, len), name);
}

/* The bytes here and below are those of a little-endian machine. */
static void test_node_bytes(void)
{
	static const uint8_t want[] = {
		0x07, 0x00, 0x04, 0x00, 'w', '2', 0x00, 0x00,
		0x08, 0x00, 0x05, 0x00, 192, 168, 99, 2,
		0x06, 0x00, 0x06, 0x00, 0x21, 0x18, 0x00, 0x00,
		0x14, 0x00, 0x09, 0x80,
		0x08, 0x00, 0x01, 0x00, 10, 244, 2, 0,
		0x08, 0x00, 0x02, 0x00, 24, 0x00, 0x00, 0x00,
	};
	struct k8snet_node node = {
		.has = 1ULL << K8SNET_A_NODE_NAME | 1ULL << K8SNET_A_NODE_PORT,
		.name = "w2",
		.port = 8472,
	};
	struct k8snet_prefix prefix = { .length = 24 };
	struct k8snet_arena arena = { 0 };
	struct k8snet_msg msg;

	k8snet_address_parse(&node.via, "192.168.99.2");
	k8snet_address_parse(&prefix.addr, "10.244.2.0");
	k8snet_prefixes_add(&node.pods, &arena, &prefix);
	k8snet_msg_init(&msg, K8SNET_CMD_NODE_NEW);
	k8snet_node_encode(&node, &msg);
	check_bytes(&msg, want, sizeof(want), "bytes of a node");
	check(msg.len == k8snet_msg_header(&msg)->nlmsg_len, "length of a message");
	k8snet_msg_free(&msg);
	k8snet_arena_free(&arena);
}

static void test_node_bytes_ipv6(void)
{
	static const uint8_t want[] = {
		0x07, 0x00, 0x04, 0x00, 'w', '2', 0x00, 0x00,
		0x14, 0x00, 0x0b, 0x00,
		0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
		0x20, 0x00, 0x09, 0x80,
		0x14, 0x00, 0x03, 0x00,
		0xfd, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x08, 0x00, 0x02, 0x00, 64, 0x00, 0x00, 0x00,
	};
	struct k8snet_node node = { .has = 1ULL << K8SNET_A_NODE_NAME, .name = "w2" };
	struct k8snet_prefix prefix = { .length = 64 };
	struct k8snet_arena arena = { 0 };
	struct k8snet_msg msg;

	k8snet_address_parse(&node.via, "fd00::2");
	k8snet_address_parse(&prefix.addr, "fd00:2::");
	k8snet_prefixes_add(&node.pods, &arena, &prefix);
	k8snet_msg_init(&msg, K8SNET_CMD_NODE_NEW);
	k8snet_node_encode(&node, &msg);
	check_bytes(&msg, want, sizeof(want), "bytes of a node with IPv6");
	k8snet_msg_free(&msg);
	k8snet_arena_free(&arena);
}

/* python3 -c 'import hashlib; print("66" + hashlib.sha1(b"worker-1").hexdigest()[:10])' */
static void test_calico_mac(void)
{
	static const uint8_t want4[] = { 0x66, 0x93, 0x7f, 0x54, 0xd5, 0x53 };
	static const uint8_t want6[] = { 0x66, 0xd8, 0x48, 0x96, 0xab, 0x01 };
	uint8_t mac[K8SNET_MAC_LEN];

	k8snet_calico_mac("worker-1", false, mac);
	check(!memcmp(mac, want4, sizeof(mac)), "Calico's MAC of a node");
	k8snet_calico_mac("worker-1", true, mac);
	check(!memcmp(mac, want6, sizeof(mac)), "Calico's MAC of a node for IPv6");
}

static void test_endpoint_bytes(void)
{
	static const uint8_t want[] = {
		0x0a, 0x00, 0x02, 0x00, 'a', '/', 'b', ':', 'c', 0x00, 0x00, 0x00,
		0x08, 0x00, 0x03, 0x00, 10, 0, 0, 1,
		0x06, 0x00, 0x04, 0x00, 0x00, 0x50, 0x00, 0x00,
		0x08, 0x00, 0x05, 0x00, 0x05, 0x00, 0x00, 0x00,
	};
	struct k8snet_endpoint endpoint = {
		.service = "a/b:c", .port = 80, .has_weight = true, .weight = 5,
		.flags = K8SNET_ENDPOINT_FLAGS_DEFAULT,
	};
	struct k8snet_msg msg;

	k8snet_address_parse(&endpoint.addr, "10.0.0.1");
	k8snet_msg_init(&msg, K8SNET_CMD_ENDPOINT_NEW);
	k8snet_endpoint_encode(&endpoint, &msg);
	check_bytes(&msg, want, sizeof(want), "bytes of an endpoint");
	k8snet_msg_free(&msg);
}

static void test_too_long(void)
{
	char *text = malloc(UINT16_MAX);
	struct k8snet_msg msg;

	memset(text, 'x', UINT16_MAX - 1);
	text[UINT16_MAX - 1] = 0;
	k8snet_msg_init(&msg, K8SNET_CMD_NODE_GET);
	k8snet_msg_put_string(&msg, K8SNET_A_NODE_NAME, text);
	check(msg.failed == EMSGSIZE, "an attribute that is too long");
	k8snet_msg_free(&msg);
	free(text);
}

/* A reply whose attributes have the wrong lengths is no reply. */
static void test_malformed(void)
{
	struct k8snet_config config = { 0 };
	struct k8snet_drop drop;
	struct k8snet_node node = { 0 };
	struct k8snet_arena arena = { 0 };
	struct k8snet_msg msg;

	k8snet_msg_init(&msg, K8SNET_CMD_NODE_GET);
	k8snet_msg_put(&msg, K8SNET_A_NODE_VIA_IPV4, "xx", 2);
	check(k8snet_node_decode(k8snet_msg_header(&msg), &arena, &node) == EBADMSG,
	      "a reply with a short number");
	k8snet_msg_free(&msg);

	k8snet_msg_init(&msg, K8SNET_CMD_NODE_GET);
	k8snet_msg_put(&msg, K8SNET_A_NODE_NAME, "xx", 2);
	check(k8snet_node_decode(k8snet_msg_header(&msg), &arena, &node) == EBADMSG,
	      "a reply with a string that does not end");
	k8snet_msg_free(&msg);

	k8snet_msg_init(&msg, K8SNET_CMD_NODE_GET);
	k8snet_msg_put(&msg, K8SNET_A_NODE_MAC, "xxxxxxx", 7);
	check(k8snet_node_decode(k8snet_msg_header(&msg), &arena, &node) == EBADMSG,
	      "a reply with a long MAC");
	k8snet_msg_free(&msg);

	k8snet_msg_init(&msg, K8SNET_CMD_NODE_GET);
	k8snet_msg_put(&msg, K8SNET_A_NODE_VIA_IPV6, "xxxx", 4);
	check(k8snet_node_decode(k8snet_msg_header(&msg), &arena, &node) == EBADMSG,
	      "a reply with a short IPv6 address");
	k8snet_msg_free(&msg);

	k8snet_msg_init(&msg, K8SNET_CMD_DROP_EVENT);
	k8snet_msg_put(&msg, K8SNET_A_DROP_INNER_IPV6, "12345678901234567", 17);
	check(k8snet_drop_decode(k8snet_msg_header(&msg), &drop) == EBADMSG,
	      "an event with a long IPv6 address");
	k8snet_msg_free(&msg);

	k8snet_msg_init(&msg, K8SNET_CMD_CONFIG_GET);
	k8snet_msg_put(&msg, K8SNET_A_CONFIG_SEED, "x", 1);
	check(k8snet_config_decode(k8snet_msg_header(&msg), &arena, &config) == EBADMSG,
	      "a reply with a short seed");
	k8snet_msg_free(&msg);

	k8snet_msg_init(&msg, K8SNET_CMD_NODE_GET);
	k8snet_msg_put_string(&msg, K8SNET_A_NODE_NAME, "w");
	k8snet_msg_put(&msg, 4000, "new", 4);
	check(!k8snet_node_decode(k8snet_msg_header(&msg), &arena, &node) &&
	      !strcmp(node.name, "w"), "a reply of a newer kernel");
	k8snet_msg_free(&msg);
	k8snet_arena_free(&arena);
}

static void test_human(void)
{
	char buf[HUMAN_STRLEN];

	check_text(human_count(0, buf), "0", "count 0");
	check_text(human_count(999, buf), "999", "count 999");
	check_text(human_count(1000, buf), "1,000", "count 1000");
	check_text(human_count(UINT64_MAX, buf), "18,446,744,073,709,551,615", "largest count");
	check_text(human_bytes(1023, buf), "1023 B", "bytes 1023");
	check_text(human_bytes(1536, buf), "1.5 KiB", "bytes 1536");
	check_text(human_bytes(5 << 20, buf), "5.0 MiB", "bytes 5 MiB");
	check_text(human_bytes(UINT64_MAX, buf), "16.0 EiB", "most bytes");
}

static void check_table(struct terminal terminal, const char *want, const char *name)
{
	struct table table = { 0 };
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	table_column(&table, "NAME", false);
	table_column(&table, "N", true);
	table_column(&table, "MEANING", false);
	table_cell(&table, "a");
	table_count(&table, 1000);
	table_cell(&table, "one two three four five six seven");
	table_cell(&table, "bcdef");
	table_count(&table, 1);
	table_cell(&table, "%s", "");
	table_print(&table, out, terminal);
	table_free(&table);
	fclose(out);
	check_text(text, want, name);
	free(text);
}

static void test_table(void)
{
	check_table((struct terminal){ 0 },
		    "NAME       N  MEANING\n"
		    "a      1,000  one two three four five six seven\n"
		    "bcdef      1  -\n", "table");
	check_table((struct terminal){ .width = 34 },
		    "NAME       N  MEANING\n"
		    "a      1,000  one two three four\n"
		    "              five six seven\n"
		    "bcdef      1  -\n", "wrapped table");
	check_table((struct terminal){ .bold = true, .width = 20 },
		    "\033[1mNAME       N  MEANING\033[0m\n"
		    "a      1,000  one two three four five six seven\n"
		    "bcdef      1  -\n", "table on a narrow terminal");
}

static void test_json(void)
{
	struct json json;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	json_start(&json, out, false);
	json_open(&json, NULL, '{');
	json_string(&json, "a", "\"\\\n\x01");
	json_number(&json, "b", UINT64_MAX);
	json_open(&json, "c", '[');
	json_close(&json, ']');
	json_null(&json, "d");
	json_bool(&json, "e", true);
	json_close(&json, '}');
	json_end(&json);
	fclose(out);
	check_text(text,
		   "{\"a\":\"\\\"\\\\\\u000a\\u0001\",\"b\":18446744073709551615,\"c\":[],\"d\":null,\"e\":true}\n",
		   "JSON");
	free(text);
}

static int count_reply(const struct nlmsghdr *reply, void *arg)
{
	int *count = arg;

	*count = reply ? *count + 1 : 0;
	return 0;
}

/* The client against a family that every kernel has: the one of families. */
static void test_real_kernel(void)
{
	struct k8snet_nl nl = { .family = GENL_ID_CTRL, .buf = malloc(64 * 1024) };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct k8snet_msg msg;
	char junk[4096] = "";
	int on = 1, count = 0;

	nl.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	setsockopt(nl.fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl.fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	check(!connect(nl.fd, (struct sockaddr *)&kernel, sizeof(kernel)), "connecting");

	k8snet_msg_init(&msg, CTRL_CMD_GETFAMILY);
	check(!k8snet_nl_dump(&nl, &msg, count_reply, &count) && count > 0, "a real dump");
	k8snet_msg_free(&msg);

	k8snet_msg_init(&msg, CTRL_CMD_GETFAMILY);
	k8snet_msg_put_string(&msg, CTRL_ATTR_FAMILY_NAME, "a name that is longer than allowed");
	check(k8snet_nl_do(&nl, &msg, NULL, NULL) && nl.refusal.code == EINVAL &&
	      nl.refusal.offset == NLMSG_HDRLEN + GENL_HDRLEN && *nl.refusal.text &&
	      nl.refusal.policy.max_length == GENL_NAMSIZ - 1,
	      "a real refusal");
	k8snet_msg_free(&msg);

	/* What is too large for the socket would be EMSGSIZE. */
	k8snet_msg_init(&msg, CTRL_CMD_GETFAMILY);
	k8snet_msg_put_string(&msg, CTRL_ATTR_FAMILY_NAME, "nlctrl");
	for (int i = 0; i < 200; i++)
		k8snet_msg_put(&msg, CTRL_ATTR_MCAST_GROUPS, junk, sizeof(junk));
	check(msg.len > 800000 && (!k8snet_nl_do(&nl, &msg, NULL, NULL) ||
				   nl.refusal.code != EMSGSIZE), "a message of 800 KB");
	k8snet_msg_free(&msg);
	k8snet_nl_close(&nl);
}

int main(void)
{
	test_node_bytes();
	test_node_bytes_ipv6();
	test_calico_mac();
	test_endpoint_bytes();
	test_too_long();
	test_malformed();
	test_human();
	test_table();
	test_json();
	test_real_kernel();
	return failed;
}
