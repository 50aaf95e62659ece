/* SPDX-License-Identifier: Apache-2.0 */
#include "store/s3_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/xml.h"

static void
copy_shown(char *out, size_t size, const char *text)
{
	struct buf shown = BUF_INIT(4096);

	text_escape(&shown, text, strnlen(text, 1000));
	snprintf(out, size, "%s", buf_str(&shown));
	text_cut(out);
	buf_release(&shown);
}

static void
on_element(void *context, const char *path, const char *text)
{
	struct s3_error *error = context;

	if (strcmp(path, "Error/Code") == 0)
		copy_shown(error->code, sizeof error->code, text);
	else if (strcmp(path, "Error/Message") == 0)
		copy_shown(error->message, sizeof error->message, text);
	else if (strcmp(path, "Error/Region") == 0)
		copy_shown(error->region, sizeof error->region, text);
}

bool
s3_error_read(const struct http_answer *answer, bool look_in_200, struct s3_error *error)
{
	bool good = answer->status >= 200 && answer->status < 300;
	char region[sizeof error->region];

	*error = (struct s3_error){ .status = answer->status };
	if (good && !look_in_200)
		return false;
	if (answer->body.len)
		xml_read(answer->body.data, answer->body.len, on_element, error, NULL);
	if (good)
		return *error->code;
	http_header(answer, "x-amz-bucket-region", region, sizeof region);
	if (*region)
		copy_shown(error->region, sizeof error->region, region);
	http_header(answer, "date", error->date, sizeof error->date);
	return true;
}

bool
s3_error_passes(const struct s3_error *error)
{
	static const char *const codes[] = { "RequestTimeout", "InternalError", "SlowDown",
		"ServiceUnavailable", "OperationAborted" };

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strcmp(error->code, codes[i]) == 0)
			return true;
	if (error->status >= 200 && error->status < 300)
		return true; /* an <Error> in a 200: only the server's own failures come that way */
	return error->status == 429 || error->status == 408 || error->status == 500 ||
	    (error->status >= 502 && error->status <= 504);
}

static enum err_code
code_of(const struct s3_error *error)
{
	if (error->status == 401 || error->status == 403)
		return ERR_DENIED;
	if (error->status == 412 || error->status == 409)
		return ERR_GUARD;
	if (error->status == 404 && strcmp(error->code, "NoSuchBucket") != 0)
		return ERR_NOT_FOUND;
	return ERR_SERVER;
}

static void
explain_skew(const struct s3_error *error, struct err *err)
{
	time_t theirs = curl_getdate(error->date, NULL);
	long long off = theirs < 0 ? 0 : (long long)theirs - clock_wall_ms() / 1000;
	char age[16];

	if (off)
		err_cure(err, "set this host's clock: it is %s %s the server's",
		    text_age(off < 0 ? -off : off, age, sizeof age), off < 0 ? "ahead of" : "behind");
	else
		err_cure(err, "set this host's clock");
}

static void
add_cure(const struct s3_error *error, const char *source, struct err *err)
{
	const char *code = error->code;

	if (strcmp(code, "RequestTimeTooSkewed") == 0)
		explain_skew(error, err);
	else if (strcmp(code, "SignatureDoesNotMatch") == 0)
		err_cure(err, "check the secret key that came from %s", source);
	else if (strcmp(code, "InvalidAccessKeyId") == 0)
		err_cure(err, "check the access key that came from %s", source);
	else if (strcmp(code, "ExpiredToken") == 0)
		err_cure(err, "renew the temporary keys that came from %s", source);
	else if (strcmp(code, "NoSuchBucket") == 0)
		err_cure(err, "make the bucket, or name another one with --to or --from");
	else if (error->status == 403)
		err_cure(err, "allow this action in the bucket's policy for the key from %s", source);
	else if (error->status >= 500 || error->status == 429)
		err_cure(err, "try again later");
}

void
s3_error_explain(const struct s3_error *error, const char *what, const char *key_source,
    struct err *err)
{
	err_set(err, code_of(error), "%s: %s%s%s (HTTP %ld)", what,
	    *error->code ? error->code : "refused", *error->message ? ": " : "", error->message,
	    error->status);
	add_cure(error, key_source, err);
}
