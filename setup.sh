#!/bin/sh
# Makes the environment: a virtual environment with requirements.txt in it, and MNIST on Gradescope.
# Gradescope runs it once, as root, when it builds the image; on a laptop ./run_autograder calls it. Safe to repeat.
#   ./setup.sh          what grading needs
#   ./setup.sh --staff  and what batch and report need
#   ./setup.sh --dev    and what the toolkit's own tests need
# PYTHON=… chooses the interpreter (3.10 or newer); BERAS_VENV=… another folder than .venv.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
on_gradescope=no
case $root in /autograder/*) on_gradescope=yes ;; esac

if [ $on_gradescope = yes ]; then venv=${BERAS_VENV:-/autograder/venv}; else venv=${BERAS_VENV:-$root/.venv}; fi
requirements=$root/requirements.txt
case ${1:-} in --staff | --dev) requirements=$root/requirements-${1#--}.txt ;; esac

say() { printf 'setup: %s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }

# Under root every submission runs as a user of its own, who must be able to read the interpreter.
readable_by_all() {
    [ "$(id -u)" -ne 0 ] && return 0
    "$1" - <<'PYTHON' 2>/dev/null
import os, sys
path = os.path.realpath(sys.base_prefix)
while True:
    if not os.stat(path).st_mode & 0o001:
        sys.exit(1)
    if path == "/":
        sys.exit(0)
    path = os.path.dirname(path)
PYTHON
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" || { say "PYTHON=$PYTHON is not Python 3.10 or newer."; exit 1; }
        readable_by_all "$PYTHON" || { say "PYTHON=$PYTHON lies where only root can read; as root, give another."; exit 1; }
        echo "$PYTHON"; return
    fi
    for candidate in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11 python3.10 /usr/local/bin/python3; do
        path=$(command -v "$candidate" 2>/dev/null) || continue
        if new_enough "$path" && readable_by_all "$path"; then echo "$path"; return; fi
    done
    say "No Python 3.10 or newer was found (as root: none that every user can read)."
    say "Install one, for instance: apt-get install python3 python3-venv    or name it: PYTHON=/path/to/python3 $0"
    exit 1
}

# The environment is whole once the last line has copied the requirements into it.
mark=$venv/.installed
if [ -x "$venv/bin/python" ] && [ -f "$mark" ] && "$venv/bin/python" -c 'import numpy' 2>/dev/null; then
    # What is installed holds what is asked for: dev all of staff, staff all of the rest.
    case ${1:-} in --dev) enough=dev ;; --staff) enough='staff\|dev' ;; *) enough=. ;; esac
    if cat "$root"/requirements*.txt | cmp -s - "$mark.all" && grep -q "$enough" "$mark"; then
        exit 0
    fi
fi

python=$(find_python)
if ! [ -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import sys' 2>/dev/null; then
    say "making $venv with $("$python" --version 2>&1)"
    if ! "$python" -m venv --clear "$venv" 2>/dev/null; then
        if [ $on_gradescope = yes ] && command -v apt-get >/dev/null; then
            say "the venv module is missing: installing python3-venv"
            apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-venv >/dev/null
            "$python" -m venv --clear "$venv"
        else
            say "Python's venv module is missing or does not work. On Debian and Ubuntu: sudo apt-get install python3-venv"
            exit 1
        fi
    fi
fi

say "installing $(basename "$requirements") into $venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2 || {
    say "pip could not install the packages. Is there a network? Its message stands above; run this again afterwards."
    exit 1
}
cat "$root"/requirements*.txt > "$mark.all"
basename "$requirements" > "$mark"

if [ $on_gradescope = yes ]; then
    # The grader's own files are nobody else's to read; a submission runs as another user.
    chmod 700 "$root"
    "$venv/bin/python" -I "$root/autograder" fetch --to /autograder/data ||
        say "MNIST could not be fetched; training checks will use the digits that come with the grader."
fi
say "done"
