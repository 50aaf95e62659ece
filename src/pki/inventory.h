/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_INVENTORY_H
#define PKI_INVENTORY_H

#include "pki/cert.h"
#include "pki/finding.h"

/* All certificates of a folder: the PEM in its files, whatever lies beside. No key is opened. */

enum cert_status { CERT_GOOD, CERT_EXPIRED, CERT_NOT_YET };

struct cert_entry {
	char *name;		/* of the file without its ending; "ca-bundle#2" for a second one in it */
	char *path;		/* as the folder was given, joined with the file's name */
	struct cert cert;
	bool has_key;		/* NAME-key.pem or a key in the same file */
	char *key_path;		/* or NULL */
	unsigned key_mode;	/* permission bits of the key's file */
	enum cert_status status;
	int64_t days_left;	/* whole days; negative once expired */
	size_t issuer;		/* index of the entry that signed it; itself for a root; SIZE_MAX: none */
	struct findings findings;
};

struct inventory {
	struct cert_entry *entries;	/* by not_after, soonest first */
	size_t len, cap;
	struct findings findings;	/* of the folder: files that cannot be read, damaged PEM */
};

/* Reads the folder as it is at `now` (seconds since 1970). A folder that is missing is an empty
 * inventory; one that cannot be read is an error. At most 20,000 files of 1 MiB. */
int inventory_read(struct inventory *inventory, const char *dir, int64_t now, struct err *err);
/* The same in small steps, for a process that has to stay responsive. */
struct inventory_reader;
struct inventory_reader *inventory_reader_new(const char *dir, int64_t now);
/* Works for some milliseconds; true while there is more to do. */
bool inventory_reader_step(struct inventory_reader *reader);
/* What was read (or why not, -1), after the last step; frees the reader. */
int inventory_reader_end(struct inventory_reader *reader, struct inventory *inventory,
    struct err *err);
/* Frees a reader that is not wanted any more; NULL is allowed. */
void inventory_reader_free(struct inventory_reader *reader);

void inventory_release(struct inventory *inventory);

/* Adds the certificates in one file's bytes, named after it; what no parser takes is told. */
void inventory_add(struct inventory *inventory, const char *path, const struct buf *text);

const struct cert_entry *inventory_find(const struct inventory *inventory, const char *name);
/* The entry with this SHA-256 in hex, or NULL. */
const struct cert_entry *inventory_by_print(const struct inventory *inventory,
    const char *fingerprint);
/* The entry of ca.pem, else the CA that signed most; NULL where there is none. */
const struct cert_entry *inventory_ca(const struct inventory *inventory);
/* The chain from an entry upwards, itself first: indexes, at most `max`. Returns their number; the
 * last is a root where the folder has one. */
size_t inventory_chain(const struct inventory *inventory, size_t from, size_t *chain, size_t max);

/* "good", "expired", "not-yet" */
const char *cert_status_name(enum cert_status status);
/* Which of cfssl's three usual profiles the usages look like: "server", "peer", "client", "ca". */
const char *cert_profile(const struct cert *cert);

#endif
