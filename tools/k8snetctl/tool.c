// SPDX-License-Identifier: GPL-2.0
/*
 * Talks to the kernel for the commands and reports its refusals.
 */
#include <stdio.h>

#include "tool.h"
#include "usage.h"

/* Says why the last call failed. msg, object and name may be NULL. */
int tool_refused(struct tool *tool, const struct k8snet_msg *msg, const char *object,
		 const char *name)
{
	char text[1024];

	k8snet_refusal_print(&tool->nl.refusal, msg, name, text, sizeof(text));
	complain("%s%s%s%s%s", object ? object : "", object && name ? " " : "",
		 object && name ? name : "", object ? ": " : "", text);
	return EXIT_REFUSED;
}

/* Once is enough; returns an exit status. */
int tool_connect(struct tool *tool)
{
	if (tool->connected)
		return EXIT_DONE;
	if (k8snet_nl_open(&tool->nl))
		return tool_refused(tool, NULL, NULL, NULL);
	tool->connected = true;
	return EXIT_DONE;
}

void tool_close(struct tool *tool)
{
	if (tool->connected)
		k8snet_nl_close(&tool->nl);
	tool->connected = false;
}

/*
 * The functions below free the message. object and name are what a refusal is
 * said to be about; name may be NULL. They return an exit status.
 */

int tool_change(struct tool *tool, struct k8snet_msg *msg, const char *object, const char *name)
{
	int status = tool_connect(tool);

	if (!status && k8snet_nl_do(&tool->nl, msg, NULL, NULL))
		status = tool_refused(tool, msg, object, name);
	k8snet_msg_free(msg);
	return status;
}

int tool_get(struct tool *tool, struct k8snet_msg *msg, const char *object, const char *name,
	     struct k8snet_list *list)
{
	int status = tool_connect(tool);

	if (!status && k8snet_list_get(list, &tool->nl, msg))
		status = tool_refused(tool, msg, object, name);
	k8snet_msg_free(msg);
	return status;
}

int tool_dump(struct tool *tool, struct k8snet_msg *msg, const char *object, const char *name,
	      struct k8snet_list *list)
{
	int status = tool_connect(tool);

	if (!status && k8snet_list_dump(list, &tool->nl, msg))
		status = tool_refused(tool, msg, object, name);
	k8snet_msg_free(msg);
	return status;
}
