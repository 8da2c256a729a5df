# SPDX-License-Identifier: Apache-2.0
"""Where things are: the repository, the cache, the state of running machines."""
import os
import stat
from pathlib import Path

from .errors import LabError

REPOSITORY = Path(__file__).resolve().parents[2]


def build_directory():
    """The top-level build directory: $BULKHEAD_BUILD, or build/ in the repository."""
    return Path(os.environ.get("BULKHEAD_BUILD") or REPOSITORY / "build").absolute()


def hypervisor_image():
    return build_directory() / "hypervisor" / "bulkhead.elf"


def root_overlay():
    """The files that the build wants laid over the root's file system (a DESTDIR tree)."""
    return build_directory() / "root" / "install"


def root_overlays(more):
    """What is laid over the root's file system: what the build wants, and more directories."""
    built = root_overlay()
    return ([built] if built.is_dir() else []) + list(more)


def cache_directory():
    """$BULKHEAD_CACHE, or bulkhead/ in the user's cache directory."""
    own = os.environ.get("BULKHEAD_CACHE")
    if own:
        return Path(own).absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "bulkhead"


def cache_seeds():
    """Read-only caches to look into before building: $BULKHEAD_CACHE_SEED, colon-separated."""
    value = os.environ.get("BULKHEAD_CACHE_SEED", "")
    return [Path(part).absolute() for part in value.split(":") if part]


def state_directory():
    """The directory of the user's machines. Kept short: a socket's path has at most 107 bytes."""
    own = os.environ.get("BULKHEAD_STATE")
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if own:
        path = Path(own).absolute()
    elif runtime and os.access(runtime, os.W_OK):
        path = Path(runtime) / "bulkhead"
    else:
        path = Path("/tmp") / f"bulkhead-{os.getuid()}"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise LabError(f"{path} cannot hold machines: it must be a directory that you own and that "
                       "nobody else can write to",
                       hint="Remove it, or set BULKHEAD_STATE to a directory of your own.")
    return path
