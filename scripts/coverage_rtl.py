# SPDX-License-Identifier: Apache-2.0
"""Prints line and toggle coverage of the RTL from the files Verilated models wrote.

usage: coverage_rtl.py ROOT FILE.dat...

A point (a line's block, one direction of a bit) counts once however many instances its module has,
and as covered when any instance in any run met it. Only sources in ROOT/rtl are listed.
"""

import collections
import pathlib
import re
import sys

POINT = re.compile(r"^C '(.*)' (\d+)$")


def read(path, points):
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            match = POINT.match(line)
            if not match:
                continue
            fields = dict(
                field.split("\x02", 1) for field in match[1].split("\x01") if "\x02" in field
            )
            kind = fields.get("page", "").split("/")[0].removeprefix("v_")
            name = (fields["f"], kind, fields.get("l"), fields.get("n"), fields.get("o"))
            points[name] += int(match[2])


def main():
    rtl = pathlib.Path(sys.argv[1]).resolve() / "rtl"
    points = collections.Counter()
    for path in sys.argv[2:]:
        read(path, points)
    table = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    for (file, kind, *_), count in points.items():
        path = pathlib.Path(file).resolve()
        if not path.is_relative_to(rtl):
            continue
        kind = "toggle" if kind == "toggle" else "line"
        for row in (str(path.relative_to(rtl)), "all"):
            table[row][kind][0] += count > 0
            table[row][kind][1] += 1
    if not table:
        sys.exit("no coverage of the RTL was written")
    print(f"{'file':<40} {'lines':>16} {'toggles':>18}")
    for row in sorted(table, key=lambda name: (name == "all", name)):
        cells = []
        for kind in ("line", "toggle"):
            met, total = table[row][kind]
            cells.append(f"{met}/{total} {100 * met / total:5.1f} %" if total else "-")
        print(f"{row:<40} {cells[0]:>16} {cells[1]:>18}")


if __name__ == "__main__":
    main()
