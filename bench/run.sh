#!/usr/bin/env bash
# Make the benchmark's own environments and run it; arguments go to `python -m bench.run`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

uv=${UV:-uv}
if ! "$uv" --version >/dev/null 2>&1; then
  echo "The benchmark needs uv: run 'make bench', which fetches it, or set UV." >&2
  exit 1
fi
if ! npm --version >/dev/null 2>&1; then
  echo "The benchmark needs Node.js with npm, for the Fastify peer: install it." >&2
  exit 1
fi

if ! [ -x .venv-bench/bin/python ]; then
  # The Python that runs Guestlist runs the peers.
  python=$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python3)
  "$uv" venv --quiet --python "$python" .venv-bench
fi
"$uv" pip sync --quiet --python .venv-bench --require-hashes bench/requirements.txt

lock=bench/peers/fastify/package-lock.json
installed=bench/peers/fastify/node_modules/.installed
if ! cmp --silent "$lock" "$installed"; then
  (cd bench/peers/fastify && npm ci --silent)
  cp "$lock" "$installed"
fi

exec .venv-bench/bin/python -m bench.run "$@"
