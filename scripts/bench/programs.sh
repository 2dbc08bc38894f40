# shellcheck shell=bash
# Functions of the benchmarks, to be sourced at the top of the repository.

# Sets PYTHON to a Python with these packages: the one that PYTHON names, which must have them, or one in target/pytorch.
need_python() {
  [ -n "${PYTHON:-}" ] && return
  PYTHON=target/pytorch/bin/python
  [ -x "$PYTHON" ] || python3 -m venv target/pytorch
  local package
  for package; do
    "$PYTHON" -c "import $package" 2>/dev/null || "$PYTHON" -m pip install -q "$package"
  done
}

# Builds a benchmark and prints its path. It builds the whole workspace, so that all use Burn with the same features.
bench_program() {
  cargo bench -q --workspace --bench "$1" ${FEATURES:+--features "$FEATURES"} --no-run --message-format json | "$PYTHON" -c '
import json, sys
lines = map(json.loads, sys.stdin)
found = [m["executable"] for m in lines if m.get("executable") and m["target"]["name"] == sys.argv[1]]
print(found[0])' "$1"
}

# Sets the threads of all programs; without a number, each program chooses.
use_threads() {
  [ -z "${1:-}" ] || export RAYON_NUM_THREADS="$1" OMP_NUM_THREADS="$1"
}
