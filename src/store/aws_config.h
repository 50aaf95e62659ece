/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_AWS_CONFIG_H
#define STORE_AWS_CONFIG_H

#include <stddef.h>

#include "base/err.h"

/* Keys, region, endpoint and CA as AWS's own tools find them: environment, then the shared files
 * (AWS SDKs and Tools Reference Guide, "Credential provider chain",
 * "Service-specific endpoints"). */

struct aws_config {
	char *access, *secret, *token;	/* token NULL: none */
	char *source;			/* "environment", "[ops] of FILE" */
	char *region;			/* NULL: nobody says */
	char *endpoint;			/* S3's; NULL: AWS itself */
	char *ca;			/* CA file; NULL: the system's */
};

/* `profile` NULL: AWS_PROFILE, else "default". ERR_DENIED where no keys are found; the text says
 * where it looked, and names a source of keys (single sign-on, role, process, instance) that is set
 * up but that vetch cannot use. */
int aws_config_load(const char *profile, struct aws_config *config, struct err *err);
void aws_config_release(struct aws_config *config);

/* The parser of the shared files: finds `name` in [section]; with `nested`, the indented `name`
 * below "nested =". Allocated, NULL where it is not there. For tests and fuzzing too. */
char *aws_ini_find(const char *text, const char *section, const char *nested, const char *name);

#endif
