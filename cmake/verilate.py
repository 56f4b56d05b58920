#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs Verilator and gathers the C++ it wrote in a fixed number of files.

chunk_0.cpp to chunk_<n-1>.cpp include what runs every cycle, balanced by size; chunk_slow.cpp what
runs once. Files are replaced only when their text changes, so that compilation follows content.
"""

import argparse
import hashlib
import pathlib
import shutil
import subprocess
import sys


def write_if_changed(path: pathlib.Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def update(source: pathlib.Path, target: pathlib.Path) -> None:
    """Makes target's files equal to source's, touching only those that differ."""
    target.mkdir(parents=True, exist_ok=True)
    names = {p.name for p in source.iterdir()}
    for old in target.iterdir():
        if old.suffix in (".cpp", ".h") and old.name not in names and "chunk_" not in old.name:
            old.unlink()
    for new in source.iterdir():
        old = target / new.name
        if not old.exists() or old.read_bytes() != new.read_bytes():
            shutil.copyfile(new, old)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verilator", required=True)
    parser.add_argument("--dir", required=True, type=pathlib.Path)
    parser.add_argument("--chunks", required=True, type=int)
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    rest = args.rest[1:] if args.rest[:1] == ["--"] else args.rest

    fresh = args.dir.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    ran = subprocess.run(
        [args.verilator, *rest, "--Mdir", str(fresh)],
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if ran.returncode != 0 or "%Warning" in ran.stdout:
        sys.stderr.write(ran.stdout)
        return ran.returncode or 1
    keep = [p for p in fresh.iterdir() if p.suffix in (".cpp", ".h")]
    for path in list(fresh.iterdir()):
        if path not in keep:
            path.unlink()
    update(fresh, args.dir)
    shutil.rmtree(fresh)

    sources = sorted(p for p in args.dir.glob("*.cpp") if "chunk_" not in p.name)
    slow = [p for p in sources if "__Slow" in p.name or "__Syms" in p.name]
    fast = sorted((p for p in sources if p not in slow), key=lambda p: (-p.stat().st_size, p.name))
    bins: list[list[pathlib.Path]] = [[] for _ in range(args.chunks)]
    for path in fast:
        min(bins, key=lambda b: sum(p.stat().st_size for p in b)).append(path)

    def chunk(paths: list[pathlib.Path]) -> str:
        # Included headers and files count: a digest makes the chunk change with them.
        headers = sorted(args.dir.glob("*.h"))
        digest = hashlib.sha256(b"".join(p.read_bytes() for p in headers + paths)).hexdigest()
        lines = [f"// {digest}"] + [f'#include "{p.name}"' for p in sorted(paths)]
        return "\n".join(lines) + "\n"

    for i, paths in enumerate(bins):
        write_if_changed(args.dir / f"chunk_{i}.cpp", chunk(paths))
    write_if_changed(args.dir / "chunk_slow.cpp", chunk(slow))
    return 0


if __name__ == "__main__":
    sys.exit(main())
