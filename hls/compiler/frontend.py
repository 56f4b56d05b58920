# SPDX-License-Identifier: Apache-2.0
"""C++ to LLVM IR: runs clang on one function of hls/functions and finds it in the module.

Everything the other stages know about a function's interface (parameter names, widths, signs)
comes from here, that is from the C++ signature. Errors carry the source file and line.
"""

import re
import subprocess
from dataclasses import dataclass

import llvmlite.binding as llvm

# One straight line of selects is wanted: inline and unroll without limit, turn branches into
# selects, keep scalars. Names and debug locations are kept for messages and readable RTL.
CLANG_FLAGS = [
    "-std=c++20", "-O2", "-g", "-fno-discard-value-names", "-fno-vectorize", "-fno-slp-vectorize",
    "-fno-exceptions", "-mllvm", "-inline-threshold=1000000", "-mllvm", "-unroll-threshold=1000000",
    "-mllvm", "-phi-node-folding-threshold=1000", "-mllvm",
    "-two-entry-phi-node-folding-threshold=1000",
]


class CompileError(Exception):
    """A source the compiler does not accept; the text starts with file:line."""


@dataclass(frozen=True)
class Parameter:
    name: str
    width: int
    signed: bool


@dataclass(frozen=True)
class Signature:
    parameters: list[Parameter]
    result_width: int
    result_signed: bool


@dataclass(frozen=True)
class Table:
    """A constant array of 2^n integers, as unsigned numbers of `width` bits."""
    name: str
    width: int
    values: list[int]


class Source:
    """One function as LLVM IR, with what is needed to name a line of its source."""

    def __init__(self, ir_text, name, path):
        self.name = name
        self.path = path
        self.module = llvm.parse_assembly(ir_text)
        passes = llvm.create_new_module_pass_manager()
        passes.add_instruction_namer_pass()
        builder = llvm.create_pass_builder(
            llvm.Target.from_default_triple().create_target_machine(),
            llvm.create_pipeline_tuning_options())
        passes.run(self.module, builder)
        self.metadata = dict(re.findall(r"^(!\d+) = (.*)$", str(self.module), re.M))
        self.function = self._find()
        self.tables = {table.name: table for table in self._tables()}

    def _find(self):
        # Itanium mangling: _ZN4weft3hls<length><name>E<parameter types>
        prefix = f"_ZN4weft3hls{len(self.name)}{self.name}E"
        for function in self.module.functions:
            if function.name.startswith(prefix) and not function.is_declaration:
                return function
        raise CompileError(f"{self.path}:1: no function weft::hls::{self.name}")

    def _tables(self):
        # An array; or, if its tail is zero, a packed struct of the array's head and tail.
        part = re.compile(r"\[(\d+) x i(\d+)\] (zeroinitializer|\[.*?\]|c\".*?\")")
        for variable in self.module.global_variables:
            _, constant, text = str(variable).partition(" constant ")
            values, width = [], None
            for count, bits, listed in part.findall(text):
                width = int(bits)
                if listed == "zeroinitializer":
                    values += [0] * int(count)
                elif listed.startswith("c"):  # bytes, with escapes in hexadecimal
                    values += [int(escape, 16) if escape else ord(plain) for escape, plain in
                               re.findall(r"\\([0-9A-F]{2})|(.)", listed[2:-1])]
                else:
                    values += [int(value) % (1 << width)
                               for value in re.findall(r"i\d+ (-?\d+)", listed)]
            if constant and values and len(values) & (len(values) - 1) == 0:
                yield Table(variable.name, width, values)

    def signature(self):
        head = str(self.function).splitlines()
        head = next(line for line in head if line.startswith("define"))
        parameters = [
            Parameter(argument.name, self.width(argument.type, None),
                      b"signext" in b" ".join(argument.attributes))
            for argument in self.function.arguments
        ]
        match = re.match(r"define [^@]*?(signext )?i(\d+) @", head)
        if not match:
            raise CompileError(f"{self.path}:1: {self.name} must return one integer")
        return Signature(parameters, int(match.group(2)), match.group(1) is not None)

    def width(self, kind, instruction):
        match = re.fullmatch(r"i(\d+)", str(kind))
        if not match:
            raise self.error(instruction, f"a value of type '{kind}' is not a fixed-width integer")
        return int(match.group(1))

    def location(self, instruction):
        """file:line of an instruction, as exactly as the debug information says."""
        match = re.search(r"!dbg (!\d+)", str(instruction)) if instruction is not None else None
        if not match:
            return f"{self.path}:1"
        entry = self.metadata[match.group(1)]
        line = re.search(r"line: (\d+)", entry)
        file_name = self.path
        scope = re.search(r"scope: (!\d+)", entry)
        while scope:
            entry = self.metadata[scope.group(1)]
            file_entry = re.search(r"file: (!\d+)", entry)
            if file_entry:
                found = self.metadata[file_entry.group(1)]
                file_name = re.search(r'filename: "([^"]*)"', found).group(1)
                break
            scope = re.search(r"scope: (!\d+)", entry)
        return f"{file_name}:{line.group(1) if line else 1}"

    def error(self, instruction, text):
        return CompileError(f"{self.location(instruction)}: {self.name}: {text}")


def compile_source(name, path, include, clang):
    """Compiles function `name` of header `path`; `include` is the folder includes start from."""
    text = f'#include "{path}"\n[[gnu::used]] auto* weft_entry = &weft::hls::{name};\n'
    command = [clang, *CLANG_FLAGS, f"-I{include}", "-S", "-emit-llvm", "-x", "c++", "-", "-o", "-"]
    result = subprocess.run(command, input=text, capture_output=True, text=True)
    if result.returncode != 0:
        if f"no member named '{name}' in namespace 'weft::hls'" in result.stderr:
            raise CompileError(f"{path}:1: no function weft::hls::{name}")
        raise CompileError(result.stderr.strip())
    return Source(result.stdout, name, str(path))
