# SPDX-License-Identifier: Apache-2.0
"""The table of the functions of hls/: latency, area, error bound, and what the tests found.

Reads what the build made: the interfaces, one area file per function, the counts of the RTL test
and of the mutants. Writes a Markdown table and the same as one line of JSON.

usage: report.py --interfaces FILE --areas FILE... --counts FILE --mutants FILE
                 --markdown FILE --json FILE
"""

import argparse
import json
from pathlib import Path

HEADINGS = ["function", "cycles", "LUT", "FF", "DSP", "LUT4 (ECP5)", "DSP (ECP5)", "error at most",
            "vectors", "mismatches", "mutants killed"]
NOTES = """
Area of one lane: Yosys synthesis, not placed; LUT, FF, DSP for UltraScale+. Vectors: generated RTL
against the C++ source. Mutants: seeded changes of the source, those proved (by SAT) to be the same
function not counted; one that is neither killed nor proved in time counts as not killed (./dev long
decides it by all operands).
"""


def rows(functions, areas, counts, mutants):
    for function in functions:
        name = function["name"]
        yield {"function": name, "latency": function["latency"], "error": function["error"],
               "doc": function["doc"], **{key: areas[name][key] for key in ("ultrascale", "ecp5")},
               **counts[name], "mutants": mutants[name]["mutants"] - mutants[name]["equal"],
               "mutants_killed": mutants[name]["killed"], "mutants_equal": mutants[name]["equal"],
               "mutants_undecided": mutants[name]["undecided"]}


def cells(row):
    ultrascale, ecp5 = row["ultrascale"], row["ecp5"]
    return [row["function"], row["latency"], ultrascale["lut"], ultrascale["ff"],
            ultrascale["dsp"], ecp5["lut"], ecp5["dsp"], row["error"], row["vectors"],
            row["mismatches"], f"{row['mutants_killed']}/{row['mutants']}"]


def table(listed):
    text = [HEADINGS, *([str(cell) for cell in cells(row)] for row in listed)]
    widths = [max(len(line[i]) for line in text) for i in range(len(HEADINGS))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
             for line in text]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("interfaces", "counts", "mutants", "markdown", "json"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--areas", type=Path, nargs="+", required=True)
    arguments = parser.parse_args()

    areas = {area["name"]: area for area in (json.loads(path.read_text())
                                             for path in arguments.areas)}
    listed = list(rows(json.loads(arguments.interfaces.read_text()), areas,
                       json.loads(arguments.counts.read_text()),
                       json.loads(arguments.mutants.read_text())))
    arguments.markdown.parent.mkdir(parents=True, exist_ok=True)
    arguments.markdown.write_text(table(listed) + NOTES)
    arguments.json.write_text(json.dumps({"functions": listed}) + "\n")


if __name__ == "__main__":
    main()
