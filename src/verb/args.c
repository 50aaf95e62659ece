/* SPDX-License-Identifier: Apache-2.0
 * Flags and words of a command line, in the forms etcdctl takes: --flag v, --flag=v, -f v, -fv. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "verb/verb.h"

struct value {
	const struct flag *flag;
	char *text;
};

struct args {
	char **positions;
	struct value *values;
	size_t position_len, position_cap, value_len, value_cap;
	char **tail;		/* NULL: no "--" */
	size_t tail_len, tail_cap;
};

struct parser {
	int argc, at;
	char *const *argv;
	struct settings *settings;
	const struct verb *verb;
	struct args *args;
	bool only_positions;	/* after "--" */
};

#define VERB(name, words, usage, help, touches) extern const struct verb_ops ops_##name;
#include "verb/verbs.def"
#undef VERB

const struct verb verbs[] = {
#define VERB(name, words, usage, help, touches) \
	{ #name, words, usage, help, touches, &ops_##name },
#include "verb/verbs.def"
#undef VERB
	{ NULL },
};

size_t
args_count(const struct args *args)
{
	return args->position_len;
}

const char *
args_at(const struct args *args, size_t index)
{
	return index < args->position_len ? args->positions[index] : NULL;
}

static const struct value *
find_value(const struct args *args, const char *name)
{
	for (size_t i = args->value_len; i-- > 0;)
		if (strcmp(args->values[i].flag->name, name) == 0)
			return &args->values[i];
	return NULL;
}

const char *
args_str(const struct args *args, const char *flag)
{
	const struct value *value = find_value(args, flag);

	return value ? value->text : NULL;
}

bool
args_given(const struct args *args, const char *flag)
{
	return find_value(args, flag) != NULL;
}

bool
args_bool(const struct args *args, const char *flag)
{
	const struct value *value = find_value(args, flag);

	return value && strcmp(value->text, "true") == 0;
}

int64_t
args_int(const struct args *args, const char *flag, int64_t otherwise)
{
	const struct value *value = find_value(args, flag);
	int64_t number;

	return value && text_int(value->text, INT64_MIN, INT64_MAX, &number) ? number : otherwise;
}

int
args_expect(const struct verb_call *call, size_t min, size_t max, struct err *err)
{
	size_t count = args_count(call->args);

	if (count >= min && count <= max)
		return 0;
	err_set(err, ERR_USAGE, "%s: %s", call->verb->words,
	    count < min ? "an argument is missing" : "too many arguments");
	return err_cure(err, "vetch %s %s", call->verb->words, call->verb->usage);
}

void
args_free(struct args *args)
{
	if (!args)
		return;
	for (size_t i = 0; i < args->position_len; i++)
		free(args->positions[i]);
	for (size_t i = 0; i < args->value_len; i++)
		free(args->values[i].text);
	strv_free(args->tail);
	free(args->positions);
	free(args->values);
	free(args);
}

void
args_append(struct args *args, const char *text)
{
	GROW(args->positions, args->position_len, args->position_cap);
	args->positions[args->position_len++] = xstrdup(text);
}

char *const *
args_tail(const struct args *args)
{
	return args->tail;
}

/* NULL ends it. */
static void
add_tail(struct args *args, const char *text)
{
	GROW(args->tail, args->tail_len, args->tail_cap);
	args->tail[args->tail_len] = text ? xstrdup(text) : NULL;
	args->tail_len += text != NULL;
}

static int
add_value(struct args *args, const struct flag *flag, const char *text, struct err *err)
{
	int64_t number;

	if (flag->type == FLAG_INT && !text_int(text, INT64_MIN, INT64_MAX, &number))
		return err_set(err, ERR_USAGE, "--%s: \"%.60s\" is no whole number", flag->name, text);
	if (flag->type == FLAG_BOOL && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return err_set(err, ERR_USAGE, "--%s: \"%.60s\" is neither true nor false", flag->name, text);
	GROW(args->values, args->value_len, args->value_cap);
	args->values[args->value_len++] = (struct value){ flag, xstrdup(text) };
	return 0;
}

static const struct flag *
verb_flag(const struct verb *verb, const char *name, char letter)
{
	if (!verb || !verb->ops->flags)
		return NULL;
	for (const struct flag *flag = verb->ops->flags; flag->name; flag++)
		if (letter ? flag->letter == letter : strcmp(flag->name, name) == 0)
			return flag;
	return NULL;
}

static int
unknown_flag(const struct parser *p, const char *token, struct err *err)
{
	err_set(err, ERR_USAGE, "unknown flag: %.100s", token);
	if (p->verb)
		return err_cure(err, "vetch %s --help", p->verb->words);
	return err_cure(err, "vetch help");
}

/* The value of a flag: what follows '=' or the rest of a short token, else the next token. */
static const char *
take_value(struct parser *p, const char *inline_value, bool is_bool)
{
	if (inline_value)
		return inline_value;
	if (is_bool)
		return "true";
	return p->at < p->argc ? p->argv[p->at++] : NULL;
}

/* The verb's own flags come before the global ones: `member list -w` means what it says. */
static int
set_flag(struct parser *p, const char *name, char letter, const char *inline_value, struct err *err)
{
	const struct flag *flag = verb_flag(p->verb, name, letter);
	const struct setting *setting = NULL;
	const char *value;

	if (!flag)
		setting = letter ? setting_letter(letter) : setting_find(name);
	if (!flag && !setting)
		return unknown_flag(p, p->argv[p->at - 1], err);
	value = take_value(p, inline_value,
	    flag ? flag->type == FLAG_BOOL :
	    setting->type == SETTING_BOOL || setting->type == SETTING_NOT);
	if (!value)
		return err_set(err, ERR_USAGE, "--%s needs a value", flag ? flag->name : setting->flag);
	return flag ? add_value(p->args, flag, value, err) : setting_set(p->settings, setting, value, err);
}

static int
parse_flag(struct parser *p, const char *token, struct err *err)
{
	char name[64];
	const char *equals = strchr(token, '=');
	size_t len = equals ? (size_t)(equals - token) : strlen(token);

	if (token[1] != '-') {
		const char *rest = token[2] == '=' ? token + 3 : token[2] ? token + 2 : NULL;

		return set_flag(p, "", token[1], rest, err);
	}
	if (len - 2 >= sizeof name)
		return unknown_flag(p, token, err);
	memcpy(name, token + 2, len - 2);
	name[len - 2] = '\0';
	return set_flag(p, name, 0, equals ? equals + 1 : NULL, err);
}

static bool
is_flag(const struct parser *p, const char *token)
{
	return !p->only_positions && token[0] == '-' && token[1];
}

/* How many of the words in `words` the tokens at argv match; 0 for no match. */
static int
match_words(const struct verb *verb, int argc, char *const *argv)
{
	const char *words = verb->words;
	int n = 0;

	while (*words) {
		size_t len = strcspn(words, " ");

		if (n >= argc || strlen(argv[n]) != len || memcmp(argv[n], words, len) != 0)
			return 0;
		n++;
		words += len + (words[len] == ' ');
	}
	return n;
}

static int
find_verb(struct parser *p, struct err *err)
{
	int best = 0;

	for (const struct verb *verb = verbs; verb->name; verb++) {
		int n = match_words(verb, p->argc - p->at, p->argv + p->at);

		if (n > best) {
			best = n;
			p->verb = verb;
		}
	}
	if (best == 0) {
		err_set(err, ERR_USAGE, "there is no verb \"%.60s\"", p->argv[p->at]);
		return err_cure(err, "vetch help");
	}
	p->at += best;
	return 0;
}

static void
add_word(struct parser *p, const char *token)
{
	if (p->only_positions && p->verb->ops->tail)
		add_tail(p->args, token);
	else
		args_append(p->args, token);
}

static int
parse(struct parser *p, struct err *err)
{
	while (p->at < p->argc) {
		const char *token = p->argv[p->at];

		if (p->verb && p->verb->ops->raw) {
			args_append(p->args, token);
			p->at++;
		} else if (!p->only_positions && strcmp(token, "--") == 0) {
			p->only_positions = true;
			p->at++;
		} else if (is_flag(p, token)) {
			p->at++;
			if (parse_flag(p, token, err) != 0)
				return -1;
		} else if (!p->verb) {
			if (find_verb(p, err) != 0)
				return -1;
		} else {
			add_word(p, token);
			p->at++;
		}
	}
	if (p->only_positions && p->verb && p->verb->ops->tail)
		add_tail(p->args, NULL);
	return 0;
}

int
verb_parse(struct words words, struct settings *settings, const struct verb **verb,
    struct args **args, struct err *err)
{
	struct parser p = { .argc = words.count, .argv = words.list, .settings = settings,
		.verb = *verb, .args = xcalloc(1, sizeof **args) };

	*args = NULL;
	if (parse(&p, err) != 0) {
		args_free(p.args);
		return -1;
	}
	*verb = p.verb;
	*args = p.args;
	return 0;
}

const struct verb *
verb_find(const char *words)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (strcmp(verb->words, words) == 0)
			return verb;
	return NULL;
}
