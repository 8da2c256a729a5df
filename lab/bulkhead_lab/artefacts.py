# SPDX-License-Identifier: Apache-2.0
"""Everything a machine boots from, brought together: tree, kernel, programs, image."""
import dataclasses
import shutil
from pathlib import Path

from . import cache, guests, initrd, kernel, paths, peer as peers, tree, userland
from .errors import LabError
from .progress import SILENT

STEPS = 4
PEER_STEPS = 3
SPACE = 5 << 30  # bytes that building everything takes at most at any time


@dataclasses.dataclass
class Artefacts:
    """Complete artefacts in the cache."""
    tree: tree.Tree
    kernel: kernel.Kernel  # or a peer.Peer
    programs: Path
    image: Path


def get(progress=SILENT, peer=""):
    """All artefacts; builds what is missing, one step of progress for each.

    peer: the kind of peer whose kernel and user space take the place of the root partition's.
    """
    if not ready(peer):
        _require_space()
    with progress.step("Debian tree with QEMU and compilers") as status:
        the_tree = tree.get(status)
    if peer:
        with progress.step("root partition's own programs") as status:
            programs = initrd.get_programs(the_tree, status)
        with progress.step("peer with a kernel and QEMU of Debian's") as status:
            there = peers.get(the_tree, status)
        return Artefacts(the_tree, there, programs, there.root)
    with progress.step("root partition's kernel") as status:
        the_kernel = kernel.get(the_tree, status=status)
    with progress.step("root partition's own programs") as status:
        programs = initrd.get_programs(the_tree, status)
    with progress.step("root partition's user space") as status:
        image = userland.get(the_tree, status)
    return Artefacts(the_tree, the_kernel, programs, image)


def _require_space():
    directory = paths.cache_directory()
    directory.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(directory).free
    if free < SPACE:
        raise LabError(f"{directory} has {free / 1e9:.1f} GB left; building what is missing takes "
                       f"{SPACE / 1e9:.1f} GB", hint="Make room (lab/lab cache prune), or set "
                       "BULKHEAD_CACHE to a directory on a larger disk.")


def ready(peer=""):
    """Whether get() would have nothing to build."""
    needed = ("tree", "programs", "peer") if peer else ("tree", "programs", "kernel", "userland")
    found = dict(listing())
    return all(found[kind] for kind in needed)


def listing():
    """[(what, path or None)] of every artefact of the current sources, as far as it is known."""
    the_tree = tree.existing()
    found = [("tree", the_tree and the_tree.directory)]
    for kind, specification in (("kernel", kernel.specification), ("programs",
                                 initrd.specification), ("guests", guests.specification),
                                 ("userland", userland.specification),
                                 ("peer", peers.specification)):
        found.append((kind, cache.find(kind, specification(the_tree)) if the_tree else None))
    return found
