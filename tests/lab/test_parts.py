# SPDX-License-Identifier: Apache-2.0
"""The parts of the lab that need no machine."""
import subprocess
import threading
from pathlib import Path

import pytest
from bulkhead_lab import LabError, cache, cli, cpio, host, kernel, peer, qemu, watch, wire
from bulkhead_lab.spec import Disk, MachineSpec

FILES = qemu.Files(Path("/m"))


def command(**fields):
    return qemu.command(MachineSpec(**fields).check(), FILES, "/root.img")


def after(words, option):
    return [words[i + 1] for i, word in enumerate(words) if word == option]


def test_frames_survive_every_byte():
    body = bytes(range(256)) * 4 + b"\xc0\xdb\xdc\xdd" * 9
    data = b"rubbish" + wire.encode(7, wire.Type.STDOUT, body) + wire.encode(8, 18, b"not ours")
    decoder = wire.Decoder(7)
    frames = [frame for i in range(len(data)) for frame in decoder.feed(data[i:i + 1])]
    assert frames == [(wire.Type.STDOUT, body)]


def test_root_partition_boots_as_multiboot_module():
    words = command(append=["a=1,2"], hv_option=["log=debug", "x"])
    assert after(words, "-kernel") == ["/m/hypervisor"]
    assert after(words, "-append") == ["log=debug x"]
    kernel_module, initrd_module = after(words, "-initrd")[0].rsplit(",", 1)
    assert kernel_module.startswith("/m/kernel console=ttyS0 ")
    assert kernel_module.endswith(" a=1,,2")
    assert initrd_module == "/m/initrd"


def test_bare_machine_boots_the_kernel():
    words = command(bare=True, append=["a=1,2"])
    assert after(words, "-kernel") == ["/m/kernel"]
    assert after(words, "-append")[0].endswith(" a=1,2")


def test_peer_boots_a_kernel_of_its_own_without_hypervisor():
    words = command(peer="kvm", icount=True)
    assert after(words, "-kernel") == ["/m/kernel"]
    assert after(words, "-initrd") == ["/m/initrd"]
    assert "svm" in after(words, "-cpu")[0]
    assert "/m/hypervisor" not in words
    assert {"qemu-system-x86", "linux-image-cloud-amd64", "fio", "kmod"} <= set(peer.packages())


def test_peer_loads_what_modules_need_first():
    listing = ("kernel/a/virtio.ko.xz:\nkernel/a/virtio-ring.ko.xz: kernel/a/virtio.ko.xz\n"
               "kernel/b/virtio_blk.ko.xz: kernel/a/virtio-ring.ko.xz kernel/a/virtio.ko.xz\n")
    assert peer.load_order(listing, ["virtio_ring", "virtio_blk", "ext4"], builtin=["ext4"]) == [
        "kernel/a/virtio.ko.xz", "kernel/a/virtio-ring.ko.xz", "kernel/b/virtio_blk.ko.xz"]
    with pytest.raises(LabError):
        peer.load_order(listing, ["virtio_net"])


def test_icount_is_one_thread():
    words = command(icount=True)
    assert after(words, "-icount") == ["shift=0,sleep=off"]
    assert after(words, "-accel") == ["tcg,thread=single"]


def test_virtio_goes_through_the_iommu():
    words = command(iommu="amd")
    virtio = [word for word in after(words, "-device") if word.startswith("virtio-")]
    assert len(virtio) == 3 and all("iommu_platform=on" in word for word in virtio)


def test_disks_and_nics(tmp_path):
    disk = tmp_path / "a,b.img"
    disk.write_bytes(b"QFI\xfb" + bytes(100))
    one = Disk(str(disk), bus="nvme")
    two = Disk(str(tmp_path), bus="ahci", format="raw")
    words = command(disks=[one, two], nics=["virtio", "e1000e"])
    assert any("a,,b.img,format=qcow2" in word for word in after(words, "-drive"))
    assert "ide-hd,bus=ide.0,drive=disk1,serial=disk1" in words
    assert sum("mac=52:54:00:62:68:" in word for word in words) == 2


def test_boot_medium_is_started_by_firmware(tmp_path):
    medium = tmp_path / "iso"
    medium.write_bytes(bytes(2048))
    words = command(boot=str(medium), firmware="uefi")
    assert "-kernel" not in words and "VGA" in after(words, "-device")
    assert "ide-cd,bus=ide.0,drive=disk0,serial=disk0,bootindex=0" in after(words, "-device")
    assert sum(word.startswith("if=pflash") for word in after(words, "-drive")) == 2
    words = command(boot=f"{medium},bus=virtio")
    assert "virtio-blk-pci,drive=disk0,serial=disk0,bootindex=0" in after(words, "-device")


@pytest.mark.parametrize("fields", [
    {"name": "../x"}, {"name": ""}, {"cpus": 0}, {"memory": "much"}, {"memory": "1M"},
    {"icount": True, "cpus": 2}, {"nics": ["ne2000"]}, {"disks": ["/no/such/file"]},
    {"disks": ["/dev/null,bus=scsi"]}, {"disks": ["/dev/null,what"]}, {"kernel": "/no/kernel"},
    {"iommu": "arm"}, {"peer": "hyper-v"}, {"firmware": "uefi"}, {"boot": "/no/medium"},
    {"boot": "/dev/null", "append": ["quiet"]}, {"overlays": ["/no/directory"]}])
def test_what_makes_no_sense_is_refused(fields):
    with pytest.raises(LabError):
        MachineSpec(**fields).check()


def test_configuration_that_does_not_hold():
    fragment = "# words\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=m\n# CONFIG_D is not set\n"
    finished = "CONFIG_A=y\nCONFIG_C=y\n# CONFIG_D is not set\n"
    assert kernel.unmet(fragment, finished) == [("CONFIG_C=m", "CONFIG_C=y")]
    assert kernel.unmet("CONFIG_E=y", finished) == [("CONFIG_E=y", "not offered")]


def test_initramfs_belongs_to_root(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/tool").write_bytes(b"contents")
    (tmp_path / "bin/tool").chmod(0o755)
    (tmp_path / "bin/link").symlink_to("tool")
    archive = cpio.Archive()
    archive.tree(tmp_path, "extra")
    entries = dict(unpack(archive.bytes()))
    assert {name: (f"{mode:o}", owner, data) for name, (mode, owner, data) in entries.items()} == {
        "extra": ("40755", (0, 0), b""), "extra/bin": ("40755", (0, 0), b""),
        "extra/bin/tool": ("100755", (0, 0), b"contents"),
        "extra/bin/link": ("120777", (0, 0), b"tool")}


def unpack(data):
    """The entries of a newc archive: name, (mode, (uid, gid), data)."""
    at = 0
    while True:
        assert data[at:at + 6] == b"070701"
        field = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        name = data[at + 110:at + 110 + field[11] - 1].decode()
        begin = (at + 110 + field[11] + 3) // 4 * 4
        if name == "TRAILER!!!":
            return
        yield name, (field[1], (field[2], field[3]), data[begin:begin + field[6]])
        at = (begin + field[6] + 3) // 4 * 4


def test_cache_builds_once(tmp_path, monkeypatch):
    monkeypatch.setenv("BULKHEAD_CACHE", str(tmp_path))
    built = []

    def build(directory, final):
        built.append(final)
        (directory / "thing").write_text("x")

    threads = [threading.Thread(target=cache.get, args=("kind", {"a": 1}, build))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1 and cache.entries() == [built[0]]
    assert cache.get("kind", {"a": 2}, build) != built[0]
    cache.replace("kind", {"a": 1}, build)
    assert len(built) == 3 and len(cache.entries()) == 2


def test_cache_keeps_nothing_of_a_failed_build(tmp_path, monkeypatch):
    monkeypatch.setenv("BULKHEAD_CACHE", str(tmp_path))

    def build(directory, _):
        (directory / "half").write_text("x")
        raise LabError("no")

    with pytest.raises(LabError):
        cache.get("kind", {}, build)
    assert [path.name for path in tmp_path.iterdir()] == [".locks"]


def test_cache_reads_seeds(tmp_path, monkeypatch):
    seed, own = tmp_path / "seed", tmp_path / "own"
    monkeypatch.setenv("BULKHEAD_CACHE", str(seed))
    there = cache.get("kind", {}, lambda directory, _: None)
    monkeypatch.setenv("BULKHEAD_CACHE", str(own))
    monkeypatch.setenv("BULKHEAD_CACHE_SEED", str(seed))
    assert cache.get("kind", {}, None) == there


@pytest.mark.parametrize("line", [
    b"[ 1.0] Kernel panic - not syncing: no init", b"bulkhead: boot failed: no SVM",
    b"[    0.5] bulkhead: panic: page fault in the hypervisor"])
def test_fatal_lines_are_known(line):
    assert watch.FATAL.search(b"before\n" + line + b"\nafter")


def test_mirror_comes_from_the_hosts_configuration(monkeypatch):
    listing = ("Other|main|http://else.example/debian/|s|c\n"
               "Debian-Security|main|http://m.example/debian-security/|s|c\n"
               "Debian|contrib|http://m.example/debian/|s|c\n"
               "Debian|main|http://m.example/debian/|s|c\n")
    monkeypatch.delenv("BULKHEAD_MIRROR", raising=False)
    monkeypatch.setattr(host.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess(
        [], 0, stdout=listing))
    assert host.debian_mirror() == "http://m.example/debian/"


def test_missing_packages_are_one_command(monkeypatch):
    monkeypatch.setattr(host.shutil, "which", lambda name: None)
    with pytest.raises(LabError) as caught:
        host.require("mmdebstrap", "bwrap")
    assert "apt-get install mmdebstrap bubblewrap" in str(caught.value)


VERBS = ["up", "run", "exec", "push", "pull", "console", "log", "reset", "list", "down", "wait-up",
         "wait-down", "cache", "tree"]


@pytest.mark.parametrize("verb", [[], *([verb] for verb in VERBS), ["tree", "run"]])
def test_everything_has_help(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([*verb, "--help"])
    assert ended.value.code == 0 and "usage: lab" in capsys.readouterr().out


def test_exit_codes_of_the_command_line(capsys):
    assert cli.main(["exec", "--name", "nobody-has-this", "--", "true"]) == 125
    assert "lab/lab up --name nobody-has-this" in capsys.readouterr().err
    assert cli.main(["up", "--name", "x/y"]) == 2
