/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One run of the tool: its options and its connection to the kernel.
 */
#ifndef K8SNETCTL_TOOL_H
#define K8SNETCTL_TOOL_H

#include <stdbool.h>

#include "lib/list.h"
#include "lib/nl.h"

enum {
	EXIT_DONE,
	EXIT_REFUSED,
	EXIT_USAGE,
};

struct tool {
	bool json;
	bool pretty;
	bool stats;
	bool connected;
	uint32_t generation;	/* of the transaction that was begun last */
	struct k8snet_nl nl;
};

void tool_close(struct tool *tool);
int tool_refused(struct tool *tool, const struct k8snet_msg *msg, const char *object,
		 const char *name);
int tool_connect(struct tool *tool);
int tool_change(struct tool *tool, struct k8snet_msg *msg, const char *object, const char *name);
int tool_get(struct tool *tool, struct k8snet_msg *msg, const char *object, const char *name,
	     struct k8snet_list *list);
int tool_dump(struct tool *tool, struct k8snet_msg *msg, const char *object, const char *name,
	      struct k8snet_list *list);

#endif /* K8SNETCTL_TOOL_H */
