# SPDX-License-Identifier: Apache-2.0
"""The root partition's kernel: the newest unpatched linux-source of the tree, our configuration.

An entry of the cache holds bzImage, vmlinux, System.map, config, modules/ (as installed, to be
laid over a root file system) and headers/ (the exported headers: <linux/mshv.h> comes from there).
"""
import os
import re
import shutil
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen

from . import cache, paths
from .errors import LabError

FRAGMENT = paths.REPOSITORY / "root" / "kernel" / "root.config"
RECIPE = 1  # counts up when this file makes another kernel from the same source and configuration

# Large parts of the source that no configuration of ours compiles; unpacking them takes a minute.
UNUSED = ["arch/[!x]*.[chS]", "arch/xtensa/*.[chS]", "arch/*.dts*", "Documentation/*.rst",
          "Documentation/*.yaml", "tools/testing/*", "tools/perf/*", "drivers/gpu/drm/*/*.[ch]",
          "drivers/media/*/*.[ch]", "drivers/net/wireless/*/*.[ch]", "drivers/staging/*/*.[ch]",
          "sound/*/*.[ch]"]


class Kernel:
    """A complete kernel build in the cache."""
    early = None  # it has built in what it needs to find its root file system

    def __init__(self, directory):
        self.directory = directory
        self.image = directory / "bzImage"
        self.modules = directory / "modules"
        self.headers = directory / "headers"


def specification(tree, fragment=FRAGMENT):
    source = _source_package(tree)
    compiler = next(name for name in tree.versions if re.fullmatch(r"gcc-\d+", name))
    return {"recipe": RECIPE, "source": f"{source} {tree.versions[source]}",
            "compiler": f"{compiler} {tree.versions[compiler]}",
            "configuration": cache.digest_of_files(fragment.parent, [fragment])}


def get(tree, fragment=FRAGMENT, status=lambda text: None):
    """The kernel, built where it is missing (minutes)."""
    return Kernel(cache.get("kernel", specification(tree, fragment),
                            lambda directory, _: _make(tree, fragment, directory, status), status))


def jobs():
    """How many compilers run at once: $BULKHEAD_JOBS, or one a processor."""
    return int(os.environ.get("BULKHEAD_JOBS") or len(os.sched_getaffinity(0)))


def unmet(fragment, configuration):
    """The lines of a fragment that a finished configuration does not hold.

    fragment, configuration: texts in .config syntax. A line `# CONFIG_X is not set` holds where X
    is absent. Returns [(line, what stands there instead)].
    """
    have = {}
    for line in configuration.splitlines():
        match = re.match(r"(?:# )?(CONFIG_\w+)", line)
        if match:
            have[match[1]] = line
    missing = []
    for line in fragment.splitlines():
        match = re.match(r"(# )?(CONFIG_\w+)(=| is not set)", line)
        if not match:
            continue
        there = have.get(match[2], f"# {match[2]} is not set")
        if there != line.rstrip():
            missing.append((line.rstrip(), have.get(match[2], "not offered")))
    return missing


def _source_package(tree):
    return next(name for name in tree.versions if re.fullmatch(r"linux-source-\d[\d.]*", name))


def _make(tree, fragment, directory, status):
    scratch = directory / "scratch"
    source, objects = scratch / "source", scratch / "objects"
    source.mkdir(parents=True)
    objects.mkdir()
    package = _source_package(tree)
    status("unpacking the source")
    exclude = [f"--exclude={package}/{pattern}" for pattern in UNUSED]
    tree.check(["tar", "-xf", f"/usr/src/{package}.tar.xz", "-C", source, "--strip-components=1",
                "--wildcards", *exclude], "Unpacking the kernel's source")
    environment = {**os.environ, "KCONFIG_ALLCONFIG": str(fragment), "LC_ALL": "C",
                   "KBUILD_BUILD_USER": "bulkhead", "KBUILD_BUILD_HOST": "lab",
                   "KBUILD_BUILD_VERSION": "1", "KBUILD_BUILD_TIMESTAMP": "1970-01-01"}
    environment.pop("MAKEFLAGS", None)
    environment.pop("MFLAGS", None)
    make = ["make", "-C", str(source), f"O={objects}"]
    status("configuring")
    tree.check([*make, "allnoconfig"], "Configuring the root kernel", env=environment)
    problems = unmet(fragment.read_text(), (objects / ".config").read_text())
    if problems:
        raise LabError(f"{package} does not take these lines of {fragment}:",
                       tail="\n".join(f"{line}    (got: {there})" for line, there in problems),
                       tail_title="wanted (got)",
                       hint="Give them the options they depend on, or drop them.")
    _compile(tree, [*make, f"-j{jobs()}", "bzImage", "modules", "headers"], environment, directory,
             status)
    status("collecting")
    tree.check([*make, "modules_install", f"INSTALL_MOD_PATH={directory}/modules/usr",
                "INSTALL_MOD_STRIP=1"], "Installing the kernel's modules", env=environment)
    for link in (directory / "modules").glob("usr/lib/modules/*/build"):
        link.unlink()
    shutil.copy(objects / "arch/x86/boot/bzImage", directory / "bzImage")
    shutil.copy(objects / "vmlinux", directory / "vmlinux")
    shutil.copy(objects / "System.map", directory / "System.map")
    shutil.copy(objects / ".config", directory / "config")
    for header in sorted((objects / "usr/include").rglob("*.h")):
        target = directory / "headers" / header.relative_to(objects / "usr/include")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(header, target)
    if not (directory / "headers/linux/mshv.h").exists():
        raise LabError(f"{package} exports no <linux/mshv.h>",
                       hint="Bulkhead needs a kernel that has CONFIG_MSHV_ROOT (6.15 or newer).")
    cache.remove(scratch)
    status("built")


def _compile(tree, command, environment, directory, status):
    log = directory / "build.log"
    count = 0
    with open(log, "w", encoding="utf-8") as file, \
         Popen(tree.prefix() + command, env=environment, stdout=PIPE, stderr=STDOUT, text=True,
               errors="replace", stdin=DEVNULL) as process:
        for line in process.stdout:
            file.write(line)
            count += line.startswith(("  CC ", "  AS "))
            if line.startswith("  "):
                status(f"{count} files, {Path(line.split()[-1]).name}")
    if process.returncode:
        lines = log.read_text(errors="replace").splitlines()
        errors = [line for line in lines if re.search(r"error|Error|undefined reference", line)]
        raise LabError(f"Building the root kernel failed (make ended with {process.returncode})",
                       tail="\n".join((errors or lines)[-25:]), tail_title="what failed")
