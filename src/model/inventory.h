/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_INVENTORY_H
#define MODEL_INVENTORY_H

#include "base/loop.h"
#include "pki/inventory.h"
#include "pki/profile.h"

/* What lies in the workspace's pki/ folder, read again when something there changes. */

struct certs;

/* `changed` runs from the loop whenever there is something new to show. */
struct certs *certs_new(struct loop *loop, void (*changed)(void *context), void *context);
void certs_free(struct certs *certs);

/* The pki/ folder; NULL where there is no workspace. Starts to read it. */
void certs_set_folder(struct certs *certs, const char *folder);
const char *certs_folder(const struct certs *certs);
/* Reads the folder again, and looks at it anew where it did not exist. */
void certs_refresh(struct certs *certs);
/* True until what was started last has been read. */
bool certs_busy(const struct certs *certs);

/* As last read; never NULL, empty before that. Pointers into it live until `changed`. */
const struct inventory *certs_inventory(const struct certs *certs);
/* The profiles of ca-config.json, cfssl's default where there is no such file or
 * certs_profile_error says what is wrong with it. The choice is the caller's to make. */
struct profiles *certs_profiles(struct certs *certs);
/* Whether there is a ca-config.json; its error text, "" where it is sound. */
bool certs_has_config(const struct certs *certs);
const char *certs_profile_error(const struct certs *certs);
/* Why the folder cannot be read, "" where it can. */
const char *certs_error(const struct certs *certs);
/* Counts each reading: what was shown before is stale. */
unsigned certs_generation(const struct certs *certs);

#endif
