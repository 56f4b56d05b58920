# SPDX-License-Identifier: Apache-2.0
# Configure, build and test steps, for ./dev. Sourced; expects ROOT, PRESET, BUILD, VENV, CLANG.

# Precompiled headers do not keep ccache from its work.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
# Clones in different folders find each other's objects.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$ROOT}

# Configures when there is no build folder or an input of this choice changed; CMake itself notices
# changed CMakeLists. Installed Python packages decide which suites there are.
configure() {
  local choice="clang-$CLANG require_all=${WEFT_REQUIRE_ALL:-0} cards=${WEFT_CARDS:-}"
  choice+=" python=$(cat "$VENV"/.{build,dev}.sha256 2>/dev/null | sha256sum | cut -c 1-16 || true)"
  choice+=" npm=$(command -v npm || true)"
  if [[ -f $BUILD/build.ninja && $(cat "$BUILD/.configured" 2>/dev/null) == "$choice" ]]; then
    return
  fi
  rm -f "$BUILD/.configured"
  (cd "$ROOT" && cmake --preset "$PRESET" \
    -DCMAKE_C_COMPILER="clang-$CLANG" -DCMAKE_CXX_COMPILER="clang++-$CLANG" \
    -DWEFT_REQUIRE_ALL="${WEFT_REQUIRE_ALL:-0}" \
    ${WEFT_CARDS:+-DWEFT_CARDS="$WEFT_CARDS"}) </dev/null >&2 || die "configuration failed"
  echo "$choice" >"$BUILD/.configured"
}

# build [TARGET...]: everything, or the targets named.
build() {
  local targets=()
  (($#)) && targets=(--target "$@")
  # Nothing to do should say nothing.
  [[ $(ninja -C "$BUILD" -n "$@" 2>/dev/null | tail -1) == "ninja: no work to do." ]] && return
  cmake --build "$BUILD" -j "$(nproc)" "${targets[@]}" </dev/null >&2 || die "build failed"
}

setup_all() {
  setup_system
  setup_npm
  setup_python dev
  configure
  build
}

# run_ctest TEST_PRESET [ARGS]
run_ctest() {
  local preset=$1
  shift
  cd "$ROOT"
  ctest --preset "$preset" "$@" </dev/null
}

# The targets of the simulated cards that device URIs among the arguments name, or a command that
# opens some without.
cards_named_by() {
  local argument config arith
  for argument in "$@"; do
    case $argument in
      transport) echo weft_card_small_native ;;
      xrt) echo weft_card_default_native ;;
    esac
    [[ $argument == *sim:* || $argument == *xrt:* || $argument == *opencl:* ]] || continue
    config=default arith=native
    [[ $argument =~ config=([a-z0-9]+) ]] && config=${BASH_REMATCH[1]}
    [[ $argument =~ arith=([a-z0-9]+) ]] && arith=${BASH_REMATCH[1]}
    case ${config}_$arith in
      default_native | default_rtl | small_native | small_rtl) echo "weft_card_${config}_$arith" ;;
    esac
  done | sort -u
}

# The target of a data set that is fetched when an argument names it.
data_named_by() {
  local argument
  for argument in "$@"; do
    case $argument in
      mnist | --data=mnist) echo weft_share_mnist ;;
    esac
  done
}
