/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	const char *name;
	int status;
} codes[ERR_COUNT] = {
	[ERR_NONE] = { "none", 0 },
#define ERROR(code, name, status) [code] = { name, status },
#include "base/errors.def"
#undef ERROR
};

int
err_set(struct err *err, enum err_code code, const char *format, ...)
{
	va_list ap;

	if (!err)
		return -1;
	err_clear(err);
	err->code = code;
	va_start(ap, format);
	vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	text_cut(err->text);
	return -1;
}

int
err_errno(struct err *err, int number, const char *format, ...)
{
	va_list ap;
	size_t used;

	if (!err)
		return -1;
	err_clear(err);
	err->code = ERR_IO;
	va_start(ap, format);
	vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(number));
	return -1;
}

int
err_cure(struct err *err, const char *format, ...)
{
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, format);
	vsnprintf(err->cure, sizeof err->cure, format, ap);
	va_end(ap);
	text_cut(err->cure);
	return -1;
}

int
err_prefix(struct err *err, const char *format, ...)
{
	char old[sizeof err->text];
	va_list ap;
	size_t used;

	if (!err)
		return -1;
	memcpy(old, err->text, sizeof old);
	va_start(ap, format);
	vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof err->text - used, ": %s", old);
	text_cut(err->text);
	return -1;
}

void
err_clear(struct err *err)
{
	if (err)
		memset(err, 0, sizeof *err);
}

const char *
err_name(enum err_code code)
{
	return codes[code].name;
}

int
err_status(enum err_code code)
{
	return codes[code].status;
}

enum err_code
err_code_of(const char *name)
{
	for (int i = 0; i < ERR_COUNT; i++)
		if (strcmp(codes[i].name, name) == 0)
			return (enum err_code)i;
	return ERR_FAILED;
}
