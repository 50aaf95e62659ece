/* SPDX-License-Identifier: Apache-2.0 */
#include "bolt/revision.h"

#include <string.h>

enum { REVISION_KEY = 17 };

/* The main revision: 8 bytes, most significant first. */
static int64_t
main_revision(const unsigned char *at)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | at[i];
	return value > INT64_MAX ? -1 : (int64_t)value;
}

static int
newest_key(struct bolt *bolt, int64_t *revision, struct err *err)
{
	struct bolt_found holder = { 0 }, last = { 0 };
	struct bolt_bucket bucket;
	int result = bolt_find_bucket(bolt, "key", &bucket, &holder, err);

	if (result == 0)
		result = bolt_seek(bolt, &bucket, NULL, &last, err);
	if (result == 0) {
		*revision = last.element.key_len >= REVISION_KEY ? main_revision(last.element.key) : -1;
		if (*revision < 0)
			result = err_set(err, ERR_NOT_VERIFIED, "the newest entry has no revision as its key");
	} else if (err->code == ERR_NOT_FOUND) {
		result = 0;
	}
	bolt_page_release(&last.page);
	bolt_page_release(&holder.page);
	return result;
}

static int
scheduled_compaction(struct bolt *bolt, int64_t *revision, struct err *err)
{
	static const char name[] = "scheduledCompactRev";
	struct bolt_found holder = { 0 }, found = { 0 };
	struct bolt_bucket bucket;
	int result = bolt_find_bucket(bolt, "meta", &bucket, &holder, err);

	if (result == 0)
		result = bolt_seek(bolt, &bucket, name, &found, err);
	if (result == 0 && found.element.key_len == sizeof name - 1 &&
	    memcmp(found.element.key, name, sizeof name - 1) == 0 &&
	    found.element.value_len >= REVISION_KEY)
		*revision = main_revision(found.element.value);
	else if (result != 0 && err->code == ERR_NOT_FOUND)
		result = 0;
	bolt_page_release(&found.page);
	bolt_page_release(&holder.page);
	return result;
}

int
bolt_revision(struct bolt *bolt, int64_t *revision, struct err *err)
{
	int64_t compacted = 0;

	*revision = 1;
	if (newest_key(bolt, revision, err) != 0 || scheduled_compaction(bolt, &compacted, err) != 0)
		return -1;
	if (compacted > *revision)
		*revision = compacted;
	return 0;
}
