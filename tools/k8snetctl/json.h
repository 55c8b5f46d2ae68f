/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A writer of JSON.
 */
#ifndef K8SNETCTL_JSON_H
#define K8SNETCTL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	bool pretty;
	bool first;
	unsigned int depth;
};

/* key is NULL in an array and at the root. */
void json_start(struct json *json, FILE *out, bool pretty);
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_string(struct json *json, const char *key, const char *text);
void json_number(struct json *json, const char *key, uint64_t number);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);
void json_end(struct json *json);

#endif /* K8SNETCTL_JSON_H */
