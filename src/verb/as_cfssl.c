/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/as_cfssl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "pki/go_json.h"
#include "pki/privkey.h"

enum { INPUT_MAX = 4 << 20, EXIT_FLAG = 2 };

static const struct {
	const char *name;
	bool boolean;
} flags[CFSSL_FLAGS] = {
#define CFSSL_FLAG(id, flag_name, bool_flag) [CFSSL_##id] = { flag_name, bool_flag },
#include "verb/as_cfssl_flags.def"
#undef CFSSL_FLAG
};

bool
cfssl_on(const struct cfssl_call *call, enum cfssl_flag flag)
{
	const char *value = call->flags[flag];

	return value && (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

int
cfssl_arg(const struct cfssl_call *call, size_t index, const char **arg, struct err *err)
{
	for (size_t i = 0; i <= index; i++)
		if (!call->args[i])
			return err_set(err, ERR_USAGE, "not enough arguments");
	*arg = call->args[index];
	return 0;
}

static int
read_stdin(const struct cfssl_call *call, struct buf *out, struct err *err)
{
	char bytes[8192];
	ssize_t n;

	while ((n = read(call->program->stdin_fd, bytes, sizeof bytes)) > 0)
		if (!buf_add(out, bytes, (size_t)n))
			return err_set(err, ERR_TOO_BIG, "the input is larger than %zu bytes", out->max);
	return n < 0 ? err_errno(err, errno, "stdin") : 0;
}

int
cfssl_read(const struct cfssl_call *call, const char *name, struct buf *out, struct err *err)
{
	const char *colon = strchr(name, ':'), *value;

	if (strcmp(name, "-") == 0)
		return read_stdin(call, out, err);
	if (!colon)
		return fs_read(name, out, err);
	if (strncmp(name, "file:", 5) == 0)
		return fs_read(name + 5, out, err);
	if (strncmp(name, "env:", 4) != 0) {
		err_set(err, ERR_INPUT, "unknown prefix in \"%.80s\"", name);
		return err_cure(err, "write file:NAME for a file whose name holds a colon");
	}
	value = getenv(name + 4);
	buf_add_str(out, value ? value : "");
	return out->full ? err_set(err, ERR_TOO_BIG, "%s is too long", name) : 0;
}

char **
cfssl_hosts(const struct cfssl_call *call)
{
	const char *hosts = call->flags[CFSSL_HOSTNAME];

	return hosts && *hosts ? text_split(hosts, ',') : NULL;
}

void
cfssl_print(const struct cfssl_call *call, const char *text)
{
	report_raw(call->program->report, text, strlen(text));
}

void
cfssl_result_init(struct cfssl_result *result)
{
	*result = (struct cfssl_result){ BUF_INIT(INPUT_MAX), BUF_INIT(INPUT_MAX),
		BUF_INIT(INPUT_MAX) };
}

void
cfssl_result_release(struct cfssl_result *result)
{
	buf_release(&result->cert);
	buf_release(&result->csr);
	buf_release_secret(&result->key);
}

void
cfssl_result_print(const struct cfssl_call *call, const struct cfssl_result *result)
{
	const struct {
		const char *name;
		const struct buf *text;
	} parts[] = { { "cert", &result->cert }, { "csr", &result->csr }, { "key", &result->key } };
	struct buf out = BUF_INIT(INPUT_MAX);
	const char *between = "{";

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (!parts[i].text->len)
			continue;
		buf_printf(&out, "%s\"%s\":", between, parts[i].name);
		go_put_str(&out, buf_str(parts[i].text));
		between = ",";
	}
	buf_add_str(&out, "}\n");
	cfssl_print(call, buf_str(&out));
	buf_release_secret(&out);
}

static int
cfssl_version(const struct cfssl_call *call, struct err *err)
{
	(void)err;
	cfssl_print(call, "Version: 1.6.5+vetch-" PACKAGE_VERSION "\nRuntime: vetch " PACKAGE_VERSION
	    "\n");
	return 0;
}

static const char default_config[] =
    "{\n"
    "    \"signing\": {\n"
    "        \"default\": {\n"
    "            \"expiry\": \"168h\"\n"
    "        },\n"
    "        \"profiles\": {\n"
    "            \"www\": {\n"
    "                \"expiry\": \"8760h\",\n"
    "                \"usages\": [\n"
    "                    \"signing\",\n"
    "                    \"key encipherment\",\n"
    "                    \"server auth\"\n"
    "                ]\n"
    "            },\n"
    "            \"client\": {\n"
    "                \"expiry\": \"8760h\",\n"
    "                \"usages\": [\n"
    "                    \"signing\",\n"
    "                    \"key encipherment\",\n"
    "                    \"client auth\"\n"
    "                ]\n"
    "            }\n"
    "        }\n"
    "    }\n"
    "}\n\n";

static const char default_csr[] =
    "{\n"
    "    \"CN\": \"example.net\",\n"
    "    \"hosts\": [\n"
    "        \"example.net\",\n"
    "        \"www.example.net\"\n"
    "    ],\n"
    "    \"key\": {\n"
    "        \"algo\": \"ecdsa\",\n"
    "        \"size\": 256\n"
    "    },\n"
    "    \"names\": [\n"
    "        {\n"
    "            \"C\": \"US\",\n"
    "            \"ST\": \"CA\",\n"
    "            \"L\": \"San Francisco\"\n"
    "        }\n"
    "    ]\n"
    "}\n\n";

static int
cfssl_print_defaults(const struct cfssl_call *call, struct err *err)
{
	const char *what = "";

	if (cfssl_arg(call, 0, &what, err) != 0)
		return -1;
	if (strcmp(what, "config") == 0)
		cfssl_print(call, default_config);
	else if (strcmp(what, "csr") == 0)
		cfssl_print(call, default_csr);
	else
		cfssl_print(call, "Default configurations are available for:\n\tconfig\n\tcsr\n");
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const struct cfssl_call *call, struct err *err);
} verbs_of_cfssl[] = {
	{ "gencert", cfssl_gencert },
	{ "genkey", cfssl_genkey },
	{ "gencsr", cfssl_gencsr },
	{ "sign", cfssl_sign },
	{ "selfsign", cfssl_selfsign },
	{ "certinfo", cfssl_certinfo },
	{ "info", cfssl_info },
	{ "print-defaults", cfssl_print_defaults },
	{ "version", cfssl_version },
};

static const char *const not_here[] = { "bundle", "crl", "gencrl", "ocspdump", "ocsprefresh",
	"ocspserve", "ocspsign", "revoke", "scan", "serve" };

/* Go's flag package: -name value, -name=value, one dash or two; the first other word ends it. */
static int
parse_flag(struct cfssl_call *call, char ***at, struct err *err)
{
	const char *word = *(*at)++, *name = word + (word[1] == '-' ? 2 : 1);
	size_t len = strcspn(name, "=");

	for (size_t i = 0; i < CFSSL_FLAGS; i++) {
		if (strlen(flags[i].name) != len || strncmp(flags[i].name, name, len) != 0)
			continue;
		if (name[len] == '=')
			call->flags[i] = name + len + 1;
		else if (flags[i].boolean)
			call->flags[i] = "true";
		else if (!**at)
			return err_set(err, ERR_USAGE, "-%s needs a value", flags[i].name);
		else
			call->flags[i] = *(*at)++;
		return 0;
	}
	return err_set(err, ERR_USAGE, "-%.*s is no flag of cfssl", (int)len, name);
}

static int
parse_flags(struct cfssl_call *call, char **at, struct err *err)
{
	while (*at && (*at)[0] == '-' && (*at)[1]) {
		if (strcmp(*at, "--") == 0) {
			at++;
			break;
		}
		if (parse_flag(call, &at, err) != 0)
			return -1;
	}
	call->args = at;
	return 0;
}

static void
say_error(const struct program_call *program, const struct err *err)
{
	report_words(program->report, "[ERROR] %s", err->text);
	if (*err->cure)
		report_words(program->report, "cure: %s", err->cure);
}

int
as_cfssl(struct program_call *program)
{
	struct cfssl_call call = { .program = program };
	const char *word = program->argc > 0 ? program->argv[0] : NULL;
	struct err err = { 0 };

	for (size_t i = 0; word && i < ARRAY_LEN(verbs_of_cfssl); i++) {
		if (strcmp(verbs_of_cfssl[i].name, word) != 0)
			continue;
		privkey_guard_process();
		if (parse_flags(&call, program->argv + 1, &err) != 0) {
			say_error(program, &err);
			return EXIT_FLAG;
		}
		if (verbs_of_cfssl[i].run(&call, &err) == 0)
			return 0;
		say_error(program, &err);
		return 1;
	}
	for (size_t i = 0; word && i < ARRAY_LEN(not_here); i++)
		if (strcmp(not_here[i], word) == 0) {
			report_words(program->report, "cfssl %s is not part of this vetch", word);
			return 1;
		}
	report_words(program->report, "usage: cfssl VERB [-flag value]... [argument]...");
	for (size_t i = 0; i < ARRAY_LEN(verbs_of_cfssl); i++)
		report_words(program->report, "  %s", verbs_of_cfssl[i].name);
	return word && strncmp(word, "-", 1) == 0 ? EXIT_FLAG : 1;
}
