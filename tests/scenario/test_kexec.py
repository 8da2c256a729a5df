# SPDX-License-Identifier: Apache-2.0
"""A root kernel that starts another one: on purpose, and to look at what is left after its panic."""
import os
import re
import time
from pathlib import Path

import pytest
from bulkhead_lab import Machine, artefacts

EVERY_PAGE = Path(__file__).with_name("every_page.c")
LIMIT = 300.0
TROUBLE = re.compile(r"WARNING:|BUG:|rcu.*stall|soft lockup|general protection")
PROMPT = "root@root:~# "
MARK = "the root that panicked wrote this"


def start_other(machine, load, go):
    """Load the machine's own kernel again with the words of `load`, type `go`; until it answers."""
    machine.push(os.path.realpath(machine.files.kernel), "/tmp/kernel")
    machine.push(machine.files.initrd, "/tmp/initrd")
    machine.exec(f"kexec {load} /tmp/kernel --initrd=/tmp/initrd --reuse-cmdline")
    before = machine.greeting(LIMIT).boot_id
    # on the console: no port of the agent is in the middle of something when the kernel ends
    end = time.monotonic() + LIMIT
    while not machine.console_text().endswith(PROMPT):
        assert time.monotonic() < end, "no shell on the serial console"
        time.sleep(0.2)
    machine.type(f"{go}\n")
    while machine.greeting(LIMIT).boot_id == before:
        assert time.monotonic() < end, "the other kernel did not answer"
        time.sleep(0.2)
    assert machine.log_text().count("root: starting") == 1, "the machine started again"


@pytest.fixture(scope="module")
def every_page(tmp_path_factory):
    path = tmp_path_factory.mktemp("program") / "every_page"
    artefacts.get().tree.check(["gcc", "-O2", "-static", "-o", path, EVERY_PAGE],
                               "Compiling every_page")
    return path


@pytest.mark.parametrize("cpus", [1, 4])
def test_kexec(every_page, cpus):
    """The second kernel is as much the root as the first, twice in a row, and all memory is its."""
    with Machine(cpus=cpus, memory="1G") as machine:
        for _ in range(2):
            start_other(machine, "-l", "kexec -e")
            messages = machine.exec("dmesg").text
            assert "Hyper-V: running as root partition" in messages
            assert not TROUBLE.search(messages)
            assert machine.exec("nproc").text == str(cpus)
            assert machine.exec("stat -c %F /dev/mshv").text == "character special file"
        machine.push(every_page, "/tmp/every_page")
        machine.exec("/tmp/every_page $(awk '/MemAvailable/ { print $2 * 870 }' /proc/meminfo)",
                     timeout=LIMIT)
        assert machine.exec("bulkhead log -l warn").text == ""


@pytest.mark.parametrize("cpus, crashes", [
    (1, 0), (4, 2), pytest.param(4, 0, marks=pytest.mark.soak)])
def test_kdump(cpus, crashes):
    """After a panic on processor `crashes` another kernel reads all memory of the first one."""
    with Machine(cpus=cpus, memory="512M", append=["crashkernel=192M", "panic=5"]) as machine:
        machine.exec(f"echo '{MARK}' >/dev/kmsg")
        start_other(machine, "-p --append=nr_cpus=1",
                    f"taskset -c {crashes} sh -c 'echo c >/proc/sysrq-trigger'")
        assert "Hyper-V: running as root partition" in machine.exec("dmesg").text
        assert not TROUBLE.search(machine.exec("dmesg").text)
        assert machine.exec("nproc").text == "1"
        size = int(machine.exec("stat -c %s /proc/vmcore").text)
        assert size > 256 << 20
        # every byte of it, the old kernel's log among them; grep wants lines that end
        counted = machine.exec("cat /proc/vmcore | tee >(wc -c >/tmp/size) | LC_ALL=C tr '\\0' '\\n' | "
                               f"LC_ALL=C grep -a -c -F '{MARK}'", timeout=2 * LIMIT).text
        assert int(counted) >= 1
        assert int(machine.exec("cat /tmp/size").text) == size
