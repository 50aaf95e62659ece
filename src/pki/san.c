/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/san.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pki/der.h"

const char *
san_kind_name(enum san_kind kind)
{
	static const char *const names[] = { "DNS", "email", "IP", "URI" };

	return names[kind];
}

const char *
san_ip_text(const unsigned char *ip, size_t len, char out[64])
{
	if (len != 4 && len != 16)
		return "?";
	return inet_ntop(len == 4 ? AF_INET : AF_INET6, ip, out, 64);
}

static bool
read_ip(const char *host, struct san *san)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	char text[64];

	if (inet_pton(AF_INET, host, san->ip) == 1) {
		san->ip_len = 4;
	} else if (inet_pton(AF_INET6, host, san->ip) == 1) {
		san->ip_len = 16;
		/* Go keeps an IPv4 in IPv6 clothes as 4 bytes. */
		if (memcmp(san->ip, mapped, 12) == 0) {
			memmove(san->ip, san->ip + 12, 4);
			san->ip_len = 4;
		}
	} else {
		return false;
	}
	san->kind = SAN_IP;
	san->text = xstrdup(san_ip_text(san->ip, san->ip_len, text));
	return true;
}

/* RFC 5322 atext, and anything beyond ASCII as RFC 6532 allows. */
static bool
is_atext(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	    (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Bytes of a dot-atom at `text`; 0 where there is none. */
static size_t
dot_atom(const char *text)
{
	size_t len = 0;

	for (;;) {
		size_t part = 0;

		while (is_atext(text[len + part]))
			part++;
		if (!part)
			return 0;
		len += part;
		if (text[len] != '.')
			return len;
		len++;
	}
}

static const char *
skip_blank(const char *at)
{
	while (*at == ' ' || *at == '\t')
		at++;
	return at;
}

/* "local@domain" at `text`: its bytes, or 0. */
static size_t
addr_spec(const char *text)
{
	size_t local = dot_atom(text), domain;

	if (!local || text[local] != '@')
		return 0;
	domain = dot_atom(text + local + 1);
	return domain ? local + 1 + domain : 0;
}

/* The words before "<", quoted or atoms; returns where the "<" stands, or NULL. */
static const char *
display_name(const char *at)
{
	for (at = skip_blank(at); *at && *at != '<'; at = skip_blank(at)) {
		if (*at == '"') {
			for (at++; *at && *at != '"'; at++)
				if (*at == '\\' && at[1])
					at++;
			if (!*at++)
				return NULL;
		} else if (is_atext(*at) || *at == '.') {
			at++;
		} else {
			return NULL;
		}
	}
	return *at == '<' ? at : NULL;
}

/* A single address as Go's net/mail accepts it, with or without a display name. */
static bool
read_email(const char *host, struct san *san)
{
	const char *at = skip_blank(host);
	size_t len = addr_spec(at);

	if (!len || *skip_blank(at + len)) {
		at = display_name(host);
		if (!at || !(len = addr_spec(++at)) || at[len] != '>' || *skip_blank(at + len + 1))
			return false;
	}
	san->kind = SAN_EMAIL;
	san->text = xstrndup(at, len);
	return true;
}

/* Bytes of the scheme before ':', 0 where there is none, -1 where the URI is wrong (Go's url). */
static int
scheme_length(const char *host)
{
	for (int i = 0; host[i]; i++) {
		if (isalpha((unsigned char)host[i]))
			continue;
		if (host[i] == ':')
			return i ? i : -1;
		if (i == 0 || !(isdigit((unsigned char)host[i]) || strchr("+-.", host[i])))
			return 0;
	}
	return 0;
}

static bool
percent_good(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '%' && (i + 2 >= len || !isxdigit((unsigned char)text[i + 1]) ||
					  !isxdigit((unsigned char)text[i + 2])))
			return false;
	return true;
}

/* The part after "//": no blank, and a port of digits only. */
static bool
authority_good(const char *text, size_t len)
{
	const char *colon = NULL;

	for (size_t i = 0; i < len; i++) {
		if (strchr(" \"<>\\^`{}|", text[i]))
			return false;
		if (text[i] == ':')
			colon = text + i;
		else if (text[i] == ']' || text[i] == '@')
			colon = NULL;
	}
	for (const char *c = colon ? colon + 1 : text + len; c < text + len; c++)
		if (!isdigit((unsigned char)*c))
			return false;
	return percent_good(text, len);
}

static bool
has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static bool
read_uri(const char *host, struct san *san)
{
	int scheme = scheme_length(host);
	const char *rest = host + (scheme > 0 ? scheme + 1 : 0);
	size_t path = strcspn(rest, "?");

	if (scheme < 0 || !*host || has_control(host))
		return false;
	if (*rest != '/' && scheme == 0 && strcmp(host, "*") != 0)
		return false;
	if (*rest == '/' && scheme && rest[1] == '/') {
		size_t authority = strcspn(rest + 2, "/?");

		if (!authority_good(rest + 2, authority))
			return false;
		rest += 2 + authority;
		path = strcspn(rest, "?");
	}
	if (*rest == '/' && !percent_good(rest, path))
		return false;
	san->kind = SAN_URI;
	san->text = xstrdup(host);
	for (int i = 0; i < scheme; i++)
		san->text[i] = (char)tolower((unsigned char)san->text[i]);
	return true;
}

struct san
san_of(const char *host)
{
	struct san san = { .kind = SAN_DNS };

	if (!read_ip(host, &san) && !read_email(host, &san) && !read_uri(host, &san))
		san.text = xstrdup(host);
	return san;
}

void
san_release(struct san *san)
{
	free(san->text);
	*san = (struct san){ 0 };
}

void
san_list_release(struct san_list *list)
{
	for (size_t i = 0; i < list->len; i++)
		san_release(&list->items[i]);
	free(list->items);
	*list = (struct san_list){ 0 };
}

void
san_list_add(struct san_list *list, const char *host)
{
	GROW(list->items, list->len, list->cap);
	list->items[list->len++] = san_of(host);
}

void
san_list_add_all(struct san_list *list, char *const *hosts)
{
	for (; hosts && *hosts; hosts++)
		san_list_add(list, *hosts);
}

static int
write_one(const struct san *san, struct buf *out, struct err *err)
{
	static const int tags[] = { [SAN_DNS] = DER_CONTEXT | 2, [SAN_EMAIL] = DER_CONTEXT | 1,
		[SAN_IP] = DER_CONTEXT | 7, [SAN_URI] = DER_CONTEXT | 6 };

	for (const char *c = san->text; *c; c++)
		if ((unsigned char)*c >= 0x80) {
			err_set(err, ERR_INPUT, "host \"%s\" is not ASCII", san->text);
			return err_cure(err, "write it in its xn-- form");
		}
	if (san->kind == SAN_IP)
		der_put(out, tags[san->kind], san->ip, san->ip_len);
	else
		der_put_str(out, tags[san->kind], san->text);
	return 0;
}

int
san_list_write(const struct san_list *list, struct buf *out, struct err *err)
{
	size_t mark = out->len;

	for (int kind = SAN_DNS; kind <= SAN_URI; kind++)
		for (size_t i = 0; i < list->len; i++)
			if (list->items[i].kind == (enum san_kind)kind &&
			    write_one(&list->items[i], out, err) != 0)
				return -1;
	der_close(out, mark, DER_SEQUENCE);
	return 0;
}
