# SPDX-License-Identifier: Apache-2.0
"""Demo guests: stock Debian kernels, and an initial RAM disk with busybox, a few of the kernel's
modules and our init.

An entry of the cache holds <name>/kernel and <name>/initrd for each guest, as they lie under
/usr/share/bulkhead/guests in the root partition.
"""
import lzma
import subprocess

from . import cache, cpio, debian, paths
from .errors import LabError

INIT = paths.REPOSITORY / "root" / "guests" / "init"
SUITES = {"6.1": "bookworm", "6.12": "trixie", "backports": "trixie-backports"}
PACKAGE = "linux-image-cloud-amd64"
# newer packages have kernel and modules in ones that the image's package depends on
CHAIN = ["linux-image-[0-9][^ ]*", r"linux-\(binary\|modules\)-[0-9][^ ]*"]
MODULES = ["button", "evdev"]  # the power button
RECIPE = 1  # counts up when this file makes other guests of the same packages and files


def specification(tree):
    return {"recipe": RECIPE, "suites": SUITES, "package": PACKAGE, "chain": CHAIN,
            "modules": MODULES,
            "init": cache.digest_of_files(INIT.parent, [INIT]),
            "busybox": tree.versions["busybox-static"]}


def get(tree, status=lambda text: None):
    """The directory of the guests, made where it is missing."""
    return cache.get("guests", specification(tree),
                     lambda directory, _: _make(tree, directory, status), status)


def _make(tree, directory, status):
    for name, suite in SUITES.items():
        guest = directory / name
        scratch, unpacked = guest / "scratch", guest / "unpacked"
        guest.mkdir()
        status(f"the kernel of {suite}")
        debian.download(scratch, suite, PACKAGE, CHAIN)
        for package in sorted(scratch.glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", str(package), str(unpacked)], check=True)
        found = [*unpacked.glob("boot/vmlinuz-*"), *unpacked.glob("usr/lib/modules/*/vmlinuz")]
        if not found:
            raise LabError(f"{PACKAGE} of {suite} has no kernel in it",
                           tail="\n".join(path.name for path in sorted(scratch.glob("*.deb"))),
                           tail_title="what was looked into")
        (guest / "kernel").write_bytes(found[0].read_bytes())
        (guest / "initrd").write_bytes(_initrd(tree, unpacked))
        cache.remove(scratch)
        cache.remove(unpacked)


def _initrd(tree, unpacked):
    archive = cpio.Archive()
    for name in ("dev", "proc", "sys", "tmp"):
        archive.directory(name)
    archive.device("dev/console", 5, 1)
    archive.device("dev/null", 1, 3)
    archive.file("bin/busybox", (tree.root / "usr/bin/busybox").read_bytes(), 0o755)
    archive.file("init", INIT.read_bytes(), 0o755)
    for name in MODULES:
        for path in sorted(unpacked.glob(f"**/kernel/**/{name}.ko*")):
            data = path.read_bytes()
            archive.file(f"modules/{name}.ko", lzma.decompress(data) if path.suffix == ".xz" else data)
    return archive.bytes()
