/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_FINDING_H
#define PKI_FINDING_H

#include <stddef.h>

/* What a console can say about certificates and about the files that make them, which cfssl does
 * not: each one sentence naming the thing, the cause and what to do. */

enum finding_level { FINDING_OK, FINDING_NOTE, FINDING_WARN, FINDING_ERROR };

struct finding {
	enum finding_level level;
	char *text;
};

struct findings {
	struct finding *items;
	size_t len, cap;
};

void finding_add(struct findings *list, enum finding_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void findings_release(struct findings *list);
size_t findings_count(const struct findings *list, enum finding_level level);
/* "ok", "note", "WARN", "ERROR" */
const char *finding_word(enum finding_level level);

#endif
