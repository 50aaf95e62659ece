/* SPDX-License-Identifier: Apache-2.0
 * gRPC's frames in any pieces, its escaped messages, a snapshot's parts, endpoints as written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "etcd/address.h"
#include "etcd/grpc_frame.h"
#include "etcd/rpc.pb-c.h"
#include "etcd/snapshot_part.h"

/* Feeds `data` in pieces of `step` bytes; the messages come back joined by '|'. */
static int
feed(struct buf *out, const struct buf *data, size_t step)
{
	struct grpc_reader reader;
	int got = 0;

	grpc_reader_init(&reader, 100);
	for (size_t at = 0; at < data->len && got >= 0;) {
		size_t used, len, piece = data->len - at < step ? data->len - at : step;
		const uint8_t *message;

		got = grpc_reader_feed(&reader, (uint8_t *)data->data + at, piece, &used, NULL);
		at += used;
		if (got != 1)
			continue;
		message = grpc_reader_message(&reader, &len);
		buf_add(out, message, len);
		buf_add_byte(out, '|');
	}
	grpc_reader_release(&reader);
	return got;
}

static void
frames_come_in_any_pieces(void **state)
{
	struct buf data = BUF_INIT(1000);

	(void)state;
	grpc_frame(&data, "first", 5);
	grpc_frame(&data, "", 0);
	grpc_frame(&data, "third", 5);
	for (size_t step = 1; step < 30; step++) {
		struct buf out = BUF_INIT(1000);

		assert_int_equal(feed(&out, &data, step), 1);
		assert_string_equal(buf_str(&out), "first||third|");
		buf_release(&out);
	}
	buf_release(&data);
}

static void
bad_frames_are_refused(void **state)
{
	struct buf out = BUF_INIT(1000), big = BUF_INIT(1000), packed = BUF_INIT(1000);

	(void)state;
	buf_add(&big, "\0\0\0\0\x65xxxx", 9);
	assert_int_equal(feed(&out, &big, 100), -1);
	buf_add(&packed, "\1\0\0\0\1x", 6);
	assert_int_equal(feed(&out, &packed, 100), -1);
	buf_release(&big);
	buf_release(&packed);
	buf_release(&out);
}

static void
messages_are_unescaped(void **state)
{
	static const struct { const char *in, *out; } cases[] = {
		{ "plain", "plain" }, { "a%20b", "a b" }, { "%C3%a4", "\xc3\xa4" }, { "100%", "100%" },
		{ "%2", "%2" }, { "%zz%41", "%zzA" }, { "%25%32", "%2" }, { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = BUF_INIT(100);

		grpc_percent_decode(&out, cases[i].in, strlen(cases[i].in));
		assert_string_equal(buf_str(&out), cases[i].out);
		buf_release(&out);
	}
}

static void
snapshot_parts_are_read_as_protobuf_reads_them(void **state)
{
	Etcd__SnapshotResponse message = ETCD__SNAPSHOT_RESPONSE__INIT;
	uint8_t bytes[256], blob[] = "some bytes of the file";
	char version[] = "3.6.0";
	struct snapshot_part part;
	size_t len;

	(void)state;
	message.remaining_bytes = 1ull << 40;
	message.blob = (ProtobufCBinaryData){ .data = blob, .len = sizeof blob };
	message.version = version;
	len = etcd__snapshot_response__pack(&message, bytes);
	assert_true(snapshot_part_read(&part, bytes, len));
	assert_int_equal(part.remaining, 1ull << 40);
	assert_int_equal(part.blob_len, sizeof blob);
	assert_memory_equal(part.blob, blob, sizeof blob);
	assert_int_equal(part.version_len, 5);
	assert_false(snapshot_part_read(&part, bytes, len - 1));
}

static void
assert_address(const char *text, const struct etcd_config *config, const char *url,
    const char *host)
{
	struct etcd_address address;
	struct err err;

	assert_int_equal(etcd_address_parse(&address, text, config, &err), 0);
	assert_string_equal(address.url, url);
	assert_string_equal(address.host, host);
	etcd_address_release(&address);
}

static void
endpoints_are_understood(void **state)
{
	static char path[] = "ca.pem";
	const struct etcd_config plain = { .insecure_transport = true };
	const struct etcd_config tls = { .insecure_transport = true, .cacert = path };
	struct etcd_address address;
	struct err err;

	(void)state;
	assert_address("etcd1:2379", &plain, "http://etcd1:2379", "etcd1");
	assert_address("etcd1:2379", &tls, "https://etcd1:2379", "etcd1");
	assert_address("http://etcd1:2379/", &tls, "http://etcd1:2379", "etcd1");
	assert_address("https://[::1]:23", &plain, "https://[::1]:23", "::1");
	assert_address("10.0.0.1", &plain, "http://10.0.0.1:2379", "10.0.0.1");
	assert_address("unix:/run/etcd.sock", &plain, "unix:/run/etcd.sock", "localhost");
	assert_int_equal(etcd_address_parse(&address, "ftp://a:1", &plain, &err), -1);
	assert_int_equal(etcd_address_parse(&address, "a:99999", &plain, &err), -1);
	assert_int_equal(etcd_address_parse(&address, "https://", &plain, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_in_any_pieces),
		cmocka_unit_test(bad_frames_are_refused),
		cmocka_unit_test(messages_are_unescaped),
		cmocka_unit_test(snapshot_parts_are_read_as_protobuf_reads_them),
		cmocka_unit_test(endpoints_are_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
