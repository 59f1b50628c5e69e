#!/bin/sh
# Writes runtime.txt, image.txt, dev.txt, deep.txt, docs.txt and peers-*.txt: every package with its version and
# hashes, for every platform and Python from 3.11. No index address, host name or local path goes into them. Run by
# `make lock`.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}

compile() {
    out=$1
    shift
    "$uv" pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links --no-annotate \
        --override requirements/overrides.txt --custom-compile-command "make lock" \
        --output-file "$out" "$@" ${UPGRADE:+--upgrade}
}

compile requirements/runtime.txt sdk/pyproject.toml server/pyproject.toml requirements/build.in
compile requirements/image.txt sdk/pyproject.toml server/pyproject.toml requirements/build.in requirements/image.in \
    --constraint requirements/runtime.txt
compile requirements/dev.txt sdk/pyproject.toml server/pyproject.toml requirements/build.in requirements/dev.in \
    --constraint requirements/runtime.txt
compile requirements/deep.txt sdk/pyproject.toml server/pyproject.toml requirements/build.in requirements/dev.in \
    requirements/deep.in --constraint requirements/dev.txt
compile requirements/docs.txt requirements/docs.in --constraint requirements/dev.txt
# Each in an environment of its own, so none is held to what the others or we have.
for peer in fastapi bentoml mlserver; do
    compile "requirements/peers-$peer.txt" "requirements/peers-$peer.in"
done
cat requirements/torch.txt >> requirements/deep.txt
if grep -nE '://|^-|@ |^ *(/|file:)' requirements/runtime.txt requirements/image.txt requirements/dev.txt \
    requirements/deep.txt requirements/docs.txt requirements/peers-*.txt; then
    echo "The locks name an address or a path, see above; they must not." >&2
    exit 1
fi
