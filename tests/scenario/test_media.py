# SPDX-License-Identifier: Apache-2.0
"""Boot as people boot: the medium of `make iso` by GRUB, under a BIOS and under UEFI."""
import hashlib
import re
import time

import pytest
from bulkhead_lab import BootFailure, Machine, artefacts, iso, paths

LIMIT = 300.0
CPUS = 2
MIB = 1 << 20
PROMPT = "root@root:~# "
SAID = "bulkhead: boot failed: "
TROUBLE = re.compile(r"WARNING:|BUG:|rcu.*stall|soft lockup|general protection")
VARIABLE = "/sys/firmware/efi/efivars/Bulkhead-6a0b4c1e-6275-4c6b-8865-616400000001"


@pytest.fixture(scope="module")
def medium(tmp_path_factory):
    path = tmp_path_factory.mktemp("medium") / "bulkhead.iso"
    iso.write(path, artefacts.get(), paths.hypervisor_image(), paths.root_overlays([]))
    return path


@pytest.fixture(scope="module")
def bios(medium):
    with Machine(boot=str(medium), cpus=CPUS) as machine:
        yield machine


@pytest.fixture(scope="module")
def uefi(medium):
    with Machine(boot=str(medium), cpus=CPUS, firmware="uefi") as machine:
        machine.exec("mount -t efivarfs efivarfs /sys/firmware/efi/efivars")
        yield machine


@pytest.fixture(params=["bios", "uefi"])
def booted(request):
    """A machine that was started from the medium, as a CD, by either firmware."""
    return request.getfixturevalue(request.param)


def test_reaches_the_root_shell(booted):
    end = time.monotonic() + LIMIT
    while not booted.console_text().endswith(PROMPT):
        assert time.monotonic() < end, "no shell on the serial console"
        time.sleep(0.2)
    assert "Hyper-V: running as root partition" in booted.exec("dmesg").text
    assert booted.exec("stat -c %F /dev/mshv").text == "character special file"
    assert booted.exec("nproc").text == str(CPUS)


def test_linux_complains_about_nothing(booted):
    assert not TROUBLE.search(booted.exec("dmesg").text)
    assert booted.exec("cat /proc/sys/kernel/tainted").text == "0"


def test_finds_its_devices(booted):
    """The same under both; from UEFI Linux has no other way to them than MMCONFIG."""
    messages = booted.exec("dmesg").text
    assert re.search(r"PCI: ECAM \[mem 0x[0-9a-f]+-0x[0-9a-f]+\]", messages)
    ports = "PCI: Using configuration type 1" in messages
    assert ports == (booted.spec.firmware == "bios")
    assert len(booted.exec("ls /sys/bus/pci/devices").text.split()) == 7


def test_linux_writes_on_the_screen(booted, tmp_path):
    assert re.search(r"Console: switching to colour frame buffer device (100x37|160x50)",
                     booted.exec("dmesg").text)
    booted.exec("for i in $(seq 100); do echo XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX; done >/dev/tty1")
    shot = tmp_path / "screen.ppm"
    booted.qmp("screendump", filename=str(shot))
    _, width, height, _, pixels = re.fullmatch(rb"(P6)\s+(\d+)\s+(\d+)\s+(\d+)\s(.*)",
                                               shot.read_bytes(), re.DOTALL).groups()
    lit = sum(value > 64 for value in pixels[::3])
    assert int(width) * int(height) // 100 < lit < int(width) * int(height) // 2


def test_hypervisors_memory_is_refused(booted):
    match = re.search(r"memory: (\d+) MiB at 0x([0-9a-f]+) taken", booted.log_text())
    start, end = int(match[2], 16), int(match[2], 16) + int(match[1]) * MIB
    for low, high, what in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) : (.*)$",
                                      booted.exec("cat /proc/iomem").text, re.MULTILINE):
        if int(high, 16) >= start and int(low, 16) < end:
            assert what == "Reserved"
    before = int(booted.exec("bulkhead counters memory.access_refused").text.split()[-1])
    # at both ends are pages that the root may see: its ACPI tables, its message pages
    for quarter in (1, 2, 3):
        page = (start + (end - start) * quarter // 4) // 4096
        result = booted.exec(f"dd if=/dev/mem bs=4096 skip={page} count=1 of=/dev/null",
                             check=False)
        assert b"Bad address" in result.stderr
    after = int(booted.exec("bulkhead counters memory.access_refused").text.split()[-1])
    assert after >= before + 3


def test_uefi_keeps_the_piece_reserved_in_its_map(uefi):
    """Linux takes from that map what firmware wants to have at run time."""
    match = re.search(r"memory: (\d+) MiB at 0x([0-9a-f]+) taken", uefi.log_text())
    start, end = int(match[2], 16), int(match[2], 16) + int(match[1]) * MIB
    map_ = uefi.exec("cd /sys/firmware/efi/runtime-map && cat */phys_addr */num_pages").text.split()
    starts, pages = (map_[:len(map_) // 2], map_[len(map_) // 2:])
    assert starts
    for low, count in zip(starts, pages):
        assert int(low, 16) >= end or int(low, 16) + int(count, 16) * 4096 <= start


def test_uefi_answers_at_run_time(uefi):
    """Variables are read and written by firmware's code, in the root."""
    assert "BootCurrent" in uefi.exec("ls /sys/firmware/efi/efivars").text
    uefi.exec(rf"printf '\7\0\0\0hello' >{VARIABLE}")
    assert uefi.exec(f"tail -c 5 {VARIABLE}").text == "hello"
    uefi.exec(f"chattr -i {VARIABLE}; rm {VARIABLE}")
    assert uefi.exec(f"ls {VARIABLE}", check=False).code != 0


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_reboots_and_powers_off(medium, firmware):
    with Machine(boot=str(medium), firmware=firmware) as machine:
        machine.reboot(LIMIT)
        assert "Hyper-V: running as root partition" in machine.exec("dmesg").text
        assert machine.log_text().count("root: starting") == 2
        machine.exec("poweroff", check=False)
        assert machine.wait_down(LIMIT) == 0


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
@pytest.mark.parametrize("bus", ["virtio", "usb"])
def test_boots_as_a_disk(medium, firmware, bus):
    with Machine(boot=f"{medium},bus={bus}", firmware=firmware) as machine:
        assert "Hyper-V: running as root partition" in machine.exec("dmesg").text


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_menu_has_linux_without_bulkhead(medium, firmware):
    machine = Machine(boot=str(medium), firmware=firmware)
    try:
        machine.up(wait=False)
        end = time.monotonic() + LIMIT
        while "without Bulkhead" not in machine.console_text():
            assert time.monotonic() < end, "no menu on the serial console"
            time.sleep(0.1)
        machine.type("l")
        machine.greeting(LIMIT)
        assert "Hyper-V" not in machine.exec("dmesg").text
        assert machine.log_text() == ""
        facts = machine.exec("test -d /sys/firmware/efi", check=False)
        assert (facts.code == 0) == (firmware == "uefi")
    finally:
        machine.down()


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_failure_is_said(medium, firmware):
    machine = Machine(boot=str(medium), firmware=firmware, cpu="EPYC-v4,-svm")
    try:
        with pytest.raises(BootFailure):
            machine.up(timeout=LIMIT)
        said = [line for line in machine.log_text().splitlines() if line.startswith(SAID)]
        assert len(said) == 1 and said[0].startswith(f"{SAID}this processor has no AMD SVM")
        assert said[0] in machine.console_text()
    finally:
        machine.down()


def test_the_same_files_give_the_same_medium(medium, tmp_path):
    again = tmp_path / "again.iso"
    iso.write(again, artefacts.get(), paths.hypervisor_image(), paths.root_overlays([]))
    assert digest(again) == digest(medium)


def digest(path):
    total = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.digest()
