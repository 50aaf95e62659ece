/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BOLT_STATUS_H
#define BOLT_STATUS_H

#include "bolt/read.h"

/* What etcdutl 3.6 says of a snapshot: CRC-32C over each bucket's name and every key and value
 * in it, in order; the newest revision; the keys that live. Reads the whole tree, page by page. */
struct bolt_status {
	uint32_t hash;
	int64_t revision;
	uint64_t keys;
	char version[32];	/* storageVersion, or "" (before 3.6) */
};

int bolt_status(struct bolt *bolt, struct bolt_status *status, struct err *err);

#endif
