/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What libFuzzer calls, with any bytes at all. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A property that no input may break. */
#define MUST(what) do { if (!(what)) abort(); } while (0)

#endif
