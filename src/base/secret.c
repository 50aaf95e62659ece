/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

/* Before each secret: how much was mapped. */
struct head {
	size_t mapped;
	max_align_t text[];
};

enum { NAME_SIZE = 32, SECRET_MAX = 64 << 10, BURN = 64 << 10 };

struct secret_named {
	char name[NAME_SIZE];
	char *text;
};

static void *
map(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), mapped;
	struct head *head;

	mapped = (size + sizeof *head + page - 1) / page * page;
	head = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (head == MAP_FAILED)
		abort();
	mlock(head, mapped);
	madvise(head, mapped, MADV_DONTDUMP);
	head->mapped = mapped;
	return head->text;
}

void
secret_free(char *secret)
{
	struct head *head;
	size_t mapped;

	if (!secret)
		return;
	head = (struct head *)(void *)(secret - offsetof(struct head, text));
	mapped = head->mapped;
	explicit_bzero(head, mapped);
	munmap(head, mapped);
}

void *
secret_realloc(void *old, size_t old_size, size_t size)
{
	void *memory = map(size);

	if (old)
		memcpy(memory, old, old_size < size ? old_size : size);
	secret_free(old);
	return memory;
}

char *
secret_dup(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	char *copy = text ? map(len + 1) : NULL;

	if (copy)
		memcpy(copy, text, len + 1);
	return copy;
}

void
secret_burn_stack(void)
{
	char below[BURN];

	explicit_bzero(below, sizeof below);
	for (size_t size = 16; size <= sizeof below / 2; size *= 2) /* each size has its registers */
		memcpy(below + sizeof below / 2, below, size);
	explicit_bzero(below, sizeof below);
}

static struct secret_named *
find(const struct secrets *secrets, const char *name)
{
	for (size_t i = 0; i < secrets->len; i++)
		if (strcmp(secrets->list[i].name, name) == 0)
			return &secrets->list[i];
	return NULL;
}

void
secrets_set(struct secrets *secrets, const char *name, const char *text)
{
	struct secret_named *named = find(secrets, name);

	if (!named) {
		GROW(secrets->list, secrets->len, secrets->cap);
		named = &secrets->list[secrets->len++];
		*named = (struct secret_named){ .text = NULL };
		memcpy(named->name, name, strnlen(name, NAME_SIZE - 1));
	}
	secret_free(named->text);
	named->text = secret_dup(text);
}

const char *
secrets_get(const struct secrets *secrets, const char *name)
{
	const struct secret_named *named = secrets ? find(secrets, name) : NULL;

	return named ? named->text : NULL;
}

void
secrets_add_all(struct secrets *secrets, const struct secrets *from)
{
	for (size_t i = 0; from && i < from->len; i++)
		secrets_set(secrets, from->list[i].name, from->list[i].text);
}

void
secrets_release(struct secrets *secrets)
{
	for (size_t i = 0; i < secrets->len; i++)
		secret_free(secrets->list[i].text);
	free(secrets->list);
	*secrets = (struct secrets){ 0 };
}

static void
write_string(struct buf *out, const char *text)
{
	buf_add_byte(out, '"');
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20)
			buf_printf(out, "\\u%04x", (unsigned)(unsigned char)*text);
		else if (*text == '"' || *text == '\\')
			buf_printf(out, "\\%c", *text);
		else
			buf_add_byte(out, *text);
	}
	buf_add_byte(out, '"');
}

void
secrets_write(const struct secrets *secrets, struct buf *out)
{
	bool any = false;

	buf_add_byte(out, '{');
	for (size_t i = 0; i < secrets->len; i++) {
		if (!secrets->list[i].text)
			continue;
		if (any)
			buf_add_byte(out, ',');
		any = true;
		write_string(out, secrets->list[i].name);
		buf_add_byte(out, ':');
		write_string(out, secrets->list[i].text);
	}
	buf_add_byte(out, '}');
}

/* ---- out of a JSON text */

struct cursor {
	char *at, *end;
};

static char
next_mark(struct cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
		c->at++;
	return c->at < c->end ? *c->at : '\0';
}

static bool
eat(struct cursor *c, char mark)
{
	if (next_mark(c) != mark || c->at == c->end)
		return false;
	c->at++;
	return true;
}

/* Past a string that begins here. */
static void
skip_string(struct cursor *c)
{
	for (c->at++; c->at < c->end && *c->at != '"'; c->at++)
		if (*c->at == '\\' && c->at + 1 < c->end)
			c->at++;
	if (c->at < c->end)
		c->at++;
}

static bool
hex4(struct cursor *c, uint32_t *code)
{
	*code = 0;
	for (int i = 0; i < 4; i++, c->at++) {
		const char *digits = "0123456789abcdef", *digit;

		digit = c->at < c->end && *c->at ? strchr(digits, *c->at | 0x20) : NULL;
		if (!digit)
			return false;
		*code = *code << 4 | (uint32_t)(digit - digits);
	}
	return true;
}

static bool
add_utf8(struct buf *out, uint32_t code)
{
	int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	bool ok = buf_add_byte(out, (int)(lead[more] | code >> 6 * more));

	while (more-- > 0)
		ok = ok && buf_add_byte(out, (int)(0x80 | (code >> 6 * more & 0x3f)));
	return ok;
}

/* \uNNNN, of which the u has been read; two for what is above U+FFFF. */
static bool
read_code(struct cursor *c, struct buf *out)
{
	uint32_t code, low;

	if (!hex4(c, &code))
		return false;
	if (code >= 0xd800 && code < 0xdc00) {
		if (c->end - c->at < 6 || c->at[0] != '\\' || c->at[1] != 'u')
			return false;
		c->at += 2;
		if (!hex4(c, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	return code && add_utf8(out, code);
}

static bool
read_escape(struct cursor *c, struct buf *out)
{
	static const char marks[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *mark;

	if (c->at == c->end || !*c->at)
		return false;
	if (*c->at == 'u') {
		c->at++;
		return read_code(c, out);
	}
	mark = strchr(marks, *c->at++);
	return mark && buf_add_byte(out, bytes[mark - marks]);
}

static bool
read_string(struct cursor *c, struct buf *out)
{
	buf_reset(out);
	if (!eat(c, '"'))
		return false;
	while (c->at < c->end && *c->at != '"') {
		char byte = *c->at++;

		if (!byte || (byte == '\\' ? !read_escape(c, out) : !buf_add_byte(out, byte)))
			return false;
	}
	return eat(c, '"');
}

static bool
read_object(struct cursor *c, struct secrets *secrets)
{
	struct buf name = BUF_LOCKED(NAME_SIZE), text = BUF_LOCKED(SECRET_MAX);
	bool ok = eat(c, '{');

	if (ok && next_mark(c) != '}') {
		do {
			ok = read_string(c, &name) && eat(c, ':') && read_string(c, &text);
			if (ok)
				secrets_set(secrets, buf_str(&name), buf_str(&text));
		} while (ok && eat(c, ','));
	}
	buf_release(&name);
	buf_release(&text);
	return ok && eat(c, '}');
}

/* The cursor is past the name of a member: takes its value where the name was "secrets". */
static int
take_value(struct cursor *c, struct secrets *secrets, struct err *err)
{
	char *from;

	if (!eat(c, ':'))
		return 0;
	next_mark(c);
	from = c->at;
	if (!read_object(c, secrets)) {
		explicit_bzero(from, (size_t)(c->end - from));
		return err_set(err, ERR_INPUT, "the secrets of a job are no object of strings");
	}
	memset(from + 1, ' ', (size_t)(c->at - from) - 2);
	return 0;
}

int
secrets_take(char *json, size_t len, struct secrets *secrets, struct err *err)
{
	static const char name[] = "\"secrets\"";
	struct cursor c = { json, json + len };
	int depth = 0;

	while (c.at < c.end) {
		char *from = c.at;

		if (*from != '"') {
			depth += (*from == '{' || *from == '[') - (*from == '}' || *from == ']');
			c.at++;
			continue;
		}
		skip_string(&c);
		if (depth == 1 && (size_t)(c.at - from) == sizeof name - 1 &&
		    memcmp(from, name, sizeof name - 1) == 0 && take_value(&c, secrets, err) != 0)
			return -1;
	}
	return 0;
}
