#!/bin/sh
# Makes the environment in .venv from the locks, with nothing but Python 3.11 or later.
#
#   requirements/install.sh runtime|dev|deep|docs
#
# Runs again at no cost: what is installed is remembered in .venv by a checksum of what it was made from.
# PYTHON names the interpreter to use, VENV another place than .venv.
set -eu
cd "$(dirname "$0")/.."
set_name=${1:-runtime}
venv=${VENV:-.venv}
lock=requirements/$set_name.txt
stamp=$venv/.installed

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" || stop "PYTHON=$PYTHON is not a Python 3.11 or later."
        printf '%s' "$PYTHON"
        return
    fi
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if new_enough "$name"; then
            printf '%s' "$name"
            return
        fi
    done
    stop "Pynomaly needs Python 3.11 or later and found none ($(python3 --version 2>&1 || echo 'no python3'))." \
        "Install one, or name it: make install PYTHON=/path/to/python3.12"
}

make_venv() {
    python=$1
    rm -rf "$venv"
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv "$venv"
    elif "$python" -m virtualenv --version >/dev/null 2>&1; then
        "$python" -m virtualenv --quiet "$venv"
    elif "$python" -m pip --version >/dev/null 2>&1; then
        # pip from 22.3 on can install into an environment that has none of its own.
        "$python" -m venv --without-pip "$venv"
        "$python" -m pip --python "$venv/bin/python" install --quiet --disable-pip-version-check pip
    else
        stop "$python cannot make virtual environments (it has no ensurepip). Install the package that brings it," \
            "on Debian and Ubuntu: apt install python3-venv"
    fi
}

# The checksum of everything that decides what is installed.
wanted() { cat "$lock" sdk/pyproject.toml server/pyproject.toml requirements/install.sh | cksum; }

installed() {
    [ -x "$venv/bin/python" ] && new_enough "$venv/bin/python" && [ -f "$stamp-$1" ]
}

# What the JavaScript client is built and tested with; Node itself is in the development set, or on PATH.
install_javascript() {
    case $set_name in
        dev|deep)
            "$venv/bin/python" requirements/node.py install ||
                say "The packages for js-sdk did not install, so its tests fail; see npm's words above, and try again."
            ;;
    esac
}

# The development set holds the runtime set, and the deep set holds both, in the same versions. What builds the pages
# stands alone.
case $set_name in
    docs) holding=docs ;;
    *) holding="$set_name dev deep" ;;
esac
for have in $holding; do
    if installed "$have" && [ "$(cat "$stamp-$have")" = "$(lock=requirements/$have.txt wanted)" ]; then
        install_javascript
        exit 0
    fi
done

if ! { [ -x "$venv/bin/python" ] && new_enough "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python)
    say "Making $venv with $("$python" --version) ..."
    make_venv "$python"
fi

pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

rm -f "$stamp-runtime" "$stamp-dev" "$stamp-deep" "$stamp-docs"
say "Installing $(grep -c '==' "$lock") packages from $lock ..."
# The locks are complete, so nothing is resolved: what is installed is what is written there, or nothing.
pip install --quiet --no-deps --require-hashes -r "$lock"
if [ "$set_name" = docs ]; then
    wanted > "$stamp-docs"
    exit 0
fi
pip install --quiet --no-deps --no-build-isolation --editable sdk --editable server
wanted > "$stamp-$set_name"
install_javascript

# Python itself keeps no bytecode where PYTHONDONTWRITEBYTECODE is set, and would compile our modules at each start.
"$venv/bin/python" -m compileall -q sdk/src server/src || say "The modules did not compile."
# Kept beside the modules, so that neither the first start of a server nor its workers wait for the compiler.
say "Compiling the detectors' kernels ..."
"$venv/bin/python" -c 'from pynomaly_server.detection.warmup import warm_up; warm_up()' >&2 ||
    say "They did not compile; the server tries again when it starts."
