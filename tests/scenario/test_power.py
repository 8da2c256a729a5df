# SPDX-License-Identifier: Apache-2.0
"""The end of a machine: off, again, and after a kernel's panic, as without a hypervisor."""
import time

import pytest
from bulkhead_lab import Machine

LIMIT = 300.0
# from the background, so that the command ends before the kernel does
CRASH = "(sleep 1; echo c >/proc/sysrq-trigger) </dev/null >/dev/null 2>&1 &"


@pytest.fixture
def machine():
    with Machine() as own:
        yield own


def wait_for_new_boot(machine, before):
    """Until another boot of the machine answers."""
    end = time.monotonic() + LIMIT
    while machine.greeting(LIMIT).boot_id == before:
        assert time.monotonic() < end, "the machine did not start again"
        time.sleep(0.2)


def test_reboot_comes_back_and_poweroff_ends(machine):
    machine.reboot(LIMIT)
    assert "running as root partition" in machine.exec("dmesg").text
    machine.exec("poweroff", check=False)
    assert machine.wait_down(LIMIT) == 0


def test_reset_button_comes_back(machine):
    machine.reset(LIMIT)
    assert "running as root partition" in machine.exec("dmesg").text


@pytest.mark.parametrize("how", ["acpi", "kbd", "pci", "triple"])
def test_every_way_to_reboot_works(how):
    """Linux has several; each has to restart the machine, the hypervisor with it."""
    with Machine(append=[f"reboot={how}"]) as machine:
        machine.reboot(LIMIT)
        assert "running as root partition" in machine.exec("dmesg").text
        assert machine.log_text().count("Bulkhead 0.") == 2


def test_panic_restarts_when_the_kernel_is_told_so():
    with Machine(append=["panic=1"]) as machine:
        before = machine.greeting(LIMIT).boot_id
        machine.exec(CRASH)
        wait_for_new_boot(machine, before)
        assert "Kernel panic - not syncing" in machine.console_text()
        assert "running as root partition" in machine.exec("dmesg").text


def test_panic_stays_when_the_kernel_is_told_so():
    """panic=0: the message stands, the machine neither restarts nor ends."""
    with Machine(append=["panic=0"]) as machine:
        machine.exec(CRASH)
        end = time.monotonic() + LIMIT
        while "---[ end Kernel panic - not syncing" not in machine.console_text():
            assert time.monotonic() < end, "no panic on the console"
            time.sleep(0.2)
        time.sleep(3)  # that nothing happens has no event
        assert machine.is_up()
        assert machine.log_text().count("root: starting") == 1
