# SPDX-License-Identifier: Apache-2.0
"""The machine that Bulkhead is compared with: Debian's kernel with KVM, and QEMU, in its place.

An entry of the cache holds vmlinuz, early.cpio (what the kernel needs until it has its root file
system: Debian's drivers are modules) and root.img. User space is that of the root partition and
what lab/peer-packages adds, so that everything that runs in the one runs in the other.
"""
import lzma
import os
import re
from pathlib import Path

from . import cache, cpio, debian, tree as trees, userland
from .errors import LabError

PACKAGES = Path(__file__).resolve().parents[1] / "peer-packages"
PINNED = [*trees.PINNED, "linux-image*", "linux-base"]
# Loaded before init runs, with what they depend on; what the kernel has built in is no module.
MODULES = ["virtio_pci", "virtio_blk", "virtio_console", "virtio_net", "nvme", "ahci", "sd_mod",
           "ext4", "overlay", "kvm_amd"]
INIT = "init.root"  # our own init, where the peer's script finds it
RECIPE = 1  # counts up when this file makes something else from the same packages


class Peer:
    """A complete peer: stands where a kernel.Kernel stands for the root partition."""
    modules = None  # they are in the image

    def __init__(self, directory):
        self.directory = directory
        self.image = directory / "vmlinuz"
        self.early = directory / "early.cpio"
        self.root = directory / "root.img"


def packages():
    """All packages of the peer's user space."""
    return sorted({*debian.read_list(userland.PACKAGES), *debian.read_list(PACKAGES)})


def specification(tree):
    return {**userland.specification(tree), "recipe": [userland.RECIPE, RECIPE],
            "packages": packages(), "pinned": PINNED, "modules": MODULES}


def get(tree, status=lambda text: None):
    """The peer, built where it is missing (a minute or two)."""
    return Peer(cache.get("peer", specification(tree),
                          lambda directory, _: _make(tree, directory, status), status))


def _make(tree, directory, status):
    root = directory / "root"
    debian.unpack(root, packages(), PINNED, status)
    found = list((root / "usr/lib/modules").iterdir())
    if len(found) != 1:
        raise LabError(f"{len(found)} kernels among the peer's packages, one is expected")
    status("collecting modules")
    tree.check(["depmod", "-b", root, found[0].name], "Listing the peer's modules")
    (directory / "early.cpio").write_bytes(_early(found[0]))
    (found[0] / "vmlinuz").rename(directory / "vmlinuz")
    userland.finish(tree, root, directory, status)
    status("built")


def load_order(dependencies, wanted, builtin=()):
    """The files to load, each behind what it needs.

    dependencies: the text of modules.dep; wanted: names of modules; builtin: those of the kernel.
    """
    lines = dict(line.split(":", 1) for line in dependencies.splitlines())
    files = {name_of(file): file for file in lines}
    order = []
    for name in wanted:
        if name in builtin:
            continue
        if name not in files:
            raise LabError(f"The peer's kernel has no module {name}")
        needed = [files[name], *lines[files[name]].split()]  # the last one comes first
        order += [file for file in reversed(needed) if file not in order]
    return order


def name_of(file):
    """The name of the module in a file: dashes and underscores are the same."""
    return re.sub(r"\.ko(\.xz)?$", "", os.path.basename(file)).replace("-", "_")


def _early(modules):
    """An initramfs, to be laid over the root partition's: modules, and a script that loads them."""
    builtin = [name_of(line) for line in (modules / "modules.builtin").read_text().splitlines()]
    order = load_order((modules / "modules.dep").read_text(), MODULES, builtin)
    archive = cpio.Archive()
    script = ["#!/bin/busybox sh", "# A module whose device is not there may refuse."]
    for file in order:
        data = (modules / file).read_bytes()
        name = f"modules/{name_of(file)}.ko"
        archive.file(name, lzma.decompress(data) if file.endswith(".xz") else data)
        script.append(f"/bin/busybox insmod /{name}")
    archive.file("init", "\n".join([*script, f"exec /{INIT}", ""]).encode(), 0o755)
    return archive.bytes()
