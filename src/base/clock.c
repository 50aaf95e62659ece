/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The years 0 to 9999, all that RFC 3339 can write. */
static const int64_t FIRST_SECOND = -62167219200, LAST_SECOND = 253402300799;

static int64_t
read_ms(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t
clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

static struct tm
utc(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm = { 0 };

	gmtime_r(&t, &tm);
	return tm;
}

char *
clock_rfc3339(int64_t seconds, char *out)
{
	struct tm tm = utc(seconds);

	strftime(out, CLOCK_RFC3339_SIZE, "%04Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

char *
clock_minute(int64_t seconds, char *out)
{
	struct tm tm = utc(seconds);

	strftime(out, CLOCK_RFC3339_SIZE, "%04Y-%m-%d %H:%M", &tm);
	return out;
}

char *
clock_day(int64_t seconds, char *out)
{
	struct tm tm = utc(seconds);

	strftime(out, CLOCK_RFC3339_SIZE, "%04Y-%m-%d", &tm);
	return out;
}

char *
clock_stamp(int64_t seconds, char *out)
{
	struct tm tm = utc(seconds);

	strftime(out, CLOCK_RFC3339_SIZE, "%Y%m%dT%H%M%SZ", &tm);
	return out;
}

/* "+02:00", "-0530" or "Z" to seconds east of UTC. */
static bool
parse_zone(const char *text, int64_t *east)
{
	int digits[4], n = 0;

	*east = 0;
	if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
		return true;
	if (text[0] != '+' && text[0] != '-')
		return false;
	for (const char *p = text + 1; *p; p++) {
		if (*p == ':' && n == 2)
			continue;
		if (!isdigit((unsigned char)*p) || n == 4)
			return false;
		digits[n++] = *p - '0';
	}
	if (n != 4)
		return false;
	*east = (digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60;
	if (text[0] == '-')
		*east = -*east;
	return true;
}

bool
clock_parse_rfc3339(const char *text, int64_t *seconds)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t east;

	if (!rest || rest - text != 19)
		return false;
	if (*rest == '.')
		do
			rest++;
		while (isdigit((unsigned char)*rest));
	if (!parse_zone(rest, &east))
		return false;
	*seconds = (int64_t)timegm(&tm) - east;
	return *seconds >= FIRST_SECOND && *seconds <= LAST_SECOND;
}
