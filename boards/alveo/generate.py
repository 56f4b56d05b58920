#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files of the Vitis flow: from spec/, from the file list CMake knows, and from cards.toml.

generate.py kernel --files FILES.json --registers RDL --out FOLDER     kernel.xml, files.tcl
generate.py link --card u50 --area AREA.json --out FILE                v++ configuration
generate.py link --card u50 --engines N --out FILE                     the same, N by hand
"""

import argparse
import json
import pathlib
import sys
import tomllib
import xml.etree.ElementTree as xml

import fit

HERE = pathlib.Path(__file__).parent
KERNEL = "weft"
MASTER, SLAVE = "m_axi_gmem", "s_axi_control"
SPAN = 0x1000  # bytes of the kernel's register window


def kernel_xml(arguments: list) -> str:
    """Format 1.0, as the flow's own examples write it (UG1393, "Kernel XML")."""
    root = xml.Element("root", versionMajor="1", versionMinor="6")
    kernel = xml.SubElement(
        root, "kernel", name=KERNEL, language="ip_c",
        vlnv=f"weft:kernel:{KERNEL}:1.0", attributes="",
        preferredWorkGroupSizeMultiple="0", workGroupSize="1", interrupt="true",
        hwControlProtocol="ap_ctrl_hs",
    )
    ports = xml.SubElement(kernel, "ports")
    xml.SubElement(ports, "port", name=MASTER, mode="master", range="0xFFFFFFFFFFFFFFFF",
                   dataWidth="512", portType="addressable", base="0x0")
    xml.SubElement(ports, "port", name=SLAVE, mode="slave", range=f"{SPAN:#x}", dataWidth="32",
                   portType="addressable", base="0x0")
    args = xml.SubElement(kernel, "args")
    for argument in arguments:
        xml.SubElement(
            args, "arg", name=argument.name, addressQualifier="1" if argument.pointer else "0",
            id=str(argument.id), port=MASTER if argument.pointer else SLAVE, size="0x8",
            offset=f"{argument.offset:#x}", hostOffset="0x0", hostSize="0x8", type=argument.type,
        )
    xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(root, "unicode") + "\n"


def quoted(path: str) -> str:
    return "{" + path + "}"


def files_tcl(files: dict, arguments: list, control: dict) -> str:
    lines = ["# Made by boards/alveo/generate.py: what package.tcl packages."]
    lines.append(f"set weft_top {files['top']}")
    lines.append(f"set weft_include {quoted(files['include'])}")
    lines.append(f"set weft_constraints {quoted(files['constraints'])}")
    headers = [quoted(str(h)) for h in sorted(pathlib.Path(files["include"]).glob("*.svh"))]
    lines.append(f"set weft_headers {quoted(' '.join(headers))}")
    lines += ["set weft_sources {", *(f"  {quoted(f)}" for f in files["sources"]), "}"]
    lines += ["# name, offset, bits, master when it is a pointer", "set weft_registers {"]
    lines += [f"  {{{name} {offset:#x} 32 {{}}}}" for name, offset in control.items()]
    lines += [f"  {{{a.name} {a.offset:#x} 64 {MASTER if a.pointer else '{}'}}}"
              for a in arguments]
    return "\n".join([*lines, "}"]) + "\n"


def link_configuration(card: dict, placed: list[int], banks: list[str], why: str) -> str:
    """placed: the region of each engine; banks: the memory of each."""
    names = [f"{KERNEL}_{n + 1}" for n in range(len(placed))]
    lines = [
        f"# {card['name']}: {len(placed)} engine{'s' if len(placed) > 1 else ''}. {why}",
        "# Made by boards/alveo/generate.py; not run on hardware here.",
        f"platform={card['platform']}", f"kernel_frequency={card['clock_mhz']}", "",
        "[connectivity]", f"nk={KERNEL}:{len(placed)}:{'.'.join(names)}",
    ]
    lines += [f"slr={name}:SLR{slr}" for name, slr in zip(names, placed)]
    lines += [f"sp={name}.{MASTER}:{bank}" for name, bank in zip(names, banks)]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    kernel = commands.add_parser("kernel")
    kernel.add_argument("--files", required=True)
    kernel.add_argument("--registers", required=True)
    link = commands.add_parser("link")
    link.add_argument("--card", required=True)
    link.add_argument("--area", help="area.json of ./dev alveo-check")
    link.add_argument("--engines", type=int, help="instead of what the area allows")
    for command in (kernel, link):
        command.add_argument("--out", required=True)
    arguments = parser.parse_args()
    if arguments.command == "kernel":
        import registers  # needs the build's Python; link needs only the standard library

        out = pathlib.Path(arguments.out)
        files = json.loads(pathlib.Path(arguments.files).read_text())
        found = registers.arguments(arguments.registers)
        (out / "kernel.xml").write_text(kernel_xml(found))
        (out / "files.tcl").write_text(files_tcl(files, found, registers.CONTROL))
        return 0

    facts = tomllib.loads((HERE / "cards.toml").read_text())
    if arguments.card not in facts["card"]:
        raise fit.Unfit(f"no card {arguments.card}; there are {', '.join(facts['card'])}")
    card = facts["card"][arguments.card]
    placed, why = fit.choose(card, facts["limits"], arguments.area, arguments.engines)
    text = link_configuration(card, placed, fit.banks(card["memory"], placed), why)
    pathlib.Path(arguments.out).write_text(text)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (fit.Unfit, ValueError) as error:
        sys.exit(f"generate.py: {error}")
