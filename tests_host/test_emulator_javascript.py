"""The chip's own tests, in JavaScript, on the firmware that this project flies."""

import os
import re
import subprocess

import pytest

from host_tools.emulator.node import CHIP, node, packages

TESTS = sorted(path.name for path in (CHIP / "test").glob("*.test.mjs"))


def test_every_module_of_the_chip_has_tests():
    assert len(TESTS) >= 10


@pytest.mark.parametrize("name", TESTS)
def test_the_chips_tests_pass(name, firmware):
    packages()
    done = subprocess.run(
        [node(), "--test", "--test-reporter=tap", f"test/{name}"],
        cwd=CHIP,
        env={**os.environ, "PLUMBLINE_UF2": str(firmware.uf2)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    failed = [line.strip() for line in done.stdout.splitlines() if line.lstrip().startswith("not ok")]
    assert (done.returncode, failed) == (0, [])
    counted = dict(re.findall(r"^# (pass|skipped|todo) (\d+)", done.stdout, re.MULTILINE))
    assert int(counted["pass"]) > 0
    assert (counted["skipped"], counted["todo"]) == ("0", "0")
