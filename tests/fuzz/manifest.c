/* SPDX-License-Identifier: Apache-2.0 */
#include "backup/manifest.h"
#include "backup/sealed.h"
#include "tests/fuzz/fuzz.h"

/* Sealed by a stranger who can seal: what is inside is still looked at. */
static void
read_both(const struct buf *text)
{
	struct manifest manifest = { 0 };
	struct proof proof = { 0 };
	struct err err = { 0 };

	if (manifest_read(text, "20261124T021200Z-1", &manifest, &err) != 0)
		MUST(strstr(err.text, "manifest"));
	manifest_release(&manifest);
	if (proof_read(text, "20261124T021200Z-1", &proof, &err) != 0)
		MUST(err.text[0]);
	proof_release(&proof);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf text = BUF_INIT(SEALED_MAX), sealed = BUF_INIT(2 * SEALED_MAX);
	struct json_object *object;
	struct err err = { 0 };

	buf_add(&text, data, len);
	read_both(&text);
	object = json_parse((const char *)data, len, "input", &err);
	if (json_object_is_type(object, json_type_object)) {
		sealed_write(&sealed, object, NULL);
		read_both(&sealed);
	}
	json_object_put(object);
	buf_release(&text);
	buf_release(&sealed);
	return 0;
}
