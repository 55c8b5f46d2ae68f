// SPDX-License-Identifier: GPL-2.0
/*
 * Reads an endpoint as it is written on the command line.
 */
#include <errno.h>
#include <string.h>

#include "server.h"
#include "value.h"

#define WEIGHT	"weight="

/* ADDR:PORT[,weight=N] */
int server_parse(struct request *rq, const char *text, struct k8snet_endpoint *endpoint)
{
	char *rest = k8snet_arena_strdup(&rq->arena, text), *one;

	if (!rest)
		return request_fail(rq, "%s", strerror(ENOMEM));
	one = strsep(&rest, ",");
	if (value_address_port(rq, one, &endpoint->addr, &endpoint->port))
		return -1;
	while ((one = strsep(&rest, ","))) {
		if (strncmp(one, WEIGHT, strlen(WEIGHT)))
			return request_fail(rq, "\"%s\" is not weight=N", one);
		if (endpoint->has_weight)
			return request_fail(rq, "weight is given twice");
		endpoint->has_weight = true;
		if (value_number(rq, one + strlen(WEIGHT), &endpoint->weight))
			return -1;
	}
	return 0;
}
