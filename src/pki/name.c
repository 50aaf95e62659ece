/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/name.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "pki/go_json.h"

static const struct {
	const char *oid, *label, *json;
} types[NAME_PARTS] = {
	[NAME_C] = { "2.5.4.6", "C", "C" },
	[NAME_ST] = { "2.5.4.8", "ST", "ST" },
	[NAME_L] = { "2.5.4.7", "L", "L" },
	[NAME_STREET] = { "2.5.4.9", "street", NULL },
	[NAME_POSTAL] = { "2.5.4.17", "postalCode", NULL },
	[NAME_O] = { "2.5.4.10", "O", "O" },
	[NAME_OU] = { "2.5.4.11", "OU", "OU" },
	[NAME_CN] = { "2.5.4.3", "CN", NULL },
	[NAME_SERIAL] = { "2.5.4.5", "serialNumber", NULL },
};

static const char email_oid[] = "1.2.840.113549.1.9.1";

void
name_release(struct name *name)
{
	for (size_t i = 0; i < NAME_PARTS; i++) {
		for (size_t k = 0; k < name->parts[i].len; k++)
			free(name->parts[i].values[k]);
		free(name->parts[i].values);
	}
	for (size_t i = 0; i < name->extra_len; i++) {
		free(name->extra[i].oid);
		free(name->extra[i].value);
	}
	free(name->extra);
	*name = (struct name){ 0 };
}

bool
name_empty(const struct name *name)
{
	for (size_t i = 0; i < NAME_PARTS; i++)
		if (name->parts[i].len)
			return false;
	return name->extra_len == 0;
}

void
name_add(struct name *name, enum name_part part, const char *value)
{
	struct name_list *list = &name->parts[part];

	if (!*value)
		return;
	if ((part == NAME_CN || part == NAME_SERIAL) && list->len) {
		free(list->values[0]);
		list->len = 0;
	}
	GROW(list->values, list->len, list->cap);
	list->values[list->len++] = xstrdup(value);
}

void
name_add_extra(struct name *name, const char *oid, const char *value)
{
	GROW(name->extra, name->extra_len, name->extra_cap);
	name->extra[name->extra_len++] = (struct name_extra){ xstrdup(oid), xstrdup(value) };
}

void
name_fill(struct name *name, const struct name *from)
{
	for (size_t i = 0; i < NAME_PARTS; i++)
		for (size_t k = 0, had = name->parts[i].len; k < from->parts[i].len && !had; k++)
			name_add(name, (enum name_part)i, from->parts[i].values[k]);
	for (size_t i = 0; i < name->extra_len; i++) {
		free(name->extra[i].oid);
		free(name->extra[i].value);
	}
	name->extra_len = 0;
}

const char *
name_cn(const struct name *name)
{
	return name->parts[NAME_CN].len ? name->parts[NAME_CN].values[0] : "";
}

int
name_add_json(struct name *name, struct json_object *entry, struct err *err)
{
	struct json_object *oids;
	const char *text;

	if (entry && !json_object_is_type(entry, json_type_object))
		return err_set(err, ERR_INPUT, "an element of \"names\" is not an object");
	for (size_t i = 0; i < NAME_PARTS; i++) {
		if (!types[i].json)
			continue;
		if (go_str(entry, types[i].json, &text, err) != 0)
			return -1;
		name_add(name, (enum name_part)i, text);
	}
	if (go_get(entry, "OID", json_type_object, &oids, err) != 0)
		return -1;
	if (oids) {
		json_object_object_foreach(oids, oid, value) {
			if (!json_object_is_type(value, json_type_string))
				return err_set(err, ERR_INPUT, "the value of OID %s is not text", oid);
			name_add_extra(name, oid, json_object_get_string(value));
		}
	}
	if (go_str(entry, "E", &text, err) != 0)
		return -1;
	if (*text)
		name_add_extra(name, email_oid, text);
	return 0;
}

bool
name_attribute(struct der der, size_t n, char oid[128], struct der_value *value)
{
	struct der_value rdn, pair, type;

	while (der_expect(&der, DER_SET, &rdn))
		while (der_expect(&rdn.body, DER_SEQUENCE, &pair))
			if (n-- == 0)
				return der_expect(&pair.body, DER_OID, &type) &&
				    der_oid_text(type.body, oid) && der_next(&pair.body, value);
	return false;
}

int
name_read(struct name *name, struct der der, struct err *err)
{
	struct der_value value;
	char oid[128];

	if (!der_expect(&der, DER_SEQUENCE, &value))
		return err_set(err, ERR_INPUT, "the subject is no DER name");
	der = value.body;
	for (size_t n = 0; name_attribute(der, n, oid, &value); n++) {
		char *text = xstrndup((const char *)value.body.data, value.body.len);
		size_t part = 0;

		while (part < NAME_PARTS && strcmp(types[part].oid, oid) != 0)
			part++;
		if (part < NAME_PARTS)
			name_add(name, (enum name_part)part, text);
		else
			name_add_extra(name, oid, text);
		free(text);
	}
	return 0;
}

/* Go writes a PrintableString where it can (X.680 41.4), else UTF-8. */
static bool
printable(const char *text)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789 '()+,-./:=?";

	return text[strspn(text, set)] == '\0';
}

static bool
valid_utf8(const char *text)
{
	size_t len = strlen(text);

	while (len) {
		struct text_char c = text_next(text, len);

		if (!c.plain && c.bytes == 1 && (unsigned char)*text >= 0x80)
			return false;
		text += c.bytes;
		len -= (size_t)c.bytes;
	}
	return true;
}

static int
write_pair(struct buf *out, const char *oid, const char *value, struct err *err)
{
	size_t mark = out->len;

	if (!valid_utf8(value))
		return err_set(err, ERR_INPUT, "a value of the subject is not valid UTF-8");
	if (!der_put_oid(out, oid))
		return err_set(err, ERR_INPUT, "\"%.60s\" is not an object identifier", oid);
	der_put_str(out, printable(value) ? DER_PRINTABLE : DER_UTF8, value);
	der_close(out, mark, DER_SEQUENCE);
	return 0;
}

static int
compare_buf(const void *a, const void *b)
{
	const struct buf *x = a, *y = b;
	size_t least = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->data, y->data, least);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* One RDN; DER wants the elements of a SET OF in the order of their bytes. */
static int
write_rdn(struct buf *out, const char *oid, const struct name_list *list, struct err *err)
{
	struct buf *pairs = xcalloc(list->len, sizeof *pairs);
	size_t mark = out->len;
	int result = 0;

	for (size_t i = 0; i < list->len && result == 0; i++) {
		buf_init(&pairs[i], 1 << 20);
		result = write_pair(&pairs[i], oid, list->values[i], err);
	}
	if (result == 0) {
		qsort(pairs, list->len, sizeof *pairs, compare_buf);
		for (size_t i = 0; i < list->len; i++)
			buf_add(out, pairs[i].data, pairs[i].len);
		der_close(out, mark, DER_SET);
	}
	for (size_t i = 0; i < list->len; i++)
		buf_release(&pairs[i]);
	free(pairs);
	return result;
}

int
name_write(const struct name *name, struct buf *out, struct err *err)
{
	size_t mark = out->len;

	for (size_t i = 0; i < NAME_PARTS; i++)
		if (name->parts[i].len && write_rdn(out, types[i].oid, &name->parts[i], err) != 0)
			return -1;
	for (size_t i = 0; i < name->extra_len; i++) {
		struct name_list one = { .values = &name->extra[i].value, .len = 1 };

		if (write_rdn(out, name->extra[i].oid, &one, err) != 0)
			return -1;
	}
	der_close(out, mark, DER_SEQUENCE);
	return 0;
}

static void
pair_text(struct der pair, struct buf *out)
{
	struct der_value type, value;
	char oid[128];
	const char *label = oid;

	if (!der_expect(&pair, DER_OID, &type) || !der_oid_text(type.body, oid) ||
	    !der_next(&pair, &value))
		return;
	for (size_t i = 0; i < NAME_PARTS; i++)
		if (strcmp(types[i].oid, oid) == 0)
			label = types[i].label;
	if (strcmp(oid, email_oid) == 0)
		label = "emailAddress";
	buf_printf(out, "%s=", label);
	for (size_t i = 0; i < value.body.len; i++) {
		char c = (char)value.body.data[i];

		if (c && strchr(",+\"\\<>;", c))
			buf_add_byte(out, '\\');
		buf_add_byte(out, c);
	}
}

void
name_text(struct der der, struct buf *out)
{
	struct der_value name, rdn, pair;
	const char *between = "";

	if (!der_expect(&der, DER_SEQUENCE, &name))
		return;
	while (der_expect(&name.body, DER_SET, &rdn)) {
		while (der_expect(&rdn.body, DER_SEQUENCE, &pair)) {
			buf_add_str(out, between);
			pair_text(pair.body, out);
			between = "+";
		}
		between = ",";
	}
}
