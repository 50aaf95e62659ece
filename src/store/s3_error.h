/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_S3_ERROR_H
#define STORE_S3_ERROR_H

#include "base/http.h"

/* What an S3 server says went wrong. (Amazon S3 API Reference, "Error Responses".) */

struct s3_error {
	long status;
	char code[64];		/* "SlowDown"; "" where the answer names none */
	char message[256];	/* safe to show */
	char region[64];	/* where the bucket is, where the server tells */
	char date[64];		/* the server's clock (Date header) */
};

/* Reads the error of an answer. True where there is one: a status other than 2xx or, in a body that
 * was looked at, an <Error>. */
bool s3_error_read(const struct http_answer *answer, bool look_in_200, struct s3_error *error);
/* Worth another try. */
bool s3_error_passes(const struct s3_error *error);
/* Fills err for "PUT s3://b/k": code, message, status, and the cure. */
void s3_error_explain(const struct s3_error *error, const char *what, const char *key_source,
    struct err *err);

#endif
