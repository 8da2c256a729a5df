# SPDX-License-Identifier: Apache-2.0
"""Linux as root partition on one to eight processors, with x2APICs and with xAPICs."""
import re

import pytest
from bulkhead_lab import Machine

MODELS = {"x2apic": "EPYC-v4,+svm,+npt,+x2apic", "xapic": "EPYC-v4,+svm,+npt,-x2apic"}
MACHINES = [(cpus, model) for cpus in (1, 2, 4, 8) for model in MODELS]
ROUNDS = 2
SECONDS = 4
SOAK_ROUNDS = 50
SOAK_SECONDS = 600
LIMIT = 600
SOAK_LIMIT = 3600

# Lines of warnings and worse that say nothing about processors.
HARMLESS = [
    # As the emulator sets them up; the machine without Bulkhead prints these as well.
    r"mtrr: your CPUs had inconsistent .*MTRR",
    r"ACPI: IRQ 4 override to edge\(!\), high\(!\)",
    r"Warning: Processor Platform Limit event detected, but not handled\.",
    r"Consider compiling CPUfreq support into your kernel\.",
    # A busy host takes processors away for as long as it likes, also in the middle of a handler.
    r"hrtimer: interrupt took \d+ ns",
    r"hpet: Lost \d+ RTC interrupts",
    # Property 47: crash dumps by the hypervisor, which it does not offer.
    r"Hyper-V: hv_root_crash_init: property:47 ",
    r"Hyper-V: only linux root kdump support enabled",
]

# The first one stays: it has no such switch.
HOTPLUG = """
set -e
[ ! -e /sys/devices/system/cpu/cpu0/online ]
sha256sum /dev/zero & one=$!
dd if=/dev/zero of=/dev/null bs=1M status=none & two=$!
for round in $(seq {rounds}); do
	for cpu in $(seq 1 {last}); do
		echo 0 >/sys/devices/system/cpu/cpu$cpu/online
		[ $(cat /sys/devices/system/cpu/cpu$cpu/online) = 0 ]
		echo 1 >/sys/devices/system/cpu/cpu$cpu/online
	done
done
kill $one $two
"""

# Messages between processes as hackbench sends them, memory, and what moves between processors.
STRESS = ("cd /tmp; stress-ng --quiet --sock {cpus} --pipe {cpus} --switch 1 --vm 1 --vm-bytes 25% "
          "--vm-method all --futex 1 --membarrier 1 --timeout {seconds}s")


@pytest.fixture(scope="module", params=MACHINES, ids=[f"{cpus}-{model}" for cpus, model in MACHINES])
def machine(request):
    cpus, model = request.param
    with Machine(cpus=cpus, cpu=MODELS[model], memory="1G") as own:
        yield own


def interrupts(machine):
    """{name: [count for each processor]} of those that have a processor's name."""
    found = {}
    for line in machine.exec("cat /proc/interrupts").text.splitlines():
        match = re.match(r" *([A-Z]+): +([\d ]+)", line)
        if match:
            found[match[1]] = [int(count) for count in match[2].split()]
    return found


def assert_nothing_is_wrong(machine):
    """All processors online, no complaint by Linux, by the hypervisor, or in a count."""
    cpus = machine.spec.cpus
    online = machine.exec("cat /sys/devices/system/cpu/online").text
    assert online == ("0" if cpus == 1 else f"0-{cpus - 1}")
    lines = machine.exec("dmesg --level=emerg,alert,crit,err,warn --notime").text.splitlines()
    assert [line for line in lines if not any(re.match(one, line) for one in HARMLESS)] == []
    assert not re.search(r"stall|lockup|blocked for more|No irq handler|nobody cared|spurious",
                         machine.exec("dmesg --notime").text)
    assert machine.exec("bulkhead log -l warn").text == ""
    counts = interrupts(machine)
    # Spurious, erroneous and misrouted ones have a line once there is one.
    assert not {"SPU", "ERR", "MIS"} & set(counts)
    assert counts["NMI"] == [0] * cpus


def test_all_processors_are_there(machine):
    cpus = machine.spec.cpus
    assert machine.exec("nproc").text == str(cpus)
    x2apic = " x2apic " in f" {machine.exec('grep -m1 ^flags /proc/cpuinfo').text} "
    assert x2apic == (machine.spec.cpu == MODELS["x2apic"])
    if cpus > 1:
        assert f"processors: {cpus} started" in machine.log_text()
    numbers = [str(i) for i in range(cpus)]
    assert machine.exec("ls /sys/kernel/debug/mshv/lp").text.split() == numbers
    assert machine.exec("ls /sys/kernel/debug/mshv/partition/1/vp").text.split() == numbers


def test_every_processor_has_its_timer_and_interrupts(machine):
    counts = interrupts(machine)
    assert all(count > 0 for count in counts["HVS"])
    assert counts["LOC"] == [0] * machine.spec.cpus, "the APIC's timer, which costs more"
    if machine.spec.cpus > 1:
        assert all(count > 0 for count in counts["CAL"])


def test_processors_go_off_and_on_under_load(machine):
    machine.exec(HOTPLUG.format(rounds=ROUNDS, last=machine.spec.cpus - 1), timeout=LIMIT)
    assert_nothing_is_wrong(machine)


def test_stress_leaves_no_complaints(machine):
    machine.exec(STRESS.format(cpus=machine.spec.cpus, seconds=SECONDS), timeout=LIMIT)
    assert_nothing_is_wrong(machine)


@pytest.mark.soak
def test_processors_go_off_and_on_fifty_times(machine):
    machine.exec(HOTPLUG.format(rounds=SOAK_ROUNDS, last=machine.spec.cpus - 1),
                 timeout=SOAK_LIMIT)
    assert_nothing_is_wrong(machine)


@pytest.mark.soak
@pytest.mark.parametrize("model", MODELS)
def test_ten_minutes_of_stress_leave_no_complaints(model):
    with Machine(cpus=4, cpu=MODELS[model]) as own:
        own.exec(STRESS.format(cpus=4, seconds=SOAK_SECONDS), timeout=SOAK_LIMIT)
        assert_nothing_is_wrong(own)
