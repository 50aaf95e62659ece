/* SPDX-License-Identifier: Apache-2.0
 * Members, health and status as tables, drawn as etcdctl draws them: headings in capitals and
 * centred, cells to the right; a cell wider than 30 columns is broken at its blanks. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "verb/print.h"

enum { CELL_WIDTH = 30, COLUMNS_MAX = 16 };

void
print_duration(struct buf *out, int64_t ns)
{
	static const struct { int64_t unit; const char *name; } steps[] = {
		{ 1000000000, "s" }, { 1000000, "ms" }, { 1000, "\302\265s" }, { 1, "ns" } };
	char digits[32];
	size_t at = 0;
	int len;

	while (at < 3 && ns < steps[at].unit)
		at++;
	if (at == 0 && ns >= 60 * steps[0].unit) {
		int64_t minutes = ns / (60 * steps[0].unit);

		if (minutes >= 60)
			buf_printf(out, "%" PRId64 "h", minutes / 60);
		buf_printf(out, "%" PRId64 "m", minutes % 60);
		ns %= 60 * steps[0].unit;
	}
	len = snprintf(digits, sizeof digits, "%" PRId64 ".%09" PRId64, ns / steps[at].unit,
	    ns % steps[at].unit * (1000000000 / steps[at].unit));
	while (len > 0 && digits[len - 1] == '0')
		len--;
	if (len > 0 && digits[len - 1] == '.')
		len--;
	buf_add(out, digits, (size_t)len);
	buf_add_str(out, steps[at].name);
}

void
print_bytes_si(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (unit + 1 < ARRAY_LEN(units) && value >= 1000) {
		value /= 1000;
		unit++;
	}
	value = (double)(uint64_t)(value * 10 + 0.5) / 10;
	buf_printf(out, unit && value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

const char *
print_alarm_name(Etcd__AlarmType alarm)
{
	switch (alarm) {
	case ETCD__ALARM_TYPE__ALARM_NONE:
		return "NONE";
	case ETCD__ALARM_TYPE__ALARM_NOSPACE:
		return "NOSPACE";
	case ETCD__ALARM_TYPE__ALARM_CORRUPT:
		return "CORRUPT";
	default:
		return "UNKNOWN";
	}
}

static char *
joined(char *const *texts, size_t count, const char *between)
{
	struct buf out = BUF_INIT(1 << 20);

	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%s%s", i ? between : "", texts[i]);
	return buf_steal(&out);
}

void
print_member_cells(const Etcd__Member *member, char **cells)
{
	cells[0] = xasprintf("%" PRIx64, member->id);
	cells[1] = xstrdup(*member->name ? "started" : "unstarted");
	cells[2] = xstrdup(member->name);
	cells[3] = joined(member->peer_urls, member->n_peer_urls, ",");
	cells[4] = joined(member->client_urls, member->n_client_urls, ",");
	cells[5] = xstrdup(member->is_learner ? "true" : "false");
}

static char *
si_text(int64_t bytes)
{
	struct buf out = BUF_INIT(100);

	print_bytes_si(&out, (uint64_t)bytes);
	return buf_steal(&out);
}

void
print_status_cells(const struct print_status *row, char **cells)
{
	const Etcd__StatusResponse *status = row->status;
	const Etcd__DowngradeInfo *downgrade = status->downgrade_info;
	uint64_t member = status->header ? status->header->member_id : 0;
	int64_t size = status->db_size > 0 ? status->db_size : 1;

	cells[0] = xstrdup(row->endpoint);
	cells[1] = xasprintf("%" PRIx64, member);
	cells[2] = xstrdup(status->version);
	cells[3] = xstrdup(status->storage_version);
	cells[4] = si_text(status->db_size);
	cells[5] = si_text(status->db_size_in_use);
	cells[6] = xasprintf("%" PRId64 "%%", 100 - (int64_t)((double)status->db_size_in_use * 100 /
	    (double)size));
	cells[7] = si_text(status->db_size_quota);
	cells[8] = xstrdup(status->leader == member ? "true" : "false");
	cells[9] = xstrdup(status->is_learner ? "true" : "false");
	cells[10] = xasprintf("%" PRIu64, status->raft_term);
	cells[11] = xasprintf("%" PRIu64, status->raft_index);
	cells[12] = xasprintf("%" PRIu64, status->raft_applied_index);
	cells[13] = joined(status->errors, status->n_errors, ", ");
	cells[14] = xstrdup(downgrade ? downgrade->target_version : "");
	cells[15] = xstrdup(downgrade && downgrade->enabled ? "true" : "false");
}

/* Columns of words i to j - 1 with a blank between. */
static size_t
line_width(char *const *words, size_t i, size_t j)
{
	size_t width = j - i - 1;

	while (i < j)
		width += text_width(words[i++]);
	return width;
}

/* Where to break so that the squares of what is left free add up to the least, the last line not
 * counted: breaks[i] is the word after the line that begins with word i. */
static void
choose_breaks(char *const *words, size_t count, size_t limit, size_t *breaks)
{
	size_t *cost = xcalloc(count + 1, sizeof *cost);

	for (size_t i = count; i-- > 0;) {
		cost[i] = SIZE_MAX;
		if (line_width(words, i, count) <= limit) {
			cost[i] = 0;
			breaks[i] = count;
			continue;
		}
		for (size_t j = i + 1; j < count && (j == i + 1 || line_width(words, i, j) <= limit); j++) {
			size_t width = line_width(words, i, j);
			size_t free_columns = width < limit ? limit - width : 0;

			if (free_columns * free_columns + cost[j] < cost[i]) {
				cost[i] = free_columns * free_columns + cost[j];
				breaks[i] = j;
			}
		}
	}
	free(cost);
}

/* One cell's lines, at most CELL_WIDTH columns each unless one word is wider. */
static char **
wrapped(const char *text)
{
	char **words = text_split(text, ' '), **lines = NULL;
	size_t count = 0, len = 0, cap = 0, limit = CELL_WIDTH, *breaks;

	while (words[count]) {
		size_t width = text_width(words[count++]);

		limit = width > limit ? width : limit;
	}
	breaks = xcalloc(count + 1, sizeof *breaks);
	choose_breaks(words, count, limit, breaks);
	for (size_t i = 0; i < count; i = breaks[i]) {
		GROW(lines, len, cap);
		lines[len++] = joined(words + i, breaks[i] - i, " ");
	}
	GROW(lines, len, cap);
	lines[len] = NULL;
	free(breaks);
	strv_free(words);
	return lines;
}

static void
add_rule(struct buf *out, const size_t *widths, size_t columns)
{
	for (size_t i = 0; i < columns; i++) {
		buf_add_byte(out, '+');
		buf_add_fill(out, '-', widths[i] + 2);
	}
	buf_add_str(out, "+\n");
}

static void
add_cell(struct buf *out, const char *text, size_t width, bool centred)
{
	size_t space = width - text_width(text), left = centred ? space / 2 : space;

	buf_add_str(out, "| ");
	buf_add_fill(out, ' ', left);
	buf_add_str(out, text);
	buf_add_fill(out, ' ', space - left + 1);
}

static void
add_row(struct buf *out, char ***lines, const size_t *widths, size_t columns, bool centred)
{
	bool more = true;

	for (size_t line = 0; more; line++) {
		more = false;
		for (size_t i = 0; i < columns; i++) {
			size_t count = 0;

			while (lines[i][count])
				count++;
			add_cell(out, line < count ? lines[i][line] : "", widths[i], centred);
			more |= line + 1 < count;
		}
		buf_add_str(out, "|\n");
	}
}

/* A cell that was broken still takes the whole width. */
static void
widen(char ***lines, size_t *widths, size_t columns)
{
	for (size_t i = 0; i < columns; i++) {
		if (lines[i][0] && lines[i][1] && widths[i] < CELL_WIDTH)
			widths[i] = CELL_WIDTH;
		for (size_t k = 0; lines[i][k]; k++) {
			size_t width = text_width(lines[i][k]);

			if (width > widths[i])
				widths[i] = width;
		}
	}
}

static char *
heading(const char *text)
{
	char *capitals = xstrdup(text);

	for (char *c = capitals; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return capitals;
}

void
print_grid(struct buf *out, const char *const *cells, size_t columns, size_t rows)
{
	size_t widths[COLUMNS_MAX] = { 0 };
	char ****lines = xcalloc(rows + 1, sizeof *lines);

	for (size_t r = 0; r <= rows; r++) {
		lines[r] = xcalloc(columns, sizeof **lines);
		for (size_t i = 0; i < columns; i++) {
			char *head = r ? NULL : heading(cells[i]);

			lines[r][i] = wrapped(head ? head : cells[r * columns + i]);
			free(head);
		}
		widen(lines[r], widths, columns);
	}
	add_rule(out, widths, columns);
	for (size_t r = 0; r <= rows; r++) {
		add_row(out, lines[r], widths, columns, r == 0);
		if (r == 0)
			add_rule(out, widths, columns);
		for (size_t i = 0; i < columns; i++)
			strv_free(lines[r][i]);
		free(lines[r]);
	}
	if (rows)
		add_rule(out, widths, columns);
	free(lines);
}

static char **
cells_new(const char *const *headings, size_t columns, size_t rows)
{
	char **cells = xcalloc((rows + 1) * columns + 1, sizeof *cells);

	for (size_t i = 0; i < columns; i++)
		cells[i] = xstrdup(headings[i]);
	return cells;
}

static void
draw(struct print *print, char **cells, size_t columns, size_t rows)
{
	print_grid(&print->out, (const char *const *)cells, columns, rows);
	strv_free(cells);
}

void
print_table_members(struct print *print, const void *message)
{
	static const char *const headings[PRINT_MEMBER_COLUMNS] = { "ID", "Status", "Name",
		"Peer Addrs", "Client Addrs", "Is Learner" };
	const Etcd__MemberListResponse *list = message;
	char **cells = cells_new(headings, PRINT_MEMBER_COLUMNS, list->n_members);

	for (size_t i = 0; i < list->n_members; i++)
		print_member_cells(list->members[i], cells + (i + 1) * PRINT_MEMBER_COLUMNS);
	draw(print, cells, PRINT_MEMBER_COLUMNS, list->n_members);
}

void
print_table_status(struct print *print, const void *message)
{
	static const char *const headings[PRINT_STATUS_COLUMNS] = { "endpoint", "ID", "version",
		"storage version", "db size", "in use", "percentage not in use", "quota", "is leader",
		"is learner", "raft term", "raft index", "raft applied index", "errors",
		"downgrade target version", "downgrade enabled" };
	const struct print_status_list *list = message;
	char **cells = cells_new(headings, PRINT_STATUS_COLUMNS, list->count);

	for (size_t i = 0; i < list->count; i++)
		print_status_cells(&list->rows[i], cells + (i + 1) * PRINT_STATUS_COLUMNS);
	draw(print, cells, PRINT_STATUS_COLUMNS, list->count);
}

void
print_table_health(struct print *print, const void *message)
{
	static const char *const headings[PRINT_HEALTH_COLUMNS] = { "endpoint", "health", "took",
		"error" };
	const struct print_health_list *list = message;
	char **cells = cells_new(headings, PRINT_HEALTH_COLUMNS, list->count);

	for (size_t i = 0; i < list->count; i++) {
		const struct print_health *row = &list->rows[i];
		char **at = cells + (i + 1) * PRINT_HEALTH_COLUMNS;
		struct buf took = BUF_INIT(100);

		if (row->took_ns)
			print_duration(&took, row->took_ns);
		at[0] = xstrdup(row->endpoint);
		at[1] = xstrdup(row->healthy ? "true" : "false");
		at[2] = buf_steal(&took);
		at[3] = xstrdup(row->error ? row->error : "");
	}
	draw(print, cells, PRINT_HEALTH_COLUMNS, list->count);
}
