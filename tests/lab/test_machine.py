# SPDX-License-Identifier: Apache-2.0
"""A bare machine from power-on to power-off, through the API and the command line."""
import hashlib
import json
import os
import pty
import select
import subprocess
import threading
import time

import pytest
from bulkhead_lab import BootFailure, CommandFailed, CommandTimeout, LabError, Machine
from bulkhead_lab.paths import REPOSITORY

LAB = str(REPOSITORY / "lab" / "lab")


def lab(*words, **options):
    return subprocess.run([LAB, *words], capture_output=True, timeout=600, check=False, **options)


def test_root_user_space_is_there(machine):
    assert machine.boot_seconds < 120
    assert machine.exec("uname -s").text == "Linux"
    assert machine.exec("hostname").text == "root"
    assert machine.exec("stat -c %U /etc/passwd /usr/bin/bash /usr/bin").text == "root\nroot\nroot"
    assert machine.exec("findmnt -n -o FSTYPE /").text == "overlay"
    assert machine.exec("touch /usr/bin/x && rm /usr/bin/x").code == 0


def test_tools_of_the_root_partition(machine):
    machine.exec("set -e; for tool in fio iperf3 ethtool nvme lspci ip ping strace kexec mke2fs "
                 "modprobe ps tar gawk less dmsetup; do command -v $tool; done")
    machine.exec("fio --version; strace -V; nvme version; lspci; ip -br addr; iperf3 --version")


def test_kernel_is_the_recipes(machine):
    machine.exec("modprobe dm-flakey && grep dm_flakey /proc/modules")
    assert "CONFIG_MSHV_ROOT=y" in machine.exec("zcat /proc/config.gz").text


def test_network_reaches_the_gateway(machine):
    machine.exec("ping -c 1 -W 20 10.0.2.2")


def test_exec_passes_bytes_and_codes(machine):
    data = os.urandom(200_000)
    there = lab("exec", "--name", machine.name, "--", "sh", "-c", "tee /dev/stderr; exit 42",
                input=data)
    assert (there.returncode, there.stdout, there.stderr) == (42, data, data)


def test_exec_leaves_the_words_of_the_command_alone(machine):
    there = lab("exec", "--name", machine.name, "-n", "--", "printf", "%s|", "--", "--name", "a b")
    assert there.stdout == b"--|--name|a b|"


def test_exec_ends_with_its_reader(machine):
    there = subprocess.run(f"{LAB} exec -n --name {machine.name} -- yes | head -1", shell=True,
                           capture_output=True, timeout=300, check=False)
    assert there.stdout == b"y\n"
    end = time.monotonic() + 60
    while machine.exec(["pgrep", "-x", "yes"], check=False).code == 0:
        assert time.monotonic() < end, "the command still runs"


def test_exec_reports_signals_and_what_is_missing(machine):
    assert lab("exec", "--name", machine.name, "-n", "--", "sh", "-c", "kill -9 $$"
               ).returncode == 137
    missing = lab("exec", "--name", machine.name, "-n", "--", "no-such-program")
    assert missing.returncode == 127 and b"no-such-program" in missing.stderr


def test_exec_times_out_with_124(machine):
    begin = time.monotonic()
    there = lab("exec", "--name", machine.name, "-n", "--timeout", "1", "--", "sh", "-c",
                "echo begun; sleep 4711 & sleep 4711")
    assert there.returncode == 124 and there.stdout == b"begun\n"
    assert time.monotonic() - begin < 60
    assert machine.exec("pgrep -f 'sleep 471[1]'", check=False).code == 1


def test_api_raises_what_went_wrong(machine):
    with pytest.raises(CommandFailed) as failed:
        machine.exec("echo why >&2; exit 9")
    assert failed.value.result.code == 9 and "why" in str(failed.value)
    with pytest.raises(CommandTimeout):
        machine.exec("sleep 60", timeout=0.5)


def test_more_commands_at_once_than_ports(machine):
    texts = {}

    def work(number):
        texts[number] = machine.exec(f"sleep 0.2; echo {number}").text

    threads = [threading.Thread(target=work, args=(i,)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == {i: str(i) for i in range(12)}


def test_large_files_both_ways(machine, tmp_path):
    data = os.urandom(8 << 20)
    (tmp_path / "big").write_bytes(data)
    (tmp_path / "big").chmod(0o751)
    machine.push(tmp_path / "big", "/tmp/there")
    assert machine.exec("sha256sum /tmp/there").text.split()[0] == hashlib.sha256(data).hexdigest()
    assert machine.exec("stat -c %a /tmp/there").text == "751"
    machine.pull("/tmp/there", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == data
    assert (tmp_path / "back").stat().st_mode & 0o777 == 0o751
    machine.exec("rm /tmp/there")


def test_directories_both_ways(machine, tmp_path):
    source = tmp_path / "source"
    (source / "a/b").mkdir(parents=True)
    (source / "a/b/file").write_text("text")
    assert lab("push", "--name", machine.name, str(source), "/tmp").returncode == 0
    assert lab("pull", "--name", machine.name, "/tmp/source", str(tmp_path / "back")
               ).returncode == 0
    assert (tmp_path / "back/a/b/file").read_text() == "text"
    failed = lab("pull", "--name", machine.name, "/tmp/not-there", str(tmp_path))
    assert failed.returncode == 125 and b"not-there" in failed.stderr
    machine.exec("rm -r /tmp/source")


def test_console_has_a_shell(machine):
    there = lab("console", "--name", machine.name, input=b"\necho con''sole works on $(tty)\n")
    assert there.returncode == 0
    assert b"console works on /dev/ttyS0" in there.stdout


def test_agent_hears_the_first_word_of_every_client(machine, monkeypatch):
    monkeypatch.setattr("bulkhead_lab.exec.GREETING_AGAIN", 3600)
    for _ in range(5):
        time.sleep(0.3)  # the port has to be seen closed
        machine.greeting(timeout=60)


def test_every_one_of_many_commands_ends(monkeypatch):
    """On several processors the end of the client before may be announced after the next one's
    first words, which must not end that one's command."""
    monkeypatch.setattr("bulkhead_lab.exec.AFTERLIFE", 30.0)
    with Machine(bare=True, cpus=4, memory="512M") as machine:
        for number in range(400):
            assert machine.exec(f"echo {number}", timeout=30).text == str(number)


def test_list_names_machines(machine):
    rows = {row["name"]: row for row in json.loads(lab("list", "-o", "json").stdout)}
    assert rows[machine.name]["state"] == "running"
    assert machine.name.encode() in lab("list").stdout


def test_name_is_taken_once(machine):
    second = lab("up", "--bare", "--name", machine.name)
    assert second.returncode == 125 and b"already running" in second.stderr
    assert machine.exec("true").code == 0


def test_reset_starts_over(machine):
    before = machine.greeting().boot_id
    machine.exec("touch /tmp/trace")
    machine.reset()
    assert machine.greeting().boot_id != before
    assert machine.exec("test -e /tmp/trace", check=False).code == 1


def test_reboot_starts_over(machine):
    before = machine.greeting().boot_id
    machine.reboot()
    assert machine.greeting().boot_id != before


def test_two_machines_disks_nics_overlay_and_power_off(machine, tmp_path):
    for name in ("v.img", "n.img", "a.img"):
        with open(tmp_path / name, "wb") as file:
            file.truncate(64 << 20)
    (tmp_path / "over/opt/bulkhead/bin").mkdir(parents=True)
    tool = tmp_path / "over/opt/bulkhead/bin/our-tool"
    tool.write_text("#!/bin/sh\necho ours\n")
    tool.chmod(0o755)
    disks = [f"{tmp_path}/v.img", f"{tmp_path}/n.img,bus=nvme", f"{tmp_path}/a.img,bus=ahci"]
    with Machine(bare=True, cpus=2, memory="1G", disks=disks, nics=["virtio", "e1000e"],
                 iommu="amd", overlays=[str(tmp_path / "over")]) as second:
        assert machine.exec("nproc").text == "1"
        assert second.exec("nproc").text == "2"
        assert second.exec("our-tool").text == "ours"
        sizes = second.exec("cat /sys/block/{vdb,nvme0n1,sda}/size").text
        assert sizes.split() == [str((64 << 20) // 512)] * 3
        assert second.exec("ls /sys/class/net").text.split() == ["eth0", "eth1", "lo"]
        # written through the page cache and a mount: power-off has to bring it to the disk
        second.exec("mkfs.ext4 -q /dev/vdb && mount /dev/vdb /mnt && echo kept > /mnt/file")
        second.exec("poweroff")
        assert second.wait_down() == 0
        with pytest.raises(LabError, match="has ended"):
            second.exec("true")
    with Machine(bare=True, disks=disks[:1]) as third:
        assert third.exec("mount /dev/vdb /mnt && cat /mnt/file").text == "kept"


def test_up_waits_for_the_end_and_logs_stay():
    name = f"exit-{os.getpid()}"
    there = lab("up", "--bare", "--name", name, "--wait", "exit",
                "--append", "rdinit=/bin/busybox -- poweroff -f")
    assert there.returncode == 0, there.stderr
    assert b"Power down" in lab("log", "--console", "--name", name).stdout
    assert lab("exec", "--name", name, "--", "true").returncode == 125
    assert lab("down", "--name", name).returncode == 0
    assert lab("log", "--console", "--name", name).returncode == 125


def test_tree_sees_what_the_host_sees(tmp_path):
    (tmp_path / "a.c").write_text("#include <linux/mshv.h>\nint main(void) { return 5; }\n")
    headers = lab("tree", "headers").stdout.decode().strip()
    there = lab("tree", "run", "--", "sh", "-c",
                f"gcc --version; gcc -Wall -Werror -isystem {headers} a.c && pwd && ./a.out",
                cwd=tmp_path)
    assert there.returncode == 5, there.stderr
    assert b"14." in there.stdout and str(tmp_path).encode() in there.stdout


def test_failed_boot_shows_the_console():
    with pytest.raises(BootFailure) as caught:
        begin = time.monotonic()
        with Machine(bare=True, append=["rdinit=/not/there"]):
            pass
    assert "not syncing" in str(caught.value)
    assert time.monotonic() - begin < 120


def test_guest_panic_ends_a_wait():
    with Machine(bare=True) as doomed:
        with pytest.raises(LabError) as caught:
            doomed.exec("echo 1 > /proc/sys/kernel/sysrq; sleep 1; echo c > /proc/sysrq-trigger")
    assert "panic" in str(caught.value)


def test_panic_is_no_end_where_the_kernel_restarts():
    with Machine(bare=True, append=["panic=1"]) as machine:
        before = machine.greeting().boot_id
        machine.exec("(sleep 1; echo c > /proc/sysrq-trigger) </dev/null >/dev/null 2>&1 &")
        end = time.monotonic() + 300
        while machine.greeting().boot_id == before:
            assert time.monotonic() < end
            time.sleep(0.1)


def test_run_ends_in_a_shell_on_the_terminal():
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(LAB, [LAB, "run", "--bare", "--name", f"run-{os.getpid()}"])
    said = b""
    for prompt, answer in ((b"root@root:~# ", b"sh -c 'echo on $(tty); exec sleep 999'\n"),
                           (b"on /dev/ttyS0\r\n", b"\x03"),  # job control: the shell goes on
                           (b"^C", b"echo st''ill here\n"), (b"still here", b"\x1d")):
        said = read_until(terminal, prompt, said)
        os.write(terminal, answer)
    read_until(terminal, b"The machine was ended.")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)


def read_until(terminal, wanted, said=b""):
    """What a terminal prints until it has printed wanted."""
    end = time.monotonic() + 120
    while wanted not in said:
        assert time.monotonic() < end, said.decode(errors="replace")
        if select.select([terminal], [], [], 1)[0]:
            try:
                said += os.read(terminal, 4096)
            except OSError:
                raise AssertionError(said.decode(errors="replace")) from None
    return said[said.index(wanted) + len(wanted):]


def test_kvm_is_refused_where_it_cannot_work(monkeypatch):
    monkeypatch.setattr("bulkhead_lab.host.kvm_refusal", lambda: "no nesting here")
    with pytest.raises(LabError, match="no nesting here"):
        Machine(bare=True, accel="kvm").up()
