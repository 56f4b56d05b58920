#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./dev alveo-check: what of the Alveo kernel can be checked without vendor tools.

check.py --root ROOT --build FOLDER [--quick] [--json]

--quick leaves out what needs yosys: proofs and area. Results go to stdout, progress to stderr; the
area also to FOLDER/area.json, for boards/alveo/build.
"""

import argparse
import json
import pathlib
import sys
import tomllib

import area
import fit
import flow
import proofs

HERE = pathlib.Path(__file__).parent
HEADS = {"lut": "LUT", "ff": "FF", "dsp": "DSP", "bram": "BRAM36", "uram": "URAM"}
NOT_RUN = "not run on hardware here"


def say(text: str):
    print(f"alveo-check: {text}", file=sys.stderr)


def number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def table(head: list[str], rows: list[list[str]]) -> str:
    widths = [max(len(r[n]) for r in [head, *rows]) for n in range(len(head))]
    lines = []
    for row in [head, *rows]:
        cells = [c.ljust(w) if n == 0 else c.rjust(w) for n, (c, w) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def cards(facts: dict, engine: dict) -> list[dict]:
    rows = []
    for key, card in facts["card"].items():
        placed = fit.engines(card, facts["limits"], engine)
        total = {k: sum(slr[k] for slr in card["slr"]) for k in fit.KINDS}
        kind, part = min((fit.tightest(slr, engine) for slr in card["slr"]), key=lambda p: p[1])
        rows.append({"card": key, "name": card["name"], "available": total,
                     "one_engine": {k: engine[k] / total[k] for k in fit.KINDS},
                     "tightest": kind, "part_of_largest_region": part,
                     "engines": len(placed), "regions": placed})
    return rows


def print_area(report: dict):
    figures = report["area"]
    rows = [[unit, *(number(kinds[k]) for k in fit.KINDS)] for unit, kinds in
            figures["units"].items()]
    print("\nOne engine in cells of UltraScale+ (yosys; "
          f"{figures['synthesised']} different modules of {figures['instances']}, each alone)")
    print(table(["unit", *HEADS.values()], rows))
    print("\nThe longest paths inside a module, in cells of logic between registers")
    paths = sorted(figures["modules"], key=lambda m: -m["levels"])[:10]
    print(table(["module", "copies", "levels"],
                [[m["module"], number(m["copies"]), number(m["levels"])] for m in paths]))
    limits = report["limits"]
    print("\nEach card with its platform loaded: the part of the card one engine takes, that of its"
          "\nroomiest region, and how many engines fit, each in one region filled to at most")
    print(", ".join(f"{limits[k]:.0%} of its {HEADS[k]}" for k in fit.KINDS) + ".")
    print(table(
        ["card", *HEADS.values(), "of a region", "engines", "regions"],
        [[c["name"], *(f"{c['one_engine'][k]:.0%}" for k in fit.KINDS),
          f"{c['part_of_largest_region']:.0%} {HEADS[c['tightest']]}", str(c["engines"]),
          " ".join(f"SLR{s}" for s in c["regions"]) or "-"] for c in report["cards"]],
    ))


def run(options) -> dict:
    root, folder = options.root.resolve(), options.build.resolve()
    files = json.loads((folder / "files.json").read_text())
    facts = tomllib.loads((HERE / "cards.toml").read_text())
    rdl = str(root / "spec" / "registers.rdl")
    report: dict = {"checks": {
        "kernel.xml": flow.kernel_xml(folder / "kernel.xml", rdl),
        "weft_kernel.v": flow.wrapper_ports(HERE / "weft_kernel.v"),
        "link": flow.links(facts),
    }}
    for card in facts["card"].values():
        done = flow.package(folder, files, HERE / "package.tcl", rdl, card["part"])
    report["checks"]["package.tcl"] = done
    if not options.quick:
        say("proofs")
        report["proved"] = proofs.run(files, root, folder, sys.executable)
        report["not_proved"] = proofs.NOT_PROVED
        say("elaborating the exact file list")
        modules = area.elaborate(files, root, folder, sys.executable)
        results = area.synthesise(modules, root, folder, sys.executable)
        report["area"] = area.add_up(modules, results, files["top"])
        (folder / "area.json").write_text(json.dumps(report["area"], indent=1) + "\n")
        report["limits"] = facts["limits"]
        report["cards"] = cards(facts, report["area"]["units"]["engine"])
    report["hardware"] = NOT_RUN
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = run(options)
    if options.json:
        print(json.dumps(report))
        return 0
    for name, sentence in report["checks"].items():
        print(f"{name:16}{sentence}")
    for sentence in report.get("proved", []):
        print(f"{'proved':16}{sentence}")
    if "not_proved" in report:
        print(f"{'not proved':16}{report['not_proved']}")
    if "area" in report:
        print_area(report)
    print(f"\nThe Alveo kernel was {NOT_RUN}.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (area.Failed, flow.Failed, fit.Unfit, ValueError) as error:
        sys.exit(f"alveo-check: {error}")
