# SPDX-License-Identifier: Apache-2.0
# Fills the tables of a manual page: awk -v top=SOURCE -f fill.awk vetch.1.in. A line `.\" TABLE KIND FILE`
# becomes a list of FILE's rows; a table that does not exist yet leaves nothing.

function roff(s) {
	gsub(/\\\\/, "\\", s)
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	sub(/^[.']/, "\\\\\\&&", s)
	return s
}

function item(head, text) {
	printf ".TP\n\\fB%s\\fR\n%s\n", head, roff(text)
}

# One row, its strings in s[2], s[4] ...; what stands before the first of them in s[1].
function row(kind, text,   s, n, m, name, flag) {
	n = split(text, s, "\"")
	name = s[1]
	sub(/^[A-Z_]*\(/, "", name)
	sub(/,.*/, "", name)
	if (kind == "verbs")
		item(roff(s[2]) "\\fR " roff(s[4]), s[6] ".")
	else if (kind == "flags") {
		flag = "\\-\\-" roff(s[2])
		if (match(text, /'[A-Za-z]'/))
			flag = "\\-" substr(text, RSTART + 1, 1) ", " flag
		m = s[4] ~ /^ETCDCTL_/ ? 6 : 4
		item(flag (text ~ /^SETTING_S/ ? " \\fI" roff(s[m]) : ""), s[text ~ /^SETTING_S/ ? m + 2 : m] ".")
	} else if (kind == "keys") {
		if (name != group) {
			printf ".SS %s\n", name == "app" ? "Everywhere" : "In " (name in title ? "the pane " title[name] : "a " name)
			group = name
		}
		item(roff(s[2]), s[n - 1] ".")
	} else if (kind == "roles")
		printf "%s%s", shown++ ? ", " : "", roff(s[2])
	else if (kind == "programs")
		printf ".TP\n\\fBvetch as %s\\fR\n", name
	else if (kind == "panes")
		title[name] = s[2]
}

function table(kind, file,   line, text) {
	while ((getline line < (top "/" file)) > 0) {
		if (line !~ /^[A-Z_]+\(/ && text == "")
			continue
		sub(/^[ \t]+/, "", line)
		text = text (text == "" ? "" : " ") line
		if (text !~ /\)[ \t]*$/)
			continue
		gsub(/\\"/, "''", text)
		row(kind, text)
		text = ""
	}
	close(top "/" file)
	if (kind == "roles" && shown)
		print "."
}

/^\.\\" TABLE / { table($3, $4); next }
{ print }
