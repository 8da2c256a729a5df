# SPDX-License-Identifier: Apache-2.0
"""The initramfs: our init and agent, the kernel's modules, and what the build wants laid over.

Everything under /extra in it appears in the root file system (root/init/rootfs.c lays it over the
image), so a new program reaches the machine without a new image.
"""
from . import cache, cpio, paths, peer

ROOT = paths.REPOSITORY / "root"
AGENT = "usr/libexec/bulkhead/agent"
FLAGS = ["-std=c17", "-D_GNU_SOURCE", "-O2", "-g0", "-static", "-Wall", "-Wextra", "-Wconversion",
         "-Wshadow", "-Werror"]
PROGRAMS = {  # program: its sources
    "init": ["init/init.c", "init/rootfs.c", "init/medium.c", "init/network.c",
             "init/services.c", "init/shutdown.c"],
    "power": ["init/power.c"],
    "agent": ["agent/agent.c", "agent/session.c", "agent/command.c", "agent/frame.c"],
}
RECIPE = 1  # counts up when this file makes something else of the same sources


def _sources():
    return [path for room in ("init", "agent") for path in (ROOT / room).glob("*.[ch]")]


def specification(tree):
    return {"recipe": RECIPE, "flags": FLAGS, "sources": cache.digest_of_files(ROOT, _sources()),
            "programs": PROGRAMS, "libc": tree.versions["libc6-dev"],
            "busybox": tree.versions["busybox-static"]}


def get_programs(tree, status=lambda text: None):
    """The directory with our programs for the root partition, compiled where they are missing."""
    return cache.get("programs", specification(tree),
                     lambda directory, _: _compile(tree, directory, status), status)


def _compile(tree, directory, status):
    for program, sources in PROGRAMS.items():
        status(f"compiling {program}")
        tree.check(["gcc", *FLAGS, "-o", directory / program,
                    *[ROOT / source for source in sources]], f"Compiling the root's {program}")
        tree.check(["strip", directory / program], f"Stripping the root's {program}")
    archive = cpio.Archive()
    archive.directory("dev")
    archive.device("dev/console", 5, 1)
    archive.file("init", (directory / "init").read_bytes(), 0o755)
    archive.file("bin/busybox", (tree.root / "usr/bin/busybox").read_bytes(), 0o755)
    archive.file(f"extra/{AGENT}", (directory / "agent").read_bytes(), 0o755)
    archive.file("extra/usr/sbin/poweroff", (directory / "power").read_bytes(), 0o755)
    archive.link("extra/usr/sbin/reboot", "poweroff")
    archive.link("extra/usr/sbin/halt", "poweroff")
    (directory / "base.cpio").write_bytes(archive.bytes())


def write(target, programs, kernel, overlays=()):
    """Write the initramfs of a machine to the path target.

    programs: what get_programs() returned; kernel: the kernel.Kernel whose modules go in, or the
    peer.Peer whose early part does; overlays: directories whose contents are laid over the root
    file system, the last one wins.
    """
    with open(target, "wb") as file:
        file.write((programs / "base.cpio").read_bytes())
        if kernel.early:
            archive = cpio.Archive()
            archive.file(peer.INIT, (programs / "init").read_bytes(), 0o755)
            file.write(archive.bytes() + kernel.early.read_bytes())
        for directory in ([kernel.modules] if kernel.modules else []) + list(overlays):
            archive = cpio.Archive()
            archive.directory("extra")
            archive.tree(directory, "extra")
            file.write(archive.bytes())
