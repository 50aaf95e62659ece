/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKUP_SEALED_H
#define BACKUP_SEALED_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

/* A JSON object that carries the SHA-256 of its own text: its last member is
 * "self_sha256": "…" over every byte before the comma in front of it. Any changed byte shows. */

enum { SEALED_MAX = 256 << 10 };

/* Appends the sealed text; `seal` (65 bytes) may be NULL. */
void sealed_write(struct buf *out, struct json_object *object, char *seal);
/* ERR_NOT_VERIFIED where the text is not what was written; the caller puts the object. */
struct json_object *sealed_read(const struct buf *text, const char *what, char *seal,
    struct err *err);

#endif
