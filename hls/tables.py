# SPDX-License-Identifier: Apache-2.0
"""The coefficient tables of hls/functions: derives them, writes them, or checks what is there.

A table approximates a smooth function f on an interval that is cut into segments. On a segment of
width w with centre x0,

    f(x0 + w u) ~ c0 + u (c1 + u (c2 + u c3)),  -1/2 <= u < 1/2,

with integer coefficients in units of 2^-FRACTION (polynomial.h evaluates it). They come from
interpolation at the Chebyshev nodes, which is within a few percent of the best polynomial: its
error is at most max|f^(n+1)| (w/4)^(n+1) 2 / (n+1)! for degree n. They are rounded from the highest
on; what the rounding of u^3 and u^2 takes, the coefficient two below makes up for.

All arithmetic is decimal with 50 digits, so that every machine derives the same integers.

usage: tables.py --write | --check
"""

import argparse
import sys
from decimal import Decimal, getcontext
from pathlib import Path

getcontext().prec = 50
FOLDER = Path(__file__).absolute().parent / "functions"
PI = Decimal("3.14159265358979323846264338327950288419716939937510582")
LN2 = Decimal(2).ln()
HALF = Decimal(1) / 2


# The functions -------------------------------------------------------------------------------


def log2_over(t):
    """log2(1 + t) / t."""
    if abs(t) < Decimal("1e-8"):
        return (1 - t / 2 + t * t / 3 - t ** 3 / 4) / LN2
    return (1 + t).ln() / LN2 / t


def tanh(x):
    e = (-2 * x).exp()
    return (1 - e) / (1 + e)


def tanh_over(x):
    """tanh(x) / x, with the series where the quotient would lose digits."""
    if abs(x) < Decimal("1e-6"):
        return 1 - x * x / 3 + 2 * x ** 4 / 15
    return tanh(x) / x


def normal_density(x):
    return (-x * x / 2).exp() / (2 * PI).sqrt()


def normal_above_half(x):
    """Phi(x) - 1/2: the density times x + x^3/3 + x^5/(3*5) + ..., all terms of one sign."""
    term, total, n = x, x, 1
    while abs(term) > Decimal("1e-45"):
        n += 2
        term = term * x * x / n
        total += term
    return total * normal_density(x)


# The tables ----------------------------------------------------------------------------------


def even(start, width, count):
    """`count` segments of `width` from `start` on: (centre, width)."""
    return [(start + width * (2 * i + 1) / 2, width) for i in range(count)]


def octaves():
    """The segments of octave_segment.h for magnitudes below 16, by their index."""
    return [*even(Decimal(0), Decimal(1) / 32, 32), *even(Decimal(1), Decimal(1) / 16, 16),
            *even(Decimal(8), HALF, 16), *even(Decimal(2), Decimal(1) / 16, 32),
            *even(Decimal(4), Decimal(1) / 8, 32)]


def log2_segments():
    """By the upper 7 bits of m's fraction: t = m - 1 below 1.5, m / 2 - 1 from there on."""
    return [*even(Decimal(0), Decimal(1) / 128, 64),
            *even(-Decimal(1) / 4, Decimal(1) / 256, 64)]


def sqrt_segments():
    """Index 64 on: numbers of an odd exponent, that is 2..4 in place of 1..2."""
    return [*even(Decimal(1), Decimal(1) / 64, 64), *even(Decimal(2), Decimal(1) / 32, 64)]


TABLES = {
    "exp2": ("2^x for 0 <= x < 1", 29, 2, lambda x: (x * LN2).exp(),
             even(Decimal(0), Decimal(1) / 64, 64)),
    "log2": ("log2(1 + t) / t for -1/4 <= t < 1/2; segments as log2_segments()", 28, 2, log2_over,
             log2_segments()),
    "reciprocal": ("1 / x for 1 <= x < 2", 28, 2, lambda x: 1 / x,
                   even(Decimal(1), Decimal(1) / 128, 128)),
    "sqrt": ("sqrt(x) for 1 <= x < 4; segments as sqrt_segments()", 27, 2, Decimal.sqrt,
             sqrt_segments()),
    "tanh": ("tanh(x) / x for 0 <= x < 1, tanh(x) for 1 <= x < 16; segments as octaves()", 28, 3,
             lambda x: tanh_over(x) if x < 1 else tanh(x), octaves()),
    "gelu": ("Phi(x) - 1/2 for 0 <= x < 16; segments as octaves()", 28, 3, normal_above_half,
             octaves()),
    "gelu_gradient": ("Phi(x) + x phi(x) - 1/2 for 0 <= x < 16; segments as octaves()", 28, 3,
                      lambda x: normal_above_half(x) + x * normal_density(x), octaves()),
}


# Interpolation -------------------------------------------------------------------------------


def nodes(count):
    """The Chebyshev nodes of -1/2..1/2."""
    two = Decimal(2)
    return {1: [Decimal(0)],
            2: [-(HALF.sqrt()) / 2, HALF.sqrt() / 2],
            3: [-(Decimal(3).sqrt()) / 4, Decimal(0), Decimal(3).sqrt() / 4],
            4: [s * (two + t * two.sqrt()).sqrt() / 4 for s in (-1, 1) for t in (-1, 1)]}[count]


def leading(points, values):
    """The highest coefficient of the polynomial through the points (divided differences)."""
    values = list(values)
    for order in range(1, len(points)):
        values = [(values[i + 1] - values[i]) / (points[i + order] - points[i])
                  for i in range(len(values) - 1)]
    return values[0]


def coefficients(function, centre, width, degree, unit):
    """Integers c0..c_degree in units of `unit`."""
    points = nodes(degree + 1)
    values = [function(centre + width * u) / unit for u in points]
    exact = {}
    for order in range(degree, -1, -1):
        exact[order] = leading(points[:order + 1], values[:order + 1])
        values = [v - exact[order] * (u ** order if order else 1)
                  for v, u in zip(values, points, strict=True)]
    found = [0] * (degree + 1)
    for order in range(degree, -1, -1):
        found[order] = int(exact[order].to_integral_value())
        if order >= 2:  # on -1/2..1/2, u^2 is nearest to 1/8, and u^3 to 3/16 u
            rest = exact[order] - found[order]
            exact[order - 2] += rest * (Decimal(3) / 16 if order == 3 else Decimal(1) / 8)
    return found


# The header ----------------------------------------------------------------------------------


def signed_width(values):
    return max(max(v, -1 - v).bit_length() for v in values) + 1


def array(name, values, width):
    lines = [f"inline constexpr SignedBits<{width}> {name}[{len(values)}] = {{"]
    line = "   "
    for value in values:
        text = f" {value},"
        if len(line) + len(text) > 100:
            lines.append(line)
            line = "   "
        line += text
    return [*lines, line.rstrip(",") + "};"]


def header(name):
    description, fraction, degree, function, segments = TABLES[name]
    unit = Decimal(1) / 2 ** fraction
    rows = [coefficients(function, centre, width, degree, unit) for centre, width in segments]
    lines = ["// SPDX-License-Identifier: Apache-2.0",
             f"// {description}:",
             f"// degree {degree}, {len(segments)} segments, in units of 2^-{fraction}.",
             "// Derived by hls/tables.py, which says how; a test holds both equal.",
             "#pragma once", "", '#include "hls/functions/bits.h"', "",
             f"namespace weft::hls::{name}_table {{", "", "// clang-format off"]
    for order in range(degree + 1):
        # What lies above c_order enters with |u| <= 1/2; the sum must fit the same width.
        reach = [sum(abs(row[n]) >> (n - order) for n in range(order, degree + 1)) + 2
                 for row in rows]
        width = signed_width([*reach, *(row[order] for row in rows)])
        lines += array(f"kC{order}", [row[order] for row in rows], width)
    return "\n".join([*lines, "// clang-format on", "", f"}}  // namespace weft::hls::{name}_table",
                      ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write hls/functions/*_table.h")
    action.add_argument("--check", action="store_true", help="fail unless they are as derived")
    arguments = parser.parse_args()
    for name in TABLES:
        path = FOLDER / f"{name}_table.h"
        text = header(name)
        if arguments.write:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            sys.exit(f"{path} is not what hls/tables.py derives; run hls/tables.py --write")


if __name__ == "__main__":
    main()
