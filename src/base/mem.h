/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Allocation that aborts when memory is out. The caller frees with free(). Sizes that come from
 * a network or a file are checked against a cap before they get here. */
void *xmalloc(size_t size) __attribute__((malloc, alloc_size(1), returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, alloc_size(1, 2), returns_nonnull));
void *xrealloc(void *old, size_t count, size_t size)
	__attribute__((alloc_size(2, 3), returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *text, size_t length) __attribute__((malloc, returns_nonnull));
void *xmemdup(const void *data, size_t size) __attribute__((malloc, returns_nonnull));
char *xvasprintf(const char *format, va_list ap)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 0)));
char *xasprintf(const char *format, ...)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

/* Makes room for one more element in the array at *array (an array of *cap elements, *len used). */
void mem_grow(void *array_pointer, size_t len, size_t *cap, size_t element_size);
#define GROW(array, len, cap) mem_grow(&(array), (len), &(cap), sizeof *(array))

#define ARRAY_LEN(array) (sizeof(array) / sizeof *(array))

/* Frees a NULL-ended vector of strings and the strings in it. */
void strv_free(char **vector);

#endif
