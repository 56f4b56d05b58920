# SPDX-License-Identifier: Apache-2.0
# ./dev doctor: what is installed and built, what is missing and which command gets it. Installs
# nothing. Exit code 0 when everything is there. Sourced; expects the other scripts.

doctor_line() { printf '%-18s %-8s %s\n' "$1" "$2" "$3"; }

doctor() {
  local missing=0 packages absent
  doctor_line system "" "$(. /etc/os-release && echo "${PRETTY_NAME:-unknown}"), $(nproc) cores, \
$(awk '/MemAvailable/ {printf "%.0f GiB free memory", $2 / 1048576}' /proc/meminfo), \
$(df -BG --output=avail "$ROOT" | tail -1 | tr -d ' G') GiB free disk"

  choose_clang
  if command -v dpkg-query >/dev/null; then
    mapfile -t packages < <(system_packages)
    mapfile -t absent < <(missing_packages "${packages[@]}")
    if ((${#absent[@]})); then
      doctor_line packages missing "${absent[*]} (./dev setup installs them)"
      missing=1
    else
      doctor_line packages ok "${#packages[@]} packages of requirements/debian.txt, clang-$CLANG"
    fi
  else
    doctor_line packages unknown "not a Debian system"
  fi

  local name
  for name in build dev bench lint; do
    if [[ -f $VENV/.$name.sha256 &&
      $(cat "$VENV/.$name.sha256") == $(sha256sum <"$ROOT/requirements/$name.txt") ]]; then
      doctor_line "python $name" ok "requirements/$name.txt"
    elif [[ $name == lint || $name == bench ]]; then
      doctor_line "python $name" absent "./dev $name installs it"
    else
      doctor_line "python $name" missing "./dev setup installs it"
      missing=1
    fi
  done

  if [[ -x $BUILD/bin/weft ]]; then
    doctor_line "weft command" ok "$BUILD/bin/weft"
  else
    doctor_line "weft command" missing "./dev setup builds it"
    missing=1
  fi
  local card
  for card in default_native small_native small_rtl default_rtl; do
    if [[ -e $BUILD/lib/libweft_card_$card.so ]]; then
      doctor_line "card $card" ok ""
    else
      doctor_line "card $card" absent "built when a test or a device URI needs it"
    fi
  done
  if [[ -f $BUILD/share/weft/digits.safetensors ]]; then
    doctor_line digits ok "$BUILD/share/weft"
  else
    doctor_line digits missing "./dev setup trains it"
    missing=1
  fi
  return $missing
}
