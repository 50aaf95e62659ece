/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SIGV4_H
#define STORE_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* AWS Signature Version 4 in the Authorization header, by the rules of S3: the path is encoded once
 * and never normalised. (AWS General Reference, "Signing AWS API requests"; S3 API Reference,
 * "Authenticating Requests: Using the Authorization Header".) */

struct sigv4_pair {
	const char *name, *value;
};

struct sigv4_key {
	const char *access, *secret;
	const char *region, *service;
};

struct sigv4_request {
	const char *method;
	const char *path;			/* encoded, begins with "/" */
	const struct sigv4_pair *query;		/* not encoded, in any order */
	size_t query_count;
	const struct sigv4_pair *headers;	/* lower-case names, in any order; all are signed */
	size_t header_count;
	const char *payload;			/* hex SHA-256 or UNSIGNED-PAYLOAD */
	int64_t when;				/* seconds since 1970 */
};

#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"

/* Percent-encodes all but A-Z a-z 0-9 - . _ ~ (and "/" where `path`). */
void sigv4_encode(struct buf *out, const char *text, bool path);
/* The query as it is sent and signed: encoded and sorted, "name=" where there is no value. */
void sigv4_query(struct buf *out, const struct sigv4_pair *query, size_t count);
/* The canonical request; what a server's SignatureDoesNotMatch is compared with. */
void sigv4_canonical(struct buf *out, const struct sigv4_request *request);
/* The value of the Authorization header. */
void sigv4_authorization(struct buf *out, const struct sigv4_key *key,
    const struct sigv4_request *request);

#endif
