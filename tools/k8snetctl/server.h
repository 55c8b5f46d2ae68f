/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An endpoint as it is written on the command line.
 */
#ifndef K8SNETCTL_SERVER_H
#define K8SNETCTL_SERVER_H

#include "request.h"

#define SERVER_USAGE	"ADDR:PORT[,local][,weight=N][,terminating][,notready]"

int server_parse(struct request *rq, const char *text, struct k8snet_endpoint *endpoint);

#endif /* K8SNETCTL_SERVER_H */
