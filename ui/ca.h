/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_CA_H
#define UI_CA_H

#include "ui/app.h"

/* What the files of pane CA share. */

/* One row: a certificate of pki/, or one that is served and lies elsewhere (entry is NULL). */
struct ca_row {
	const struct cert *cert;
	const struct cert_entry *entry;
	const struct served_row *served;
};

const struct inventory *ca_inventory(const struct pane *pane);
const struct served_points *ca_points(const struct pane *pane);
struct ca_row ca_row(const struct pane *pane, size_t index);
/* What stands in the column NAME. */
void ca_name(const struct pane *pane, size_t index, struct buf *out);

/* All there is to say of the certificate under the cursor. */
void ca_paint(const struct pane *pane, struct grid *grid);
/* The same in full, on top of the pane. */
void ca_show(struct pane *pane, size_t index);

#endif
