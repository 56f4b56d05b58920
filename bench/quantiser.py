# SPDX-License-Identifier: Apache-2.0
"""MXINT8 quantisation in NumPy, and in variants that the card does not have.

`exponents` and `mantissas` are the card's own rules (docs/numerics.md, Load) for finite operands;
check() holds them against the C++ functions of hls/. A Format says what else is tried: other
scales, block lengths, widths, BF16. Products are then taken in FP32 of the values quantised here:
mantissas of a block have exact products and sums, as on the card; sums over blocks may round in
another order.
"""

import ctypes
import dataclasses
import pathlib

import numpy

TENSOR = 0  # a block length: one scale for the whole tensor
ROW = 1 << 30  # a block length: one scale for a row


@dataclasses.dataclass(frozen=True)
class Format:
    kind: str = "mx"  # or bf16, fp32
    bits: int = 8  # of a mantissa, with its sign
    block: int = 32
    floor_scale: bool = False  # OCP MX: by the exponent of the largest alone, which clips
    shift: int = 0  # of the scale's exponent


def power_of_two(exponent: numpy.ndarray) -> numpy.ndarray:
    """Of exponents -126..127."""
    return (exponent + 127 << 23).astype(numpy.int32).view(numpy.float32)


def exponents(largest: numpy.ndarray, stochastic: bool, form: Format = Format()) -> numpy.ndarray:
    """The scale bytes of blocks whose largest magnitudes are `largest` (FP32, finite)."""
    bits = largest.view(numpy.uint32).astype(numpy.int32)
    scale = (bits >> 23) - (form.bits - 2)
    if not form.floor_scale:
        # Fractions from which on the largest would end beyond the largest mantissa.
        ulp = 1 << 23 - (form.bits - 2)
        beyond = (1 << 23) - (ulp if stochastic else ulp // 2)
        scale += (bits & 0x7FFFFF) > beyond - (not stochastic)
    return numpy.maximum(scale + form.shift, 1)


def mantissas(x: numpy.ndarray, scale: numpy.ndarray, draws: numpy.ndarray | None,
              form: Format = Format()) -> numpy.ndarray:
    """As FP32 numbers; to nearest even, or with draws 0..65535 stochastically."""
    edge = numpy.float32((1 << form.bits - 1) - 1)
    steps = x * power_of_two(127 - scale)
    if draws is None:
        return numpy.clip(numpy.rint(steps), -edge, edge)
    units = numpy.floor(numpy.minimum(numpy.abs(steps), edge + 1) * numpy.float32(65536)) + draws
    return numpy.copysign(numpy.minimum(numpy.floor(units * numpy.float32(2**-16)), edge), x)


def to_bf16(x: numpy.ndarray) -> numpy.ndarray:
    bits = x.view(numpy.uint32)
    return (bits + 0x7FFF + (bits >> 16 & 1) & 0xFFFF0000).astype(numpy.uint32).view(numpy.float32)


def quantised(x: numpy.ndarray, form: Format, draws: numpy.ndarray | None = None) -> numpy.ndarray:
    """The values of matrices x[..., rows, contraction] (FP32) in `form`. draws: as mantissas()."""
    if form.kind == "fp32":
        return x
    if form.kind == "bf16":
        return to_bf16(numpy.ascontiguousarray(x))
    if form.block == TENSOR:
        shape = (*x.shape[:-2], 1, x.shape[-2] * x.shape[-1])
        flat = None if draws is None else draws.reshape(shape)
        by_row = dataclasses.replace(form, block=ROW)
        return quantised(x.reshape(shape), by_row, flat).reshape(x.shape)
    outer, cols = x.shape[:-1], x.shape[-1]
    block = min(form.block, cols)
    pad = [(0, 0)] * (x.ndim - 1) + [(0, -cols % block)]

    def blocks(values):
        whole = numpy.pad(values, pad) if pad[-1][1] else values
        return whole.reshape(*outer, -1, block)

    x = blocks(x)
    largest = numpy.abs(x).max(-1, keepdims=True)
    scale = exponents(largest, draws is not None, form)
    values = mantissas(x, scale, None if draws is None else blocks(draws), form)
    values *= power_of_two(scale - 127)
    return values.reshape(*outer, -1)[..., :cols]


def check(library: pathlib.Path, count: int = 1 << 18) -> list[str]:
    """Compares with the functions of hls/ on their own test vectors, those with finite operands and
    scales that loads make; says what was compared. Raises ArithmeticError at a difference."""
    subject = ctypes.CDLL(str(library))
    subject.weft_hls_vectors.restype = ctypes.c_uint64
    subject.weft_hls_vectors.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.c_uint64,
                                         ctypes.c_void_p, ctypes.c_void_p]

    def scales(stochastic):
        return lambda x: exponents(x[0].view(numpy.float32), stochastic)

    def rounded(x):
        draws = x[2].astype(numpy.float32) if x[2].any() else None
        return mantissas(x[0].view(numpy.float32), x[1].astype(numpy.int32), draws)

    said = []
    for name, ours, has_scale, width in (
        ("block_exponent", scales(False), False, numpy.uint8),
        ("block_exponent_stochastic", scales(True), False, numpy.uint8),
        ("quantise", rounded, True, numpy.int8),
        ("quantise_stochastic", rounded, True, numpy.int8),
        ("fp32_to_bf16", lambda x: to_bf16(x[0]).view(numpy.uint32) >> 16, False, numpy.uint16),
    ):
        operands = numpy.zeros((count, 5), numpy.uint32)
        results = numpy.zeros(count, numpy.uint32)
        if subject.weft_hls_vectors(name.encode(), 1, count, operands.ctypes.data,
                                    results.ctypes.data) != count:
            raise ArithmeticError(f"hls/ has no function {name}")
        field = operands[:, 0] >> 23 & 255
        # Zeros, but no subnormals (zero to the card), no infinity, no NaN.
        used = (field < 255) & ((field > 0) | (operands[:, 0] << 1 == 0))
        if has_scale:
            used &= (operands[:, 1] > 0) & (operands[:, 1] < 250)
        x = [numpy.ascontiguousarray(operands[used, i]) for i in range(3)]
        with numpy.errstate(over="ignore"):
            got = ours(x).astype(numpy.int32).astype(width)
        wrong = numpy.flatnonzero(got != results[used].astype(numpy.uint32).astype(width))
        if len(wrong):
            i = wrong[0]
            raise ArithmeticError(
                f"{name}({', '.join(hex(each[i]) for each in x)}): hls/ gives "
                f"{results[used][i]:#x}, NumPy {got[i]}; {len(wrong)} of {used.sum()} differ")
        said.append(f"{name} {used.sum()}")
    return said
