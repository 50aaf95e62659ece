/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_PROGRAM_H
#define VERB_PROGRAM_H

#include "base/err.h"
#include "base/loop.h"
#include "verb/report.h"

/* Another tool whose name vetch answers to: linked under that name, or `vetch as NAME`. */
struct program_call {
	int argc;		/* what follows the name */
	char **argv;
	struct loop *loop;
	struct report *report;	/* text mode: report_raw for stdout, report_words for stderr */
	char *(*ask)(const char *prompt, bool secret);
	int stdin_fd;
};

/* Returns the exit status; the program words its own errors on stderr. */
struct program {
	const char *name;
	int (*run)(struct program_call *call);
};

#define PROGRAM(name) int as_##name(struct program_call *call);
#include "verb/programs.def"
#undef PROGRAM

/* The programs of programs.def, ended by a NULL name. */
extern const struct program programs[];

const struct program *program_find(const char *name);

#endif
