# SPDX-License-Identifier: Apache-2.0
"""How many engines fit a card, in which regions, and which memory each one gets.

An engine lies in one super logic region: crossings between regions are slow. It fits where every
kind of cell stays below its limit (cards.toml). Each engine has memory of its own, because an arena
belongs to one engine: one DDR bank, the nearest first, or an equal run of HBM channels.
"""

import json
import pathlib

KINDS = ("lut", "ff", "dsp", "bram", "uram")


class Unfit(Exception):
    """A request that cannot be met, in a sentence that says what to do."""


def room(slr: dict, limits: dict, engine: dict) -> int:
    """Engines that fit one region."""
    fits = [int(slr[k] * limits[k] // engine[k]) for k in KINDS if engine[k] > 0]
    return min(fits, default=0)


def tightest(slr: dict, engine: dict) -> tuple[str, float]:
    """The kind of cell one engine takes the largest part of, and that part."""
    return max(((k, engine[k] / slr[k]) for k in KINDS), key=lambda pair: pair[1])


def engines(card: dict, limits: dict, engine: dict) -> list[int]:
    """The region of each engine that fits; never more than there are memories."""
    regions = [n for n, slr in enumerate(card["slr"]) for _ in range(room(slr, limits, engine))]
    # One in every region before two in any: spreads heat and routing.
    seen: dict[int, int] = {}
    order = []
    for n in regions:
        order.append((seen.setdefault(n, 0), n))
        seen[n] += 1
    return sorted(n for _, n in sorted(order)[: card["memory"]["banks"]])


def banks(memory: dict, placed: list[int]) -> list[str]:
    if memory["kind"] == "HBM":
        each = memory["banks"] // len(placed)
        each = 1 << (each.bit_length() - 1)  # a power of two
        return [f"HBM[{n * each}:{n * each + each - 1}]" for n in range(len(placed))]
    left = list(enumerate(memory["slr"]))
    result = []
    for slr in placed:
        nearest = min(left, key=lambda bank: (abs(bank[1] - slr), bank[0]))
        left.remove(nearest)
        result.append(f"{memory['kind']}[{nearest[0]}]")
    return result


def choose(card: dict, limits: dict, area: str | None, number: int | None) -> tuple[list, str]:
    """The region of each engine and the reason, from area.json or a number given by hand."""
    if number is not None:
        if not 1 <= number <= card["memory"]["banks"]:
            raise Unfit(f"--engines must be from 1 to {card['memory']['banks']} on {card['name']}")
        regions = len(card["slr"])
        return sorted(n % regions for n in range(number)), "Chosen by hand."
    if not area or not pathlib.Path(area).exists():
        raise Unfit("the engine's area is not known: run ./dev alveo-check first, or say --engines")
    engine = json.loads(pathlib.Path(area).read_text())["units"]["engine"]
    placed = engines(card, limits, engine)
    if not placed:
        kind, part = tightest(max(card["slr"], key=lambda slr: slr["lut"]), engine)
        raise Unfit(f"no engine fits a region of {card['name']} below the limits of cards.toml: it "
                    f"takes {part:.0%} of the {kind}; say --engines 1 to try all the same")
    return placed, "As many as the area allows (limits in cards.toml)."
