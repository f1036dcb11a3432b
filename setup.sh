#!/bin/sh
# Makes the environment: a virtual environment with requirements.txt in it, and the training data on Gradescope.
# Gradescope runs it once, as root, when it builds the image; on a laptop ./run_autograder calls it. Safe to repeat.
#   ./setup.sh            what grading needs
#   ./setup.sh --staff    and what batch and report need
#   ./setup.sh --cluster  and what batch --cluster needs
#   ./setup.sh --docs     and what building docs/ needs
#   ./setup.sh --dev      and what the toolkit's own tests need: all of it
#   ./setup.sh --help     these lines
# PYTHON=… chooses the interpreter (3.10 or newer); AUTOGRADER_VENV=… another folder than .venv; AUTOGRADER_HOME=… another
# place than /autograder.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
home=${AUTOGRADER_HOME:-/autograder}
on_gradescope=no
[ "$root" = "$home/source" ] && on_gradescope=yes

if [ $on_gradescope = yes ]; then venv=${AUTOGRADER_VENV:-$home/venv}; else venv=${AUTOGRADER_VENV:-$root/.venv}; fi
say() { printf 'setup: %s\n' "$*" >&2; }

requirements=$root/requirements.txt
case $#${1:-} in
    0) ;;
    1-h | 1--help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit ;;
    1--staff | 1--cluster | 1--docs | 1--dev) requirements=$root/requirements-${1#--}.txt ;;
    *) say "expected nothing, --staff, --cluster, --docs or --dev, and not: $*. Nothing was done; --help says more."; exit 2 ;;
esac

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

fetch_pip() {
    "$venv/bin/python" - <<'PYTHON'
import hashlib, json, os, re, runpy, sys, tempfile, urllib.parse, urllib.request
index = (os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple").rstrip("/") + "/pip/"
try:
    request = urllib.request.Request(index, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    found = [(re.fullmatch(r"pip-([\d.]+)-py3-none-any\.whl", f["filename"]), f) for f in files if not f.get("yanked")]
    _, wheel = max(((*map(int, m[1].split(".")),), n) for n, (m, _) in enumerate(found) if m)
    wheel = found[wheel][1]
    with urllib.request.urlopen(urllib.parse.urljoin(index, wheel["url"]), timeout=60) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["hashes"]["sha256"]:
        raise ValueError("its checksum differs")
except (OSError, ValueError, LookupError) as error:
    sys.exit(f"setup: pip could not be fetched from {index}: {error}")
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, wheel["filename"])
    with open(path, "wb") as file:
        file.write(content)
    sys.path.insert(0, path)
    sys.argv[1:] = ["install", "--quiet", "--disable-pip-version-check", "--no-index", path]
    runpy.run_module("pip", run_name="__main__")
PYTHON
}

fetch_data() {
    if [ -d "$root/data" ]; then
        say "the training data came with the upload"
    else
        mkdir -p "$home/data"
        chmod 700 "$home/data"
        "$venv/bin/python" -I "$root/autograder" fetch --to "$home/data" ||
            say "The training data could not be fetched; training checks will use what comes with the grader, if anything does."
        rmdir "$home/data" 2>/dev/null || :  # where nothing is in it
    fi
}

# What grading needs, what was asked for, and every list that one of them includes.
lists() {
    for list in "$@"; do
        printf '%s\n' "$list"
        sed -n 's/^-r *//p' "$list" | while IFS= read -r included; do lists "$root/$included"; done
    done
}

# An environment is whole once each of these lists has been copied into it.
are_installed() {
    lists "$root/requirements.txt" "$requirements" | while IFS= read -r list; do
        cmp -s "$list" "$venv/.installed-$(basename "$list")" || exit 1
    done
}

# In a folder that holds no environment, somebody keeps something else: it is not ours to clear.
is_ours_to_make() {
    { ! [ -e "$venv" ] || [ -f "$venv/pyvenv.cfg" ]; } && return
    [ -d "$venv" ] && found=$(find "$venv/" ! -type d ! -name lib64) && [ -z "$found" ]
}

# What `venv` has made, and no other file: somebody may work in the folder.
clear_environment() {
    rm -rf "$venv/bin" "$venv/include" "$venv/lib" "$venv/lib64" "$venv/pyvenv.cfg" "$venv"/.installed-*
}

has_pip() { "$venv/bin/python" -c 'import pip' 2>/dev/null; }

leave_if_whole() {
    { [ -x "$venv/bin/python" ] && are_installed && "$venv/bin/python" -c 'import numpy' 2>/dev/null; } || return 0
    [ $on_gradescope = yes ] && chmod 700 "$root" && fetch_data
    exit 0
}

leave_if_whole

# Two that begin at once would clear and fill one folder. This lock is on the project's own folder, and leaves no file: it
# goes with the process. Where the machine has no flock, as on macOS, or the disk no locks, nothing is locked.
if command -v flock >/dev/null 2>&1 && [ -r "$root" ]; then
    exec 9<"$root"
    flock -n 9 2>/dev/null || [ $? -ne 1 ] || { say "another setup.sh is at work here: waiting for it"; flock 9; }
    leave_if_whole
fi

# The folder, or what is there of the way to it.
place=$venv
while ! [ -e "$place" ]; do place=$(dirname -- "$place"); done
if ! [ -w "$place" ]; then
    say "$place cannot be written. Name another place for the environment: AUTOGRADER_VENV=\$HOME/beras-venv $0"
    exit 1
fi

if ! has_pip && ! is_ours_to_make; then
    say "$venv is there, and is no virtual environment: nothing in it was touched. Name a folder that is empty or not there:"
    say "AUTOGRADER_VENV=\$HOME/beras-venv $0    or move what is in it away."
    exit 1
fi
if ! has_pip && "$venv/bin/python" -c '' 2>/dev/null; then
    # Some tools make environments without it, and making one may have been broken off.
    say "$venv has no pip: adding it"
    "$venv/bin/python" -m ensurepip >/dev/null 2>&1 || fetch_pip || {
        say "pip could not be added to $venv. Name another place for the environment: AUTOGRADER_VENV=\$HOME/beras-venv $0"
        exit 1
    }
elif ! has_pip; then
    python=$(find_python)
    say "making $venv with $("$python" --version 2>&1)"
    clear_environment
    if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
        # Debian splits pip's seed off into python3-venv, which needs sudo; pip's own wheel can bring itself along.
        say "this Python has no ensurepip (on Debian, the package python3-venv): fetching pip from PyPI"
        clear_environment
        if ! { "$python" -m venv --without-pip "$venv" >/dev/null && fetch_pip; }; then
            clear_environment
            rmdir "$venv" 2>/dev/null || :
            say "No environment could be made. Is there a network? If so, on Debian and Ubuntu: sudo apt-get install python3-venv"
            exit 1
        fi
    fi
fi

say "installing $(basename "$requirements") into $venv"
# An image is built once and must be built; at a laptop sits somebody who can run this again, and need not wait for minutes.
if [ $on_gradescope = yes ]; then retries=5; else retries=1; fi
"$venv/bin/python" -m pip install --retries "${PIP_RETRIES:-$retries}" --quiet --disable-pip-version-check \
    -r "$root/requirements.txt" -r "$requirements" >&2 || {
    say "pip could not install the packages. Is there a network? Its message stands above; run this again afterwards."
    exit 1
}
lists "$root/requirements.txt" "$requirements" | while IFS= read -r list; do cat "$list" > "$venv/.installed-$(basename "$list")"; done

# Here and not while grading, which writes none: on a full disk half a .pyc would stay, and be believed.
if [ -w "$root/autograder" ]; then
    "$venv/bin/python" -m compileall -q "$root/autograder" "$root/homework" "$root/tests/hidden" || say "grading will start a little slower"
fi

if [ $on_gradescope = yes ]; then
    # The grader's own files are nobody else's to read; a submission runs as another user.
    chmod 700 "$root"
    fetch_data
fi
say "done"
