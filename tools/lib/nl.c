// SPDX-License-Identifier: GPL-2.0
/*
 * Sends requests to the kernel's k8snet family and takes its replies.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/k8snet.h>

#include "array.h"
#include "nl.h"

/* The kernel never makes a message of a dump larger than 32 KiB. */
#define BUFFER_SIZE	(64 * 1024)
/* How long a dump is tried, in seconds, and how often at least. */
#define DUMP_PATIENCE	2
#define DUMP_TRIES	5

static int fail(struct k8snet_nl *nl, int code)
{
	memset(&nl->refusal, 0, sizeof(nl->refusal));
	nl->refusal.code = code;
	return -1;
}

/* A message must fit the send buffer, and services are larger than its default. */
static void make_room(struct k8snet_nl *nl, size_t len)
{
	socklen_t size_len = sizeof(int);
	int size;

	if (getsockopt(nl->fd, SOL_SOCKET, SO_SNDBUF, &size, &size_len) ||
	    len + 4096 < (size_t)size)
		return;
	size = 2 * len;
	if (setsockopt(nl->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(nl->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static int send_request(struct k8snet_nl *nl, struct k8snet_msg *request,
			uint16_t type, uint16_t flags)
{
	struct nlmsghdr *header = k8snet_msg_header(request);
	ssize_t sent;

	if (request->failed)
		return fail(nl, request->failed);
	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	header->nlmsg_seq = ++nl->seq;
	make_room(nl, request->len);
	do {
		sent = send(nl->fd, request->data, request->len, 0);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? fail(nl, errno) : 0;
}

/* What follows the errno of an error message or of the end of a dump. */
static int take_error(struct k8snet_nl *nl, const struct nlmsghdr *reply)
{
	const char *attrs, *end = (const char *)reply + reply->nlmsg_len;
	size_t skip = sizeof(int);
	int code;

	if (mnl_nlmsg_get_payload_len(reply) < sizeof(code))
		return fail(nl, EBADMSG);
	memcpy(&code, mnl_nlmsg_get_payload(reply), sizeof(code));
	if (!code)
		return 0;
	if (reply->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = mnl_nlmsg_get_payload(reply);

		skip = sizeof(*error);
		if (!(reply->nlmsg_flags & NLM_F_CAPPED))
			skip += NLMSG_ALIGN(error->msg.nlmsg_len) - sizeof(error->msg);
	}
	attrs = (const char *)mnl_nlmsg_get_payload(reply) + skip;
	if (!(reply->nlmsg_flags & NLM_F_ACK_TLVS) || attrs > end)
		attrs = end;
	k8snet_refusal_parse(&nl->refusal, -code, attrs, end - attrs);
	return -1;
}

struct exchange {
	k8snet_nl_reply_fn *reply;
	void *arg;
	bool interrupted;
	bool done;
};

/* Takes one message; exchange->done says that it was the last. */
static int take_message(struct k8snet_nl *nl, const struct nlmsghdr *reply, struct exchange *x)
{
	int code;

	if (reply->nlmsg_seq != nl->seq)
		return 0;
	if (reply->nlmsg_flags & NLM_F_DUMP_INTR)
		x->interrupted = true;
	switch (reply->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_ERROR:
	case NLMSG_DONE:
		x->done = true;
		return take_error(nl, reply);
	}
	if (mnl_nlmsg_get_payload_len(reply) < GENL_HDRLEN)
		return fail(nl, EBADMSG);
	code = x->reply ? x->reply(reply, x->arg) : 0;
	return code ? fail(nl, code) : 0;
}

/* Fills the buffer; returns how many bytes came. */
static int receive_some(struct k8snet_nl *nl)
{
	ssize_t got;

	do {
		got = recv(nl->fd, nl->buf, BUFFER_SIZE, MSG_TRUNC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail(nl, errno);
	if (got == 0)
		return fail(nl, ECONNRESET);
	if (got > BUFFER_SIZE)
		return fail(nl, EMSGSIZE);
	return got;
}

static int receive(struct k8snet_nl *nl, struct exchange *x)
{
	while (!x->done) {
		struct nlmsghdr *reply = (struct nlmsghdr *)nl->buf;
		int len = receive_some(nl);

		if (len < 0)
			return -1;
		for (; !x->done && mnl_nlmsg_ok(reply, len);
		     reply = mnl_nlmsg_next(reply, &len))
			if (take_message(nl, reply, x))
				return -1;
	}
	return 0;
}

/*
 * Sends requests that are numbered from first on and want no acknowledgment. The
 * kernel has done them, or refused them, when send() returns: *seq is the first
 * one that it refused.
 */
int k8snet_nl_batch(struct k8snet_nl *nl, const char *data, size_t len, uint32_t first,
		    uint32_t *seq)
{
	ssize_t sent, got;

	make_room(nl, len);
	do {
		sent = send(nl->fd, data, len, 0);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return fail(nl, errno);
	while ((got = recv(nl->fd, nl->buf, BUFFER_SIZE, MSG_DONTWAIT)) > 0) {
		const struct nlmsghdr *reply = (struct nlmsghdr *)nl->buf;
		int left = got;

		for (; mnl_nlmsg_ok(reply, left); reply = mnl_nlmsg_next(reply, &left))
			if (reply->nlmsg_type == NLMSG_ERROR &&
			    reply->nlmsg_seq - first <= nl->seq - first &&
			    take_error(nl, reply)) {
				*seq = reply->nlmsg_seq;
				return -1;
			}
	}
	if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
		return fail(nl, errno);
	return 0;
}

static int exchange(struct k8snet_nl *nl, struct k8snet_msg *request, uint16_t type,
		    k8snet_nl_reply_fn *reply, void *arg)
{
	struct exchange x = { .reply = reply, .arg = arg };

	if (send_request(nl, request, type, NLM_F_ACK))
		return -1;
	return receive(nl, &x);
}

/* Sends a request and waits for the acknowledgment; reply may be NULL. */
int k8snet_nl_do(struct k8snet_nl *nl, struct k8snet_msg *request,
		 k8snet_nl_reply_fn *reply, void *arg)
{
	return exchange(nl, request, nl->family, reply, arg);
}

/*
 * Dumps. A dump that was interrupted by a change is inconsistent and starts
 * over; if changes do not pause for that long, the last one is an error (EINTR).
 */
int k8snet_nl_dump(struct k8snet_nl *nl, struct k8snet_msg *request,
		   k8snet_nl_reply_fn *reply, void *arg)
{
	time_t until = seconds() + DUMP_PATIENCE;

	for (int i = 0; i < DUMP_TRIES || seconds() <= until; i++) {
		struct exchange x = { .reply = reply, .arg = arg };

		reply(NULL, arg);
		if (send_request(nl, request, nl->family, NLM_F_DUMP) || receive(nl, &x))
			return -1;
		if (!x.interrupted)
			return 0;
	}
	fail(nl, EINTR);
	snprintf(nl->refusal.text, sizeof(nl->refusal.text),
		 "the tables change faster than they can be listed; try again");
	return -1;
}

static int join(struct k8snet_nl *nl, uint32_t group)
{
	if (setsockopt(nl->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return fail(nl, errno);
	return 0;
}

/*
 * Joins the groups of events, which k8snet_nl_events() takes from then on; the
 * connection is for nothing else any more.
 */
int k8snet_nl_join(struct k8snet_nl *nl, unsigned int events)
{
	const struct {
		unsigned int event;
		uint32_t group;
		const char *what;
	} groups[] = {
		{ K8SNET_NL_ENDPOINTS, nl->endpoints, "endpoints" },
		{ K8SNET_NL_CHANGES, nl->changes, "changes" },
		{ K8SNET_NL_DROPS, nl->drops, "drops" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (!(events & groups[i].event))
			continue;
		if (!groups[i].group) {
			fail(nl, EOPNOTSUPP);
			snprintf(nl->refusal.text, sizeof(nl->refusal.text),
				 "the k8snet module that is loaded does not tell of %s",
				 groups[i].what);
			return -1;
		}
		if (join(nl, groups[i].group))
			return -1;
	}
	return 0;
}

/* Waits for events. ENOBUFS is that some were lost; the next call has newer ones. */
int k8snet_nl_events(struct k8snet_nl *nl, k8snet_nl_reply_fn *event, void *arg)
{
	const struct nlmsghdr *message = (struct nlmsghdr *)nl->buf;
	int len = receive_some(nl), code;

	if (len < 0)
		return -1;
	for (; mnl_nlmsg_ok(message, len); message = mnl_nlmsg_next(message, &len)) {
		if (message->nlmsg_type != nl->family ||
		    mnl_nlmsg_get_payload_len(message) < GENL_HDRLEN)
			continue;
		code = event(message, arg);
		if (code)
			return fail(nl, code);
	}
	return 0;
}

/* Takes the group's number if this is one of those of events. */
static void take_group(struct k8snet_nl *nl, const struct nlattr *group)
{
	const struct nlattr *attr;
	const char *name = "";
	uint32_t id = 0;

	mnl_attr_for_each_nested(attr, group) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME &&
		    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			name = mnl_attr_get_str(attr);
		else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID &&
			 mnl_attr_get_payload_len(attr) == sizeof(id))
			id = mnl_attr_get_u32(attr);
	}
	if (!strcmp(name, K8SNET_MCGRP_DROPS))
		nl->drops = id;
	else if (!strcmp(name, K8SNET_MCGRP_ENDPOINTS))
		nl->endpoints = id;
	else if (!strcmp(name, K8SNET_MCGRP_CHANGES))
		nl->changes = id;
}

static int take_family(const struct nlmsghdr *reply, void *arg)
{
	const struct nlattr *attr, *group;
	struct k8snet_nl *nl = arg;

	mnl_attr_for_each(attr, reply, GENL_HDRLEN) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			if (mnl_attr_get_payload_len(attr) == sizeof(nl->family))
				nl->family = mnl_attr_get_u16(attr);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			mnl_attr_for_each_nested(group, attr)
				take_group(nl, group);
			break;
		}
	}
	return nl->family ? 0 : EBADMSG;
}

/* The kernel loads the module by its alias when the family is asked for. */
static int find_family(struct k8snet_nl *nl)
{
	struct k8snet_msg request;
	int err;

	k8snet_msg_init(&request, CTRL_CMD_GETFAMILY);
	k8snet_msg_put_string(&request, CTRL_ATTR_FAMILY_NAME, K8SNET_FAMILY_NAME);
	err = exchange(nl, &request, GENL_ID_CTRL, take_family, nl);
	k8snet_msg_free(&request);
	if (err && nl->refusal.code == ENOENT) {
		nl->refusal.family = true;
		nl->refusal.text[0] = 0;
	}
	return err;
}

/* Connects in the current network namespace. */
int k8snet_nl_open(struct k8snet_nl *nl)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int on = 1;

	memset(nl, 0, sizeof(*nl));
	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (nl->fd < 0)
		return fail(nl, errno);
	nl->buf = malloc(BUFFER_SIZE);
	if (!nl->buf) {
		fail(nl, ENOMEM);
		goto err_close;
	}
	/* Without these, refusals are poorer, but nothing else. */
	setsockopt(nl->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(nl->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	/* A connected socket takes messages from nobody but the kernel. */
	if (connect(nl->fd, (struct sockaddr *)&kernel, sizeof(kernel))) {
		fail(nl, errno);
		goto err_close;
	}
	if (find_family(nl))
		goto err_close;
	return 0;

err_close:
	k8snet_nl_close(nl);
	return -1;
}

void k8snet_nl_close(struct k8snet_nl *nl)
{
	close(nl->fd);
	free(nl->buf);
	nl->fd = -1;
	nl->buf = NULL;
}
