# SPDX-License-Identifier: Apache-2.0
"""Linux as root partition: machines that all tests share that leave them as they found them."""
import pytest
from bulkhead_lab import Machine

DISK_SIZE = 256 << 20
BUSES = ("virtio", "nvme", "ahci")
NICS = ("virtio", "e1000e")


def _machine(factory, **options):
    """A machine with one disk on each bus and one NIC of each kind."""
    directory = factory.mktemp("disks")
    disks = []
    for bus in BUSES:
        path = directory / f"{bus}.img"
        with open(path, "wb") as file:
            file.truncate(DISK_SIZE)
        disks.append(f"{path},bus={bus}")
    return Machine(disks=disks, nics=list(NICS), **options)


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """A root partition on one processor, with Bulkhead beneath; devices raise MSIs."""
    with _machine(tmp_path_factory) as machine:
        yield machine


@pytest.fixture(scope="session")
def intx(tmp_path_factory):
    """The same with PCI devices that raise level-triggered interrupts through the IO-APIC.

    The emulator's NVMe controller does not learn from doorbell buffers in memory that the driver
    has taken its completions, and leaves its line raised: a storm, on the bare machine as well.
    """
    with _machine(tmp_path_factory, append=["pci=nomsi"],
                  qemu=["-global", "nvme.dbcs=off"]) as machine:
        yield machine


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """The same machine without Bulkhead."""
    with _machine(tmp_path_factory, bare=True) as machine:
        yield machine
