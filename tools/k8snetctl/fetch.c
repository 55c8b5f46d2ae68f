// SPDX-License-Identifier: GPL-2.0
/*
 * Lists objects, sorted, for more than one command. The caller frees the
 * list, whether it is complete or not.
 */
#define _GNU_SOURCE
#include <string.h>

#include "fetch.h"
#include "lib/link.h"
#include "lib/node.h"
#include "lib/service.h"

static int compare_links(const void *a, const void *b)
{
	const struct k8snet_link *x = a, *y = b;

	return strverscmp(x->ifname, y->ifname);
}

int fetch_links(struct tool *tool, struct k8snet_list *list)
{
	struct k8snet_msg msg;
	int status;

	k8snet_list_init(list, sizeof(struct k8snet_link), k8snet_link_decode);
	k8snet_msg_init(&msg, K8SNET_CMD_LINK_GET);
	status = tool_dump(tool, &msg, "link", NULL, list);
	k8snet_list_sort(list, compare_links);
	return status;
}

/* By name, worker2 before worker10. */
static int compare_nodes(const void *a, const void *b)
{
	const struct k8snet_node *x = a, *y = b;
	int order = strverscmp(x->name, y->name);

	return order ? order : strverscmp(x->ifname, y->ifname);
}

/* Those of one device, or, without a name, of all. */
int fetch_nodes(struct tool *tool, const char *device, struct k8snet_list *list)
{
	struct k8snet_msg msg;
	int status;

	k8snet_list_init(list, sizeof(struct k8snet_node), k8snet_node_decode);
	k8snet_msg_init(&msg, K8SNET_CMD_NODE_GET);
	if (device)
		k8snet_msg_put_string(&msg, K8SNET_A_NODE_IFNAME, device);
	status = tool_dump(tool, &msg, "node", NULL, list);
	k8snet_list_sort(list, compare_nodes);
	return status;
}

static int compare_services(const void *a, const void *b)
{
	const struct k8snet_service *x = a, *y = b;

	return strverscmp(x->name, y->name);
}

int fetch_services(struct tool *tool, struct k8snet_list *list)
{
	struct k8snet_msg msg;
	int status;

	k8snet_list_init(list, sizeof(struct k8snet_service), k8snet_service_decode);
	k8snet_msg_init(&msg, K8SNET_CMD_SERVICE_GET);
	status = tool_dump(tool, &msg, "service", NULL, list);
	k8snet_list_sort(list, compare_services);
	return status;
}
