/* SPDX-License-Identifier: Apache-2.0
 * Kubernetes objects stored as JSON (custom resources): named first, then the whole object. */
#include <string.h>

#include "base/json.h"
#include "value/value.h"

bool value_k8s_json(const char *data, size_t len, const char **title, struct buf *lines);
extern bool value_json(const char *data, size_t len, const char **title, struct buf *lines);

static void
add_names(struct buf *lines, struct json_object *object, struct json_object *metadata)
{
	struct buf line = BUF_INIT(4096);
	const char *space = json_str(metadata, "namespace", NULL);

	buf_printf(&line, "%s (%s)   %s%s%s", json_str(object, "kind", ""),
	    json_str(object, "apiVersion", ""), space ? space : "", space ? "/" : "",
	    json_str(metadata, "name", ""));
	value_line(lines, buf_str(&line), line.len);
	buf_release(&line);
}

static void
add_labels(struct buf *lines, struct json_object *metadata)
{
	struct json_object *labels = json_get(metadata, "labels");
	struct buf line = BUF_INIT(4096);

	if (!json_object_is_type(labels, json_type_object) || !json_object_object_length(labels))
		return;
	json_object_object_foreach(labels, name, value) {
		buf_printf(&line, "%s%s=%s", line.len ? " " : "", name, json_object_get_string(value));
	}
	value_field(lines, "labels", buf_str(&line), line.len);
	buf_release(&line);
}

static void
add_text(struct buf *lines, const char *name, struct json_object *object, const char *member)
{
	const char *text = json_str(object, member, NULL);

	if (text)
		value_field(lines, name, text, strlen(text));
}

bool
value_k8s_json(const char *data, size_t len, const char **title, struct buf *lines)
{
	struct json_object *object, *metadata;
	bool known;

	if (len == 0 || data[0] != '{')
		return false;
	object = json_parse(data, len, "value", NULL);
	metadata = json_get(object, "metadata");
	known = json_str(object, "kind", NULL) && json_str(object, "apiVersion", NULL) &&
	    json_str(metadata, "name", NULL);
	if (known) {
		add_names(lines, object, metadata);
		add_labels(lines, metadata);
		add_text(lines, "created", metadata, "creationTimestamp");
		add_text(lines, "node", json_get(object, "spec"), "nodeName");
		add_text(lines, "phase", json_get(object, "status"), "phase");
		known = value_json(data, len, title, lines);
		*title = "Kubernetes JSON, as fields";
	}
	json_object_put(object);
	return known;
}
