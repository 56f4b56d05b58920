# SPDX-License-Identifier: Apache-2.0
"""The functions of hls/ against SoftFloat (Berkeley SoftFloat 3e, PyPI softfloatpy).

SoftFloat has no FTZ and DAZ: operands are flushed before, and a result that is subnormal, or that
raised underflow with tininess detected after rounding, counts as zero of its sign.

usage: softfloat_test.py libweft_hls_subject.so
"""

import ctypes
import sys
import unittest

import softfloatpy as soft

VECTORS = 200_000
NAN = 0x7FC00000


def flush(bits):
    return bits & 0x80000000 if bits & 0x7F800000 == 0 else bits


def number(bits):
    return soft.Float32.from_bytes(flush(bits).to_bytes(4, "big"))


def word(value):
    return int.from_bytes(value.to_bytes(), "big")


def flushed(operation, *operands):
    """operation(*operands) as FP32 bits with FTZ and the one NaN."""
    soft.set_exception_flags(soft.ExceptionFlag(0))
    bits = word(operation(*operands))
    if bits & 0x7FFFFFFF > 0x7F800000:
        return NAN
    if soft.test_exception_flags(soft.ExceptionFlag.UNDERFLOW):
        return bits & 0x80000000
    return flush(bits)


def signed(bits, width):
    return bits - (1 << width) if bits >> (width - 1) else bits


def fp32_fma(a, b, c):
    return flushed(soft.f32_mul_add, number(a), number(b), number(c))


def fp32_divide(z, divisor):
    return flushed(soft.f32_div, number(z), number(divisor))


def fp32_sqrt(x):
    return flushed(soft.f32_sqrt, number(x))


def block_accumulate(fp, total, scale_a, scale_b, acc):
    total = signed(total, 21)
    if not fp:
        return (acc + total) & 0xFFFFFFFF
    a = NAN if scale_a == 255 else scale_a << 23
    scale = flushed(soft.f32_mul, number(a), number(scale_b << 13))
    exact = soft.i32_to_f32(soft.Int32.from_int(total))
    return flushed(soft.f32_mul_add, exact, number(scale), number(acc))


def int32_to_fp32(x):
    return word(soft.i32_to_f32(soft.Int32.from_int(signed(x, 32))))


def fp32_to_int8(x):
    if x & 0x7FFFFFFF > 0x7F800000:
        return 0
    wide = soft.f32_to_i32(number(x), soft.RoundingMode.NEAR_EVEN, False).to_int()
    if (x >> 23) & 255 > 140:  # beyond int32
        wide = -128 if x >> 31 else 127
    return max(-128, min(127, wide)) & 0xFFFFFFFF


def fp32_to_bf16(x):
    if x & 0x7FFFFFFF > 0x7F800000:
        return NAN >> 16
    return int.from_bytes(soft.f32_to_bf16(number(x)).to_bytes(), "big")


class SoftFloatTest(unittest.TestCase):
    library = None

    def compare(self, reference):
        name = reference.__name__.encode()
        operands = (ctypes.c_uint32 * (5 * VECTORS))()
        results = (ctypes.c_uint32 * VECTORS)()
        count = ctypes.c_uint64(VECTORS)
        self.library.weft_hls_vectors(name, ctypes.c_uint64(3), count, operands, results)
        parameters = reference.__code__.co_argcount
        for i in range(VECTORS):
            x = operands[5 * i:5 * i + parameters]
            expected = reference(*x)
            if results[i] != expected:
                self.fail(f"{reference.__name__} of {[f'{v:08x}' for v in x]} gives "
                          f"{results[i]:08x}, SoftFloat {expected:08x}")

    def test_fp32_fma(self):
        self.compare(fp32_fma)

    def test_fp32_divide(self):
        self.compare(fp32_divide)

    def test_fp32_sqrt(self):
        self.compare(fp32_sqrt)

    def test_block_accumulate(self):
        self.compare(block_accumulate)

    def test_int32_to_fp32(self):
        self.compare(int32_to_fp32)

    def test_fp32_to_int8(self):
        self.compare(fp32_to_int8)

    def test_fp32_to_bf16(self):
        self.compare(fp32_to_bf16)


if __name__ == "__main__":
    SoftFloatTest.library = ctypes.CDLL(sys.argv.pop(1))
    soft.set_tininess_mode(soft.TininessMode.AFTER_ROUNDING)
    soft.set_rounding_mode(soft.RoundingMode.NEAR_EVEN)
    unittest.main()
