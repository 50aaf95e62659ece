/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* An error names the thing and the cause in `text`, and in `cure` the vetch command or one
 * imperative sentence that mends it (empty only where none exists). It is filled where the fault
 * is seen; callers may add a prefix; only ui/main and the status line print it. */

enum err_code {
	ERR_NONE,
#define ERROR(code, name, status) code,
#include "base/errors.def"
#undef ERROR
	ERR_COUNT
};

struct err {
	enum err_code code;
	char text[512];
	char cure[160];
	char need[32]; /* ERR_NEED: the secret to ask for, such as "ca_passphrase" */
	int peer_code; /* what the other side called it (a gRPC status); 0: nothing */
};

/* Fills err (which may be NULL) and clears its cure; always returns -1, so that a failing function
 * can end with `return err_set(…)`. */
int err_set(struct err *err, enum err_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set, with ": " and the text of the errno value `number` at the end. */
int err_errno(struct err *err, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sets the cure of an error that is already set; returns -1. */
int err_cure(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before the text; returns -1. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *err);

/* The name in JSON ("cannot_connect"), and the exit status of a code. */
const char *err_name(enum err_code code);
int err_status(enum err_code code);

/* The code of a JSON name; ERR_FAILED for a name that is not known. */
enum err_code err_code_of(const char *name);

#endif
