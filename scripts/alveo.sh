# SPDX-License-Identifier: Apache-2.0
# ./dev alveo-check [--quick] [--json]: what of the Alveo kernel can be checked without vendor
# tools. Everything it writes lies in $BUILD/alveo; what was synthesised before and has not changed
# is not synthesised again. Sourced; expects the other scripts.

alveo_check() {
  setup_system && setup_python dev && configure
  build weft_alveo
  exec "$VENV/bin/python3" -B "$ROOT/boards/alveo/check.py" --root "$ROOT" \
    --build "$BUILD/alveo" "$@"
}
