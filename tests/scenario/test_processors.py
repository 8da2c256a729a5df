# SPDX-License-Identifier: Apache-2.0
"""Linux as root partition on several processors: all of them there, off and on again under load."""
import re

import pytest
from bulkhead_lab import Machine

CPUS = 4
ROUNDS = 5
LIMIT = 600

HOTPLUG = f"""
set -e
sha256sum /dev/zero & one=$!
dd if=/dev/zero of=/dev/null bs=1M status=none & two=$!
for round in $(seq {ROUNDS}); do
	for cpu in $(seq 1 {CPUS - 1}); do
		echo 0 >/sys/devices/system/cpu/cpu$cpu/online
		echo 1 >/sys/devices/system/cpu/cpu$cpu/online
	done
done
kill $one $two
"""


@pytest.fixture(scope="module")
def smp():
    with Machine(cpus=CPUS) as machine:
        yield machine


def interrupts(machine, name):
    line = re.search(rf"^ *{name}: +([\d ]+)", machine.exec("cat /proc/interrupts").text, re.MULTILINE)
    return [int(count) for count in line[1].split()]


def test_all_processors_are_online(smp):
    assert smp.exec("cat /sys/devices/system/cpu/online").text == f"0-{CPUS - 1}"
    assert f"processors: {CPUS} started" in smp.log_text()


def test_every_processor_has_its_timer_and_interrupts(smp):
    assert all(count > 0 for count in interrupts(smp, "LOC"))
    assert all(count > 0 for count in interrupts(smp, "CAL"))


def test_statistics_name_every_processor(smp):
    assert smp.exec("ls /sys/kernel/debug/mshv/lp").text.split() == [str(i) for i in range(CPUS)]
    vps = smp.exec("ls /sys/kernel/debug/mshv/partition/1/vp").text.split()
    assert vps == [str(i) for i in range(CPUS)]


def test_processors_go_off_and_on_under_load(smp):
    smp.exec(HOTPLUG, timeout=LIMIT)
    assert smp.exec("cat /sys/devices/system/cpu/online").text == f"0-{CPUS - 1}"
    trouble = re.compile(r"WARNING:|BUG:|rcu.*stall|soft lockup|Uhhuh")
    assert not trouble.search(smp.exec("dmesg").text)


def test_no_kick_reaches_the_root_as_an_nmi(smp):
    assert interrupts(smp, "NMI") == [0] * CPUS


def test_without_x2apic_one_processor_is_used():
    with Machine(cpus=2, cpu="EPYC-v4,+svm,+npt,-x2apic") as machine:
        assert machine.exec("nproc").text == "1"
        assert "only 1 of 2 is used" in machine.log_text()
