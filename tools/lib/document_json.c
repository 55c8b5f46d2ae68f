// SPDX-License-Identifier: GPL-2.0
/*
 * Objects out of JSON text.
 *
 * A cluster's list can be hundreds of megabytes, and a tree of it several times
 * that. So the members of the outermost object are found first, and of a list
 * (or a section of our own format) one element after the other becomes a tree.
 * Where a list has its "kind" behind its "items", that is known by then.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "arena.h"
#include "document.h"

/* Nesting of objects, as deep as the API server takes it and more. */
#define DEPTH_MAX	256

struct member {
	char *key;
	size_t start;		/* of the value */
	size_t end;
};

struct parser {
	const struct k8snet_document *document;
	struct json_tokener *tokener;
	struct k8snet_arena arena;
	size_t position;

	/* Lines are counted onward from here. */
	size_t counted;
	size_t line;

	/* The outermost object. */
	size_t start;
	struct member *member;
	size_t count;
	char *kind;
	char *version;
};

static size_t line_of(struct parser *parser, size_t position)
{
	const char *text = parser->document->text;

	if (position < parser->counted) {
		parser->counted = 0;
		parser->line = 1;
	}
	for (; parser->counted < position; parser->counted++)
		parser->line += text[parser->counted] == '\n';
	return parser->line;
}

static struct k8snet_origin origin_of(struct parser *parser, size_t position, const char *list,
				      size_t index)
{
	return (struct k8snet_origin){ parser->document->file, line_of(parser, position), list,
				       index };
}

static void problem(struct parser *parser, size_t position, const char *text)
{
	struct k8snet_origin origin = origin_of(parser, position, NULL, K8SNET_NO_INDEX);

	k8snet_problems_add(parser->document->problems, &origin, "%s", text);
}

static void skip_space(struct parser *parser)
{
	const struct k8snet_document *document = parser->document;

	while (parser->position < document->length &&
	       memchr(" \t\r\n", document->text[parser->position], 4))
		parser->position++;
}

/* The next character that is no space, or 0 at the end. */
static char next(struct parser *parser)
{
	skip_space(parser);
	if (parser->position == parser->document->length)
		return 0;
	return parser->document->text[parser->position];
}

/* Makes a tree of the value here. NULL is both null and failure, which is noted. */
static struct json_object *parse_value(struct parser *parser, bool *failed)
{
	const struct k8snet_document *document = parser->document;
	size_t left = document->length - parser->position;
	enum json_tokener_error error;
	struct json_object *value;

	json_tokener_reset(parser->tokener);
	value = json_tokener_parse_ex(parser->tokener, document->text + parser->position,
				      left < INT_MAX ? left : INT_MAX);
	error = json_tokener_get_error(parser->tokener);
	parser->position += json_tokener_get_parse_end(parser->tokener);
	*failed = error != json_tokener_success;
	if (error == json_tokener_continue)
		problem(parser, parser->position, "the text ends within a value");
	else if (*failed)
		problem(parser, parser->position, json_tokener_error_desc(error));
	return value;
}

/* Steps over the string that begins here. */
static bool skip_string(struct parser *parser)
{
	const struct k8snet_document *document = parser->document;

	for (parser->position++; parser->position < document->length; parser->position++) {
		char c = document->text[parser->position];

		if (c == '\\')
			parser->position++;
		if (c != '"')
			continue;
		parser->position++;
		return true;
	}
	parser->position = document->length;
	return false;
}

/*
 * Steps over the value that begins here, which need not be right: it will be
 * parsed, and must end in the same place then.
 */
static bool skip_value(struct parser *parser)
{
	const struct k8snet_document *document = parser->document;
	size_t depth = 0;

	while (parser->position < document->length) {
		char c = document->text[parser->position];

		if (!depth && memchr(",}]", c, 3))
			return true;
		if (c == '"') {
			if (!skip_string(parser))
				return false;
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		parser->position++;
	}
	return false;
}

static char *parse_string(struct parser *parser)
{
	struct json_object *value;
	char *copy = NULL;
	bool failed;

	if (next(parser) != '"') {
		problem(parser, parser->position, "a name in double quotes is missing");
		return NULL;
	}
	value = parse_value(parser, &failed);
	if (failed)
		return NULL;
	copy = k8snet_arena_strdup(&parser->arena, json_object_get_string(value));
	if (!copy)
		parser->document->problems->failed = ENOMEM;
	json_object_put(value);
	return copy;
}

static bool add_member(struct parser *parser, const struct member *member)
{
	struct member *bigger;

	bigger = k8snet_arena_grow(&parser->arena, parser->member, parser->count, sizeof(*bigger));
	if (!bigger) {
		parser->document->problems->failed = ENOMEM;
		return false;
	}
	parser->member = bigger;
	parser->member[parser->count++] = *member;
	return true;
}

static bool scan_member(struct parser *parser)
{
	struct member member = { .key = parse_string(parser) };

	if (!member.key)
		return false;
	if (next(parser) != ':') {
		problem(parser, parser->position, "a colon is missing");
		return false;
	}
	parser->position++;
	skip_space(parser);
	member.start = parser->position;
	if (!skip_value(parser)) {
		problem(parser, member.start, "the text ends within the value that begins here");
		return false;
	}
	member.end = parser->position;
	return add_member(parser, &member);
}

/* Finds the members of the object that begins here. */
static bool scan_object(struct parser *parser)
{
	parser->start = parser->position;
	parser->member = NULL;
	parser->count = 0;
	parser->kind = NULL;
	parser->version = NULL;
	parser->position++;
	if (next(parser) == '}') {
		parser->position++;
		return true;
	}
	for (;;) {
		char c;

		if (!scan_member(parser))
			return false;
		c = next(parser);
		if (c != ',' && c != '}') {
			problem(parser, parser->position, "a comma or brace is missing");
			return false;
		}
		parser->position++;
		if (c == '}')
			return true;
	}
}

/* Whether the value that was parsed is all that there is of the member. */
static bool at_end(struct parser *parser, const struct member *member)
{
	skip_space(parser);
	if (parser->position == member->end)
		return true;
	problem(parser, parser->position, "a comma or bracket is missing");
	return false;
}

/* One element, or all of a section that is no array. */
static bool take_element(struct parser *parser, struct k8snet_item *item, const char *list,
			 size_t index)
{
	size_t start = parser->position;
	bool failed;

	item->object = parse_value(parser, &failed);
	if (failed)
		return false;
	item->origin = origin_of(parser, start, list, index);
	if (item->object)
		parser->document->take(item, parser->document->arg);
	else
		problem(parser, start, "null is not an object");
	json_object_put(item->object);
	item->object = NULL;
	return true;
}

/* Hands out the elements of an array. */
static bool take_array(struct parser *parser, const struct member *member,
		       struct k8snet_item *item, const char *list)
{
	parser->position++;
	if (next(parser) == ']') {
		parser->position++;
		return at_end(parser, member);
	}
	for (size_t i = 0;; i++) {
		char c;

		skip_space(parser);
		if (!take_element(parser, item, list, i))
			return false;
		c = next(parser);
		if (c != ',' && c != ']') {
			problem(parser, parser->position, "a comma or bracket is missing");
			return false;
		}
		parser->position++;
		if (c == ']')
			return at_end(parser, member);
	}
}

/* What is no list still has to be right. */
static bool check_member(struct parser *parser, const struct member *member)
{
	bool failed;

	parser->position = member->start;
	json_object_put(parse_value(parser, &failed));
	return !failed && at_end(parser, member);
}

static bool is_null(const struct parser *parser, const struct member *member)
{
	return member->end - member->start >= 4 &&
	       !memcmp(parser->document->text + member->start, "null", 4);
}

/* list is its name, which can be kept. */
static bool take_list(struct parser *parser, const struct member *member, struct k8snet_item *item,
		      const char *list)
{
	item->origin = origin_of(parser, member->start, NULL, K8SNET_NO_INDEX);
	parser->document->take(item, parser->document->arg);
	parser->position = member->start;
	/* An empty list of the API can be null. */
	if (parser->document->text[member->start] == '[')
		return take_array(parser, member, item, list);
	if (is_null(parser, member))
		return check_member(parser, member);
	problem(parser, member->start, "a list in square brackets is missing");
	return false;
}

static const char *list_name(const struct parser *parser, const struct member *member)
{
	if (!parser->kind)
		return k8snet_document_section(member->key);
	return strcmp(member->key, "items") ? NULL : "items";
}

static bool take_member(struct parser *parser, const struct member *member)
{
	struct k8snet_item item = { .list_kind = parser->kind, .list_version = parser->version };
	const char *list = list_name(parser, member);

	if (!parser->kind)
		item.section = member->key;
	if (list)
		return take_list(parser, member, &item, list);
	if (parser->kind)
		return check_member(parser, member);
	parser->position = member->start;
	return take_element(parser, &item, NULL, K8SNET_NO_INDEX) && at_end(parser, member);
}

static bool take_members(struct parser *parser)
{
	for (size_t i = 0; i < parser->count; i++)
		if (!take_member(parser, &parser->member[i]))
			return false;
	return true;
}

/* An object that is itself one of Kubernetes'. */
static bool take_whole(struct parser *parser)
{
	struct k8snet_item item = { 0 };

	parser->position = parser->start;
	return take_element(parser, &item, NULL, K8SNET_NO_INDEX);
}

static char *member_string(struct parser *parser, const char *key)
{
	for (size_t i = 0; i < parser->count; i++) {
		if (strcmp(parser->member[i].key, key))
			continue;
		parser->position = parser->member[i].start;
		if (next(parser) == '"')
			return parse_string(parser);
	}
	return NULL;
}

static bool has_member(const struct parser *parser, const char *key)
{
	for (size_t i = 0; i < parser->count; i++)
		if (!strcmp(parser->member[i].key, key))
			return true;
	return false;
}

static bool take_object(struct parser *parser)
{
	size_t end;
	bool good;

	if (!scan_object(parser))
		return false;
	end = parser->position;
	parser->kind = member_string(parser, "kind");
	parser->version = member_string(parser, "apiVersion");
	if (parser->kind ? has_member(parser, "items") : !has_member(parser, "apiVersion"))
		good = take_members(parser);
	else
		good = take_whole(parser);
	parser->position = end;
	return good;
}

/* One object after the other, with or without spaces between them. */
void k8snet_document_read_json(const struct k8snet_document *document)
{
	struct parser parser = { .document = document, .line = 1 };

	parser.tokener = json_tokener_new_ex(DEPTH_MAX);
	if (!parser.tokener) {
		document->problems->failed = ENOMEM;
		return;
	}
	json_tokener_set_flags(parser.tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8 |
					       JSON_TOKENER_ALLOW_TRAILING_CHARS);
	while (next(&parser)) {
		if (next(&parser) != '{') {
			problem(&parser, parser.position, "an object in braces is missing");
			break;
		}
		if (!take_object(&parser))
			break;
	}
	json_tokener_free(parser.tokener);
	k8snet_arena_free(&parser.arena);
}
