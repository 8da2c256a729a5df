# SPDX-License-Identifier: Apache-2.0
"""Machines with little memory, with much, and with memory above 4 GiB."""
import re
from pathlib import Path

import pytest
from bulkhead_lab import Machine, artefacts

SOURCE = Path(__file__).with_name("every_page.c")
MIB = 1 << 20
LIMIT = 600


def kilobytes(machine, name):
    """A line of /proc/meminfo."""
    return int(re.search(rf"{name}:\s+(\d+) kB", machine.exec("cat /proc/meminfo").text)[1])


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = tmp_path_factory.mktemp("program") / "every_page"
    artefacts.get().tree.check(["gcc", "-O2", "-static", "-o", path, SOURCE], "Compiling every_page")
    return path


@pytest.mark.parametrize("memory", ["256M", "3G", "5G"])
def test_memory_is_all_there(program, memory):
    """All of it is the root's but the hypervisor's piece, and no page of it is another's."""
    with Machine(memory=memory, bare=True) as machine:
        bare = kilobytes(machine, "MemTotal")
    with Machine(memory=memory) as machine:
        taken = int(re.search(r"memory: (\d+) MiB at", machine.log_text())[1])
        assert taken * MIB <= machine.spec.memory_mib() * MIB // 1000 + 16 * MIB
        assert bare - kilobytes(machine, "MemTotal") <= (taken + 1) << 10
        machine.push(program, "/tmp/every_page")
        size = kilobytes(machine, "MemAvailable") * 1024 * 85 // 100
        machine.exec(["/tmp/every_page", str(size)], timeout=LIMIT)
        assert machine.exec("bulkhead log -l warn").text == ""
