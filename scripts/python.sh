# SPDX-License-Identifier: Apache-2.0
# The Python environment, for ./dev. Sourced; expects ROOT, say and die.
#
# setup_python build|dev|bench|lint   installs requirements/NAME.txt into .venv, every file checked
#     by its hash, and nothing when the stamp of that file is current.

VENV=$ROOT/.venv

setup_python() {
  make_venv
  install_requirements build
  [[ $1 == build ]] || install_requirements "$1"
}

# The environment belongs to one interpreter: a new minor version of Python makes a new one.
make_venv() {
  local want
  want=$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if [[ $(cat "$VENV/.python" 2>/dev/null) == "$want" && -x $VENV/bin/python3 ]]; then return; fi
  say "making the Python environment .venv (Python $want)"
  rm -rf "$VENV"
  /usr/bin/python3 -m venv "$VENV" >&2
  echo "$want" >"$VENV/.python"
}

install_requirements() {
  local file=$ROOT/requirements/$1.txt stamp=$VENV/.$1.sha256 hash
  hash=$(sha256sum <"$file")
  [[ $(cat "$stamp" 2>/dev/null) == "$hash" ]] && return
  say "installing Python packages of requirements/$1.txt"
  "$VENV/bin/python3" -m pip install --quiet --disable-pip-version-check --no-input \
    --only-binary :all: \
    --require-hashes --no-deps -r "$file" </dev/null >&2 ||
    die "pip could not install requirements/$1.txt"
  echo "$hash" >"$stamp"
}
