/* SPDX-License-Identifier: Apache-2.0 */
#include "base/xml.h"

#include <stdbool.h>
#include <string.h>

#include <expat.h>

#include "base/buf.h"

enum { XML_MAX = 16 << 20, XML_DEPTH = 16, XML_TEXT_MAX = 64 << 10, XML_PATH_MAX = 1024 };

struct reader {
	XML_Parser parser;
	xml_element *element;
	void *context;
	struct buf path;
	struct buf text[XML_DEPTH];
	int depth;
	const char *refused;
};

static void
refuse(struct reader *reader, const char *why)
{
	if (!reader->refused)
		reader->refused = why;
	XML_StopParser(reader->parser, XML_FALSE);
}

static void XMLCALL
on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *reader = context;
	const char *colon = strchr(name, ':');

	(void)attributes;
	if (reader->depth == XML_DEPTH) {
		refuse(reader, "it is nested too deeply");
		return;
	}
	if (reader->depth)
		buf_add_byte(&reader->path, '/');
	if (!buf_add_str(&reader->path, colon ? colon + 1 : name)) {
		refuse(reader, "its names are too long");
		return;
	}
	buf_reset(&reader->text[reader->depth++]);
}

static void XMLCALL
on_end(void *context, const XML_Char *name)
{
	struct reader *reader = context;
	char *slash;

	(void)name;
	if (reader->refused)
		return;
	reader->depth--;
	reader->element(reader->context, buf_str(&reader->path),
	    buf_str(&reader->text[reader->depth]));
	slash = strrchr(reader->path.data, '/');
	reader->path.len = slash ? (size_t)(slash - reader->path.data) : 0;
	reader->path.data[reader->path.len] = '\0';
}

static void XMLCALL
on_text(void *context, const XML_Char *text, int len)
{
	struct reader *reader = context;

	if (reader->depth && !buf_add(&reader->text[reader->depth - 1], text, (size_t)len))
		refuse(reader, "an element is too long");
}

static void XMLCALL
on_doctype(void *context, const XML_Char *name, const XML_Char *system, const XML_Char *public,
    int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	refuse(context, "it has a DOCTYPE");
}

int
xml_read(const char *data, size_t len, xml_element *element, void *context, struct err *err)
{
	struct reader reader = { .element = element, .context = context };
	enum XML_Status status;
	int result = 0;

	if (len > XML_MAX)
		return err_set(err, ERR_INPUT, "the XML is larger than 16 MiB");
	reader.parser = XML_ParserCreate(NULL);
	buf_init(&reader.path, XML_PATH_MAX);
	for (int i = 0; i < XML_DEPTH; i++)
		buf_init(&reader.text[i], XML_TEXT_MAX);
	XML_SetUserData(reader.parser, &reader);
	XML_SetElementHandler(reader.parser, on_start, on_end);
	XML_SetCharacterDataHandler(reader.parser, on_text);
	XML_SetStartDoctypeDeclHandler(reader.parser, on_doctype);
	status = XML_Parse(reader.parser, data, (int)len, XML_TRUE);
	if (reader.refused)
		result = err_set(err, ERR_INPUT, "the XML is refused: %s", reader.refused);
	else if (status != XML_STATUS_OK)
		result = err_set(err, ERR_INPUT, "not XML: %s",
		    XML_ErrorString(XML_GetErrorCode(reader.parser)));
	XML_ParserFree(reader.parser);
	buf_release(&reader.path);
	for (int i = 0; i < XML_DEPTH; i++)
		buf_release(&reader.text[i]);
	return result;
}
