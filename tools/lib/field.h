/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fields of an object in JSON or YAML. Whatever is wrong with one is noted with
 * the way to it, and reading goes on.
 */
#ifndef K8SNET_FIELD_H
#define K8SNET_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "problem.h"

struct json_object;

/* Reads one object. Text that is taken from it lives in the arena. */
struct k8snet_reader {
	struct k8snet_origin origin;
	char subject[320];	/* what the object is: "Service default/web" */
	struct k8snet_problems *problems;
	struct k8snet_arena *arena;
};

/* parent must live as long as the field does. */
struct k8snet_field {
	struct k8snet_reader *reader;
	const struct k8snet_field *parent;
	const char *key;		/* NULL for an element, and for the object itself */
	size_t index;
	struct json_object *value;	/* NULL if it is absent or null */
};

struct k8snet_field k8snet_field_object(struct k8snet_reader *reader, struct json_object *object);
void k8snet_field_problem(const struct k8snet_field *field, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline bool k8snet_field_is_set(const struct k8snet_field *field)
{
	return field->value;
}

/* Says so if it is none. */
bool k8snet_field_is_object(const struct k8snet_field *field);

/* Of an object: a field, and whether all of its fields are among these (NULL ends them). */
struct k8snet_field k8snet_field_get(const struct k8snet_field *parent, const char *key);
void k8snet_field_only(const struct k8snet_field *field, const char *const *keys);

/* Of an array. */
size_t k8snet_field_count(const struct k8snet_field *field);
struct k8snet_field k8snet_field_at(const struct k8snet_field *parent, size_t index);

/* What is absent or wrong is the last argument; text is NULL. */
const char *k8snet_field_string(const struct k8snet_field *field);
bool k8snet_field_bool(const struct k8snet_field *field, bool otherwise);
uint32_t k8snet_field_number(const struct k8snet_field *field, uint32_t min, uint32_t max,
			     uint32_t otherwise);

/* One of several words, as its index; NULL ends them. */
unsigned int k8snet_field_choice(const struct k8snet_field *field, const char *const *words,
				 unsigned int otherwise);

#endif /* K8SNET_FIELD_H */
