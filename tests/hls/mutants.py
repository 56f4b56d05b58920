# SPDX-License-Identifier: Apache-2.0
"""Breaks each function of hls/ in many small ways and requires the test vectors to notice.

A mutant is the function's LLVM IR with one change: another comparison, a constant one off, another
operation, a step left out, swapped operands of a select. It is compiled in memory and run over the
vectors of vectors.h; the first wrong result kills it. A survivor must be proved to be the same
function (proof.py). One shown to differ is a gap in the vectors and fails. A proof through a
multiplication can be out of reach: of those not decided within the time limit each function may
have --undecided. With --count, a function of one operand is then compared with the original for
every operand there is, which takes minutes.

usage: mutants.py --library libweft_hls_subject.so [--clang CLANG] [--json FILE] [--seed N]
                  [--per-function N] [--limit SECONDS] [--undecided N] [--count] [function ...]
"""

import argparse
import ctypes
import json
import os
import random
import re
import signal
import sys
import tomllib
import traceback
from pathlib import Path

import llvmlite.binding as llvm

ROOT = Path(__file__).absolute().parents[2]
sys.path.insert(0, str(ROOT / "hls" / "compiler"))

import frontend  # noqa: E402
import proof  # noqa: E402

VECTORS = 1 << 20
FAULTY = 2  # exit status of a process that could not run its mutant
OPCODES = {"add": ["sub", "xor"], "sub": ["add"], "and": ["or"], "or": ["and", "xor"],
           "xor": ["or", "and"], "mul": ["add"], "shl": ["lshr"], "lshr": ["ashr", "shl"],
           "ashr": ["lshr"], "zext": ["sext"], "sext": ["zext"]}
INTRINSICS = {"umin": "umax", "umax": "umin", "smin": "smax", "smax": "smin"}
PREDICATES = {"eq": ["ne"], "ne": ["eq"], "ult": ["ule", "ugt"], "ule": ["ult"], "ugt": ["uge"],
              "uge": ["ugt"], "slt": ["sle", "ult"], "sle": ["slt"], "sgt": ["sge"],
              "sge": ["sgt"]}
# Promises the compiler derived from the original, which need not hold for a mutant.
FLAGS = re.compile(r"\b(nuw|nsw|exact|disjoint|nneg|samesign)\s")


def body_lines(text, symbol):
    """Line numbers of the instructions of `symbol` in the module's text."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines)
                 if line.startswith("define") and f"@{symbol}(" in line)
    end = next(i for i in range(start, len(lines)) if lines[i] == "}")
    return lines, range(start + 1, end)


def changes(line):
    """Every mutated form of one instruction."""
    match = re.match(r"  %\S+ = (?:tail )?(\w+) ", line)
    if not match:
        return
    opcode = match.group(1)
    plain, _, debug = line.partition(", !dbg")
    debug = ", !dbg" + debug if debug else ""
    intrinsic = re.search(r"@llvm\.([us](?:min|max))\.", plain)
    if intrinsic:
        name = intrinsic.group(1)
        yield plain.replace(f"@llvm.{name}.", f"@llvm.{INTRINSICS[name]}.") + debug
    for other in OPCODES.get(opcode, []):
        yield plain.replace(f"= {opcode} ", f"= {other} ", 1) + debug
    pair = re.fullmatch(r"(  %\S+ = ).*?\b(i\d+) (%\S+), (?:i\d+ )?([^ ,)]+)\)?", plain)
    if pair and (opcode in OPCODES or intrinsic):  # the step is left out
        for operand in (pair.group(3), pair.group(4)):
            if operand.startswith("%"):
                yield f"{pair.group(1)}or {pair.group(2)} {operand}, 0{debug}"
    if opcode == "icmp":
        predicate = plain.split("= icmp ")[1].split()[0]
        for other in PREDICATES[predicate]:
            yield plain.replace(f"icmp {predicate} ", f"icmp {other} ", 1) + debug
    if opcode == "select":
        parts = re.fullmatch(r"(.*= select i1 \S+, )(i\d+ \S+), (i\d+ \S+)", plain)
        if parts:
            yield parts.group(1) + parts.group(3) + ", " + parts.group(2) + debug
    if opcode in OPCODES or opcode in ("icmp", "select") or intrinsic:
        width = re.search(r"\bi(\d+)\b", plain.split("=", 1)[1])
        for constant in re.finditer(r"(?<= )(-?\d+)(?=[,)]|$)", plain):
            value = int(constant.group(1))
            shift = opcode in ("shl", "lshr", "ashr")
            for changed in (value + 1, value - 1):
                if not (shift and not 0 <= changed < int(width.group(1))):
                    yield plain[:constant.start()] + str(changed) + plain[constant.end():] + debug


def mutants(text, symbol):
    text = FLAGS.sub("", text)
    lines, body = body_lines(text, symbol)
    found = []
    for number in body:
        for changed in changes(lines[number]):
            found.append((lines[number].strip().split(", !dbg")[0],
                          changed.strip().split(", !dbg")[0],
                          "\n".join([*lines[:number], changed, *lines[number + 1:]])))
    return found


class Subject:
    """The shared library with the vectors, and a just-in-time compiler for mutants."""

    def __init__(self, library):
        self.library = ctypes.CDLL(str(library))
        self.library.weft_hls_first_difference.restype = ctypes.c_uint64

    def load(self, name):
        self.name = name.encode()
        self.operands = (ctypes.c_uint32 * (5 * VECTORS))()
        self.results = (ctypes.c_uint32 * VECTORS)()
        self.library.weft_hls_vectors(self.name, ctypes.c_uint64(1), ctypes.c_uint64(VECTORS),
                                      self.operands, self.results)

    def kills(self, text, symbol):
        """Whether a vector tells the mutant from the original."""
        return self._apart(lambda: self._differs(text, symbol))

    def equal_everywhere(self, text, symbol):
        """Whether no operand there is tells them apart, for a function of one operand."""
        return not self._apart(lambda: not self.library.weft_hls_equal_everywhere(
            self.name, self._compiled(text, symbol)))

    def _apart(self, differs):
        """What `differs` says.

        In a process of its own: a mutant that looks beyond the end of a table may crash, which
        tells it too.
        """
        child = os.fork()
        if child == 0:
            try:
                os._exit(int(differs()))
            except Exception:  # whatever goes wrong here is no verdict
                traceback.print_exc()
                os._exit(FAULTY)
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGSEGV, signal.SIGBUS):
            return True
        if not os.WIFEXITED(status) or os.WEXITSTATUS(status) == FAULTY:
            sys.exit("a mutant could not be run")
        return os.WEXITSTATUS(status) == 1

    def _compiled(self, text, symbol):
        module = llvm.parse_assembly(text)
        machine = llvm.Target.from_default_triple().create_target_machine(opt=2)
        module.data_layout = str(machine.target_data)
        self.engine = llvm.create_mcjit_compiler(module, machine)  # which owns the code
        self.engine.finalize_object()
        return ctypes.c_void_p(self.engine.get_function_address(symbol))

    def _differs(self, text, symbol):
        first = self.library.weft_hls_first_difference(
            self.name, self._compiled(text, symbol), ctypes.c_uint64(VECTORS), self.operands,
            self.results)
        return first != VECTORS


def examine(source, name, subject, chosen, limit, count):
    """Runs the chosen mutants; returns what became of each kind and the list of the doubtful."""
    symbol, original = source.function.name, str(source.module)
    subject.load(name)
    countable = count and subject.library.weft_hls_parameters(subject.name) == 1
    outcome = dict.fromkeys(("killed", "equal", "different", "undecided"), 0)
    doubtful = []
    for before, after, text in chosen:
        if subject.kills(text, symbol):
            outcome["killed"] += 1
            continue
        verdict = proof.compare(original, text, name, source.path, limit)
        if verdict == "undecided" and countable:
            verdict = "equal" if subject.equal_everywhere(text, symbol) else "different"
        outcome[verdict] += 1
        if verdict != "equal":
            doubtful.append(f"{verdict}: {before}  ->  {after}")
    return outcome, doubtful


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clang", default="clang++-16")
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--per-function", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=300, help="seconds of one proof")
    parser.add_argument("--undecided", type=int, default=0, help="how many a function may have")
    parser.add_argument("--count", action="store_true", help="decide by all operands of one")
    parser.add_argument("functions", nargs="*")
    arguments = parser.parse_args()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()

    listing = tomllib.loads((ROOT / "hls" / "functions.toml").read_text())["function"]
    subject = Subject(arguments.library)
    outcomes, failed = {}, False
    for name in (entry["name"] for entry in listing):
        if arguments.functions and name not in arguments.functions:
            continue
        source = frontend.compile_source(name, f"hls/functions/{name}.h", ROOT, arguments.clang)
        found = mutants(str(source.module), source.function.name)
        count = min(len(found), arguments.per_function)
        chosen = random.Random(arguments.seed).sample(found, count)
        outcome, doubtful = examine(source, name, subject, chosen, arguments.limit,
                                    arguments.count)
        print(f"{name}: {outcome['killed']} killed, {outcome['equal']} proved equal, "
              f"{outcome['undecided']} undecided, {outcome['different']} missed, of {count} "
              f"(seed {arguments.seed}, {len(found)} possible)", flush=True)
        for line in doubtful:
            print("   ", line, flush=True)
        failed |= outcome["different"] > 0
        failed |= outcome["undecided"] > arguments.undecided
        outcomes[name] = {"mutants": count, **outcome}
    if arguments.json and not failed:
        arguments.json.write_text(json.dumps(outcomes) + "\n")
    sys.exit("some mutants survive" if failed else 0)


if __name__ == "__main__":
    main()
