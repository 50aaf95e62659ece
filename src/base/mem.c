/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
checked(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

void *
xmalloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *
xcalloc(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *
xrealloc(void *old, size_t count, size_t size)
{
	return checked(reallocarray(old, count ? count : 1, size ? size : 1));
}

char *
xstrdup(const char *text)
{
	return checked(strdup(text));
}

char *
xstrndup(const char *text, size_t length)
{
	return checked(strndup(text, length));
}

void *
xmemdup(const void *data, size_t size)
{
	void *copy = xmalloc(size);

	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *
xvasprintf(const char *format, va_list ap)
{
	char *text;

	if (vasprintf(&text, format, ap) < 0)
		abort();
	return text;
}

char *
xasprintf(const char *format, ...)
{
	char *text;
	va_list ap;

	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	return text;
}

void
mem_grow(void *array_pointer, size_t len, size_t *cap, size_t element_size)
{
	void *array;

	if (len < *cap)
		return;
	*cap = *cap ? *cap * 2 : 8;
	memcpy(&array, array_pointer, sizeof array);
	array = xrealloc(array, *cap, element_size);
	memcpy(array_pointer, &array, sizeof array);
}

void
strv_free(char **vector)
{
	if (!vector)
		return;
	for (char **p = vector; *p; p++)
		free(*p);
	free(vector);
}
