/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_SERVED_BY_H
#define PKI_SERVED_BY_H

#include "pki/inventory.h"
#include "pki/served.h"

/* Which URL of which member serves which certificate: each URL is asked by a handshake, and what it
 * shows is joined with a folder's certificates by their SHA-256. */

struct served_point {
	char *member;		/* its name; "" where none is known */
	char *url;		/* "https://10.0.0.1:2379" */
	char *label;		/* "etcd1:2379" */
	bool peer;		/* one of its peer URLs */
	bool asked, answers;	/* at least once; the last time */
	bool has_cert;		/* in `cert`; kept while it does not answer */
	bool member_up, due;	/* for the owner of the points; due: to be asked in its turn */
	struct cert cert;	/* what it served last */
	int64_t seen;		/* when, in seconds since 1970 */
	struct err why;		/* where it was asked and does not answer */
	struct served *probe;	/* on its way, or NULL */
	void (*told)(void *context);
	void *context;
};

/* Each point lies by itself: a pointer to one lives until the point is dropped. */
struct served_points {
	struct served_point **items;
	size_t len, cap;
};

struct served_whose {
	const char *member, *url;
	bool peer;
};

/* Adds a URL of a member, taken over from `old` (may be NULL) with all that is known of it. Only
 * https has certificates: NULL for any other. */
struct served_point *served_points_add(struct served_points *points, struct served_points *old,
    const struct served_whose *whose);
void served_points_release(struct served_points *points);

/* Asks one point unless its answer is still awaited; spec->authority is not looked at. `told` runs
 * from the loop after the answer. */
void served_point_ask(struct served_point *point, struct loop *loop, const struct served_spec *spec,
    void (*told)(void *context), void *context);
/* How many answers are awaited. */
size_t served_points_waiting(const struct served_points *points);

enum served_state {
	SERVED_NOT,		/* no server's certificate, or there is nobody to ask */
	SERVED_NOW,
	SERVED_ONCE,		/* the URL that served it does not answer any more */
	SERVED_UNKNOWN,		/* whoever might serve it has not answered */
	SERVED_NOBODY,		/* all answer, and show other certificates */
	SERVED_REPLACED,	/* as before, and by its name it is a member's */
};

struct served_row {
	enum served_state state;
	size_t first, count;	/* NOW, ONCE: the points that do, by the first and how many */
	bool console;		/* it is the one that is shown to the members from here */
};

struct served_join {
	struct served_row *rows;	/* one for each of the inventory's entries */
	size_t len;
	struct served_row *strangers;	/* certificates that are served and not in the inventory */
	size_t stranger_count, stranger_cap;
};

/* `own` is the fingerprint of the client certificate in use, or "". */
void served_join_make(struct served_join *join, const struct inventory *inventory,
    const struct served_points *points, const char *own);
void served_join_release(struct served_join *join);

/* "etcd1:2379", "etcd1:2379 +2", "etcd3:2379 4m ago" (without "ago" after a long name), "nobody",
 * "this console", "?", "-" */
void served_row_text(const struct served_row *row, const struct served_points *points, int64_t now,
    struct buf *out);

#endif
