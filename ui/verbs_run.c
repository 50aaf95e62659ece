/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/app.h"

void
app_run_words(struct app *app, char *const *words)
{
	app_message(app, "%s: this console cannot run verbs yet; the command line does", words[0]);
}
