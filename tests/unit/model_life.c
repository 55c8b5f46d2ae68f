// SPDX-License-Identifier: GPL-2.0
/*
 * What changes when a cluster changes: events that a real API server sent, one
 * after the other, and the plan that each leads to on node1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "lib/document.h"
#include "lib/plan.h"
#include "model.h"

#define OBJECTS_MAX	128
#define EVENTS_MAX	128

/* The objects that there are, by "kind namespace/name". */
static struct {
	char key[128];
	char *text;
} object[OBJECTS_MAX];

static size_t object_count;

static const char *string_of(struct json_object *parent, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(parent, key, &value))
		return "";
	return json_object_get_string(value);
}

static void key_of(struct json_object *value, const char *kind, char *key)
{
	struct json_object *metadata;

	json_object_object_get_ex(value, "metadata", &metadata);
	snprintf(key, sizeof(object[0].key), "%s %s/%s", kind, string_of(metadata, "namespace"),
		 string_of(metadata, "name"));
}

/* value is NULL for one that is gone. */
static void put(const char *key, struct json_object *value)
{
	size_t i = 0;

	while (i < object_count && strcmp(object[i].key, key))
		i++;
	if (i == object_count)
		object_count++;
	free(object[i].text);
	snprintf(object[i].key, sizeof(object[i].key), "%s", key);
	object[i].text = value ? strdup(json_object_to_json_string(value)) : NULL;
}

static void take(const struct k8snet_item *item, void *arg)
{
	char kind[64] = "", key[sizeof(object[0].key)];

	(void)arg;
	if (!item->object)
		return;
	memcpy(kind, item->list_kind, strlen(item->list_kind) - strlen("List"));
	json_object_object_add(item->object, "kind", json_object_new_string(kind));
	json_object_object_add(item->object, "apiVersion",
			       json_object_new_string(item->list_version));
	key_of(item->object, kind, key);
	put(key, item->object);
}

static void read_list(const char *file)
{
	struct k8snet_problems problems = { 0 };
	char *text = read_fixture(file);
	struct k8snet_document document = {
		.file = file, .text = text, .length = strlen(text), .problems = &problems,
		.take = take,
	};

	k8snet_document_read(&document);
	check(!problems.count, "%s", file);
	free(text);
}

struct event {
	unsigned long version;
	char type[16];
	struct json_object *value;
};

static struct event event[EVENTS_MAX];
static size_t event_count;

static void read_events(const char *file)
{
	char *text = read_fixture(file), *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		struct json_object *whole, *value, *metadata;

		if (!*line || event_count == EVENTS_MAX)
			continue;
		whole = json_tokener_parse(line);
		json_object_object_get_ex(whole, "object", &value);
		json_object_object_get_ex(value, "metadata", &metadata);
		event[event_count].version = strtoul(string_of(metadata, "resourceVersion"), NULL,
						     10);
		snprintf(event[event_count].type, sizeof(event[0].type), "%s",
			 string_of(whole, "type"));
		event[event_count].value = json_object_get(value);
		event_count += strcmp(string_of(whole, "type"), "BOOKMARK") != 0;
		json_object_put(whole);
	}
	free(text);
}

static int compare_events(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return (x->version > y->version) - (x->version < y->version);
}

/* The state that all objects make, as one text of many documents. */
static void read_state(struct k8snet_input *input)
{
	*input = (struct k8snet_input){ .view = { "node1", "k8snet0" } };
	for (size_t i = 0; i < object_count; i++)
		if (object[i].text)
			k8snet_input_text(input, object[i].key, object[i].text,
					  strlen(object[i].text));
	check(k8snet_input_finish(input), "a state of the life: %s", first(&input->problems));
}

void test_life(void)
{
	struct k8snet_input before, after;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	read_list("kube/nodes.list.json");
	read_list("kube/services.list.json");
	read_list("kube/endpointslices.list.json");
	read_events("kube/nodes.changes.watch");
	read_events("kube/services.changes.watch");
	read_events("kube/endpointslices.changes.watch");
	qsort(event, event_count, sizeof(event[0]), compare_events);
	read_state(&before);
	for (size_t i = 0; i < event_count; i++) {
		const char *kind = string_of(event[i].value, "kind");
		char key[sizeof(object[0].key)], *plan;

		key_of(event[i].value, kind, key);
		put(key, strcmp(event[i].type, "DELETED") ? event[i].value : NULL);
		read_state(&after);
		plan = plan_text(&after.state, &before.state, true);
		fprintf(out, "# %s %s\n", event[i].type, key);
		for (size_t j = 0; j < after.notes.kept; j++)
			fprintf(out, "# note: %s\n", after.notes.text[j]);
		fputs(plan, out);
		free(plan);
		k8snet_input_free(&before);
		before = after;
		json_object_put(event[i].value);
	}
	k8snet_input_free(&before);
	for (size_t i = 0; i < object_count; i++)
		free(object[i].text);
	fclose(out);
	check_fixture(text, "kube/life.plan");
	free(text);
}
