# SPDX-License-Identifier: Apache-2.0
"""An unmodified Linux is the root partition and finds everything it wants."""
import re
import subprocess

KDUMP = re.compile(r"hv_root_crash_init|kdump")
HYPERV = re.compile(r"hyper-?v|mshv|hv_", re.IGNORECASE)
MIB = 1 << 20
TEXT_MAX = 256 << 10


def memory_total(machine):
    """Bytes of memory that Linux manages."""
    return int(re.search(r"MemTotal:\s+(\d+) kB", machine.exec("cat /proc/meminfo").text)[1]) << 10


def test_runs_as_root_partition(root):
    assert "Hyper-V: running as root partition" in root.exec("dmesg").text


def test_has_the_mshv_device(root):
    assert root.exec("stat -c %F /dev/mshv").text == "character special file"


def test_uses_the_root_scheduler(root):
    assert "mshv: Hypervisor using root scheduler" in root.exec("dmesg").text


def test_reports_no_errors_about_the_hypervisor(root):
    lines = root.exec("dmesg --level=emerg,alert,crit,err").text.splitlines()
    assert [line for line in lines if HYPERV.search(line) and not KDUMP.search(line)] == []


def test_reports_no_errors_that_the_bare_machine_does_not(root, bare):
    def errors(machine):
        text = machine.exec("dmesg --level=emerg,alert,crit,err --notime").text
        return {line for line in text.splitlines() if not HYPERV.search(line)}
    assert errors(root) - errors(bare) == set()


def test_kernel_is_not_tainted_by_warnings(root):
    taint = int(root.exec("cat /proc/sys/kernel/tainted").text)
    assert taint & 1 << 9 == 0, "the kernel hit a WARN"
    assert taint & 1 << 7 == 0, "the kernel hit an Oops"


def test_keeps_time_by_the_tsc_or_the_reference_page(root):
    source = root.exec("cat /sys/devices/system/clocksource/clocksource0/current_clocksource").text
    assert source in ("tsc", "hyperv_clocksource_tsc_page")


def test_time_passes_as_fast_as_outside(root):
    """Two readings of the monotonic clock, against the emulator's own, agree within 2 %."""
    def reading():
        outside = root.qmp("qom-get", path="/machine", property="rtc-time")
        inside = float(root.exec("cat /proc/uptime").text.split()[0])
        return outside["tm_hour"] * 3600 + outside["tm_min"] * 60 + outside["tm_sec"], inside

    before = reading()
    root.exec("sleep 20")
    after = reading()
    outside = (after[0] - before[0]) % 86400
    assert abs(outside - (after[1] - before[1])) <= 2 + outside * 0.02


def test_statistics_are_readable(root):
    for name in ("stats", "lp/0/stats", "partition/1/stats", "partition/1/vp/0/stats"):
        lines = root.exec(f"cat /sys/kernel/debug/mshv/{name}").text.splitlines()
        assert all(re.fullmatch(r"\w+ *: \d+", line) for line in lines)
        assert len(lines) > 10, name
    assert re.search(r"^HvLogicalProcessors +: 1$",
                     root.exec("cat /sys/kernel/debug/mshv/stats").text, re.MULTILINE)


def test_does_not_see_the_hypervisors_iommu_tables(root):
    tables = root.exec("ls /sys/firmware/acpi/tables").text.split()
    assert {"APIC", "FACP", "MCFG"} <= set(tables)
    assert not {"DMAR", "IVRS", "VIOT"} & set(tables)


def test_cannot_sleep_through_the_hypervisor(root):
    states = re.search(r"ACPI: PM: \(supports (.*)\)", root.exec("dmesg").text)[1].split()
    assert states == ["S0", "S5"]


def test_does_not_see_svm(root):
    assert " svm " not in f" {root.exec('grep -m1 ^flags /proc/cpuinfo').text} "


def test_memory_taken_is_small(root, bare):
    """At most 0.1 % of RAM and 16 MiB."""
    limit = root.spec.memory_mib() * MIB // 1000 + 16 * MIB
    match = re.search(r"memory: (\d+) MiB at 0x([0-9a-f]+) taken", root.log_text())
    assert int(match[1]) * MIB <= limit
    assert memory_total(bare) - memory_total(root) <= limit


def test_memory_taken_is_outside_the_roots_map(root):
    match = re.search(r"memory: (\d+) MiB at 0x([0-9a-f]+) taken", root.log_text())
    start = int(match[2], 16)
    end = start + int(match[1]) * MIB
    rams = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) : System RAM", root.exec("cat /proc/iomem").text,
                      re.MULTILINE)
    assert rams
    for low, high in rams:
        assert int(high, 16) < start or int(low, 16) >= end


def test_text_is_small(root):
    sizes = subprocess.run(["size", "--format=sysv", root.spec.hypervisor], check=True, text=True,
                           stdout=subprocess.PIPE).stdout
    text = sum(int(line.split()[1]) for line in sizes.splitlines()
               if line.startswith(".text") or line.startswith(".rodata"))
    assert 0 < text <= TEXT_MAX
