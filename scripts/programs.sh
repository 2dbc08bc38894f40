# shellcheck shell=bash
# What the benchmarks run, to be sourced at the top of the repository.

# A Python with the packages named: the one that PYTHON names, which has to have them, or one made in target/pytorch.
need_python() {
  [ -n "${PYTHON:-}" ] && return
  PYTHON=target/pytorch/bin/python
  [ -x "$PYTHON" ] || python3 -m venv target/pytorch
  local package
  for package; do
    "$PYTHON" -c "import $package" 2>/dev/null || "$PYTHON" -m pip install -q "$package"
  done
}

# Builds a benchmark, and prints where it is. The whole workspace, so that all find Burn built with the same features.
bench_program() {
  cargo bench -q --workspace --bench "$1" ${FEATURES:+--features "$FEATURES"} --no-run --message-format json | "$PYTHON" -c '
import json, sys
lines = map(json.loads, sys.stdin)
found = [m["executable"] for m in lines if m.get("executable") and m["target"]["name"] == sys.argv[1]]
print(found[0])' "$1"
}

# So many threads for all programs; without a number, as many as each thinks best.
use_threads() {
  [ -z "${1:-}" ] || export RAYON_NUM_THREADS="$1" OMP_NUM_THREADS="$1"
}
