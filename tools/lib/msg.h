/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A generic netlink request of any size.
 */
#ifndef K8SNET_MSG_H
#define K8SNET_MSG_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/netlink.h>

/*
 * Memory that runs out is remembered in failed and reported when the message
 * is sent, so that encoders need no error paths.
 */
struct k8snet_msg {
	char *data;
	size_t len;
	size_t size;
	int failed;
};

void k8snet_msg_init(struct k8snet_msg *msg, uint8_t cmd);
void k8snet_msg_free(struct k8snet_msg *msg);
struct nlmsghdr *k8snet_msg_header(const struct k8snet_msg *msg);
uint8_t k8snet_msg_cmd(const struct k8snet_msg *msg);

void k8snet_msg_put(struct k8snet_msg *msg, uint16_t type, const void *data, size_t len);
void k8snet_msg_put_u32(struct k8snet_msg *msg, uint16_t type, uint32_t value);
void k8snet_msg_put_port(struct k8snet_msg *msg, uint16_t type, uint16_t port);
void k8snet_msg_put_ipv4(struct k8snet_msg *msg, uint16_t type, struct in_addr addr);
void k8snet_msg_put_ipv6(struct k8snet_msg *msg, uint16_t type, const struct in6_addr *addr);
void k8snet_msg_put_string(struct k8snet_msg *msg, uint16_t type, const char *text);
size_t k8snet_msg_nest_start(struct k8snet_msg *msg, uint16_t type);
void k8snet_msg_nest_end(struct k8snet_msg *msg, size_t start);

#endif /* K8SNET_MSG_H */
