#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns spec/*.toml into the SystemVerilog package, the C and C++ headers and the reference pages.

usage: generate.py --out DIR      writes DIR/sv, DIR/include/weft, DIR/docs
       generate.py --check        only validates the definitions
       generate.py --parameters CONFIG   prints the RTL parameters of a configuration, one a line

Same sources, same bytes: no date, user, host or absolute path enters the output. A definition that
contradicts itself (overlapping fields, unknown enumeration, value out of range) ends in a message
that names the place, and exit status 1. Needs Python 3.11 and nothing else.
"""

import argparse
import pathlib
import sys

from generator import c, cpp, cpp_fields, markdown, model, sv, validate

HERE = pathlib.Path(__file__).resolve().parent


def outputs(spec: model.Spec) -> dict[str, str]:
    """Every generated file by its path below the output folder."""
    files = {
        "sv/weft_spec_pkg.sv": sv.package(spec),
        "include/weft/spec.h": cpp.header(spec),
        "include/weft/spec_fields.h": cpp_fields.header(spec),
        "include/weft/spec_c.h": c.header(spec),
    }
    for name, text in markdown.pages(spec).items():
        files[f"docs/{name}"] = text
    return files


def parameters(spec: model.Spec, config: str) -> str:
    """The parameters of weft_top, as Verilator takes them: -GArrayRows=4."""
    for each in spec.configs:
        if each.name == config:
            names = {
                key: "".join(word.capitalize() for word in key.split("_")) for key in each.sizes
            }
            return "".join(f"-G{names[key]}={size}\n" for key, size in each.sizes.items())
    raise model.SpecError(f"no configuration {config!r} in machine.toml")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, help="folder for the generated files")
    parser.add_argument("--check", action="store_true", help="validate only")
    parser.add_argument("--spec", type=pathlib.Path, default=HERE, help="folder of the definitions")
    parser.add_argument("--parameters", metavar="CONFIG", help="print its RTL parameters")
    arguments = parser.parse_args()
    if not arguments.check and arguments.out is None and arguments.parameters is None:
        parser.error("--out DIR, --parameters CONFIG or --check is needed")
    try:
        spec = model.load(arguments.spec)
        validate.validate(spec)
        if arguments.parameters is not None:
            print(parameters(spec, arguments.parameters), end="")
            return 0
    except model.SpecError as error:
        print(f"spec: {error}", file=sys.stderr)
        return 1
    if not arguments.check:
        for name, text in outputs(spec).items():
            path = arguments.out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("ascii"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
