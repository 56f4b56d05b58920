# SPDX-License-Identifier: Apache-2.0
"""LLVM IR to XLS IR.

The control flow must be acyclic (loops unrolled). Each block gets a guard, the condition under
which it executes; a phi selects by the guards of its incoming edges; everything else maps to one
XLS node. Memory, calls other than a few intrinsics, and loops are errors with the source line.
"""

import re

from xls import raw
from xls.c_api import Package

IR = raw.ir_builder
BINARY = {"add": "add", "sub": "sub", "and": "and", "or": "or", "xor": "xor", "mul": "umul",
          "shl": "shll", "lshr": "shrl", "ashr": "shra"}


class Lowering:
    def __init__(self, source):
        self.source = source
        self.package = IR.xls_package_create(source.name)
        self.builder = IR.xls_function_builder_create(source.name, self.package, True)
        self.base = IR.xls_function_builder_as_builder_base(self.builder)
        self.values = {}
        self.elements = {}  # address of a table's element -> (table, index)
        self.arrays = {}  # name of a table -> its XLS array
        self.edges = {}  # (from block, to block) -> condition
        self.returns = []

    # Small helpers ------------------------------------------------------------------------------

    def node(self, operation, *arguments):
        return getattr(IR, "xls_builder_base_add_" + operation)(self.base, *arguments)

    def literal(self, width, value):
        bits = raw.c_api.xls_value_make_ubits(width, value & ((1 << width) - 1))
        return self.node("literal", bits)

    def select(self, condition, if_true, if_false):
        return self.node("select", condition, [if_false, if_true])

    def value(self, operand, instruction):
        kind = operand.value_kind.name
        if kind == "constant_int":
            width = self.source.width(operand.type, instruction)
            return self.literal(width, operand.get_constant_value(signed_int=True))
        if kind in ("undef_value", "poison_value"):
            return self.literal(self.source.width(operand.type, instruction), 0)
        if operand.name in self.values:
            return self.values[operand.name]
        raise self.source.error(instruction, f"'{operand}' is not a value of the function")

    # The walk -----------------------------------------------------------------------------------

    def run(self):
        """Returns the XLS package, its top set to the function."""
        function = self.source.function
        for argument in function.arguments:
            width = self.source.width(argument.type, None)
            kind = IR.xls_package_get_bits_type(self.package, width)
            self.values[argument.name] = IR.xls_function_builder_add_parameter(
                self.builder, argument.name, kind)
        for index, block in enumerate(self.sorted_blocks(list(function.blocks))):
            guard = self.literal(1, 1) if index == 0 else self.guard(block.name)
            for instruction in block.instructions:
                self.instruction(instruction, block.name, guard)
        result = self.returns[0][1]
        for guard, value in self.returns[1:]:
            result = self.select(guard, value, result)
        IR.xls_function_builder_build_with_return_value(self.builder, result)
        package = Package(self.package)
        package.set_top(self.source.name)
        return package

    def sorted_blocks(self, blocks):
        by_name = {block.name: block for block in blocks}
        successors = {}
        waiting = dict.fromkeys(by_name, 0)
        for block in blocks:
            *_, last = block.instructions
            labels = dict.fromkeys(re.findall(r"label %([-\w.$]+)", str(last)))
            successors[block.name] = list(labels)
            for name in labels:
                waiting[name] += 1
        ready, result = [blocks[0].name], []
        while ready:
            name = ready.pop()
            result.append(by_name[name])
            for successor in successors[name]:
                waiting[successor] -= 1
                if waiting[successor] == 0:
                    ready.append(successor)
        for block in blocks:
            if waiting[block.name] > 0:  # on, or behind, a cycle
                *_, last = block.instructions
                raise self.source.error(
                    last, "a loop is left after unrolling; give it a constant trip count")
        return result

    def guard(self, block):
        conditions = [edge for (_, target), edge in self.edges.items() if target == block]
        guard = conditions[0]
        for condition in conditions[1:]:
            guard = self.node("or", guard, condition)
        return guard

    def add_edge(self, source, target, condition):
        known = self.edges.get((source, target))
        self.edges[source, target] = condition if known is None else self.node("or", known,
                                                                               condition)

    # Instructions -------------------------------------------------------------------------------

    def instruction(self, instruction, block, guard):
        opcode = instruction.opcode
        operands = list(instruction.operands)
        text = str(instruction).strip()
        if opcode == "br":
            self.branch(instruction, operands, text, block, guard)
        elif opcode == "switch":
            self.switch(instruction, operands, text, block, guard)
        elif opcode == "ret":
            self.returns.append((guard, self.value(operands[0], instruction)))
        elif opcode == "unreachable":
            pass
        elif opcode == "phi":
            self.values[instruction.name] = self.phi(instruction, operands, text, block)
        elif opcode == "getelementptr":
            self.elements[instruction.name] = self.element(instruction, operands)
        elif opcode == "load":
            self.values[instruction.name] = self.load(instruction, operands)
        elif opcode == "call":
            if "@llvm.dbg." not in text:
                self.values[instruction.name] = self.call(instruction, operands, text)
        else:
            self.values[instruction.name] = self.arithmetic(instruction, operands, text)

    def branch(self, instruction, operands, text, block, guard):
        targets = re.findall(r"label %([-\w.$]+)", text)
        if len(targets) == 1:
            self.add_edge(block, targets[0], guard)
            return
        condition = self.value(operands[0], instruction)
        self.add_edge(block, targets[0], self.node("and", guard, condition))
        self.add_edge(block, targets[1], self.node("and", guard, self.node("not", condition)))

    def switch(self, instruction, operands, text, block, guard):
        value = self.value(operands[0], instruction)
        width = self.source.width(operands[0].type, instruction)
        default = re.search(r"label %([-\w.$]+)", text).group(1)
        rest = guard
        for constant, target in re.findall(r"i\d+ (-?\d+), label %([-\w.$]+)", text):
            match = self.node("eq", value, self.literal(width, int(constant)))
            self.add_edge(block, target, self.node("and", guard, match))
            rest = self.node("and", rest, self.node("not", match))
        self.add_edge(block, default, rest)

    def phi(self, instruction, operands, text, block):
        sources = re.findall(r"%([-\w.$]+) \]", text)
        result = None
        for operand, source in zip(operands, sources, strict=True):
            value = self.value(operand, instruction)
            result = value if result is None else self.select(self.edges[source, block], value,
                                                              result)
        return result

    # Tables -------------------------------------------------------------------------------------

    def no_memory(self, instruction):
        return self.source.error(
            instruction, f"memory ('{instruction.opcode}') has no place in a function; use values "
            "and constant tables of 2^n integers")

    def element(self, instruction, operands):
        """The table and index of `getelementptr [2^n x iW], ptr @table, i64 0, i64 index`."""
        table = self.source.tables.get(operands[0].name)
        if table is None or len(operands) != 3 or "[" not in str(instruction).split(",")[0]:
            raise self.no_memory(instruction)
        return table, self.value(operands[2], instruction)

    def load(self, instruction, operands):
        if operands[0].name not in self.elements:
            raise self.no_memory(instruction)
        table, index = self.elements[operands[0].name]
        if table.width != self.source.width(instruction.type, instruction):
            raise self.no_memory(instruction)
        if table.name not in self.arrays:
            values = [raw.c_api.xls_value_make_ubits(table.width, v) for v in table.values]
            self.arrays[table.name] = self.node("literal", raw.c_api.xls_value_make_array(values))
        # An index beyond the table is undefined in the source, so its upper bits do not matter.
        bits = (len(table.values) - 1).bit_length()
        index = self.node("bit_slice", index, 0, bits)
        return self.node("array_index", self.arrays[table.name], [index], True)

    # Arithmetic ---------------------------------------------------------------------------------

    def arithmetic(self, instruction, operands, text):
        opcode = instruction.opcode
        if opcode in ("store", "alloca"):
            raise self.no_memory(instruction)
        width = self.source.width(instruction.type, instruction)
        if opcode in BINARY:
            left, right = (self.value(operand, instruction) for operand in operands)
            return self.node(BINARY[opcode], left, right)
        if opcode == "icmp":
            predicate = re.search(r"= icmp (?:samesign )?(\w+)", text).group(1)
            left, right = (self.value(operand, instruction) for operand in operands)
            return self.node(predicate, left, right)
        if opcode == "select":
            return self.select(*(self.value(operand, instruction) for operand in operands))
        if opcode in ("zext", "sext", "trunc", "freeze"):
            value = self.value(operands[0], instruction)
            if opcode == "zext":
                return self.node("zero_extend", value, width)
            if opcode == "sext":
                return self.node("sign_extend", value, width)
            return self.node("bit_slice", value, 0, width) if opcode == "trunc" else value
        raise self.source.error(instruction, f"instruction '{opcode}' is not supported")

    def call(self, instruction, operands, text):
        match = re.search(r"@([-\w.$]+)\(", text)
        callee = match.group(1) if match else "a pointer"
        name = callee.removeprefix("llvm.").split(".")[0]
        if callee.startswith("llvm.") and name in ("umin", "umax", "smin", "smax"):
            left, right = (self.value(operand, instruction) for operand in operands[:2])
            less = self.node(name[0] + "lt", left, right)
            return self.select(less, *((left, right) if name[1:] == "min" else (right, left)))
        if callee.startswith("llvm.") and name == "ctlz":
            return self.node("clz", self.value(operands[0], instruction))
        if callee.startswith("llvm.") and name == "abs":
            value = self.value(operands[0], instruction)
            width = self.source.width(instruction.type, instruction)
            negative = self.node("slt", value, self.literal(width, 0))
            return self.select(negative, self.node("negate", value), value)
        if callee.startswith("llvm.") and name in ("fshl", "fshr"):
            return self.funnel(instruction, operands, name == "fshl")
        if callee == self.source.function.name:
            raise self.source.error(instruction, "recursion cannot become hardware")
        raise self.source.error(instruction, f"call of '{callee}' is not supported")

    def funnel(self, instruction, operands, left):
        width = self.source.width(instruction.type, instruction)
        high, low, amount = (self.value(operand, instruction) for operand in operands[:3])
        both = self.node("concat", [high, low])
        wide = self.node("zero_extend", amount, 2 * width)
        amount = self.node("umod", wide, self.literal(2 * width, width))
        shifted = self.node("shll" if left else "shrl", both, amount)
        return self.node("bit_slice", shifted, width if left else 0, width)
