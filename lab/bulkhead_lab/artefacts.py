# SPDX-License-Identifier: Apache-2.0
"""Everything a machine boots from, brought together: tree, kernel, programs, image."""
import dataclasses
from pathlib import Path

from . import cache, initrd, kernel, tree, userland
from .progress import SILENT

STEPS = 4


@dataclasses.dataclass
class Artefacts:
    """Complete artefacts in the cache."""
    tree: tree.Tree
    kernel: kernel.Kernel
    programs: Path
    image: Path


def get(progress=SILENT):
    """All artefacts; builds what is missing, one step of progress for each."""
    with progress.step("Debian tree with QEMU and compilers") as status:
        the_tree = tree.get(status)
    with progress.step("root partition's kernel") as status:
        the_kernel = kernel.get(the_tree, status=status)
    with progress.step("root partition's own programs") as status:
        programs = initrd.get_programs(the_tree, status)
    with progress.step("root partition's user space") as status:
        image = userland.get(the_tree, status)
    return Artefacts(the_tree, the_kernel, programs, image)


def ready():
    """Whether get() would have nothing to build."""
    return all(path for _, path in listing())


def listing():
    """[(what, path or None)] of every artefact of the current sources, as far as it is known."""
    the_tree = tree.existing()
    found = [("tree", the_tree and the_tree.directory)]
    for kind, specification in (("kernel", kernel.specification), ("programs",
                                initrd.specification), ("userland", userland.specification)):
        found.append((kind, cache.find(kind, specification(the_tree)) if the_tree else None))
    return found
