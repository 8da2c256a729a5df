# SPDX-License-Identifier: Apache-2.0
"""The root partition's user space: a read-only ext4 image of Debian packages, a few files and the
demo guests.

An entry of the cache holds root.img. Machines share it; what a machine writes stays in its memory.
Every file in it belongs to root, whoever built it, and the same packages give the same image.
"""
import os
import subprocess
import tarfile
from pathlib import Path

from . import cache, debian, guests, paths
from .errors import LabError

RECIPE_DIRECTORY = paths.REPOSITORY / "root" / "userland"
PACKAGES = RECIPE_DIRECTORY / "packages"
FILES = RECIPE_DIRECTORY / "files"
RECIPE = 3  # counts up when this file makes another image from the same packages and files

LABEL = "bulkhead-root"  # as root/init/rootfs.c looks for it
UUID = "6a0b4c1e-6275-4c6b-8865-616400000001"  # fixed, so that images compare
PUBLIC = ("./tmp", "./var/tmp", "./var/lock")
GUESTS = "usr/share/bulkhead/guests"
UNUSED = ["dev", "usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale",
          "usr/share/lintian", "usr/share/bug", "usr/share/bash-completion", "usr/share/zsh",
          "usr/lib/systemd", "usr/lib/udev/hwdb.d", "var/cache", "var/lib/apt", "var/lib/dpkg"]
LINKS = {"usr/bin/awk": "gawk", "usr/bin/sh": "dash", "usr/bin/pager": "less",
         "usr/bin/vi": "busybox", "usr/sbin/ip": "../bin/ip", "usr/bin/wget": "busybox",
         "usr/bin/nc": "busybox", "usr/sbin/udhcpc": "../bin/busybox"}
DIRECTORIES = ["dev", "proc", "sys", "run", "tmp", "root", "mnt", "opt", "var/log", "var/tmp"]


def specification(tree):
    files = [path for path in FILES.rglob("*") if path.is_file()]
    return {"recipe": RECIPE, "suite": debian.SUITE, "packages": debian.read_list(PACKAGES),
            "files": cache.digest_of_files(FILES, files), "guests": guests.specification(tree),
            "e2fsprogs": tree.versions["e2fsprogs"]}


def get(tree, status=lambda text: None):
    """The path of the image, built where it is missing."""
    entry = cache.get("userland", specification(tree),
                      lambda directory, _: _make(tree, directory, status), status)
    return entry / "root.img"


def _make(tree, directory, status):
    root = directory / "root"
    debian.unpack(root, debian.read_list(PACKAGES), status=status)
    demo = guests.get(tree, status)
    _copy(demo, root / GUESTS)
    finish(tree, root, directory, status)
    status("built")


def finish(tree, root, directory, status):
    """Make directory/root.img of the unpacked packages in root, which is gone afterwards."""
    status("arranging")
    _arrange(tree, root)
    status("making the image")
    archive = directory / "root.tar"
    size = _pack(root, archive)
    image = directory / "root.img"
    with open(image, "wb") as file:
        file.truncate(int(size * 1.15) // (1 << 20) * (1 << 20) + (48 << 20))
    tree.check(["mke2fs", "-q", "-t", "ext4", "-d", archive, "-L", LABEL, "-U", UUID,
                "-O", "^has_journal,^metadata_csum", "-m", "0", "-b", "4096",
                "-E", f"hash_seed={UUID},lazy_itable_init=0,nodiscard", image],
               "Making the root image", env={**os.environ, "E2FSPROGS_FAKE_TIME": "1"})
    archive.unlink()
    image.chmod(0o444)
    (root / debian.MANIFEST).rename(directory / debian.MANIFEST)
    cache.remove(root)


def _copy(demo, target):
    for source in sorted(demo.glob("*/*")):
        place = target / source.relative_to(demo)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(source.read_bytes())


def _arrange(tree, root):
    for name in UNUSED:
        if (root / name).is_dir():
            cache.remove(root / name)
    for name in DIRECTORIES:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name, target in LINKS.items():
        link = root / name
        if not link.exists() and not link.is_symlink():
            link.symlink_to(target)
    for source in sorted(FILES.rglob("*")):
        target = root / source.relative_to(FILES)
        if source.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.unlink(missing_ok=True)
            target.write_bytes(source.read_bytes())
    done = subprocess.run(tree.prefix() + ["/usr/sbin/ldconfig", "-X", "-r", str(root)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise LabError("Preparing the root image failed (ldconfig)", tail=done.stdout,
                       tail_title="what it said")


def _pack(root, archive):
    """Everything under root as a tar archive owned by root; returns the sum of the sizes."""
    total = 0

    def own(entry):
        nonlocal total
        if entry.name == f"./{debian.MANIFEST}":
            return None
        # set-user-id bits reach the directory only where root unpacks; only root lives in there
        entry.mode = 0o1777 if entry.name in PUBLIC else entry.mode & 0o777
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = 1
        total += 4096 + (entry.size + 4095) // 4096 * 4096
        return entry

    with tarfile.open(archive, "w", format=tarfile.GNU_FORMAT) as tar:
        for path in sorted(Path(root).iterdir()):
            tar.add(path, f"./{path.name}", filter=own)
    return total
