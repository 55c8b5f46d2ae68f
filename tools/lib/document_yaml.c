// SPDX-License-Identifier: GPL-2.0
/*
 * Objects out of YAML text, of several documents.
 *
 * Plain scalars are what Kubernetes' own reader takes them for, which is that
 * of YAML 1.1: "yes", "on" and "no", "off" are booleans, 0x10 and 010 numbers.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>
#include <yaml.h>

#include "arena.h"
#include "array.h"
#include "document.h"

/* Nesting of collections, as with JSON. */
#define DEPTH_MAX	256

struct anchor {
	const char *name;
	struct json_object *value;
};

/* Where the elements of the lists in the outermost mapping stand. */
struct lines {
	const char *list;
	size_t *line;
	size_t count;
	struct lines *next;
};

struct parser {
	const struct k8snet_document *document;
	yaml_parser_t yaml;
	struct k8snet_arena arena;

	/* Of the document at hand: */
	struct anchor *anchor;
	size_t anchor_count;
	struct lines *lines;
	size_t start;
};

static bool problem_at(struct parser *parser, size_t line, const char *text)
{
	struct k8snet_origin origin = { parser->document->file, line, NULL, K8SNET_NO_INDEX };

	k8snet_problems_add(parser->document->problems, &origin, "%s", text);
	return false;
}

static bool no_memory(struct parser *parser)
{
	parser->document->problems->failed = ENOMEM;
	return false;
}

static size_t line_of(const yaml_event_t *event)
{
	return event->start_mark.line + 1;
}

/* The next event is the caller's to delete. */
static bool next(struct parser *parser, yaml_event_t *event)
{
	yaml_parser_t *yaml = &parser->yaml;

	if (yaml_parser_parse(yaml, event))
		return true;
	if (yaml->error == YAML_MEMORY_ERROR)
		return no_memory(parser);
	return problem_at(parser, yaml->problem_mark.line + 1,
			  yaml->problem ? yaml->problem : "this is not YAML");
}

struct word {
	const char *text;
	enum json_type type;
	bool value;
};

static const struct word words[] = {
	{ "", json_type_null, false },
	{ "~", json_type_null, false },
	{ "null", json_type_null, false },
	{ "true", json_type_boolean, true },
	{ "yes", json_type_boolean, true },
	{ "on", json_type_boolean, true },
	{ "false", json_type_boolean, false },
	{ "no", json_type_boolean, false },
	{ "off", json_type_boolean, false },
};

/* "word", "Word" or "WORD" */
static bool is_word(const char *text, const char *word)
{
	bool lower = false, upper = false;

	if (strcasecmp(text, word))
		return false;
	for (const char *p = *text ? text + 1 : text; *p; p++) {
		lower |= *p >= 'a' && *p <= 'z';
		upper |= *p >= 'A' && *p <= 'Z';
	}
	return !upper || (!lower && *text >= 'A' && *text <= 'Z');
}

static bool find_word(const char *text, struct json_object **value)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!is_word(text, words[i].text))
			continue;
		*value = words[i].type == json_type_boolean ?
			 json_object_new_boolean(words[i].value) : NULL;
		return true;
	}
	return false;
}

/* A number, or NULL; one that has no int64_t is as good as any that is too large. */
static struct json_object *find_number(const char *text)
{
	const char *digits = text + (*text == '-' || *text == '+');
	long long whole;
	double real;
	char *end;

	if ((*digits < '0' || *digits > '9') && *digits != '.')
		return NULL;
	whole = strtoll(text, &end, 0);
	if (!*end)
		return json_object_new_int64(whole);
	real = strtod(text, &end);
	if (end == text || *end || strpbrk(digits, "xXpP"))
		return NULL;
	return json_object_new_double(real);
}

static bool build_scalar(struct parser *parser, const yaml_event_t *event,
			 struct json_object **value)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;
	const char *tag = (const char *)event->data.scalar.tag;
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

	if (tag && strcmp(tag, YAML_STR_TAG))
		return problem_at(parser, line_of(event), "tags but !!str are not known here");
	if (!tag && plain) {
		if (find_word(text, value))
			return true;
		*value = find_number(text);
		if (*value)
			return true;
	}
	if (length > INT_MAX)
		return problem_at(parser, line_of(event), "this text is too long");
	*value = json_object_new_string_len(text, length);
	return *value || no_memory(parser);
}

static bool add_anchor(struct parser *parser, const yaml_char_t *name, struct json_object *value)
{
	struct anchor *bigger;

	if (!name)
		return true;
	bigger = k8snet_arena_grow(&parser->arena, parser->anchor, parser->anchor_count,
				   sizeof(*bigger));
	if (!bigger)
		return no_memory(parser);
	parser->anchor = bigger;
	bigger += parser->anchor_count;
	bigger->name = k8snet_arena_strdup(&parser->arena, (const char *)name);
	if (!bigger->name)
		return no_memory(parser);
	bigger->value = json_object_get(value);
	parser->anchor_count++;
	return true;
}

/* A name can be given again; the last one counts. */
static bool build_alias(struct parser *parser, const yaml_event_t *event,
			struct json_object **value)
{
	const char *name = (const char *)event->data.alias.anchor;

	for (size_t i = parser->anchor_count; i-- > 0;) {
		if (strcmp(parser->anchor[i].name, name))
			continue;
		*value = json_object_get(parser->anchor[i].value);
		return true;
	}
	return problem_at(parser, line_of(event), "this alias names nothing before it");
}

static bool build(struct parser *parser, const yaml_event_t *event, unsigned int depth,
		  struct lines *lines, struct json_object **value);

static bool add_line(struct parser *parser, struct lines *lines, size_t line)
{
	size_t *bigger;

	if (!lines)
		return true;
	bigger = k8snet_arena_grow(&parser->arena, lines->line, lines->count, sizeof(*bigger));
	if (!bigger)
		return no_memory(parser);
	lines->line = bigger;
	lines->line[lines->count++] = line;
	return true;
}

static bool build_sequence(struct parser *parser, unsigned int depth, struct lines *lines,
			   struct json_object *array)
{
	struct json_object *element;
	yaml_event_t event;
	bool good;

	for (;;) {
		if (!next(parser, &event))
			return false;
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return true;
		}
		element = NULL;
		good = add_line(parser, lines, line_of(&event)) &&
		       build(parser, &event, depth, NULL, &element);
		yaml_event_delete(&event);
		if (!good || json_object_array_add(array, element)) {
			json_object_put(element);
			return good ? no_memory(parser) : false;
		}
	}
}

/* The lists of the outermost mapping are those whose lines are kept. */
static struct lines *keep_lines(struct parser *parser, const char *list)
{
	struct lines *lines = k8snet_arena_alloc(&parser->arena, sizeof(*lines));

	if (!lines)
		return NULL;
	lines->list = k8snet_arena_strdup(&parser->arena, list);
	lines->next = parser->lines;
	parser->lines = lines;
	return lines->list ? lines : NULL;
}

static bool check_key(struct parser *parser, const yaml_event_t *event, struct json_object *mapping)
{
	const char *key = (const char *)event->data.scalar.value;

	if (event->type != YAML_SCALAR_EVENT)
		return problem_at(parser, line_of(event), "the name of a field must be text");
	if (strlen(key) != event->data.scalar.length)
		return problem_at(parser, line_of(event), "a name has a zero byte in it");
	if (!strcmp(key, "<<"))
		return problem_at(parser, line_of(event), "merge keys (<<) are not known here");
	if (json_object_object_get_ex(mapping, key, NULL))
		return problem_at(parser, line_of(event), "this field is there twice");
	return true;
}

/* One field, whose name is the event. */
static bool build_field(struct parser *parser, const yaml_event_t *name, unsigned int depth,
			struct json_object *mapping)
{
	struct json_object *value = NULL;
	struct lines *lines = NULL;
	yaml_event_t event;
	const char *key;
	bool good;

	if (!check_key(parser, name, mapping))
		return false;
	key = (const char *)name->data.scalar.value;
	if (depth == 1) {
		lines = keep_lines(parser, key);
		if (!lines)
			return no_memory(parser);
	}
	if (!next(parser, &event))
		return false;
	good = build(parser, &event, depth, lines, &value);
	yaml_event_delete(&event);
	if (!good || json_object_object_add(mapping, key, value)) {
		json_object_put(value);
		return good ? no_memory(parser) : false;
	}
	return true;
}

static bool build_mapping(struct parser *parser, unsigned int depth, struct json_object *mapping)
{
	yaml_event_t event;
	bool good;

	for (;;) {
		if (!next(parser, &event))
			return false;
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return true;
		}
		good = build_field(parser, &event, depth, mapping);
		yaml_event_delete(&event);
		if (!good)
			return false;
	}
}

/*
 * Makes a tree of the node that begins with this event. depth is that of its
 * parent, 0 for the outermost. On failure, which is noted, value may be set.
 */
static bool build(struct parser *parser, const yaml_event_t *event, unsigned int depth,
		  struct lines *lines, struct json_object **value)
{
	if (depth >= DEPTH_MAX)
		return problem_at(parser, line_of(event), "this is nested too deeply");
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return build_scalar(parser, event, value) &&
		       add_anchor(parser, event->data.scalar.anchor, *value);
	case YAML_ALIAS_EVENT:
		return build_alias(parser, event, value);
	case YAML_SEQUENCE_START_EVENT:
		*value = json_object_new_array();
		if (!*value)
			return no_memory(parser);
		return build_sequence(parser, depth + 1, lines, *value) &&
		       add_anchor(parser, event->data.sequence_start.anchor, *value);
	case YAML_MAPPING_START_EVENT:
		*value = json_object_new_object();
		if (!*value)
			return no_memory(parser);
		return build_mapping(parser, depth + 1, *value) &&
		       add_anchor(parser, event->data.mapping_start.anchor, *value);
	default:
		return problem_at(parser, line_of(event), "this is not YAML");
	}
}

static size_t element_line(const struct parser *parser, const char *list, size_t index)
{
	for (const struct lines *lines = parser->lines; lines; lines = lines->next)
		if (!strcmp(lines->list, list))
			return index < lines->count ? lines->line[index] : parser->start;
	return parser->start;
}

static void take(struct parser *parser, struct k8snet_item *item, struct json_object *object,
		 const char *list, size_t index)
{
	const struct k8snet_document *document = parser->document;

	item->object = object;
	item->origin = (struct k8snet_origin){ document->file, parser->start, list, index };
	if (list)
		item->origin.line = element_line(parser, list, index);
	document->take(item, document->arg);
}

/* Hands out the elements of a list or section. */
static void take_list(struct parser *parser, struct k8snet_item *item, const char *list,
		      struct json_object *array)
{
	take(parser, item, NULL, NULL, K8SNET_NO_INDEX);
	if (!array)
		return;
	if (!json_object_is_type(array, json_type_array)) {
		k8snet_problems_add(parser->document->problems, &item->origin,
				    "\"%s\" is not a list", list);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *element = json_object_array_get_idx(array, i);

		if (element)
			take(parser, item, element, list, i);
		else
			problem_at(parser, element_line(parser, list, i), "null is not an object");
	}
}

static const char *string_of(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

static void take_object(struct parser *parser, struct json_object *object)
{
	struct k8snet_item item = {
		.list_kind = string_of(object, "kind"),
		.list_version = string_of(object, "apiVersion"),
	};
	struct json_object *items;

	if (item.list_kind && json_object_object_get_ex(object, "items", &items)) {
		take_list(parser, &item, "items", items);
		return;
	}
	if (item.list_kind || item.list_version) {
		item = (struct k8snet_item){ 0 };
		take(parser, &item, object, NULL, K8SNET_NO_INDEX);
		return;
	}
	json_object_object_foreach(object, key, value) {
		const char *section = k8snet_document_section(key);

		item.section = key;
		if (section)
			take_list(parser, &item, section, value);
		else
			take(parser, &item, value, NULL, K8SNET_NO_INDEX);
	}
}

/* Between one "---" and the next; empty ones mean nothing. */
static bool read_document(struct parser *parser)
{
	struct json_object *object = NULL;
	yaml_event_t event;
	bool good;

	if (!next(parser, &event))
		return false;
	parser->start = line_of(&event);
	good = build(parser, &event, 0, NULL, &object);
	yaml_event_delete(&event);
	if (good && json_object_is_type(object, json_type_object))
		take_object(parser, object);
	else if (good && object)
		good = problem_at(parser, parser->start, "this is not an object");
	json_object_put(object);
	for (size_t i = 0; i < parser->anchor_count; i++)
		json_object_put(parser->anchor[i].value);
	parser->anchor_count = 0;
	parser->anchor = NULL;
	parser->lines = NULL;
	k8snet_arena_free(&parser->arena);
	return good;
}

void k8snet_document_read_yaml(const struct k8snet_document *document)
{
	struct parser parser = { .document = document };
	bool good = true, end = false;
	yaml_event_t event;

	if (!yaml_parser_initialize(&parser.yaml)) {
		document->problems->failed = ENOMEM;
		return;
	}
	yaml_parser_set_input_string(&parser.yaml, (const unsigned char *)document->text,
				     document->length);
	while (good && !end && next(&parser, &event)) {
		yaml_event_type_t type = event.type;

		yaml_event_delete(&event);
		end = type == YAML_STREAM_END_EVENT;
		if (type == YAML_DOCUMENT_START_EVENT)
			good = read_document(&parser);
	}
	yaml_parser_delete(&parser.yaml);
	k8snet_arena_free(&parser.arena);
}
