#!/bin/sh
# Runs every check, also after one has failed, and sums up. Run by `make lint`.
set -u
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
failed=
skipped=

# A scan that could not look (exit status 75) has neither passed nor failed, and says so.
scan() {
    name=$1
    shift
    output=$("$@" 2>&1)
    case $? in
        0) printf 'ok    %s: %s\n' "$name" "$output" ;;
        75)
            printf 'SKIP  %s: %s\n' "$name" "$output"
            skipped="$skipped, $name"
            ;;
        *)
            printf '%s\nFAIL  %s\n' "$output" "$name"
            failed="$failed, $name"
            ;;
    esac
}

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

# The patterns of its configuration are those of the folder that it is started in.
run_eslint() {
    node=$("$bin/python" requirements/node.py) &&
        (cd js-sdk && "$node" node_modules/eslint/bin/eslint.js --cache --cache-location node_modules/.cache/eslint .)
}

# Strict: a page left out, a link or an anchor that leads nowhere, or a name that the client has not, fails it.
run_mkdocs() {
    NO_MKDOCS_2_WARNING=true "${VENV_DOCS:-.venv-docs}/bin/python" -m mkdocs build --strict
}

export PYTHONPATH=openapi
check "ruff check"          "$bin/ruff" check --quiet --output-format concise .
check "ruff format"         "$bin/ruff" format --check --output-format concise .
check "mypy (server)"       "$bin/mypy"
check "pyright (SDK)"       "$bin/pyright" --pythonpath "$bin/python"
check "import boundaries"   "$bin/lint-imports" --no-cache
check "tenants"             "$bin/python" requirements/tenant_scope.py
check "contract"            "$bin/python" -m codegen.lint
check "generated code"      "$bin/python" -m codegen --check
check "synchronous twins"   "$bin/python" sdk/unasync.py --check
check "types (js-sdk)"      "$bin/python" requirements/node.py run js-sdk/build/types.mjs --check
check "tsc (js-sdk)"        "$bin/python" requirements/node.py run js-sdk/node_modules/typescript/bin/tsc --project js-sdk
check "eslint (js-sdk)"     run_eslint
check "compose file"        "$bin/check-jsonschema" --builtin-schema vendor.compose-spec docker-compose.yml
check "Dockerfile"          "$bin/hadolint" deploy/Dockerfile
check "workflows"           "$bin/check-jsonschema" --builtin-schema vendor.github-workflows .github/workflows/*.yml
check "pages and reference" run_mkdocs
check "one version"         "$bin/python" requirements/version.py --check
check "scan of our code"    "$bin/bandit" --quiet --configfile pyproject.toml --recursive server/src sdk/src openapi/codegen
scan  "scan of the pins"    "$bin/python" requirements/scan.py requirements/runtime.txt

if [ -n "$failed" ]; then
    printf '\nFailed: %s\n' "${failed#, }"
    exit 1
fi
if [ -n "$skipped" ]; then
    printf '\nAll other checks passed. Skipped: %s\n' "${skipped#, }"
    exit 0
fi
printf '\nAll checks passed.\n'
