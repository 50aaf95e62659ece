/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/inventory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "pki/check.h"
#include "pki/pem.h"

enum { MAX_FILES = 20000, MAX_FILE = 1 << 20, DAY = 86400, STEP_MS = 4 };

static void
entry_release(struct cert_entry *entry)
{
	free(entry->name);
	free(entry->path);
	free(entry->key_path);
	cert_release(&entry->cert);
	findings_release(&entry->findings);
}

void
inventory_release(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->len; i++)
		entry_release(&inventory->entries[i]);
	free(inventory->entries);
	findings_release(&inventory->findings);
	*inventory = (struct inventory){ 0 };
}

/* The file's name without folder and ending; the number from the second certificate on. */
static char *
entry_name(const char *path, size_t number)
{
	const char *base = strrchr(path, '/'), *dot;
	size_t len;

	base = base ? base + 1 : path;
	dot = strrchr(base, '.');
	len = dot && dot != base ? (size_t)(dot - base) : strlen(base);
	if (number < 2)
		return xstrndup(base, len);
	return xasprintf("%.*s#%zu", (int)len, base, number);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && strcmp(text + a - b, end) == 0;
}

/* The fullest description wins: a certificate that lies twice is listed under its first name. */
static bool
known_already(const struct inventory *inventory, const struct cert *cert)
{
	return inventory_by_print(inventory, cert->fingerprint) != NULL;
}

static void
add_block(struct inventory *inventory, const char *path, const struct pem_block *block,
    size_t number)
{
	struct buf der = BUF_INIT(MAX_FILE);
	struct err err = { 0 };
	struct cert cert = { 0 };

	if (!pem_decode(block, &der))
		finding_add(&inventory->findings, FINDING_WARN, "%s: the PEM of its certificate is damaged",
		    path);
	else if (cert_parse(&cert, der.data, der.len, path, &err) != 0)
		finding_add(&inventory->findings, FINDING_WARN, "%s", err.text);
	else if (number > 1 && known_already(inventory, &cert))
		cert_release(&cert);
	else {
		GROW(inventory->entries, inventory->len, inventory->cap);
		inventory->entries[inventory->len++] = (struct cert_entry){ .name = entry_name(path, number),
			.path = xstrdup(path), .cert = cert, .issuer = SIZE_MAX };
	}
	buf_release(&der);
}

void
inventory_add(struct inventory *inventory, const char *path, const struct buf *text)
{
	struct pem_block block;
	size_t at = 0, number = 0, first = inventory->len;
	bool has_key = false;

	while (number < MAX_FILES && pem_next(buf_str(text), text->len, &at, &block)) {
		if (pem_is_certificate(&block))
			add_block(inventory, path, &block, ++number);
		else if (ends_with(block.label, "PRIVATE KEY"))
			has_key = true;
	}
	if (has_key && inventory->len > first) {
		inventory->entries[first].has_key = true;
		inventory->entries[first].key_path = xstrdup(path);
	}
}

/* NAME-key.pem as cfssl names it, NAME.key as openssl's users do. */
static void
find_key(struct cert_entry *entry, const char *dir)
{
	char *names[] = { xasprintf("%s/%s-key.pem", dir, entry->name),
		xasprintf("%s/%s.key", dir, entry->name) };
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!entry->has_key && stat(names[i], &st) == 0 && S_ISREG(st.st_mode)) {
			entry->has_key = true;
			entry->key_path = xstrdup(names[i]);
		}
		free(names[i]);
	}
	if (entry->key_path && stat(entry->key_path, &st) == 0)
		entry->key_mode = (unsigned)st.st_mode & 07777;
	if (entry->key_mode & 077)
		finding_add(&entry->findings, FINDING_WARN, "others can read its key: chmod 600 %s",
		    entry->key_path);
}

static bool
ids_match(const struct cert *cert, const struct cert *issuer)
{
	if (cert->issuer.len != issuer->subject.len ||
	    memcmp(cert->issuer.data, issuer->subject.data, cert->issuer.len) != 0)
		return false;
	return !cert->issuer_id_len || !issuer->subject_id_len ||
	    (cert->issuer_id_len == issuer->subject_id_len &&
		memcmp(cert->issuer_id, issuer->subject_id, cert->issuer_id_len) == 0);
}

/* Names and key ids choose the candidates; the signature decides. */
static size_t
find_issuer(const struct inventory *inventory, size_t index)
{
	const struct cert *cert = &inventory->entries[index].cert;

	if (cert->self_issued && cert_signed_by(cert, cert))
		return index;
	for (size_t i = 0; i < inventory->len; i++) {
		const struct cert *other = &inventory->entries[i].cert;

		if (i != index && ids_match(cert, other) && cert_signed_by(cert, other))
			return i;
	}
	return SIZE_MAX;
}

static int
by_expiry(const void *a, const void *b)
{
	const struct cert_entry *x = a, *y = b;

	if (x->cert.not_after != y->cert.not_after)
		return x->cert.not_after < y->cert.not_after ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void
judge(struct inventory *inventory, size_t index, int64_t now)
{
	struct cert_entry *entry = &inventory->entries[index];
	int64_t left = entry->cert.not_after - now;

	entry->days_left = left / DAY - (left % DAY < 0);
	entry->status = left <= 0 ? CERT_EXPIRED :
	    entry->cert.not_before > now ? CERT_NOT_YET :
					   CERT_GOOD;
	entry->issuer = find_issuer(inventory, index);
	check_cert(&entry->cert, entry->issuer == SIZE_MAX ? NULL :
	    &inventory->entries[entry->issuer].cert, now, &entry->findings);
}

static bool
wanted(const char *name)
{
	/* Keys are known by their names alone: only the verb that signs opens one. */
	return *name != '.' && !ends_with(name, "-key.pem") &&
	    (ends_with(name, ".pem") || ends_with(name, ".crt") || ends_with(name, ".cer") ||
		ends_with(name, ".cert"));
}

static void
read_one(struct inventory *inventory, const char *dir, const char *name)
{
	char *path = fs_join(dir, name);
	struct buf text = BUF_INIT(MAX_FILE);
	struct err err = { 0 };
	struct stat st;

	/* A pipe or a device would hold the reader up. */
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
		if (fs_read(path, &text, &err) == 0)
			inventory_add(inventory, path, &text);
		else
			finding_add(&inventory->findings, FINDING_WARN, "%s", err.text);
	}
	buf_release_secret(&text);
	free(path);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
name_wanted(const struct dirent *entry)
{
	return wanted(entry->d_name);
}

/* First all files, then their keys, then what signs what: each phase goes through a list. */
enum phase { PHASE_FILES, PHASE_KEYS, PHASE_JUDGE, PHASE_DONE };

struct inventory_reader {
	char *dir;
	int64_t now;
	struct dirent **names;
	size_t count, at;
	enum phase phase;
	struct inventory inventory;
	struct err err;
	bool failed;
};

struct inventory_reader *
inventory_reader_new(const char *dir, int64_t now)
{
	struct inventory_reader *reader = xcalloc(1, sizeof *reader);
	int count;

	reader->dir = xstrdup(dir);
	reader->now = now;
	count = scandir(dir, &reader->names, name_wanted, by_name);
	if (count < 0 && errno != ENOENT) {
		err_errno(&reader->err, errno, "%s", dir);
		reader->failed = true;
	}
	reader->count = count > 0 ? (size_t)count : 0;
	if (count > MAX_FILES)
		finding_add(&reader->inventory.findings, FINDING_WARN, "%s holds more than %d files: the rest "
		    "was not read", dir, MAX_FILES);
	return reader;
}

/* Does the next one of the phase; false where the phase is done. */
static bool
do_one(struct inventory_reader *reader)
{
	struct inventory *inventory = &reader->inventory;
	size_t at = reader->at++;

	if (reader->phase == PHASE_FILES) {
		if (at >= reader->count || at >= MAX_FILES)
			return false;
		read_one(inventory, reader->dir, reader->names[at]->d_name);
		return true;
	}
	if (at >= inventory->len)
		return false;
	if (reader->phase == PHASE_KEYS)
		find_key(&inventory->entries[at], reader->dir);
	else
		judge(inventory, at, reader->now);
	return true;
}

bool
inventory_reader_step(struct inventory_reader *reader)
{
	int64_t until = clock_ms() + STEP_MS;

	while (reader->phase != PHASE_DONE && !reader->failed) {
		if (!do_one(reader)) {
			if (reader->phase == PHASE_KEYS && reader->inventory.len)
				qsort(reader->inventory.entries, reader->inventory.len,
				    sizeof *reader->inventory.entries, by_expiry);
			reader->phase++;
			reader->at = 0;
		}
		if (clock_ms() >= until)
			return reader->phase != PHASE_DONE;
	}
	return false;
}

int
inventory_reader_end(struct inventory_reader *reader, struct inventory *inventory,
    struct err *err)
{
	bool failed = reader->failed;

	*inventory = reader->inventory;
	reader->inventory = (struct inventory){ 0 };
	if (failed && err)
		*err = reader->err;
	inventory_reader_free(reader);
	return failed ? -1 : 0;
}

void
inventory_reader_free(struct inventory_reader *reader)
{
	if (!reader)
		return;
	for (size_t i = 0; i < reader->count; i++)
		free(reader->names[i]);
	free(reader->names);
	free(reader->dir);
	inventory_release(&reader->inventory);
	free(reader);
}

int
inventory_read(struct inventory *inventory, const char *dir, int64_t now, struct err *err)
{
	struct inventory_reader *reader = inventory_reader_new(dir, now);

	while (inventory_reader_step(reader))
		continue;
	return inventory_reader_end(reader, inventory, err);
}

const struct cert_entry *
inventory_find(const struct inventory *inventory, const char *name)
{
	for (size_t i = 0; i < inventory->len; i++)
		if (strcmp(inventory->entries[i].name, name) == 0)
			return &inventory->entries[i];
	return NULL;
}

const struct cert_entry *
inventory_by_print(const struct inventory *inventory, const char *fingerprint)
{
	for (size_t i = 0; i < inventory->len; i++)
		if (strcmp(inventory->entries[i].cert.fingerprint, fingerprint) == 0)
			return &inventory->entries[i];
	return NULL;
}

const struct cert_entry *
inventory_ca(const struct inventory *inventory)
{
	const struct cert_entry *ca = inventory_find(inventory, "ca"), *best = NULL;
	size_t most = 0;

	if (ca)
		return ca;
	for (size_t i = 0; i < inventory->len; i++) {
		size_t signed_by_it = 1;

		for (size_t k = 0; k < inventory->len; k++)
			signed_by_it += inventory->entries[k].issuer == i;
		if (inventory->entries[i].cert.is_ca && signed_by_it > most) {
			most = signed_by_it;
			best = &inventory->entries[i];
		}
	}
	return best;
}

size_t
inventory_chain(const struct inventory *inventory, size_t from, size_t *chain, size_t max)
{
	size_t len = 0;

	while (len < max && from != SIZE_MAX) {
		chain[len++] = from;
		if (inventory->entries[from].issuer == from)
			break;
		from = inventory->entries[from].issuer;
	}
	return len;
}

const char *
cert_status_name(enum cert_status status)
{
	static const char *const names[] = { "good", "expired", "not-yet" };

	return names[status];
}

const char *
cert_profile(const struct cert *cert)
{
	if (cert->is_ca)
		return "ca";
	if (!cert->has_ext_usages)
		return "any";
	if (cert->server_auth && cert->client_auth)
		return "peer";
	return cert->server_auth ? "server" : cert->client_auth ? "client" : "other";
}
