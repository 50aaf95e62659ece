/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Secrets in memory of their own: locked where the system lets us, so that they reach no swap, left
 * out of core dumps, and overwritten before the memory goes back. */

/* A copy of a text; NULL of NULL. Freed with secret_free only. */
char *secret_dup(const char *text);
/* Overwrites and frees; NULL is allowed. */
void secret_free(char *secret);

/* A few secrets by name, such as "etcd_password"; all zero is an empty one. */
struct secrets {
	struct secret_named *list;
	size_t len, cap;
};

/* NULL forgets it. */
void secrets_set(struct secrets *secrets, const char *name, const char *text);
/* NULL where there is none of that name; valid until it is set again. */
const char *secrets_get(const struct secrets *secrets, const char *name);
/* All that `from` (may be NULL) has, over those of the same name. */
void secrets_add_all(struct secrets *secrets, const struct secrets *from);
void secrets_release(struct secrets *secrets);

/* As a JSON object, into a buffer that is locked itself (BUF_LOCKED). Bytes above 0x7f go as they
 * are. */
void secrets_write(const struct secrets *secrets, struct buf *out);
/* Takes the member "secrets" out of a JSON object given as text: its strings go into *secrets, and
 * their place is overwritten with blanks, so that no other parser ever copies them. ERR_INPUT where
 * that member is no object of strings; what is not JSON elsewhere is left for its own parser. */
int secrets_take(char *json, size_t len, struct secrets *secrets, struct err *err);

/* Overwrites what calls before this one left in registers and on the stack: where a secret was
 * copied, a register holds it for long, and the dynamic linker saves all of them when a library
 * calls something for the first time. To be called from as near to main as can be. */
void secret_burn_stack(void);

/* Memory for BUF_LOCKED: as realloc, the old place overwritten; never NULL. */
void *secret_realloc(void *old, size_t old_size, size_t size);

#endif
