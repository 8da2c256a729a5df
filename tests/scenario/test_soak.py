# SPDX-License-Identifier: Apache-2.0
"""The long versions: what works once works a hundred times, and all day."""
import os
import re
import time

import pytest
from bulkhead_lab import Machine

pytestmark = pytest.mark.soak

BOOTS = int(os.environ.get("SOAK_BOOTS", "100"))
SECONDS = int(os.environ.get("SOAK_SECONDS", "3600"))


def test_starts_every_time():
    """Power-on to user space, over and over; none may fail, none may be far slower."""
    times = []
    for _ in range(BOOTS):
        with Machine() as machine:
            times.append(machine.boot_seconds)
            assert "running as root partition" in machine.exec("dmesg").text
    assert max(times) < 10 * sorted(times)[len(times) // 2]


def test_restarts_every_time():
    with Machine() as machine:
        for _ in range(BOOTS):
            machine.reboot()
        assert machine.log_text().count("root: starting") == BOOTS + 1


def test_survives_hours_of_load(root):
    """Processes, memory and disks under stress; the clock right, nothing on the console."""
    begin = time.monotonic()
    root.exec(["stress-ng", "--cpu", "1", "--vm", "1", "--vm-bytes", "25%", "--fork", "1",
               "--timer", "1", "--hdd", "1", "--timeout", f"{SECONDS}s"], timeout=SECONDS + 600)
    assert time.monotonic() - begin >= SECONDS * 0.98
    text = root.exec("dmesg --level=emerg,alert,crit,err,warn --notime").text
    assert not re.search(r"stall|lockup|hung|nobody cared|WARNING:|unstable", text)
    assert root.exec("bulkhead log -l warn").text == ""
