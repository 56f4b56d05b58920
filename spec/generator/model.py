# SPDX-License-Identifier: Apache-2.0
"""What spec/*.toml says, as Python objects; reading it and hashing it.

load() checks only the shape of the file (known keys, right types); validate.py checks the sense.
"""

import dataclasses
import hashlib
import pathlib
import tomllib

SOURCES = ("commands.toml", "machine.toml", "registers.rdl")

KINDS = ("after", "binding", "scalar", "fp32")


class SpecError(Exception):
    """A definition that cannot be accepted; the text names the place and what is wrong."""


@dataclasses.dataclass
class Field:
    """`count` values of `bits` bits, little endian, from byte `at` on."""

    name: str
    at: int
    bits: int
    doc: str
    enum: str | None = None
    scale: str | None = None
    kind: str | None = None  # one of KINDS
    min: int = 0
    max: int | None = None  # None: what the bits or the enumeration can hold
    count: int = 1

    @property
    def size(self) -> int:
        return self.bits // 8 * self.count

    @property
    def limit(self) -> int:
        return (1 << self.bits) - 1

    @property
    def top(self) -> int:
        return self.limit if self.max is None else self.max


@dataclasses.dataclass
class Layout:
    """A command or a record: named fields in `bytes` bytes; what no field names is reserved."""

    name: str
    bytes: int
    doc: str
    fields: list[Field]
    opcode: int | None = None

    def reserved(self) -> list[tuple[int, int]]:
        """Maximal runs of reserved bytes as (first, length)."""
        used = [False] * self.bytes
        for field in self.fields:
            used[field.at : field.at + field.size] = [True] * field.size
        runs: list[tuple[int, int]] = []
        for byte, taken in enumerate(used):
            if taken:
                continue
            if runs and sum(runs[-1]) == byte:
                runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            else:
                runs.append((byte, 1))
        return runs

    def bounded(self) -> list[Field]:
        """Fields whose range is narrower than their bits."""
        return [field for field in self.fields if field.min > 0 or field.top < field.limit]


@dataclasses.dataclass
class Enum:
    """Values 0, 1, ... in the order of `values`; `bits` is the width of the fields that use it."""

    name: str
    doc: str
    values: list[str]
    bits: int = 0


@dataclasses.dataclass
class Item:
    """A unit, fault or state; its value is its position."""

    name: str
    doc: str
    do: str = ""


@dataclasses.dataclass
class Constant:
    name: str
    value: int
    doc: str


@dataclasses.dataclass
class Config:
    name: str
    doc: str
    sizes: dict[str, int]


@dataclasses.dataclass
class Spec:
    commands: list[Layout]
    records: list[Layout]
    common: list[Field]
    enums: dict[str, Enum]
    constants: list[Constant]
    units: list[Item]
    faults: list[Item]
    states: list[Item]
    configs: list[Config]
    hash: int


def _make(kind: type, table: dict, place: str, **more):
    """A dataclass from a TOML table; unknown, missing and ill-typed keys are errors."""
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key, value in table.items():
        if key not in fields or key in more:
            raise SpecError(f"{place}: unknown key '{key}'")
        integer = "int" in str(fields[key].type)
        if type(value) is not (int if integer else str):
            raise SpecError(f"{place}: '{key}' must be {'an integer' if integer else 'a string'}")
    try:
        return kind(**table, **more)
    except TypeError as error:
        raise SpecError(f"{place}: {str(error).split('__init__() ')[-1]}") from None


def _fields(tables: list[dict], place: str) -> list[Field]:
    return [_make(Field, t, f"{place}, field '{t.get('name', '?')}'") for t in tables]


def _layout(table: dict, kind: str, common: list[Field], **more) -> Layout:
    place = f"{kind} '{table.get('name', '?')}'"
    rest = {key: value for key, value in table.items() if key != "fields"}
    fields = common + _fields(table.get("fields", []), place)
    return _make(Layout, rest, place, fields=fields, **more)


def _items(tables: list[dict], kind: str) -> list[Item]:
    return [_make(Item, t, f"{kind} '{t.get('name', '?')}'") for t in tables]


def _config(table: dict) -> Config:
    place = f"config '{table.get('name', '?')}'"
    sizes = {key: value for key, value in table.items() if key not in ("name", "doc")}
    for key, value in sizes.items():
        if type(value) is not int:
            raise SpecError(f"{place}: '{key}' must be an integer")
    return Config(table.get("name", "?"), table.get("doc", ""), sizes)


def source_hash(folder: pathlib.Path) -> int:
    """64 bits that change with every byte of every definition."""
    digest = hashlib.sha256()
    for name in SOURCES:
        data = (folder / name).read_bytes()
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return int.from_bytes(digest.digest()[:8], "big")


def load(folder: pathlib.Path) -> Spec:
    tables: dict = {"enum": {}}
    for name in SOURCES:
        if not name.endswith(".toml"):
            continue
        try:
            part = tomllib.loads((folder / name).read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise SpecError(f"{name}: {error}") from None
        tables["enum"] |= part.pop("enum", {})
        tables |= part
    known = {"command_bytes", "common", "command", "enum", "unit", "constant", "fault", "state",
             "record", "config"}
    if set(tables) != known:
        raise SpecError(f"missing or unknown sections: {sorted(set(tables) ^ known)}")

    common = _fields(tables["common"], "common")
    size = tables["command_bytes"]
    enums = {}
    for name, table in tables["enum"].items():
        values = table.get("values")
        if set(table) != {"doc", "values"} or not isinstance(values, list) or not values:
            raise SpecError(f"enum '{name}': needs exactly 'doc' and a list 'values'")
        enums[name] = Enum(name, table["doc"], values)
    return Spec(
        commands=[_layout(t, "command", common, bytes=size) for t in tables["command"]],
        records=[_layout(t, "record", []) for t in tables["record"]],
        common=common,
        enums=enums,
        constants=[_make(Constant, t, f"constant '{n}'", name=n)
                   for n, t in tables["constant"].items()],
        units=_items(tables["unit"], "unit"),
        faults=_items(tables["fault"], "fault"),
        states=_items(tables["state"], "state"),
        configs=[_config(t) for t in tables["config"]],
        hash=source_hash(folder),
    )
