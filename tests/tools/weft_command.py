# SPDX-License-Identifier: Apache-2.0
"""Runs the `weft` command for the tests beside this file.

Tests are called with three arguments: the command, the share folder, a device URI.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

WEFT, SHARE, DEVICE = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]


class CommandTest(unittest.TestCase):
    """A test with a folder of its own and ways to run the command."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_weft(self, *arguments, code=0):
        result = subprocess.run(
            [WEFT, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.folder,
            timeout=250,
            check=False,
        )
        self.assertEqual(result.returncode, code, f"{arguments}\n{result.stderr}{result.stdout}")
        return result

    def json_of(self, *arguments, code=0):
        """The one JSON object on the one line of stdout."""
        result = self.run_weft(*arguments, "--json", code=code)
        self.assertEqual(result.stdout.count("\n"), 1, result.stdout)
        return json.loads(result.stdout)


def main():
    unittest.main(argv=sys.argv[:1])
