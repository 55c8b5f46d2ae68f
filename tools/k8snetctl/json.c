// SPDX-License-Identifier: GPL-2.0
/*
 * A writer of JSON.
 */
#include <inttypes.h>

#include "json.h"

void json_start(struct json *json, FILE *out, bool pretty)
{
	*json = (struct json){ .out = out, .pretty = pretty, .first = true };
}

static void new_line(struct json *json)
{
	if (!json->pretty || !json->depth)
		return;
	fprintf(json->out, "\n%*s", (int)(4 * json->depth), "");
}

static void write_text(struct json *json, const char *text)
{
	fputc('"', json->out);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(json->out, "\\%c", *p);
		else if (*p < ' ')
			fprintf(json->out, "\\u%04x", *p);
		else
			fputc(*p, json->out);
	}
	fputc('"', json->out);
}

static void write_key(struct json *json, const char *key)
{
	if (!json->first)
		fputc(',', json->out);
	json->first = false;
	new_line(json);
	if (!key)
		return;
	write_text(json, key);
	fputs(json->pretty ? ": " : ":", json->out);
}

void json_open(struct json *json, const char *key, char bracket)
{
	write_key(json, key);
	fputc(bracket, json->out);
	json->depth++;
	json->first = true;
}

void json_close(struct json *json, char bracket)
{
	json->depth--;
	if (!json->first) {
		if (json->pretty && !json->depth)
			fputc('\n', json->out);
		new_line(json);
	}
	fputc(bracket, json->out);
	json->first = false;
}

void json_string(struct json *json, const char *key, const char *text)
{
	write_key(json, key);
	write_text(json, text);
}

void json_number(struct json *json, const char *key, uint64_t number)
{
	write_key(json, key);
	fprintf(json->out, "%" PRIu64, number);
}

void json_bool(struct json *json, const char *key, bool value)
{
	write_key(json, key);
	fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json, const char *key)
{
	write_key(json, key);
	fputs("null", json->out);
}

void json_end(struct json *json)
{
	fputc('\n', json->out);
}
