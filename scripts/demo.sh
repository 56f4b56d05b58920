# SPDX-License-Identifier: Apache-2.0
# ./dev demo: builds the card of the default configuration and the command, classifies the test
# digits on the simulated card and on the fast model, and shows that their logits are the same
# bytes. Fails below 95 % accuracy or when the bytes differ. Sourced; expects the other scripts.

REQUIRED_ACCURACY=95

# Seconds since $1, one decimal.
since() { awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'; }

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

  local weft=$BUILD/bin/weft result
  result=$(mktemp)
  trap "rm -f '$result'" EXIT
  mark=$EPOCHREALTIME
  "$weft" run digits.safetensors --data digits --device sim: --show 15 </dev/null | tee "$result"
  local sim_seconds sim_hash fast_hash accuracy
  sim_seconds=$(since "$mark")
  sim_hash=$(sed -n 's/^ *logits \([0-9a-f]*\),.*/\1/p' "$result")
  accuracy=$(sed -n 's/^accuracy \([0-9.]*\) .*/\1/p' "$result")
  fast_hash=$("$weft" run digits.safetensors --data digits --device fast: </dev/null |
    sed -n 's/^ *logits \([0-9a-f]*\),.*/\1/p')
  echo "  logits $fast_hash on the fast model"
  echo
  echo "this demo took $(since "$start") s: packages $setup_seconds, build $build_seconds," \
    "classifying on the card $sim_seconds"
  [[ -n $sim_hash && $sim_hash == "$fast_hash" ]] || die "the card and the fast model disagree"
  awk -v a="$accuracy" -v need="$REQUIRED_ACCURACY" 'BEGIN { exit !(a >= need) }' ||
    die "accuracy $accuracy % is below $REQUIRED_ACCURACY %"
}
