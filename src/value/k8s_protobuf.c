/* SPDX-License-Identifier: Apache-2.0
 * Kubernetes built-in kinds: "k8s" and 0, then runtime.Unknown {1 typeMeta {1 apiVersion, 2 kind},
 * 2 raw}; raw is the object, whose field 1 is its ObjectMeta {1 name, 3 namespace, 8 creation time,
 * 11 labels} for every kind. A pod's container, node and phase are shown too (k8s.io/api v1). */
#include <string.h>

#include "base/clock.h"
#include "value/protobuf.h"
#include "value/value.h"

enum { MARK = 4, LINE = 4096 };

bool value_k8s_protobuf(const char *data, size_t len, const char **title, struct buf *lines);

/* A string field of a message: "" where it is not there. */
static struct pb_field
text_of(const struct pb_field *message, unsigned number)
{
	struct pb_field field;

	if (pb_find(message->data, message->len, number, &field))
		return field;
	return (struct pb_field){ .data = "" };
}

static void
add(struct buf *line, const struct pb_field *text)
{
	buf_add(line, text->data, text->len < LINE / 4 ? text->len : LINE / 4);
}

static void
add_names(struct buf *lines, const struct pb_field *type, const struct pb_field *meta)
{
	struct pb_field kind = text_of(type, 2), version = text_of(type, 1), name = text_of(meta, 1);
	struct pb_field space = text_of(meta, 3);
	struct buf line = BUF_INIT(LINE);

	add(&line, &kind);
	buf_add_str(&line, " (");
	add(&line, &version);
	buf_add_str(&line, ")   ");
	add(&line, &space);
	if (space.len)
		buf_add_byte(&line, '/');
	add(&line, &name);
	value_line(lines, buf_str(&line), line.len);
	buf_release(&line);
}

static void
add_labels(struct buf *lines, const struct pb_field *meta)
{
	struct pb pb = pb_of(meta->data, meta->len);
	struct buf line = BUF_INIT(LINE);
	struct pb_field entry;

	while (pb_next(&pb, &entry)) {
		struct pb_field name, value;

		if (entry.number != 11 || entry.wire != 2)
			continue;
		name = text_of(&entry, 1);
		value = text_of(&entry, 2);
		if (line.len)
			buf_add_byte(&line, ' ');
		add(&line, &name);
		buf_add_byte(&line, '=');
		add(&line, &value);
	}
	if (line.len)
		value_field(lines, "labels", buf_str(&line), line.len);
	buf_release(&line);
}

static void
add_created(struct buf *lines, const struct pb_field *meta)
{
	struct pb_field time = text_of(meta, 8), seconds;
	struct pb pb = pb_of(time.data, time.len);
	char text[CLOCK_RFC3339_SIZE];

	while (pb_next(&pb, &seconds))
		if (seconds.number == 1 && seconds.wire == 0 && seconds.value < 253402300800u) {
			clock_rfc3339((int64_t)seconds.value, text);
			value_field(lines, "created", text, strlen(text));
			return;
		}
}

static void
add_owner(struct buf *lines, const struct pb_field *meta)
{
	struct pb_field owner, kind, name;
	struct buf line = BUF_INIT(LINE);

	if (!pb_find(meta->data, meta->len, 13, &owner))
		return;
	kind = text_of(&owner, 1);
	name = text_of(&owner, 3);
	add(&line, &kind);
	buf_add_byte(&line, ' ');
	add(&line, &name);
	value_field(lines, "owner", buf_str(&line), line.len);
	buf_release(&line);
}

static uint64_t
restarts_of(const struct pb_field *status)
{
	struct pb pb = pb_of(status->data, status->len);
	struct pb_field container, field;
	uint64_t restarts = 0;

	while (pb_next(&pb, &container)) {
		struct pb inner = pb_of(container.data, container.len);

		if (container.number != 8 || container.wire != 2)
			continue;
		while (pb_next(&inner, &field))
			if (field.number == 5 && field.wire == 0)
				restarts += field.value & 0x7fffffff;
	}
	return restarts;
}

static void
add_container(struct buf *lines, const struct pb_field *container)
{
	struct pb_field name = text_of(container, 1), image = text_of(container, 2), argument;
	struct pb pb = pb_of(container->data, container->len);
	struct buf line = BUF_INIT(LINE);

	add(&line, &name);
	buf_add_fill(&line, ' ', line.len < 16 ? 17 - line.len : 1);
	add(&line, &image);
	value_field(lines, "container", buf_str(&line), line.len);
	while (pb_next(&pb, &argument))
		if ((argument.number == 3 || argument.number == 4) && argument.wire == 2)
			value_field(lines, "", argument.data, argument.len < LINE ? argument.len : LINE);
	buf_release(&line);
}

static void
add_pod(struct buf *lines, const struct pb_field *raw)
{
	struct pb_field spec = text_of(raw, 2), status = text_of(raw, 3), node = text_of(&spec, 10);
	struct pb_field phase = text_of(&status, 1), container;
	struct pb pb = pb_of(spec.data, spec.len);
	struct buf line = BUF_INIT(LINE);

	add(&line, &node);
	buf_add_fill(&line, ' ', line.len < 16 ? 17 - line.len : 1);
	buf_add_str(&line, "phase ");
	add(&line, &phase);
	buf_printf(&line, "        restarts %llu", (unsigned long long)restarts_of(&status));
	value_field(lines, "node", buf_str(&line), line.len);
	while (pb_next(&pb, &container))
		if (container.number == 2 && container.wire == 2)
			add_container(lines, &container);
	buf_release(&line);
}

bool
value_k8s_protobuf(const char *data, size_t len, const char **title, struct buf *lines)
{
	struct pb_field type, raw, meta, kind;

	if (len < MARK || memcmp(data, "k8s", MARK) != 0)
		return false;
	if (!pb_valid(data + MARK, len - MARK) || !pb_find(data + MARK, len - MARK, 1, &type) ||
	    !pb_find(data + MARK, len - MARK, 2, &raw))
		return false;
	meta = text_of(&raw, 1);
	add_names(lines, &type, &meta);
	add_labels(lines, &meta);
	add_created(lines, &meta);
	add_owner(lines, &meta);
	kind = text_of(&type, 2);
	if (kind.len == 3 && memcmp(kind.data, "Pod", 3) == 0)
		add_pod(lines, &raw);
	*title = "Kubernetes protobuf, as fields";
	return true;
}
