/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/console.h"

int
console_main(struct console_options *options, struct err *err)
{
	(void)options;
	return err_set(err, ERR_UNSUPPORTED, "this build has no console yet");
}
