# SPDX-License-Identifier: Apache-2.0
# ./dev demo: builds the card of the default configuration and the command, trains a network on
# handwritten digits on the simulated card and on the fast model, and lets what the card learnt
# classify the test digits on both. Fails below 96 % accuracy or when weights or logits are not the
# same bytes. Sourced; expects the other scripts.

REQUIRED_ACCURACY=96

# Seconds since $1, one decimal.
since() { awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'; }

# One line of a report: what $1 (a sed expression with one group) finds in the file $2.
found() { sed -n "s/$1/\1/p" "$2" | head -1; }

demo() {
  local start=$EPOCHREALTIME mark=$EPOCHREALTIME
  setup_system
  setup_python build
  local setup_seconds
  setup_seconds=$(since "$mark")

  mark=$EPOCHREALTIME
  configure
  build weft weft_share weft_card_default_native
  local build_seconds
  build_seconds=$(since "$mark")

  local weft=$BUILD/bin/weft
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT

  mark=$EPOCHREALTIME
  echo "training on the simulated card"
  "$weft" train digits --device sim: -o "$scratch/sim.safetensors" </dev/null |
    tee "$scratch/train.sim"
  local train_seconds
  train_seconds=$(since "$mark")
  echo
  echo "the same on the fast model"
  "$weft" train digits --device fast: </dev/null >"$scratch/train.fast"
  sed -n '/^test accuracy/,/weights/p' "$scratch/train.fast"

  mark=$EPOCHREALTIME
  echo
  echo "what the card learnt, asked on the card"
  local -a classify=(run "$scratch/sim.safetensors" --data digits)
  "$weft" "${classify[@]}" --device sim: --show 15 </dev/null | tee "$scratch/run.sim"
  "$weft" "${classify[@]}" --device fast: </dev/null >"$scratch/run.fast"
  local weights='^ *weights \([0-9a-f]*\),.*' logits='^ *logits \([0-9a-f]*\),.*'
  echo "  logits $(found "$logits" "$scratch/run.fast") on the fast model"
  echo
  echo "this demo took $(since "$start") s: packages $setup_seconds, build $build_seconds," \
    "training on the card $train_seconds, classifying $(since "$mark")"

  local accuracy sim fast
  sim=$(found "$weights" "$scratch/train.sim") fast=$(found "$weights" "$scratch/train.fast")
  [[ -n $sim && $sim == "$fast" ]] || die "card and fast model learnt different weights"
  sim=$(found "$logits" "$scratch/run.sim") fast=$(found "$logits" "$scratch/run.fast")
  [[ -n $sim && $sim == "$fast" ]] || die "card and fast model compute different logits"
  accuracy=$(found '^accuracy \([0-9.]*\) .*' "$scratch/run.sim")
  awk -v a="$accuracy" -v need="$REQUIRED_ACCURACY" 'BEGIN { exit !(a >= need) }' ||
    die "accuracy $accuracy % is below $REQUIRED_ACCURACY %"
}
