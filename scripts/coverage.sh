# SPDX-License-Identifier: Apache-2.0
# ./dev coverage: builds the preset `coverage`, runs the quick tests and the conformance suite on
# the small card, and prints line coverage of the C++ and line and toggle coverage of the RTL.
# Sourced; expects the other scripts.

coverage() {
  PRESET=coverage BUILD=$ROOT/build/coverage
  setup_all
  local data=$BUILD/coverage
  rm -rf "$data"
  mkdir -p "$data"
  # %m merges the runs of one binary; each simulated card writes a file of its own.
  (cd "$ROOT" && LLVM_PROFILE_FILE="$data/%m.profraw" WEFT_COVERAGE_FOLDER="$data" \
    ctest --preset coverage </dev/null) >&2 || die "a test failed"

  "llvm-profdata-$CLANG" merge -o "$data/cpp.profdata" "$data"/*.profraw
  local binary objects=()
  for binary in "$BUILD"/bin/*; do
    [[ -f $binary && -x $binary ]] && objects+=(-object "$binary")
  done
  echo "C++"
  "llvm-cov-$CLANG" report -instr-profile "$data/cpp.profdata" "${objects[@]}" \
    -ignore-filename-regex='/(build|tests|examples|usr|[.]venv)/' -show-region-summary=false \
    -show-branch-summary=false 2>/dev/null
  echo
  echo "RTL"
  "$VENV/bin/python3" -B "$ROOT/scripts/coverage_rtl.py" "$ROOT" "$data"/*.dat
}
