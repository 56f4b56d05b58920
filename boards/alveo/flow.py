# SPDX-License-Identifier: Apache-2.0
"""What of the Vitis flow can be judged without Vitis: kernel.xml, package.tcl, link configurations.

Each check returns a sentence of what it found, or raises Failed.
"""

import pathlib
import re
import subprocess
import xml.etree.ElementTree as xml

import fit
import generate
import registers

HERE = pathlib.Path(__file__).parent
PORT = re.compile(r"^\s*(input|output)\s+wire\s*(?:\[.*?\])?\s*(\w+),?$", re.M)


class Failed(Exception):
    """What is wrong, in a sentence."""


def expect(condition: bool, sentence: str):
    if not condition:
        raise Failed(sentence)


def kernel_xml(path: pathlib.Path, rdl: str) -> str:
    """kernel.xml against the registers, argument by argument."""
    kernel = xml.parse(path).getroot().find("kernel")
    expect(kernel.get("hwControlProtocol") == "ap_ctrl_hs", f"{path}: not ap_ctrl_hs")
    ports = {p.get("name"): p.attrib for p in kernel.iter("port")}
    master, slave = ports.get(generate.MASTER), ports.get(generate.SLAVE)
    expect(master and master["mode"] == "master" and master["dataWidth"] == "512",
           f"{path}: no 512-bit master {generate.MASTER}")
    expect(slave and slave["mode"] == "slave", f"{path}: no slave {generate.SLAVE}")
    span = int(slave["range"], 0)
    outside = [n for n, o in registers.offsets(rdl).items() if o + 4 > span]
    expect(not outside, f"{path}: registers {outside} lie outside its {span} bytes")
    found = {a.get("name"): a for a in kernel.iter("arg")}
    wanted = registers.arguments(rdl)
    expect(list(found) == [w.name for w in wanted],
           f"{path}: arguments {list(found)}, but the registers have {[w.name for w in wanted]}")
    for want in wanted:
        arg = found[want.name]
        expect(int(arg.get("offset"), 0) == want.offset,
               f"{path}: {want.name} at {arg.get('offset')}, in the registers {want.offset:#x}")
        expect(arg.get("addressQualifier") == ("1" if want.pointer else "0"),
               f"{path}: {want.name}: pointer and number are confused")
        expect(int(arg.get("id")) == want.id, f"{path}: {want.name}: id {arg.get('id')}")
        expect(int(arg.get("size"), 0) == 8 and int(arg.get("hostSize"), 0) == 8,
               f"{path}: {want.name} is not 8 bytes")
    return f"{len(wanted)} arguments, offsets and kinds as in spec/registers.rdl"


def wrapper_ports(path: pathlib.Path) -> str:
    """The wrapper's ports have the names the flow looks for, and both channels are whole."""
    ports = {name: way for way, name in PORT.findall(path.read_text())}
    for name in ("ap_clk", "ap_rst_n", "interrupt"):
        expect(name in ports, f"{path}: no port {name}")
    full = {"aw": "valid ready id addr len size burst lock cache prot qos region",
            "w": "valid ready data strb last", "b": "valid ready id resp",
            "ar": "valid ready id addr len size burst lock cache prot qos region",
            "r": "valid ready id data resp last"}
    lite = {"aw": "valid ready addr", "w": "valid ready data strb", "b": "valid ready resp",
            "ar": "valid ready addr", "r": "valid ready data resp"}
    wanted = {"ap_clk", "ap_rst_n", "interrupt"}
    for bus, channels in ((generate.MASTER, full), (generate.SLAVE, lite)):
        for channel, signals in channels.items():
            for signal in signals.split():
                name = f"{bus}_{channel}{signal}"
                wanted.add(name)
                answers = channel in ("b", "r")  # the other end drives these
                drives = (signal == "ready") == answers
                if bus == generate.SLAVE:
                    drives = not drives
                expect(ports.get(name) == ("output" if drives else "input"),
                       f"{path}: {name} must be an {'output' if drives else 'input'}")
    extra = sorted(set(ports) - wanted)
    expect(not extra, f"{path}: ports the flow does not know: {extra}")
    return f"{len(wanted)} ports, names and directions of AXI4 and AXI4-Lite"


def run_stub(folder: pathlib.Path, script: pathlib.Path, part: str) -> list[list[str]]:
    """The Vivado commands of package.tcl, in order, each with its arguments."""
    record = folder / "package.record"
    command = ["tclsh", HERE / "stub.tcl", record, script, folder / "files.tcl",
               folder / "kernel.xml", part, folder / "stub_work", folder / "stub.xo"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    expect(done.returncode == 0, f"{script}: {done.stderr.strip()}")
    # Tcl itself takes its lists apart; fields are separated by unit separators.
    split = subprocess.run(
        ["tclsh"], capture_output=True, text=True, timeout=60,
        input=f"set f [open {{{record}}}]\nwhile {{[gets $f line] >= 0}} {{"
        ' puts [join $line "\\x1f"] }\n',
    )
    expect(split.returncode == 0, f"{record}: {split.stderr.strip()}")
    return [line.split("\x1f") for line in split.stdout.splitlines()]


def after(call: list[str], option: str) -> str | None:
    return call[call.index(option) + 1] if option in call else None


def package(folder: pathlib.Path, files: dict, script: pathlib.Path, rdl: str, part: str) -> str:
    calls = run_stub(folder, script, part)

    def of(name: str) -> list[list[str]]:
        return [c for c in calls if c[0] == name]

    added = []
    for call in of("add_files"):
        for entry in call[1:]:
            if entry.startswith("-") or entry == "constrs_1":
                continue
            added += re.findall(r"\{([^}]*)\}", entry) if "{" in entry else entry.split()
    for file in added:
        expect(pathlib.Path(file).is_file(), f"{script} adds {file}, which does not exist")
    headers = {str(h) for h in pathlib.Path(files["include"]).glob("*.svh")}
    sources = [f for f in added if f not in headers and f != files["constraints"]]
    expect(sources == files["sources"], f"{script}: not the file list CMake knows")
    expect(headers <= set(added), f"{script}: headers are missing: {headers - set(added)}")
    expect(files["constraints"] in added, f"{script}: the constraints are missing")

    properties = {c[1]: c[2] for c in of("set_property")}
    expect(properties.get("top") == files["top"], f"{script}: top is not {files['top']}")
    expect(properties.get("sdx_kernel") == "true", f"{script}: sdx_kernel is not set")
    buses = {after(c, "-busif"): after(c, "-clock") for c in of("ipx::associate_bus_interfaces")
             if "-busif" in c}
    expect(buses == {generate.MASTER: "ap_clk", generate.SLAVE: "ap_clk"},
           f"{script}: clocks of interfaces are {buses}")
    resets = [(after(c, "-clock"), after(c, "-reset"))
              for c in of("ipx::associate_bus_interfaces") if "-reset" in c]
    expect(resets == [("ap_clk", "ap_rst_n")], f"{script}: resets are {resets}")
    inferred = {c[1] for c in of("ipx::infer_bus_interface")}
    expect({"ap_clk", "ap_rst_n", "interrupt"} <= inferred, f"{script}: inferred {inferred} only")
    offsets = [int(c[2], 0) for c in of("set_property") if c[1] == "address_offset"]
    wanted = registers.arguments(rdl)
    expect([c[1] for c in of("ipx::add_register")]
           == [*registers.CONTROL, *(w.name for w in wanted)]
           and offsets == [*registers.CONTROL.values(), *(w.offset for w in wanted)],
           f"{script}: registers differ from spec/")
    pointers = [c[2] for c in of("set_property")
                if c[1] == "value" and "register_parameter" in c[3]]
    expect(pointers == [generate.MASTER for w in wanted if w.pointer],
           f"{script}: pointers are on {pointers}")

    last = calls[-1]
    expect(last[0] == "package_xo", f"{script}: ends with {last[0]}")
    name = xml.parse(after(last, "-kernel_xml")).getroot().find("kernel").get("name")
    expect(after(last, "-kernel_name") == name == properties.get("name"),
           f"{script}: the kernel's name differs from kernel.xml")
    return f"{len(calls)} commands, {len(sources)} sources, 2 interfaces on ap_clk, reset ap_rst_n"


def links(facts: dict) -> str:
    """Every card with 1 to as many engines as it has memories: regions and banks it has."""
    number = 0
    for key, card in facts["card"].items():
        for engines in range(1, card["memory"]["banks"] + 1):
            placed, why = fit.choose(card, facts["limits"], None, engines)
            banks = fit.banks(card["memory"], placed)
            text = generate.link_configuration(card, placed, banks, why)
            expect(f"nk=weft:{engines}:" in text, f"{key}: nk of {engines} engines")
            used: list[int] = []
            for bank in banks:
                ends = [int(n) for n in re.findall(r"\d+", bank.split("[")[1])]
                used += range(ends[0], ends[-1] + 1)
            expect(len(set(used)) == len(used) and max(used) < card["memory"]["banks"],
                   f"{key}: memories of {engines} engines overlap or do not exist: {banks}")
            expect(all(s < len(card["slr"]) for s in placed), f"{key}: regions {placed}")
            number += 1
    return f"{number} configurations of {len(facts['card'])} cards"
