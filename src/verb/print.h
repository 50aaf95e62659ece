/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_PRINT_H
#define VERB_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "etcd/rpc.pb-c.h"
#include "verb/verb.h"

/* etcd's answers in the five forms of etcdctl 3.6, byte for byte. What a form is for one message is
 * a row of prints.def. */

enum print_format { PRINT_SIMPLE, PRINT_FIELDS, PRINT_JSON, PRINT_PROTOBUF, PRINT_TABLE };

struct print {
	enum print_format format;
	bool hex, value_only;
	struct buf out;		/* gathered; handed on by print_flush */
	struct report *report;	/* NULL: the bytes stay in `out` */
	size_t lines;		/* of a job, sent so far */
};

/* The form that -w, --hex and their variables ask for; ERR_UNSUPPORTED for an unknown one. */
int print_open(struct print *print, const struct verb_call *call, struct err *err);
/* Hands on what was gathered and frees. As a job the bytes go as rows, escaped: {"output":…}. */
void print_close(struct print *print);
void print_flush(struct print *print);
/* Ends a line; what was gathered is handed on now and then. */
void print_line(struct print *print);

enum print_kind {
#define PRINT(kind, simple, fields, json, table) PRINT_KIND_##kind,
#include "verb/prints.def"
#undef PRINT
};

/* Appends one message of `kind`; ERR_UNSUPPORTED where this form has no words for it. */
int print_answer(struct print *print, enum print_kind kind, const void *message, struct err *err);

/* A watch's answer as etcdctl's library hands it over. */
struct print_watch {
	const Etcd__ResponseHeader *header;
	Etcd__Event *const *events;
	size_t count;
	int64_t compact_revision;
	bool canceled, created;
};

struct print_health {
	const char *endpoint;
	bool healthy;
	int64_t took_ns;	/* 0: it was never asked */
	char *error;		/* NULL: none */
};

struct print_health_list {
	const struct print_health *rows;
	size_t count;
};

struct print_status {
	const char *endpoint;
	const Etcd__StatusResponse *status;
};

struct print_status_list {
	const struct print_status *rows;
	size_t count;
};

/* Go's encoding/json of a string and of a message by its descriptor. */
void print_json_string(struct buf *out, const char *text, size_t len);
void print_json_message(struct buf *out, const ProtobufCMessage *message);

/* A table as etcdctl draws it: `cells` holds (rows + 1) * columns strings, the first row is the
 * heading. */
void print_grid(struct buf *out, const char *const *cells, size_t columns, size_t rows);

/* Go's time.Duration as text: "2.345678ms". */
void print_duration(struct buf *out, int64_t ns);

/* A size in steps of 1000: "25 kB". */
void print_bytes_si(struct buf *out, uint64_t bytes);

/* "NOSPACE" */
const char *print_alarm_name(Etcd__AlarmType alarm);

/* The cells of one member and of one status; `cells` are allocated strings. */
enum { PRINT_MEMBER_COLUMNS = 6, PRINT_STATUS_COLUMNS = 16, PRINT_HEALTH_COLUMNS = 4 };
void print_member_cells(const Etcd__Member *member, char **cells);
void print_status_cells(const struct print_status *row, char **cells);

/* What the rows of prints.def name. */
#define PRINTER(name) void name(struct print *print, const void *message)
#define PRINT_NONE NULL
PRINTER(print_by_descriptor);
PRINTER(print_fields_alarms);
PRINTER(print_fields_delete);
PRINTER(print_fields_grant);
PRINTER(print_fields_health);
PRINTER(print_fields_members);
PRINTER(print_fields_put);
PRINTER(print_fields_range);
PRINTER(print_fields_status);
PRINTER(print_fields_txn);
PRINTER(print_fields_watch);
PRINTER(print_json_grant);
PRINTER(print_json_health);
PRINTER(print_json_members);
PRINTER(print_json_status);
PRINTER(print_json_watch);
PRINTER(print_simple_alarms);
PRINTER(print_simple_delete);
PRINTER(print_simple_grant);
PRINTER(print_simple_health);
PRINTER(print_simple_members);
PRINTER(print_simple_put);
PRINTER(print_simple_range);
PRINTER(print_simple_status);
PRINTER(print_simple_txn);
PRINTER(print_simple_watch);
PRINTER(print_table_health);
PRINTER(print_table_members);
PRINTER(print_table_status);

#endif
