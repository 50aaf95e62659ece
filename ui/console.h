/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_CONSOLE_H
#define UI_CONSOLE_H

#include <stdbool.h>

#include "base/err.h"
#include "cluster/settings.h"

struct console_options {
	struct settings *settings;
	const char *pane;	/* the pane to open on */
	const char *script;	/* a file of keys: no terminal is used */
	const char *size;	/* "80x24" */
	const char *dump;	/* "text" or "roles": print the last screen of a script */
	bool dump_panes;	/* print every pane once as text and end */
	int exit_status;	/* set by console_main where the error's own status is not meant */
};

/* The console until it is left. Fails where it cannot run at all (no terminal, TERM unknown). */
int console_main(struct console_options *options, struct err *err);

#endif
