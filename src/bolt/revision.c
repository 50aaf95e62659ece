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
	struct bolt_page holder = { 0 }, page = { 0 };
	struct bolt_element last;
	struct bolt_bucket bucket;
	int result = bolt_find_bucket(bolt, "key", &bucket, &holder, err);

	if (result == 0)
		result = bolt_seek(bolt, &bucket, NULL, &page, &last, err);
	if (result == 0) {
		*revision = last.key_len >= REVISION_KEY ? main_revision(last.key) : -1;
		if (*revision < 0)
			result = err_set(err, ERR_NOT_VERIFIED, "the newest entry has no revision as its key");
	} else if (err->code == ERR_NOT_FOUND) {
		result = 0;
	}
	bolt_page_release(&page);
	bolt_page_release(&holder);
	return result;
}

static int
scheduled_compaction(struct bolt *bolt, int64_t *revision, struct err *err)
{
	static const char name[] = "scheduledCompactRev";
	struct bolt_page holder = { 0 }, page = { 0 };
	struct bolt_element found;
	struct bolt_bucket bucket;
	int result = bolt_find_bucket(bolt, "meta", &bucket, &holder, err);

	if (result == 0)
		result = bolt_seek(bolt, &bucket, name, &page, &found, err);
	if (result == 0 && found.key_len == sizeof name - 1 &&
	    memcmp(found.key, name, found.key_len) == 0 && found.value_len >= REVISION_KEY)
		*revision = main_revision(found.value);
	else if (result != 0 && err->code == ERR_NOT_FOUND)
		result = 0;
	bolt_page_release(&page);
	bolt_page_release(&holder);
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
