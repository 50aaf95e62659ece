/* SPDX-License-Identifier: Apache-2.0
 * Jobs as the console sees them: told as they go, ended in every way, found in the journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "model/jobs.h"

struct heard {
	char text[600];
	enum err_code code;
	bool over;
};

static void
on_row(void *context, const char *list, struct json_object *row)
{
	struct heard *heard = context;
	size_t len = strlen(heard->text);

	snprintf(heard->text + len, sizeof heard->text - len, "%s=%s ", list, json_line(row));
}

static void
on_result(void *context, struct json_object *result)
{
	struct heard *heard = context;
	size_t len = strlen(heard->text);

	snprintf(heard->text + len, sizeof heard->text - len, "%s", json_line(result));
	heard->over = true;
}

static void
on_error(void *context, const struct err *err)
{
	struct heard *heard = context;

	snprintf(heard->text, sizeof heard->text, "%s", err->text);
	heard->code = err->code;
	heard->over = true;
}

static const struct job_handler handler = { .row = on_row, .result = on_result, .error = on_error };

struct place {
	char folder[64], program[100];
	struct loop *loop;
	struct jobs *jobs;
};

/* A program that says what its stdin's argv holds after the verb. */
static int
setup(void **state)
{
	static const char script[] = "#!/bin/sh\nline=$(cat)\ncase $line in\n"
	    "*good*) echo '{\"step\":{\"name\":\"s\",\"done\":1,\"total\":2,\"unit\":\"keys\"}}'\n"
	    "  echo '{\"row\":{\"list\":{\"a\":1}}}'; echo '{\"result\":{\"n\":7}}';;\n"
	    "*refused*) echo '{\"error\":{\"code\":\"guard\",\"text\":\"no\",\"cure\":\"c\"}}'; exit 4;;\n"
	    "*crash*) echo oops >&2; kill -9 $$;;\n"
	    "*quiet*) echo mute >&2; exit 3;;\n"
	    "*long*) exec sleep 60;;\nesac\n";
	struct place *place = xcalloc(1, sizeof *place);

	snprintf(place->folder, sizeof place->folder, "/tmp/vetch-jobs-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->program, sizeof place->program, "%s/program", place->folder);
	assert_int_equal(fs_write(place->program, script, sizeof script - 1, 0700, NULL), 0);
	place->loop = loop_new();
	place->jobs = jobs_new(place->loop, place->program, NULL, NULL);
	jobs_set_workspace(place->jobs, place->folder);
	*state = place;
	return 0;
}

static int
teardown(void **state)
{
	struct place *place = *state;

	jobs_free(place->jobs);
	loop_free(place->loop);
	fs_remove_tree(place->folder, NULL);
	free(place);
	return 0;
}

static struct job *
start(struct place *place, const char *word, struct heard *heard)
{
	const char *argv[] = { "verb", word, "--flag", NULL };
	const struct job_spec spec = { .argv = argv, .handler = &handler, .context = heard };
	struct job *job = jobs_start(place->jobs, &spec, NULL);

	assert_non_null(job);
	assert_false(heard->over);
	return job;
}

static void
ends_in_every_way(void **state)
{
	static const struct {
		const char *word, *text;
		enum err_code code;
		enum job_state state;
	} ways[] = {
		{ "good", "list={\"a\":1} {\"n\":7}", ERR_NONE, JOB_DONE },
		{ "refused", "no", ERR_GUARD, JOB_FAILED },
		{ "crash", "verb crash was ended by signal 9 (Killed)", ERR_FAILED, JOB_FAILED },
		{ "quiet", "verb quiet ended with status 3 and no last word: mute", ERR_FAILED, JOB_FAILED },
	};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct heard heard = { 0 };
		struct job *job = start(place, ways[i].word, &heard);

		assert_int_equal(loop_run_until(place->loop, &heard.over, NULL), 0);
		assert_string_equal(heard.text, ways[i].text);
		assert_int_equal(heard.code, ways[i].code);
		assert_int_equal(job_facts(job)->state, ways[i].state);
	}
	assert_int_equal(jobs_count(place->jobs), ARRAY_LEN(ways));
	assert_int_equal(jobs_running(place->jobs), 0);
}

static void
is_cancelled(void **state)
{
	struct place *place = *state;
	struct heard heard = { 0 };
	struct job *job = start(place, "long", &heard);

	assert_ptr_equal(jobs_foremost(place->jobs), job);
	job_cancel(job);
	assert_int_equal(loop_run_until(place->loop, &heard.over, NULL), 0);
	assert_int_equal(heard.code, ERR_CANCELLED);
	assert_int_equal(job_facts(job)->state, JOB_CANCELLED);
}

static void
is_found_in_the_journal(void **state)
{
	static const char done[] = "{\"begin\":{\"title\":\"backup create\",\"pid\":1,\"started\":5}}\n"
	    "{\"result\":{\"id\":\"x\"}}\n";
	static const char torn[] = "{\"begin\":{\"title\":\"cert issue\",\"pid\":1,\"started\":6}}\n{\"st";
	struct place *place = *state;
	struct jobs *jobs = jobs_new(place->loop, place->program, NULL, NULL);
	char *folder = fs_join(place->folder, "journal/jobs");
	char *first = fs_join(folder, "3.jsonl"), *second = fs_join(folder, "12.jsonl");

	assert_int_equal(fs_mkdirs(folder, 0700, NULL), 0);
	assert_int_equal(fs_write(first, done, sizeof done - 1, 0600, NULL), 0);
	assert_int_equal(fs_write(second, torn, sizeof torn - 1, 0600, NULL), 0);
	jobs_set_workspace(jobs, place->folder);
	assert_int_equal(jobs_count(jobs), 2);
	assert_int_equal(job_facts(jobs_at(jobs, 0))->number, 12);
	assert_int_equal(job_facts(jobs_at(jobs, 0))->state, JOB_INTERRUPTED);
	assert_int_equal(job_facts(jobs_at(jobs, 1))->state, JOB_DONE);
	assert_string_equal(job_facts(jobs_at(jobs, 1))->title, "backup create");
	jobs_free(jobs);
	free(first);
	free(second);
	free(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ends_in_every_way, setup, teardown),
		cmocka_unit_test_setup_teardown(is_cancelled, setup, teardown),
		cmocka_unit_test_setup_teardown(is_found_in_the_journal, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
