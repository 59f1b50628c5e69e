#!/bin/sh
# Starts a command of the image. Numba keeps compiled kernels only where it may write, and the image is read-only: so
# those that were compiled with the image are copied to where NUMBA_CACHE_DIR says, which is memory.
set -eu
if [ ! -d "$NUMBA_CACHE_DIR" ]; then
    cp -R /opt/pynomaly/kernels "$NUMBA_CACHE_DIR"
fi
exec "$@"
