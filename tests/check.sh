# SPDX-License-Identifier: Apache-2.0
# The steps of `./bootstrap check`; bootstrap sources it, and gives say, step, try_step, build_in, $log, $cache.

tally() { "$py" tests/tally.py build/tally "$@"; }

# Python packages in a folder of their own, made once for each list of packages and Python.
ready_python() {
	local want
	want=$(python3 -c 'import hashlib, sys
print("%d.%d-%s" % (*sys.version_info[:2], hashlib.sha256(open("tests/requirements.txt", "rb").read()).hexdigest()[:12]))')
	py=$cache/venv-$want/bin/python
	[ -e "$cache/venv-$want/.done" ] && return
	mkdir -p "$cache"
	step "installing Python packages" make_venv "$cache/venv-$want"
}

make_venv() {
	exec 8>"$1.lock" && flock 8 || return 1
	[ -e "$1/.done" ] && return
	rm -rf "$1"
	python3 -m venv "$1" && "$1/bin/python" -m pip install -q --disable-pip-version-check -r tests/requirements.txt &&
		touch "$1/.done"
}

needs_servers() {
	case $(tests/servers/get --missing) in
	*' go'*) echo "building etcd 3.5 to 3.7 and versitygw|cmd:go|golang-go" ;;
	esac
}

ready_servers() {
	local missing
	missing=$(tests/servers/get --missing | paste -sd' ')
	[ -n "$missing" ] || return 0
	say "Servers to bring, once, into ${VETCH_PEERS:-$HOME/.cache/vetch-peers}: $missing"
	step "bringing servers" tests/servers/get
}

units() { # BUILD_DIR NAME
	find "$1/tests" -name '*.trs' -delete 2>/dev/null
	try_step "$2" make -C "$1" -j "$(jobs)" -k check
	tally make "$1" "$2"
}

suites() { # NAME PYTEST_ARGUMENTS...: the tests in Python on $VETCH_BIN
	local name=$1 out
	out=build/junit-$(basename "$(dirname "$VETCH_BIN")").xml
	shift
	rm -f "$out"
	try_step "$name" "$py" -m pytest -n "${VETCH_WORKERS:-3}" --dist loadgroup --junitxml "$out" "$@"
	sed -n '/^=* etcd versions and features/,$p' "$log"
	tally junit "$out" "$name"
}

fuzz() {
	local rc
	try_step "fuzzing, 5 s a target" tests/fuzz/run build-fuzz 5
	tally fuzz build-fuzz "fuzzing"
}

# Every report of a sanitizer goes to a file, also those of children: one file is one failure.
sanitized() {
	rm -rf build/reports
	mkdir -p build/reports
	export ASAN_OPTIONS=log_path=$top/build/reports/asan:detect_leaks=1:exitcode=99
	export LSAN_OPTIONS=suppressions=$top/tests/lsan.supp:print_suppressions=0
	export UBSAN_OPTIONS=log_path=$top/build/reports/ubsan:print_stacktrace=1:halt_on_error=1
	units build-san "unit tests, sanitized"
	VETCH_BIN=$top/build-san/vetch suites "tests on real servers, sanitized" -m "not once"
	unset ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS
	tally reports build/reports "reports of the sanitizers"
}

run_check() {
	local start=$SECONDS
	ready_python
	ready_servers
	rm -f build/tally
	build_in build --enable-werror
	units build "unit tests and lints"
	VETCH_BIN=$top/build/vetch suites "tests on real servers"
	build_in build-fuzz CC=clang --enable-fuzzers
	fuzz
	build_in build-san --enable-werror --enable-sanitizers CFLAGS=-O1\ -g
	sanitized
	say "$((SECONDS - start)) s"
	tally sum
}
