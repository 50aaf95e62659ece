/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_AS_CFSSL_H
#define VERB_AS_CFSSL_H

#include "base/buf.h"
#include "verb/program.h"

/* cfssl 1.6.5's command line: what its verbs share. Results go to stdout to the letter, words to
 * stderr. */

enum cfssl_flag {
#define CFSSL_FLAG(id, name, bool_flag) CFSSL_##id,
#include "verb/as_cfssl_flags.def"
#undef CFSSL_FLAG
	CFSSL_FLAGS
};

struct cfssl_call {
	struct program_call *program;
	const char *flags[CFSSL_FLAGS];	/* NULL: not given; "true" or "false" for the boolean ones */
	char **args;			/* what follows the flags, NULL-ended; not owned */
};

bool cfssl_on(const struct cfssl_call *call, enum cfssl_flag flag);
/* The argument at `index`; fails where there are fewer. */
int cfssl_arg(const struct cfssl_call *call, size_t index, const char **arg, struct err *err);
/* Reads a file as cfssl does: "-" is stdin, "file:NAME" and "env:NAME" are prefixes. */
int cfssl_read(const struct cfssl_call *call, const char *name, struct buf *out, struct err *err);
/* The hosts of -hostname (strv_free), or NULL where it was not given. */
char **cfssl_hosts(const struct cfssl_call *call);
/* Writes stdout. */
void cfssl_print(const struct cfssl_call *call, const char *text);

/* {"cert":…,"csr":…,"key":…} and a newline; an empty part is left out. */
struct cfssl_result {
	struct buf cert, csr, key;
};
void cfssl_result_init(struct cfssl_result *result);
void cfssl_result_release(struct cfssl_result *result);
void cfssl_result_print(const struct cfssl_call *call, const struct cfssl_result *result);

/* The verbs; each fails with an err that is worded on stderr, exit 1. */
int cfssl_gencert(const struct cfssl_call *call, struct err *err);
int cfssl_genkey(const struct cfssl_call *call, struct err *err);
int cfssl_gencsr(const struct cfssl_call *call, struct err *err);
int cfssl_selfsign(const struct cfssl_call *call, struct err *err);
int cfssl_sign(const struct cfssl_call *call, struct err *err);
int cfssl_certinfo(const struct cfssl_call *call, struct err *err);
int cfssl_info(const struct cfssl_call *call, struct err *err);

#endif
