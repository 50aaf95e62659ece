/* SPDX-License-Identifier: Apache-2.0
 * A manifest and a proof say again what was written, and show every changed bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backup/manifest.h"
#include "backup/sealed.h"
#include "backup/snapshot_hash.h"

static char hash_text[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

static void
write_one(struct buf *out, struct manifest *manifest)
{
	static char id[] = "20261124T021200Z-5", data[] = "20261124T021200Z-5.db", text[] = "é \" x";

	*manifest = (struct manifest){ .id = id, .data = data, .created = 1000, .revision = 5,
		.revision_source = text, .keys = -1, .size = 4128, .stored_size = 4128,
		.cluster_id = UINT64_C(0xfedcba9876543210), .member_id = 7, .member = text,
		.endpoint = text, .etcd_version = text, .storage_version = text, .by = text,
		.host = text };
	memcpy(manifest->sha256, hash_text, sizeof hash_text);
	memcpy(manifest->trailer, hash_text, sizeof hash_text);
	manifest_write(manifest, out);
}

static void
says_again_what_was_written(void **state)
{
	struct buf text = BUF_INIT(SEALED_MAX);
	struct manifest wrote, read;
	struct err err;

	(void)state;
	write_one(&text, &wrote);
	assert_int_equal(manifest_read(&text, wrote.id, &read, &err), 0);
	assert_int_equal(read.created, 1000);
	assert_int_equal(read.revision, 5);
	assert_int_equal(read.keys, -1);
	assert_true(read.cluster_id == wrote.cluster_id);
	assert_string_equal(read.member, wrote.member);
	assert_string_equal(read.seal, wrote.seal);
	manifest_release(&read);
	assert_int_equal(manifest_read(&text, "20261124T021200Z-6", &read, &err), -1);
	assert_int_equal(err.code, ERR_NOT_VERIFIED);
	buf_release(&text);
}

static void
shows_every_changed_bit(void **state)
{
	struct buf text = BUF_INIT(SEALED_MAX);
	struct manifest wrote, read;
	struct err err;

	(void)state;
	write_one(&text, &wrote);
	for (size_t i = 0; i < text.len * 8; i++) {
		text.data[i / 8] ^= (char)(1 << i % 8);
		assert_int_equal(manifest_read(&text, wrote.id, &read, &err), -1);
		assert_int_equal(err.code, ERR_NOT_VERIFIED);
		text.data[i / 8] ^= (char)(1 << i % 8);
	}
	while (text.len--) {
		text.data[text.len] = '\0';
		assert_int_equal(manifest_read(&text, wrote.id, &read, &err), -1);
	}
	buf_release(&text);
}

static void
proves_one_backup_only(void **state)
{
	static char id[] = "a-1", failure[] = "data: gone", who[] = "me";
	struct proof wrote = { .id = id, .verified_at = 50, .failed_at = 60, .failure = failure,
		.by = who, .host = who }, read;
	struct buf text = BUF_INIT(SEALED_MAX);
	struct err err;

	(void)state;
	memcpy(wrote.sha256, hash_text, sizeof hash_text);
	memcpy(wrote.manifest, hash_text, sizeof hash_text);
	proof_write(&wrote, &text);
	assert_int_equal(proof_read(&text, "a-1", &read, &err), 0);
	assert_int_equal(read.verified_at, 50);
	assert_int_equal(read.failed_at, 60);
	assert_string_equal(read.failure, failure);
	proof_release(&read);
	assert_int_equal(proof_read(&text, "a-2", &read, &err), -1);
	proof_release(&read);
	buf_release(&text);
}

static void
hashes_in_any_pieces(void **state)
{
	static const size_t steps[] = { 1, 5, 31, 32, 33, 100, 1000 };
	unsigned char data[1000], content[SHA256_SIZE], whole[SHA256_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (unsigned char)(i * 7);
	sha256_once(data, sizeof data - SHA256_SIZE, content);
	sha256_once(data, sizeof data, whole);
	for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
		struct snapshot_hash hash;
		struct snapshot_sums sums;

		snapshot_hash_init(&hash);
		for (size_t at = 0; at < sizeof data; at += steps[s])
			snapshot_hash_add(&hash, data + at, sizeof data - at < steps[s]
			    ? sizeof data - at : steps[s]);
		assert_true(snapshot_hash_end(&hash, &sums));
		assert_memory_equal(sums.content, content, SHA256_SIZE);
		assert_memory_equal(sums.whole, whole, SHA256_SIZE);
		assert_memory_equal(sums.trailer, data + sizeof data - SHA256_SIZE, SHA256_SIZE);
		assert_int_equal(sums.bytes, sizeof data);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_again_what_was_written),
		cmocka_unit_test(shows_every_changed_bit),
		cmocka_unit_test(proves_one_backup_only),
		cmocka_unit_test(hashes_in_any_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
