/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static const char role_letters[] = {
#define ROLE(id, letter, name, parent, mono) letter,
#include "ui/roles.def"
#undef ROLE
};

void
grid_init(struct grid *grid, int cols, int rows)
{
	grid->cols = grid->stride = cols < 1 ? 1 : cols;
	grid->rows = rows < 1 ? 1 : rows;
	grid->cells = xcalloc((size_t)grid->cols * (size_t)grid->rows, sizeof *grid->cells);
	grid_clear(grid);
}

void
grid_release(struct grid *grid)
{
	free(grid->cells);
	*grid = (struct grid){ 0 };
}

static struct cell *
cell_at(const struct grid *grid, int row, int col)
{
	return &grid->cells[row * grid->stride + col];
}

void
grid_clear(struct grid *grid)
{
	for (int row = 0; row < grid->rows; row++)
		for (int col = 0; col < grid->cols; col++)
			*cell_at(grid, row, col) = (struct cell){ .code = ' ', .role = ROLE_text };
}

static int
clamp(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

struct grid
grid_sub(const struct grid *grid, int row, int col, int rows, int cols)
{
	struct grid sub = *grid;

	row = clamp(row, 0, grid->rows);
	col = clamp(col, 0, grid->cols);
	sub.rows = clamp(rows, 0, grid->rows - row);
	sub.cols = clamp(cols, 0, grid->cols - col);
	if (sub.rows && sub.cols)
		sub.cells = cell_at(grid, row, col);
	return sub;
}

void
grid_row_role(struct grid *grid, int row, enum role role)
{
	if (row >= 0 && row < grid->rows)
		for (int col = 0; col < grid->cols; col++)
			cell_at(grid, row, col)->role = (uint32_t)role;
}

void
grid_rule(struct grid *grid, int row, const char *title)
{
	struct pen pen = grid_pen(grid, row, 0, ROLE_rule);

	if (title && *title) {
		pen_text(&pen, "-- ");
		pen.role = ROLE_title;
		pen_ends(&pen, title, strlen(title));
		pen.role = ROLE_rule;
		pen_text(&pen, " ");
	}
	while (pen_left(&pen) > 0)
		pen_text(&pen, "-");
}

struct pen
grid_pen(struct grid *grid, int row, int col, enum role role)
{
	return (struct pen){ grid, row, col, grid->cols, role };
}

struct pen
grid_field(struct grid *grid, int row, int col, int width)
{
	struct pen pen = grid_pen(grid, row, col, ROLE_row);

	pen.end = clamp(col + width, 0, grid->cols);
	return pen;
}

int
pen_left(const struct pen *pen)
{
	if (pen->row < 0 || pen->row >= pen->grid->rows || pen->col >= pen->end)
		return 0;
	return pen->end - pen->col;
}

/* A wide character that is half overwritten leaves a blank, not half a character. */
static void
put_cell(struct pen *pen, uint32_t code, int width)
{
	struct cell *cell = cell_at(pen->grid, pen->row, pen->col);

	if (cell->code == 0 && pen->col > 0)
		cell[-1] = (struct cell){ .code = ' ', .role = cell[-1].role };
	if (pen->col + width < pen->grid->cols && cell[width].code == 0)
		cell[width] = (struct cell){ .code = ' ', .role = cell[width].role };
	*cell = (struct cell){ .code = code, .role = (uint32_t)pen->role };
	if (width == 2)
		cell[1] = (struct cell){ .code = 0, .role = (uint32_t)pen->role };
	pen->col += width;
}

/* A combining mark joins the character before it; false where there is none or it is full. */
static bool
put_mark(struct pen *pen, uint32_t code, int start)
{
	struct cell *cell;

	if (pen->col <= start)
		return false;
	cell = cell_at(pen->grid, pen->row, pen->col - 1);
	if (cell->code == 0 && pen->col - 1 > start)
		cell--;
	for (int i = 0; i < CELL_MARKS; i++)
		if (!cell->marks[i]) {
			cell->marks[i] = code;
			return true;
		}
	return false;
}

/* Decodes for this grid: what it may not show as it is comes back as an escape of known width. */
static struct text_char
next_char(const struct grid *grid, const char *data, size_t len)
{
	struct text_char c = text_next(data, len);

	if (c.plain && grid->ascii && c.code > 126) {
		struct buf escaped = BUF_INIT(32);

		c.plain = false;
		buf_printf(&escaped, "\\u{%x}", c.code);
		c.width = (int)escaped.len;
		buf_release(&escaped);
	}
	return c;
}

int
grid_width(const struct grid *grid, const char *data, size_t len)
{
	int width = 0;

	for (size_t i = 0; i < len;) {
		struct text_char c = next_char(grid, data + i, len - i);

		width += c.width;
		i += (size_t)c.bytes;
	}
	return width;
}

/* True where the bytes fit in `limit` columns; looks no further than needed. */
static bool
fits(const struct grid *grid, const char *data, size_t len, int limit)
{
	int width = 0;

	for (size_t i = 0; i < len && width <= limit;) {
		struct text_char c = next_char(grid, data + i, len - i);

		width += c.width;
		i += (size_t)c.bytes;
	}
	return width <= limit;
}

static void
put_escape(struct pen *pen, const struct text_char *c, const char *data)
{
	struct buf escaped = BUF_INIT(64);

	if (c->code > 126 && c->bytes > 1)
		buf_printf(&escaped, c->code < 0x100 ? "\\x%02x" : "\\u{%x}", c->code);
	else
		text_escape(&escaped, data, (size_t)c->bytes);
	for (size_t i = 0; i < escaped.len && pen_left(pen) > 0; i++)
		put_cell(pen, (unsigned char)escaped.data[i], 1);
	buf_release(&escaped);
}

static void
put_char(struct pen *pen, const struct text_char *c, const char *data, int start)
{
	if (c->plain && c->width == 0 && put_mark(pen, c->code, start))
		return;
	if (c->plain && c->width > 0)
		put_cell(pen, c->code, c->width);
	else
		put_escape(pen, c, data);
}

void
pen_bytes(struct pen *pen, const char *data, size_t len)
{
	int left = pen_left(pen), start = pen->col, limit;
	bool whole;

	if (left <= 0)
		return;
	whole = fits(pen->grid, data, len, left);
	limit = whole ? left : left - (left > 8 ? 3 : 1);
	for (size_t i = 0; i < len;) {
		struct text_char c = next_char(pen->grid, data + i, len - i);

		if (pen->col - start + c.width > limit)
			break;
		put_char(pen, &c, data + i, start);
		i += (size_t)c.bytes;
	}
	if (!whole)
		for (int i = left > 8 ? 3 : 1; i > 0 && pen_left(pen) > 0; i--)
			put_cell(pen, left > 8 ? '.' : '~', 1);
}

void
pen_ends(struct pen *pen, const char *data, size_t len)
{
	struct pen head = *pen;
	int left = pen_left(pen), room;
	size_t start;

	if (left < 10 || fits(pen->grid, data, len, left)) {
		pen_bytes(pen, data, len);
		return;
	}
	head.end = pen->col + left / 3 + 3;
	pen_bytes(&head, data, len);
	room = pen->end - head.col;
	start = len > (size_t)room * 4 ? len - (size_t)room * 4 : 0;
	while (start < len && ((unsigned char)data[start] & 0xc0) == 0x80)
		start++;
	while (start < len && !fits(pen->grid, data + start, len - start, room))
		start += (size_t)next_char(pen->grid, data + start, len - start).bytes;
	pen->col = head.col;
	pen_bytes(pen, data + start, len - start);
}

void
pen_text(struct pen *pen, const char *text)
{
	pen_bytes(pen, text, strlen(text));
}

void
pen_printf(struct pen *pen, const char *format, ...)
{
	struct buf text = BUF_INIT(1 << 16);
	va_list ap;

	va_start(ap, format);
	buf_vprintf(&text, format, ap);
	va_end(ap);
	pen_bytes(pen, buf_str(&text), text.len);
	buf_release(&text);
}

void
pen_as(struct pen *pen, enum role role, const char *text)
{
	enum role before = pen->role;

	pen->role = role;
	pen_text(pen, text);
	pen->role = before;
}

void
pen_right(struct pen *pen, const char *text)
{
	int width = grid_width(pen->grid, text, strlen(text));

	if (width > pen_left(pen))
		return;
	pen->col = pen->end - width;
	pen_text(pen, text);
}

static void
add_code(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_add_byte(out, (int)c);
	} else if (c < 0x800) {
		buf_add_byte(out, (int)(0xc0 | c >> 6));
		buf_add_byte(out, (int)(0x80 | (c & 0x3f)));
	} else {
		if (c < 0x10000) {
			buf_add_byte(out, (int)(0xe0 | c >> 12));
		} else {
			buf_add_byte(out, (int)(0xf0 | c >> 18));
			buf_add_byte(out, (int)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_add_byte(out, (int)(0x80 | (c >> 6 & 0x3f)));
		buf_add_byte(out, (int)(0x80 | (c & 0x3f)));
	}
}

void
grid_row_text(const struct grid *grid, int row, struct buf *out)
{
	int end = grid->cols;

	while (end > 0 && cell_at(grid, row, end - 1)->code == ' ')
		end--;
	for (int col = 0; col < end; col++) {
		const struct cell *cell = cell_at(grid, row, col);

		if (cell->code == 0)
			continue;
		add_code(out, cell->code);
		for (int i = 0; i < CELL_MARKS && cell->marks[i]; i++)
			add_code(out, cell->marks[i]);
	}
}

void
grid_row_roles(const struct grid *grid, int row, struct buf *out)
{
	for (int col = 0; col < grid->cols; col++)
		buf_add_byte(out, role_letters[cell_at(grid, row, col)->role]);
}

/* How many bytes of a word that is wider than a row go on this one. */
static size_t
word_part(const struct grid *grid, const char *text, int width)
{
	size_t len = strlen(text), n = 0;

	while (n < len) {
		size_t bytes = (size_t)text_next(text + n, len - n).bytes;

		if (n && grid_width(grid, text, n + bytes) > width)
			break;
		n += bytes;
	}
	return n;
}

/* How many bytes of text go on a line of this width: to the last blank that fits. */
static size_t
wrap_at(const struct grid *grid, const char *text, int width)
{
	size_t len = strlen(text), best = 0;

	if (grid_width(grid, text, len) <= width)
		return len;
	for (size_t i = 1; i < len; i++) {
		if (text[i] != ' ')
			continue;
		if (grid_width(grid, text, i) > width)
			break;
		best = i;
	}
	return best ? best : word_part(grid, text, width);
}

void
grid_wrap(struct grid *grid, int *row, int col, enum role role, const char *text)
{
	while (*text && *row < grid->rows) {
		struct pen pen = grid_pen(grid, (*row)++, col, role);
		/* All that is left goes into the last row: the pen says that it is cut. */
		size_t len = *row < grid->rows ? wrap_at(grid, text, pen_left(&pen)) : strlen(text);

		pen_bytes(&pen, text, len);
		text += len;
		text += *text == ' ';
	}
}

void
grid_fold(struct grid *grid, int *row, int col, enum role role, const char *text)
{
	size_t len = strlen(text);

	while (len && *row < grid->rows) {
		struct pen pen = grid_pen(grid, (*row)++, col, role);
		size_t n = 0;
		int used = 0;

		while (n < len) {
			struct text_char c = text_next(text + n, len - n);
			int width = grid_width(grid, text + n, (size_t)c.bytes);

			if (n && used + width > grid->cols - col - 1)
				break;
			used += width;
			n += (size_t)c.bytes;
		}
		pen_bytes(&pen, text, n);
		text += n;
		len -= n;
	}
}
