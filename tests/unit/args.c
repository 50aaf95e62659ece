/* SPDX-License-Identifier: Apache-2.0
 * Command lines in every form that etcdctl's users type; global flags before or after the verb. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "verb/verb.h"

static const struct flag flags[] = {
	{ "prefix", 0, FLAG_BOOL, NULL, "" },
	{ "limit", 0, FLAG_INT, "N", "" },
	{ "to", 't', FLAG_STR, "TARGET", "" },
	{ NULL },
};
static const struct verb_ops ops = { .flags = flags };
static const struct verb verb = { "x", "x", "", "", 0, &ops };

static int
parse(struct args **args, struct settings *settings, struct err *err, const char *line)
{
	char **argv = text_split(line, ' ');
	const struct verb *known = &verb;
	int argc = 0, result;

	while (argv[argc])
		argc++;
	result = verb_parse((struct words){ argc, argv }, settings, &known, args, err);
	strv_free(argv);
	return result;
}

static void
flags_and_positions(void **state)
{
	struct settings settings = { 0 };
	struct args *args;
	struct err err;

	(void)state;
	assert_int_equal(parse(&args, &settings, &err,
	    "a --prefix --limit=5 -w json -tdir b --dial-timeout 500ms -- --c"), 0);
	assert_int_equal(args_count(args), 3);
	assert_string_equal(args_at(args, 2), "--c");
	assert_true(args_bool(args, "prefix"));
	assert_int_equal(args_int(args, "limit", 0), 5);
	assert_string_equal(args_str(args, "to"), "dir");
	assert_string_equal(settings.format, "json");
	assert_int_equal(settings.dial_timeout, 500);
	assert_null(args_at(args, 3));
	args_free(args);
	settings_release(&settings);
}

static void
refuses_what_it_does_not_know(void **state)
{
	static const char *const lines[] = { "--limit five", "--nope", "-q", "--limit", "--prefix=maybe",
		"--dial-timeout soon" };
	struct settings settings = { 0 };
	struct args *args;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		assert_int_equal(parse(&args, &settings, &err, lines[i]), -1);
		assert_int_equal(err.code, ERR_USAGE);
		assert_null(args);
	}
	settings_release(&settings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_and_positions),
		cmocka_unit_test(refuses_what_it_does_not_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
