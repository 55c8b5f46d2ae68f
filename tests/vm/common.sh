# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sourced by the scripts of tests/vm: where things are, and how messages look.

# shellcheck disable=SC2034  # used by those who source this
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VM=$ROOT/tests/vm
CACHE=${K8SNET_CACHE:-$ROOT/.cache}
mkdir -p "$CACHE" && CACHE=$(cd "$CACHE" && pwd)
ME=tests/vm/$(basename "$0")

say() { printf '%s: %s\n' "$ME" "$*" >&2; }
die() {
	say "$*"
	exit 1
}

# want_kernel VERSION - refuses a kernel that we know nothing of
want_kernel() {
	case ${1-} in
	6.1 | 6.12 | uml | uml-debug | debug | kcsan) ;;
	*) die "unknown kernel '${1-}' (known: 6.1, 6.12, uml, uml-debug, debug, kcsan)" ;;
	esac
}

# is_uml VERSION - does it run as a process of the host?
is_uml() { [[ $1 == uml* ]]; }

# from_source VERSION - is it built by us, and no package?
from_source() { [[ $1 != [0-9]* ]]; }

# lock NAME - takes the lock of that name until this script ends
lock() {
	mkdir -p "$CACHE/lock"
	exec 9>"$CACHE/lock/$1"
	flock -w 900 9 || die "another run holds the lock $CACHE/lock/$1"
}
