/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_KEY_H
#define UI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One key: a code point (control keys are 1..31 and 127) or one of these. */
enum {
	SYM_FIRST = 0x110000,
#define SYM(id, name) SYM_##id,
#include "ui/symbols.def"
#undef SYM
	SYM_LAST
};

enum { CTRL_MASK = 0x1f };
#define CTRL(letter) ((uint32_t)(letter) & CTRL_MASK)

/* "a", "<Enter>", "<Esc>", "<Space>", "<C-n>" or "^N", "<F1>", "<S-Tab>"; false where the first
 * token of `text` is none. `used` gets its length. */
bool key_parse(const char *text, size_t len, uint32_t *key, size_t *used);

enum { KEY_NAME_SIZE = 16 };
/* As people read it: "Enter", "^N", "d"; `out` holds KEY_NAME_SIZE bytes and is returned. */
char *key_name(uint32_t key, char *out);

#endif
