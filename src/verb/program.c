/* SPDX-License-Identifier: Apache-2.0 */
#include "verb/program.h"

#include <string.h>

const struct program programs[] = {
#define PROGRAM(name) { #name, as_##name },
#include "verb/programs.def"
#undef PROGRAM
	{ NULL },
};

const struct program *
program_find(const char *name)
{
	for (const struct program *program = programs; program->name; program++)
		if (strcmp(program->name, name) == 0)
			return program;
	return NULL;
}
