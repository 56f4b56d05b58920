# SPDX-License-Identifier: Apache-2.0
# ./dev lint [--fix]: format and style of the sources that git knows. Sourced; expects the others.
#
# C++: clang-format. Python: ruff. Shell: bash -n. All text: an SPDX line, ASCII, 100 columns.
# SystemVerilog is linted by Verilator (-Wall) whenever a card is built.

lint() {
  setup_python lint
  cd "$ROOT"
  local failed=0 fix=0
  [[ ${1:-} == --fix ]] && fix=1
  local cpp python shell text
  mapfile -t cpp < <(git ls-files '*.h' '*.cpp' '*.cc')
  mapfile -t python < <(git ls-files '*.py')
  mapfile -t shell < <(git ls-files dev '*.sh' scripts .ci/run | sort -u)
  mapfile -t text < <(git ls-files | grep -v -E '^LICENSE$|\.json$|^requirements/.*\.txt$|\.png$')

  if ((${#cpp[@]})); then
    if ((fix)); then "$VENV/bin/clang-format" -i "${cpp[@]}"; fi
    "$VENV/bin/clang-format" --dry-run --Werror "${cpp[@]}" >&2 || failed=1
  fi
  if ((${#python[@]})); then
    if ((fix)); then "$VENV/bin/ruff" check -q --no-cache --fix "${python[@]}" || true; fi
    "$VENV/bin/ruff" check -q --no-cache "${python[@]}" >&2 || failed=1
  fi
  local file
  for file in "${shell[@]}"; do
    if [[ $file == *.py ]] || head -1 "$file" | grep -q python; then continue; fi
    bash -n "$file" || failed=1
  done
  for file in "${text[@]}"; do
    grep -q 'SPDX-License-Identifier: Apache-2.0' "$file" || {
      say "$file: no SPDX line"
      failed=1
    }
    if LC_ALL=C grep -n -P '[^\x00-\x7f]' "$file" >&2; then
      say "$file: not ASCII"
      failed=1
    fi
    # The tables of spec/ and of pages have one row per line, however long.
    [[ $file == spec/*.toml || $file == spec/*.rdl ]] && continue
    awk -v f="$file" 'length > 100 && !/^\|/ { print f ":" NR ": longer than 100"; bad = 1 }
      END { exit bad }' "$file" >&2 || failed=1
  done
  ((failed == 0)) || die "lint found the problems above; ./dev lint --fix formats"
  say "lint: ${#text[@]} files"
}
