/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds since an unspecified start, never going back; for timers and ages. */
int64_t clock_ms(void);

/* The same in microseconds: for round trips. */
int64_t clock_us(void);

/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_wall_ms(void);

#define CLOCK_RFC3339_SIZE 32

/* "2026-11-24T02:12:00Z" (RFC 3339, UTC, whole seconds) from seconds since 1970; `out` holds
 * CLOCK_RFC3339_SIZE bytes and is returned. */
char *clock_rfc3339(int64_t seconds, char *out);

/* Reads RFC 3339 with Z or a numeric zone, fractions ignored; false where it is not that. */
bool clock_parse_rfc3339(const char *text, int64_t *seconds);

/* The same time as "2026-11-24 02:12", "2026-11-24" and "20261124T021200Z"; `out` as above. */
char *clock_minute(int64_t seconds, char *out);
char *clock_day(int64_t seconds, char *out);
char *clock_stamp(int64_t seconds, char *out);

#endif
