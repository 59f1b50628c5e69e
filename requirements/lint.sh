#!/bin/sh
# Runs every check, also after one has failed, and sums up. Run by `make lint`.
set -u
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
failed=

check() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        printf 'ok    %s\n' "$name"
    else
        printf '%s\n' "$output"
        printf 'FAIL  %s\n' "$name"
        failed="$failed, $name"
    fi
}

export PYTHONPATH=openapi
check "ruff check"          "$bin/ruff" check --quiet --output-format concise .
check "ruff format"         "$bin/ruff" format --check --output-format concise .
check "mypy (server)"       "$bin/mypy"
check "pyright (SDK)"       "$bin/pyright" --pythonpath "$bin/python"
check "import boundaries"   "$bin/lint-imports" --no-cache
check "contract"            "$bin/python" -m codegen.lint
check "generated code"      "$bin/python" -m codegen --check
check "synchronous twins"   "$bin/python" sdk/unasync.py --check

if [ -n "$failed" ]; then
    printf '\nFailed: %s\n' "${failed#, }"
    exit 1
fi
printf '\nAll checks passed.\n'
