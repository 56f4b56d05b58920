# SPDX-License-Identifier: Apache-2.0
"""The compiler of hls/: what it refuses, with the source line, and that what it accepts is right.

usage: compiler_test.py CLANG
"""

import random
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).absolute().parents[2]
sys.path.insert(0, str(ROOT / "hls" / "compiler"))

import frontend  # noqa: E402
import llvmlite.binding as llvm  # noqa: E402
import lower  # noqa: E402
import main as compiler  # noqa: E402
import pipeline  # noqa: E402
from xls.c_api import Value  # noqa: E402


def package_of(body, name="kernel"):
    """Compiles the text of a header; its first line is line 1."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kernel.h"
        path.write_text(body)
        source = frontend.compile_source(name, str(path), ROOT, Clang.path)
        return source, lower.Lowering(source).run()


class Clang:
    path = "clang++-16"


class RefusedSources(unittest.TestCase):
    def refused(self, body, line, text, name="kernel"):
        with self.assertRaises(frontend.CompileError) as caught:
            package_of(body, name)
        self.assertRegex(str(caught.exception), rf"kernel\.h:{line}: .*{text}")

    def test_a_loop_without_constant_trip_count(self):
        self.refused("namespace weft::hls {\n"
                     "inline unsigned kernel(unsigned x) {\n"
                     "  unsigned n = 0;\n"
                     "  while (x != 1) {\n"
                     "    x = (x & 1) ? 3 * x + 1 : x >> 1; ++n;\n"
                     "  }\n"
                     "  return n;\n"
                     "}\n}\n", "[45]", "a loop is left")

    def test_a_table_whose_length_is_no_power_of_two(self):
        self.refused("namespace weft::hls {\n"
                     "inline constexpr unsigned kTable[] = {7, 1, 9, 4, 200, 3, 77};\n"
                     "inline unsigned kernel(unsigned x) {\n"
                     "  return kTable[x & 7];\n"
                     "}\n}\n", 4, "memory")

    def test_a_table_that_may_change(self):
        self.refused("namespace weft::hls {\n"
                     "inline unsigned table[4] = {7, 1, 9, 4};\n"
                     "inline unsigned kernel(unsigned x) {\n"
                     "  return table[x & 3];\n"
                     "}\n}\n", 4, "memory")

    def test_two_shifts_that_verilator_would_add_up(self):
        _, package = package_of("namespace weft::hls {\n"
                                "inline unsigned kernel(unsigned x, bool y, bool z) {\n"
                                "  return (x << y) << z;\n"
                                "}\n}\n")
        ir = pipeline.optimise(package, "kernel")
        with self.assertRaisesRegex(frontend.CompileError, "shift once by the sum"):
            pipeline.generate(ir, "kernel", 1)

    def test_a_pointer_parameter(self):
        self.refused("namespace weft::hls {\n"
                     "inline unsigned kernel(const unsigned* x) { return *x; }\n}\n",
                     1, "not a fixed-width integer")

    def test_floating_point(self):
        self.refused("namespace weft::hls {\n"
                     "inline unsigned kernel(unsigned x) {\n"
                     "  return static_cast<unsigned>(static_cast<float>(x) * 0.3f);\n"
                     "}\n}\n", 3, "'(float|uitofp)'")

    def test_recursion(self):
        self.refused("namespace weft::hls {\n"
                     "inline unsigned kernel(unsigned x, unsigned y) {\n"
                     "  if (x < 2) return y;\n"
                     "  return kernel(x / 2, x) ^ kernel(x - 1, y);\n"
                     "}\n}\n", "[34]", "(recursion|a loop is left)")

    def test_a_division(self):
        self.refused("namespace weft::hls {\n"
                     "inline unsigned kernel(unsigned x, unsigned y) {\n"
                     "  return x / y;\n"
                     "}\n}\n", 3, "'udiv' is not supported")

    def test_a_call_of_an_unknown_function(self):
        self.refused("unsigned elsewhere(unsigned);\n"
                     "namespace weft::hls {\n"
                     "inline unsigned kernel(unsigned x) {\n"
                     "  return elsewhere(x) + 1;\n"
                     "}\n}\n", 4, "elsewhere")

    def test_what_clang_refuses_keeps_the_line_of_clang(self):
        self.refused("namespace weft::hls {\n"
                     "inline unsigned kernel(unsigned x) { return z; }\n}\n",
                     "2:\\d+", "undeclared")

    def test_a_header_without_the_function(self):
        self.refused("namespace weft::hls {\n"
                     "inline unsigned other(unsigned x) { return x; }\n}\n", 1,
                     "no function weft::hls::kernel")


class AcceptedSources(unittest.TestCase):
    def check(self, body, python, widths, seed=1):
        """The XLS function against a Python function, on random operands of the given widths."""
        source, package = package_of(body)
        self.assertEqual([p.width for p in source.signature().parameters], widths)
        function = package.get_function("kernel")
        numbers = random.Random(seed)
        for _ in range(300):
            operands = [numbers.getrandbits(w) >> numbers.randrange(w) for w in widths]
            values = [Value.make_ubits(w, x) for w, x in zip(widths, operands)]
            found = function.interpret(values).to_string()
            expected = python(*operands) % (1 << source.signature().result_width)
            self.assertEqual(int(found.split(":")[1]), expected, operands)

    def test_branches_and_switches_select(self):
        self.check("namespace weft::hls {\n"
                   "inline unsigned kernel(unsigned x, unsigned y) {\n"
                   "  switch (x & 7) {\n"
                   "    case 0: return y;\n"
                   "    case 1: return y * 5;\n"
                   "    case 4: if (y > 100) return y - x; break;\n"
                   "    case 6: return y ^ 0x55;\n"
                   "  }\n"
                   "  return x + 1;\n"
                   "}\n}\n",
                   lambda x, y: {0: y, 1: y * 5, 4: y - x if y > 100 else x + 1,
                                 6: y ^ 0x55}.get(x & 7, x + 1), [32, 32])

    def test_bounded_loops_unroll(self):
        self.check("namespace weft::hls {\n"
                   "inline unsigned kernel(unsigned x) {\n"
                   "  unsigned n = 0;\n"
                   "  for (int i = 0; i < 32; ++i) n += (x >> i) & 1 ? i : 0;\n"
                   "  return n;\n"
                   "}\n}\n", lambda x: sum(i for i in range(32) if x >> i & 1), [32])

    def test_constant_tables_are_indexed(self):
        for kind, table in (("unsigned char", (7, 1, 9, 34, 200, 3, 77, 5)),
                            ("SignedBits<13>", (-4096, -1, 0, 1, 4095, 7, 0, 0)),
                            ("unsigned", (1, 2, 3, 0, 0, 0, 0, 0))):
            listed = ", ".join(map(str, table))
            self.check('#include "hls/functions/bits.h"\n'
                       "namespace weft::hls {\n"
                       f"inline constexpr {kind} kTable[8] = {{{listed}}};\n"
                       "inline unsigned kernel(unsigned x) {\n"
                       "  return unsigned(int(kTable[x & 7])) + unsigned(int(kTable[x >> 29]));\n"
                       "}\n}\n", lambda x, t=table: t[x & 7] + t[x >> 29], [32])

    def test_minimum_and_rotation(self):
        self.check("namespace weft::hls {\n"
                   "inline unsigned kernel(unsigned x, unsigned char n) {\n"
                   "  const unsigned turned = x << (n & 31) | x >> (-n & 31);\n"
                   "  return turned < 1000 ? turned : 1000;\n"
                   "}\n}\n",
                   lambda x, n: min(1000, (x << (n & 31) | x >> (-n & 31)) & 0xFFFFFFFF), [32, 8])

    def test_signed_odd_widths(self):
        self.check('#include "hls/functions/bits.h"\n'
                   "namespace weft::hls {\n"
                   "inline SignedBits<13> kernel(SignedBits<11> x, Bits<5> y) {\n"
                   "  const SignedBits<13> wide = SignedBits<13>(x) * SignedBits<13>(3);\n"
                   "  return wide < 0 ? SignedBits<13>(wide >> 2)\n"
                   "                  : SignedBits<13>(wide + SignedBits<13>(y));\n"
                   "}\n}\n", self.odd, [11, 5])

    @staticmethod
    def odd(x, y):
        wide = 3 * (x - 2048 if x >= 1024 else x)
        return wide >> 2 if wide < 0 else wide + y


class Listing(unittest.TestCase):
    def test_a_bad_entry_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "functions.toml"
            for line in ('latency = 0', 'latency = "2"', 'latency = 1\nlatencies = 1'):
                path.write_text(f'[[function]]\nname = "f"\ndoc = "d"\nerror = "e"\n{line}\n')
                with self.assertRaisesRegex(frontend.CompileError, "function f"):
                    compiler.listed(path)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Clang.path = sys.argv.pop(1)
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    unittest.main()
