/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/verb.h"

static int
run(struct verb_call *call, struct err *err)
{
	struct json_object *result;

	if (args_expect(call, 0, 0, err) != 0)
		return -1;
	if (call->etcdctl) {
		report_text(call->report, "%s version: 3.6.16\nAPI version: 3.6\n", call->called);
		return 0;
	}
	report_text(call->report, "vetch %s\n", PACKAGE_VERSION);
	result = json_object_new_object();
	json_put_str(result, "version", PACKAGE_VERSION);
	report_result(call->report, result);
	return 0;
}

const struct verb_ops ops_version = { .run = run, .reads = true };
