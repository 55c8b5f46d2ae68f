// SPDX-License-Identifier: GPL-2.0
/*
 * Reads an endpoint as it is written on the command line.
 */
#include <errno.h>
#include <string.h>

#include "server.h"
#include "value.h"

#define WEIGHT	"weight="

static int parse_option(struct request *rq, const char *text, struct k8snet_endpoint *endpoint)
{
	if (!strncmp(text, WEIGHT, strlen(WEIGHT))) {
		if (endpoint->has_weight)
			return request_fail(rq, "weight is given twice");
		endpoint->has_weight = true;
		return value_number(rq, text + strlen(WEIGHT), &endpoint->weight);
	}
	if (!strcmp(text, "local"))
		endpoint->local = true;
	else if (!strcmp(text, "terminating"))
		endpoint->terminating = true;
	else if (!strcmp(text, "notready"))
		endpoint->notready = true;
	else
		return request_fail(rq, "\"%s\" is none of weight=N, local, terminating, notready",
				    text);
	return 0;
}

/* ADDR:PORT[,local][,weight=N][,terminating][,notready] */
int server_parse(struct request *rq, const char *text, struct k8snet_endpoint *endpoint)
{
	char *rest = k8snet_arena_strdup(&rq->arena, text), *one;

	if (!rest)
		return request_fail(rq, "%s", strerror(ENOMEM));
	one = strsep(&rest, ",");
	if (value_address_port(rq, one, &endpoint->addr, &endpoint->port))
		return -1;
	while ((one = strsep(&rest, ",")))
		if (parse_option(rq, one, endpoint))
			return -1;
	return 0;
}
