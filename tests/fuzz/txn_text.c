/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/txn_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

/* A line of a transaction, as a comparison and as words: an error, or what can be sent. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *line = xstrndup((const char *)data, strnlen((const char *)data, len));
	Etcd__Compare compare;
	struct err err = { 0 };
	char **words;

	if (txn_compare_parse(line, &compare, &err) == 0) {
		MUST(etcd__compare__get_packed_size(&compare) > 0 || compare.key.len == 0);
		txn_compare_release(&compare);
	} else {
		MUST(err.code == ERR_INPUT && *err.text);
	}
	words = txn_words(line, &err);
	strv_free(words);
	free(line);
	return 0;
}
