/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster/demo_values.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_MAX = 1 << 16 };

static void
put_varint(struct buf *out, uint64_t value)
{
	while (value >= 0x80) {
		buf_add_byte(out, (int)(value & 0x7f) | 0x80);
		value >>= 7;
	}
	buf_add_byte(out, (int)value);
}

static void
put_int(struct buf *out, unsigned field, uint64_t value)
{
	put_varint(out, field << 3);
	put_varint(out, value);
}

static void
put_bytes(struct buf *out, unsigned field, const void *data, size_t len)
{
	put_varint(out, field << 3 | 2);
	put_varint(out, len);
	buf_add(out, data, len);
}

static void
put_str(struct buf *out, unsigned field, const char *text)
{
	put_bytes(out, field, text, strlen(text));
}

/* Appends `inner` as a message and empties it. */
static void
put_message(struct buf *out, unsigned field, struct buf *inner)
{
	put_bytes(out, field, buf_str(inner), inner->len);
	buf_release(inner);
}

static void
put_label(struct buf *metadata, const char *name, const char *value)
{
	struct buf entry = BUF_INIT(MESSAGE_MAX);

	put_str(&entry, 1, name);
	put_str(&entry, 2, value);
	put_message(metadata, 11, &entry);
}

static void
put_metadata(struct buf *out, const struct demo_object *object)
{
	struct buf metadata = BUF_INIT(MESSAGE_MAX), time = BUF_INIT(MESSAGE_MAX);
	char uid[40];

	snprintf(uid, sizeof uid, "7c0ffee0-%04x-4d3a-8e1f-%012x", object->number & 0xffff,
	    object->number);
	put_str(&metadata, 1, object->name);
	if (object->space)
		put_str(&metadata, 3, object->space);
	put_str(&metadata, 5, uid);
	put_int(&time, 1, 1767225600u + (unsigned)object->number * 3600u);
	put_message(&metadata, 8, &time);
	if (object->app) {
		put_label(&metadata, "app", object->app);
		put_label(&metadata, "tier", object->number % 2 ? "backend" : "frontend");
	}
	put_message(out, 1, &metadata);
}

static void
put_envelope(struct buf *out, const struct demo_object *object, struct buf *raw)
{
	struct buf type = BUF_INIT(MESSAGE_MAX);

	buf_add(out, "k8s", 4);
	put_str(&type, 1, object->api_version);
	put_str(&type, 2, object->kind);
	put_message(out, 1, &type);
	put_message(out, 2, raw);
	put_str(out, 3, "");
	put_str(out, 4, "");
}

void
demo_object(struct buf *out, const struct demo_object *object)
{
	struct buf raw = BUF_INIT(MESSAGE_MAX);

	put_metadata(&raw, object);
	put_envelope(out, object, &raw);
}

static void
put_pod_spec(struct buf *raw, const struct demo_object *object)
{
	struct buf spec = BUF_INIT(MESSAGE_MAX), container = BUF_INIT(MESSAGE_MAX);
	char image[100], node[32];

	snprintf(image, sizeof image, "registry.example.com/shop/%s:1.%d.0", object->app,
	    object->number % 7);
	snprintf(node, sizeof node, "node-%02d", object->number % 12);
	put_str(&container, 1, object->app);
	put_str(&container, 2, image);
	put_str(&container, 4, "--listen=:8443");
	put_str(&container, 4, "--log-format=json");
	put_message(&spec, 2, &container);
	put_str(&spec, 3, "Always");
	put_str(&spec, 8, "default");
	put_str(&spec, 10, node);
	put_message(raw, 2, &spec);
}

static void
put_pod_status(struct buf *raw, const struct demo_object *object)
{
	struct buf status = BUF_INIT(MESSAGE_MAX), container = BUF_INIT(MESSAGE_MAX);
	char ip[32];

	snprintf(ip, sizeof ip, "10.244.%d.%d", object->number / 200 % 200, object->number % 200 + 2);
	put_str(&status, 1, object->number % 41 == 40 ? "Pending" : "Running");
	put_str(&status, 6, ip);
	put_str(&container, 1, object->app);
	put_int(&container, 4, 1);
	put_int(&container, 5, (unsigned)object->number % 5);
	put_message(&status, 8, &container);
	put_message(raw, 3, &status);
}

void
demo_pod(struct buf *out, const struct demo_object *object)
{
	struct buf raw = BUF_INIT(MESSAGE_MAX);

	put_metadata(&raw, object);
	put_pod_spec(&raw, object);
	put_pod_status(&raw, object);
	put_envelope(out, object, &raw);
}
