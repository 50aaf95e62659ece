/* SPDX-License-Identifier: Apache-2.0
 * cfssljson: the JSON of cfssl into files. The key is written first and the certificate last, each
 * whole or not at all, so that a certificate never stands without its key. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "verb/program.h"

enum { INPUT_MAX = 16 << 20, EXIT_FLAG = 2 };

struct options {
	bool bare, to_stdout, version;
	const char *file, *base;
};

/* In the order of -stdout; `turn` is the order of writing. */
static const struct part {
	const char *bare, *wrapped, *suffix;
	mode_t mode;
	bool base64, binary;
	int turn;
} parts[] = {
	{ "cert", "certificate", ".pem", 0664, false, false, 5 },
	{ "key", "private_key", "-key.pem", 0600, false, false, 0 },
	{ "encrypted_key", NULL, "-key.enc", 0600, false, true, 1 },
	{ "csr", "certificate_request", ".csr", 0644, false, false, 2 },
	{ "ocspResponse", NULL, "-response.der", 0644, true, true, 4 },
};

static bool
parse_word(struct options *options, char **argv, int argc, int *i)
{
	const char *name = argv[*i] + (argv[*i][1] == '-' ? 2 : 1);

	if (strcmp(name, "bare") == 0 || strcmp(name, "bare=true") == 0)
		options->bare = true;
	else if (strcmp(name, "stdout") == 0 || strcmp(name, "stdout=true") == 0)
		options->to_stdout = true;
	else if (strcmp(name, "version") == 0)
		options->version = true;
	else if (strncmp(name, "f=", 2) == 0)
		options->file = name + 2;
	else if (strcmp(name, "f") == 0 && *i + 1 < argc)
		options->file = argv[++*i];
	else if (strcmp(name, "bare=false") != 0 && strcmp(name, "stdout=false") != 0)
		return false;
	return true;
}

static bool
parse_options(struct program_call *program, struct options *options)
{
	int i;

	*options = (struct options){ .file = "-", .base = "cert" };
	for (i = 0; i < program->argc && program->argv[i][0] == '-' && program->argv[i][1]; i++)
		if (!parse_word(options, program->argv, program->argc, &i)) {
			report_words(program->report, "cfssljson: %s is no flag of it", program->argv[i]);
			return false;
		}
	if (i < program->argc)
		options->base = program->argv[i];
	return true;
}

static int
read_input(const struct program_call *program, const char *file, struct buf *out, struct err *err)
{
	char bytes[8192];
	ssize_t n;

	if (strcmp(file, "-") != 0)
		return fs_read(file, out, err);
	while ((n = read(program->stdin_fd, bytes, sizeof bytes)) > 0)
		if (!buf_add(out, bytes, (size_t)n))
			return err_set(err, ERR_TOO_BIG, "the input is larger than 16 MiB");
	explicit_bzero(bytes, sizeof bytes);
	return n < 0 ? err_errno(err, errno, "stdin") : 0;
}

/* The object that holds the parts: the input, or the result of an API answer. */
static struct json_object *
find_parts(struct json_object *root, bool bare, struct err *err)
{
	struct json_object *errors, *message;

	if (!json_object_is_type(root, json_type_object)) {
		err_set(err, ERR_INPUT, "the input is not a JSON object");
		return NULL;
	}
	if (bare)
		return root;
	if (json_flag(root, "success", false)) {
		struct json_object *result = json_get(root, "result");

		return result ? result : root;
	}
	errors = json_array(root, "errors");
	message = json_at(errors, 0);
	err_set(err, ERR_FAILED, "the request failed: %s",
	    json_str(message, "message", "the input says no success"));
	err_cure(err, "for the output of cfssl itself add -bare");
	return NULL;
}

/* The text of a part; NULL where the input has none, or -1 where it is not text. */
static int
part_text(struct json_object *object, const struct part *part, struct buf *out, bool *there,
    struct err *err)
{
	struct json_object *value = json_get(object, part->bare);
	const char *text;

	if (!value && part->wrapped)
		value = json_get(object, part->wrapped);
	*there = value != NULL;
	if (!value)
		return 0;
	if (!json_object_is_type(value, json_type_string))
		return err_set(err, ERR_INPUT, "\"%s\" is not text", part->bare);
	text = json_object_get_string(value);
	if (!part->base64)
		buf_add(out, text, (size_t)json_object_get_string_len(value));
	else if (!base64_decode(out, text, strlen(text)))
		return err_set(err, ERR_INPUT, "\"%s\" is not base64", part->bare);
	return 0;
}

static void
print_part(const struct program_call *program, const struct part *part, const struct buf *text)
{
	struct buf line = BUF_INIT(INPUT_MAX * 2);

	if (part->binary)
		base64_encode(&line, text->data, text->len);
	else
		buf_add(&line, text->data, text->len);
	buf_add_byte(&line, '\n');
	report_raw(program->report, line.data, line.len);
	buf_release_secret(&line);
}

static mode_t
process_umask(void)
{
	mode_t mask = umask(022);

	umask(mask);
	return mask;
}

static int
write_part(const struct options *options, const struct part *part, const struct buf *text,
    struct err *err)
{
	char *path = xasprintf("%s%s", options->base, part->suffix);
	int result = fs_write(path, buf_str(text), text->len, part->mode & ~process_umask(), err);

	free(path);
	return result;
}

static int
put_parts(const struct program_call *program, const struct options *options,
    struct json_object *object, struct err *err)
{
	struct buf texts[ARRAY_LEN(parts)];
	bool there[ARRAY_LEN(parts)] = { false };
	int result = 0;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		buf_init(&texts[i], INPUT_MAX);
	for (size_t i = 0; i < ARRAY_LEN(parts) && result == 0; i++)
		result = part_text(object, &parts[i], &texts[i], &there[i], err);
	for (size_t i = 0; i < ARRAY_LEN(parts) && result == 0 && options->to_stdout; i++)
		if (there[i])
			print_part(program, &parts[i], &texts[i]);
	for (int turn = 0; turn <= 5 && !options->to_stdout; turn++)
		for (size_t i = 0; i < ARRAY_LEN(parts) && result == 0; i++)
			if (there[i] && parts[i].turn == turn)
				result = write_part(options, &parts[i], &texts[i], err);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		buf_release_secret(&texts[i]);
	return result;
}

int
as_cfssljson(struct program_call *program)
{
	struct buf input = BUF_INIT(INPUT_MAX);
	struct options options;
	struct json_object *root = NULL, *object;
	struct err err = { 0 };
	int result = -1;

	if (!parse_options(program, &options))
		return EXIT_FLAG;
	if (options.version) {
		static const char text[] = "Version: 1.6.5+vetch-" PACKAGE_VERSION
					   "\nRuntime: vetch " PACKAGE_VERSION "\n";

		report_raw(program->report, text, sizeof text - 1);
		return 0;
	}
	if (read_input(program, options.file, &input, &err) == 0)
		root = json_parse(buf_str(&input), input.len, "the input", &err);
	object = root ? find_parts(root, options.bare, &err) : NULL;
	if (object)
		result = put_parts(program, &options, object, &err);
	if (result != 0)
		report_words(program->report, "cfssljson: %s", err.text);
	if (result != 0 && *err.cure)
		report_words(program->report, "cure: %s", err.cure);
	json_object_put(root);
	buf_release_secret(&input);
	return result == 0 ? 0 : 1;
}
