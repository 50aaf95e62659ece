/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/finding.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

void
finding_add(struct findings *list, enum finding_level level, const char *format, ...)
{
	struct buf text = BUF_INIT(4096);
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&text, format, ap);
	va_end(ap);
	GROW(list->items, list->len, list->cap);
	list->items[list->len++] = (struct finding){ level, buf_steal(&text) };
}

void
findings_release(struct findings *list)
{
	for (size_t i = 0; i < list->len; i++)
		free(list->items[i].text);
	free(list->items);
	*list = (struct findings){ 0 };
}

size_t
findings_count(const struct findings *list, enum finding_level level)
{
	size_t count = 0;

	for (size_t i = 0; i < list->len; i++)
		count += list->items[i].level == level;
	return count;
}

const char *
finding_word(enum finding_level level)
{
	static const char *const words[] = { "ok", "note", "WARN", "ERROR" };

	return words[level];
}
