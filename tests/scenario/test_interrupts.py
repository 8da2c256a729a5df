# SPDX-License-Identifier: Apache-2.0
"""No interrupt is lost and none comes from nowhere: Linux and the hypervisor count the same."""
import dataclasses
import json
import os
import re
import time
from pathlib import Path

import pytest
from bulkhead_lab import Machine, artefacts

SOURCE = Path(__file__).with_name("both_sides.c")
REPOSITORY = SOURCE.parents[2]
CPUS = 4
READINGS = 20
LIMIT = 600
DISK_SIZE = 256 << 20

WANTED = 100_000
SOAK_WANTED = int(os.environ.get("SOAK_INTERRUPTS", "10000000"))
SOAK_LIMIT = 3 * 3600
ROUND_SECONDS = 10
SOAK_ROUND_SECONDS = 120

# In Linux's total without a vector of the APIC: exceptions, polls, part of the function calls.
NO_VECTOR = ("NMI", "MCE", "MCP", "TLB")

# Queues of disks are spread by Linux itself, those of NICs by hand.
SPREAD = f"""
for irq in /proc/irq/[0-9]*; do
	echo $((n++ % {CPUS})) >$irq/smp_affinity_list || true
done 2>/dev/null
"""

LOAD = """
cd /tmp
ping -q -f -w {seconds} -s 64 10.0.2.2 >ping.eth0 &
ping -q -f -w {seconds} -s 1400 10.0.3.2 >ping.eth1 &
stress-ng --quiet --membarrier 1 --timer 2 --pipe 1 --timeout {seconds}s &
fio --direct=1 --ioengine=io_uring --rw=randrw --bs=4k --size=64m --iodepth=4 --numjobs=2 \
	--time_based --runtime={seconds} --output=fio --name=virtio --filename=/dev/vdb \
	--name=nvme --filename=/dev/nvme0n1
wait
grep -q ' [1-9][0-9]* received' ping.eth0 && grep -q ' [1-9][0-9]* received' ping.eth1
"""


@dataclasses.dataclass
class Reading:
    """What both sides had counted at one moment."""
    root: dict
    hypervisor: dict

    @property
    def taken(self):
        """Interrupts that Linux took."""
        return self.root["total"] - sum(self.root[name] for name in NO_VECTOR)

    @property
    def devices(self):
        """... of these, from devices."""
        return sum(count for name, count in self.root.items() if name.isdigit())

    @property
    def requested(self):
        """Interrupts asked for, two that became one counted once."""
        return self.hypervisor["apic.raised"] - self.hypervisor["apic.merged"]


def read(machine):
    """
    Both sides at a moment when nothing is on its way: one that another processor is about to be
    given, or has been given and not yet counted, is in some readings only.
    """
    lines = machine.exec(["/tmp/both_sides", str(READINGS)], timeout=LIMIT).text.splitlines()
    readings = [Reading(**json.loads(line)) for line in lines]
    return min(readings, key=lambda reading: reading.requested - reading.taken)


def per_cpu(machine):
    """Interrupts of all devices by processor."""
    sums = [0] * CPUS
    for line in machine.exec("cat /proc/interrupts").text.splitlines():
        words = line.split()
        if words[0].rstrip(":").isdigit():
            sums = [total + int(count) for total, count in zip(sums, words[1:])]
    return sums


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """Four processors, disks and NICs with a queue or a vector for each of them."""
    directory = tmp_path_factory.mktemp("interrupts")
    things = artefacts.get()
    things.tree.check(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-isystem",
                       things.kernel.headers, "-I", REPOSITORY, "-o", directory / "both_sides",
                       SOURCE], "Compiling both_sides")
    disks = []
    for bus in ("virtio", "nvme"):
        with open(directory / bus, "wb") as file:
            file.truncate(DISK_SIZE)
        disks.append(f"{directory / bus},bus={bus}")
    with Machine(cpus=CPUS, disks=disks, nics=["virtio", "e1000e"]) as own:
        own.push(directory / "both_sides", "/tmp/both_sides")
        own.exec(SPREAD)
        # The first interrupt after that is where an interrupt moves.
        own.exec(LOAD.format(seconds=2), timeout=LIMIT)
        yield own


def grown(before, after, name):
    return after.hypervisor[name] - before.hypervisor[name]


def check(before, after):
    """That nothing was lost or invented between two readings."""
    taken = after.taken - before.taken
    injected = grown(before, after, "apic.injected") - grown(before, after, "apic.returned")
    assert injected == taken
    assert after.requested - before.requested == taken
    # Nobody dropped one, and none was withdrawn, unclaimed, or came from an 8259.
    for name in ("apic.dropped", "interrupt.spurious", "interrupt.unclaimed", "interrupt.extint"):
        assert grown(before, after, name) == 0, name
    # What devices sent arrived; the same twice before it is taken is one.
    merged = grown(before, after, "apic.merged")
    assert 0 <= grown(before, after, "interrupt.device") - (after.devices - before.devices) <= merged
    # Each ended, with or without the register. Of the last one on each processor that is learnt at
    # the next.
    ended = grown(before, after, "apic.eoi") + grown(before, after, "apic.eoi_granted")
    assert abs(taken - ended) <= CPUS


def check_root(machine):
    """That Linux saw nothing odd. Spurious and misrouted ones have a line once there is one."""
    names = {line.split(":")[0].strip()
             for line in machine.exec("cat /proc/interrupts").text.splitlines()}
    assert not names & {"SPU", "ERR", "MIS"}
    text = machine.exec("dmesg --notime").text
    assert not re.search(r"nobody cared|No irq handler|spurious|unexpected IRQ|APIC error", text)


def load_until(machine, wanted, seconds, limit):
    """Load in rounds of `seconds` until Linux has taken `wanted` interrupts; yields readings."""
    end = time.monotonic() + limit
    before = after = read(machine)
    yield after
    while after.taken - before.taken < wanted:
        assert time.monotonic() < end, f"only {after.taken - before.taken} interrupts in {limit} s"
        machine.exec(LOAD.format(seconds=seconds), timeout=LIMIT)
        after = read(machine)
        yield after


def test_both_sides_count_the_same(machine):
    before = per_cpu(machine)
    readings = list(load_until(machine, WANTED, ROUND_SECONDS, LIMIT))
    check(readings[0], readings[-1])
    after = per_cpu(machine)
    assert all(late - early > 100 for early, late in zip(before, after)), "not spread"
    check_root(machine)


@pytest.mark.soak
def test_both_sides_count_the_same_for_long(machine):
    first = None
    for reading in load_until(machine, SOAK_WANTED, SOAK_ROUND_SECONDS, SOAK_LIMIT):
        first = first or reading
        check(first, reading)
        print(f"{reading.taken - first.taken} interrupts, {reading.devices - first.devices} "
              "of devices", flush=True)
    check_root(machine)
