/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_KEYS_CHANGE_H
#define UI_KEYS_CHANGE_H

#include "ui/keys.h"

/* One change of pane Keys on its way: a deletion, or a value from the editor to the cluster. What
 * a person wrote stays in a file of journal/ (0600) until the cluster has it. */
struct change {
	struct app *app;
	char *key;
	size_t key_len;
	char *path;		/* the editor's file, or NULL while there is none */
	char *given;		/* what the editor was given */
	size_t given_len;
	char *before;		/* the value at `revision` */
	size_t before_len;
	char *mine;		/* what is to be written; NULL: a deletion, or nothing is edited yet */
	size_t mine_len;
	int64_t revision;	/* mod_revision of what was read; 0: the key must not exist */
	bool leased;		/* and it has a lease, which it keeps */
	struct err why;		/* the plan was refused because of it */
	bool keep;		/* the file stays when the change is freed */
};

/* NULL where there is nothing to do it with (said on row 23). */
struct change *change_new(struct keys *keys, const char *key, size_t len, int64_t revision);
void change_free(struct change *change);
/* The value at change->revision, also what the editor is given; copied. */
void change_set_before(struct change *change, const char *data, size_t len);
/* Frees it; where its text is kept, row 23 says where. `what` begins the sentence. */
void change_leave(struct change *change, const char *what);

/* keys_edit.c: opens the editor on change->given, or the form where there is none, and puts what
 * comes of it. Takes the change over. */
void change_edit(struct change *change);
/* The private file with these bytes; its name is made at the first call. */
int change_write(struct change *change, const char *data, size_t len, struct err *err);

/* keys_change.c: shows the plan of writing change->mine, then writes it. Takes it over. */
void change_put(struct change *change);

/* keys_refused.c: it was not written: theirs beside yours. Takes the change over. */
void change_refused(struct change *change, const struct err *why);

#endif
