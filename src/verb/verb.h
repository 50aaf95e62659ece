/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_VERB_H
#define VERB_VERB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/secret.h"
#include "cluster/settings.h"
#include "verb/plan.h"
#include "verb/report.h"

/* A verb does one thing and ends: on the command line, or as a child of the console. It is
 * straight-line C over the blocking forms of the floors below, and says what it finds through its
 * report. It never asks: a secret it lacks is call_secret's business. */

enum verb_touches {
	TOUCH_PKI = 1,
	TOUCH_BACKUPS = 2,
	TOUCH_KEYS = 4,
	TOUCH_MEMBERS = 8,
};

enum flag_type { FLAG_BOOL, FLAG_STR, FLAG_INT };

struct flag {
	const char *name;	/* long name without dashes */
	char letter;		/* short name, or 0 */
	enum flag_type type;
	const char *value;	/* what its value is called in the usage ("FILE"); NULL for FLAG_BOOL */
	const char *help;
};

struct verb_call;

/* How a verb file describes its verb: `const struct verb_ops ops_NAME` beside one line in
 * verbs.def. A verb that changes something has `plan`, which writes nothing and says what `run`
 * would do; `run` then gets that plan back (call->plan) and fails with ERR_GUARD where what it
 * was made from no longer holds. `run` of a verb without `plan` only reads or only adds. */
struct verb_ops {
	const struct flag *flags;	/* ended by a NULL name; may be NULL */
	int (*plan)(struct verb_call *call, struct plan *plan, struct err *err);
	int (*run)(struct verb_call *call, struct err *err);
	bool reads;			/* changes nothing anywhere: allowed under --read-only */
	bool raw;			/* parses its own arguments: gets all of them as positions */
	bool tail;			/* what follows "--" is another program's command: args_tail */
};

struct verb {
	const char *name;	/* "backup_create" */
	const char *words;	/* "backup create" */
	const char *usage;	/* what follows the words: "[--to TARGET]" */
	const char *help;	/* one sentence */
	unsigned touches;
	const struct verb_ops *ops;
};

/* The verbs of verbs.def, ended by a NULL name. */
extern const struct verb verbs[];

struct args;

struct verb_call {
	const struct verb *verb;
	struct loop *loop;
	struct settings *settings;	/* global flags, environment and workspace */
	struct args *args;
	struct report *report;
	struct plan *plan;		/* in `run` of a verb that plans: the plan to carry out */
	const struct secrets *secrets;	/* from the console; NULL on the command line */
	/* Asks the person at the terminal; NULL where there is none. The caller frees the answer, that
	 * of a secret with secret_free. */
	char *(*ask)(const char *prompt, bool secret);
	bool etcdctl;			/* called by etcdctl's name: its words and nothing more */
	const char *called;		/* that name: "etcdctl", "etcdutl" */
};

/* What follows the words. A flag that was not given: NULL, `otherwise`, false. */
size_t args_count(const struct args *args);
const char *args_at(const struct args *args, size_t index); /* NULL past the end */
const char *args_str(const struct args *args, const char *flag);
bool args_bool(const struct args *args, const char *flag);
bool args_given(const struct args *args, const char *flag);
/* Numbers were checked when they were parsed. */
int64_t args_int(const struct args *args, const char *flag, int64_t otherwise);
/* The words after "--" of a verb with `tail`, NULL-ended; NULL where there was no "--". */
char *const *args_tail(const struct args *args);
/* One position more, as if it had been given. */
void args_append(struct args *args, const char *text);
/* Fails with ERR_USAGE unless there are between min and max positional arguments. */
int args_expect(const struct verb_call *call, size_t min, size_t max, struct err *err);

/* A secret such as "ca_passphrase": from the console, else asked for at the terminal with `prompt`,
 * else ERR_NEED with err->need set. The caller frees with secret_free. */
char *call_secret(struct verb_call *call, const char *name, const char *prompt, struct err *err);

struct words {
	int count;
	char *const *list;
};

/* Parses argv after the program's name: global flags (into `settings`) anywhere, the verb's words
 * (unless *verb is known already; NULL afterwards where there are none), its own flags and
 * positions. Errors are ERR_USAGE. */
int verb_parse(struct words words, struct settings *settings, const struct verb **verb,
    struct args **args, struct err *err);
void args_free(struct args *args);

/* The verb of these words ("backup create"), or NULL. */
const struct verb *verb_find(const char *words);

/* Runs a verb as the command line does: its plan, the confirmation that the plan asks for, then the
 * change. With `--plan` the plan only. */
int verb_run(struct verb_call *call, struct err *err);

/* Runs another verb inside this one, unheard: `argv` NULL-ended, its words first. Global flags in
 * argv are its own; nothing of the outer call's is taken over but the loop and the secrets. The
 * result object comes back in *result (may be NULL; the caller puts it). */
int verb_within(struct verb_call *call, const char *const *argv, struct json_object **result,
    struct err *err);

/* Runs one job of the console: `line` is the JSON object from stdin,
 * {"argv":[…],"phase":"run"|"plan"|"apply","plan":{…}}; strings in argv that are not UTF-8 come as
 * {"b64":"…"}; its "secrets" were taken out (secrets_take) into call->secrets. The report is in job
 * mode and ends with one result or error. */
int verb_job(const char *line, size_t len, struct verb_call *call, struct err *err);

/* One verb's help, or the list of all verbs where `verb` is NULL. */
void verb_usage(const struct verb *verb, struct buf *out);

#endif
