// SPDX-License-Identifier: GPL-2.0
/*
 * Fields of an object in JSON or YAML.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "field.h"

#define PATH_SIZE	256

struct k8snet_field k8snet_field_object(struct k8snet_reader *reader, struct json_object *object)
{
	return (struct k8snet_field){ .reader = reader, .value = object };
}

/* "spec.ports[0].port"; returns how long it is. */
static size_t print_path(const struct k8snet_field *field, char *buf, size_t size)
{
	size_t used = 0;

	if (!field->parent)
		return 0;
	used = print_path(field->parent, buf, size);
	if (used >= size - 1)
		return used;
	if (field->key)
		used += snprintf(buf + used, size - used, "%s%s", used ? "." : "", field->key);
	else
		used += snprintf(buf + used, size - used, "[%zu]", field->index);
	return used < size ? used : size - 1;
}

void k8snet_field_problem(const struct k8snet_field *field, const char *format, ...)
{
	struct k8snet_reader *reader = field->reader;
	char path[PATH_SIZE] = "", text[512];
	va_list args;

	print_path(field, path, sizeof(path));
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	k8snet_problems_add(reader->problems, &reader->origin, "%s%s%s%s%s", reader->subject,
			    *reader->subject ? ": " : "", path, *path ? ": " : "", text);
}

bool k8snet_field_is_object(const struct k8snet_field *field)
{
	if (json_object_is_type(field->value, json_type_object))
		return true;
	k8snet_field_problem(field, "is not an object");
	return false;
}

/* A field of what is no object is absent. */
struct k8snet_field k8snet_field_get(const struct k8snet_field *parent, const char *key)
{
	struct k8snet_field field = { parent->reader, parent, key, 0, NULL };

	if (parent->value && k8snet_field_is_object(parent))
		json_object_object_get_ex(parent->value, key, &field.value);
	return field;
}

/* Says which fields there are that none should be. */
void k8snet_field_only(const struct k8snet_field *field, const char *const *keys)
{
	struct json_object_iterator it, end;

	if (!field->value || !k8snet_field_is_object(field))
		return;
	it = json_object_iter_begin(field->value);
	end = json_object_iter_end(field->value);
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		const char *name = json_object_iter_peek_name(&it);
		const char *const *key = keys;

		while (*key && strcmp(*key, name))
			key++;
		if (!*key)
			k8snet_field_problem(field, "there is no field \"%.64s\"", name);
	}
}

/* How many elements; none of what is no array. */
size_t k8snet_field_count(const struct k8snet_field *field)
{
	if (!field->value)
		return 0;
	if (!json_object_is_type(field->value, json_type_array)) {
		k8snet_field_problem(field, "is not a list");
		return 0;
	}
	return json_object_array_length(field->value);
}

struct k8snet_field k8snet_field_at(const struct k8snet_field *parent, size_t index)
{
	return (struct k8snet_field){
		.reader = parent->reader,
		.parent = parent,
		.index = index,
		.value = json_object_array_get_idx(parent->value, index),
	};
}

/* As the object has it, with the length that it must not hide. */
static const char *peek(const struct k8snet_field *field)
{
	const char *text;

	if (!field->value)
		return NULL;
	if (!json_object_is_type(field->value, json_type_string)) {
		k8snet_field_problem(field, "is not a string");
		return NULL;
	}
	text = json_object_get_string(field->value);
	if (strlen(text) != (size_t)json_object_get_string_len(field->value)) {
		k8snet_field_problem(field, "has a zero byte in it");
		return NULL;
	}
	return text;
}

const char *k8snet_field_string(const struct k8snet_field *field)
{
	const char *text = peek(field), *copy;

	if (!text)
		return NULL;
	copy = k8snet_arena_strdup(field->reader->arena, text);
	if (!copy)
		field->reader->problems->failed = ENOMEM;
	return copy;
}

bool k8snet_field_bool(const struct k8snet_field *field, bool otherwise)
{
	if (!field->value)
		return otherwise;
	if (!json_object_is_type(field->value, json_type_boolean)) {
		k8snet_field_problem(field, "is neither true nor false");
		return otherwise;
	}
	return json_object_get_boolean(field->value);
}

uint32_t k8snet_field_number(const struct k8snet_field *field, uint32_t min, uint32_t max,
			     uint32_t otherwise)
{
	int64_t number;

	if (!field->value)
		return otherwise;
	if (json_object_is_type(field->value, json_type_object) ||
	    json_object_is_type(field->value, json_type_array)) {
		k8snet_field_problem(field, "is not a number");
		return otherwise;
	}
	/* What does not fit into 64 bits comes as the nearest that does. */
	if (json_object_is_type(field->value, json_type_int)) {
		number = json_object_get_int64(field->value);
		if (number >= min && number <= max)
			return number;
	}
	k8snet_field_problem(field, "%.64s is not a number from %u to %u",
			     json_object_to_json_string_ext(field->value, JSON_C_TO_STRING_PLAIN),
			     min, max);
	return otherwise;
}

unsigned int k8snet_field_choice(const struct k8snet_field *field, const char *const *words,
				 unsigned int otherwise)
{
	const char *text = peek(field);
	char known[128] = "";
	size_t used = 0;

	if (!text)
		return otherwise;
	for (unsigned int i = 0; words[i]; i++) {
		if (!strcmp(words[i], text))
			return i;
		if (used < sizeof(known))
			used += snprintf(known + used, sizeof(known) - used, "%s%s",
					 i ? ", " : "", words[i]);
	}
	k8snet_field_problem(field, "\"%.64s\" is not one of: %s", text, known);
	return otherwise;
}
