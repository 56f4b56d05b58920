# SPDX-License-Identifier: Apache-2.0
"""What the benches written in Python start with: one core, the interpreter of ./dev, the machine.

Import it before numpy and other libraries that count cores: the import binds the process and its
children to one core (CORE) and starts the script anew under WEFT_PYTHON, which `./dev bench` sets.
"""

import os
import pathlib
import sys

CORE = max(os.sched_getaffinity(0))
os.sched_setaffinity(0, {CORE})
if "WEFT_PYTHON" in os.environ and sys.executable != os.environ["WEFT_PYTHON"]:
    os.execv(os.environ["WEFT_PYTHON"], [os.environ["WEFT_PYTHON"], *sys.argv])

BUILD = pathlib.Path(os.environ.get("WEFT_BUILD", "build/dev"))


def processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


def machine() -> str:
    return f"{processor()}, core {CORE} of {os.cpu_count()}, load {os.getloadavg()[0]:.2f}"
