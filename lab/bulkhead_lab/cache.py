# SPDX-License-Identifier: Apache-2.0
"""The cache: directories that were expensive to make, named by what went into them.

An entry is `<kind>-<key>`, the key being a hash of its specification. It is built under a temporary
name and renamed when complete, so an entry that exists is whole; a lock per entry keeps two
processes from building the same thing.
"""
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from . import paths

SPECIFICATION = "specification.json"


def key_of(specification):
    """The key of a specification: any value that JSON can hold."""
    text = json.dumps(specification, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest_of_files(directory, files):
    """One hash over the names (relative to directory) and contents of files."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(str(path.relative_to(directory)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def find(kind, specification):
    """The directory of an entry that exists, in the cache or in a seed; None without one."""
    name = f"{kind}-{key_of(specification)}"
    for root in [paths.cache_directory(), *paths.cache_seeds()]:
        if (root / name / SPECIFICATION).is_file():
            return root / name
    return None


def get(kind, specification, build, status=lambda text: None):
    """The directory of an entry, built by build(directory, final_directory) where it is missing.

    status: told when somebody else is building it, which is then waited for.
    """
    found = find(kind, specification)
    if found:
        return found
    root = paths.cache_directory()
    root.mkdir(parents=True, exist_ok=True)
    final = root / f"{kind}-{key_of(specification)}"
    try:
        with _lock(root, final.name, block=False):
            pass
    except BlockingIOError:
        status("waiting for somebody else who is building it")
    with _lock(root, final.name):
        found = find(kind, specification)
        if found:
            return found
        _build(root, final, specification, build)
    return final


def replace(kind, specification, build):
    """Build an entry again although it may exist; the old one stays until the new one is whole."""
    root = paths.cache_directory()
    root.mkdir(parents=True, exist_ok=True)
    final = root / f"{kind}-{key_of(specification)}"
    with _lock(root, final.name):
        _build(root, final, specification, build)
    return final


def entries():
    """The complete entries of the cache (not of its seeds), sorted by name."""
    root = paths.cache_directory()
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir()
                  if not path.name.startswith(".") and (path / SPECIFICATION).is_file())


def leftovers():
    """Temporary directories of builds that nobody is running any more."""
    root = paths.cache_directory()
    found = []
    for path in sorted(root.glob(".new-*")) if root.is_dir() else []:
        with contextlib.suppress(BlockingIOError):
            with _lock(root, path.name[len(".new-"):].rpartition("-")[0], block=False):
                found.append(path)
    return found


def remove(path):
    """Delete a directory tree, also where it holds directories without write permission."""
    def retry(function, name, _):
        os.chmod(os.path.dirname(name), 0o700)
        with contextlib.suppress(OSError):
            os.chmod(name, 0o700)
        function(name)

    shutil.rmtree(path, onerror=retry)


def size_of(path):
    """The disk space of a directory tree in bytes, a file with several links counted once."""
    seen = set()
    total = 0
    for directory, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                found = os.lstat(os.path.join(directory, name))
                if (found.st_dev, found.st_ino) not in seen:
                    seen.add((found.st_dev, found.st_ino))
                    total += found.st_blocks * 512
    return total


def _build(root, final, specification, build):
    temporary = Path(tempfile.mkdtemp(prefix=f".new-{final.name}-", dir=root))
    temporary.chmod(0o755)
    try:
        build(temporary, final)
        (temporary / SPECIFICATION).write_text(json.dumps(specification, indent=1, sort_keys=True))
        old = None
        if final.exists():
            old = root / f".old-{final.name}-{os.getpid()}"
            final.rename(old)
        temporary.rename(final)
        if old:
            remove(old)
    except BaseException:
        remove(temporary)
        raise


@contextlib.contextmanager
def _lock(root, name, block=True):
    locks = root / ".locks"
    locks.mkdir(exist_ok=True)
    with open(locks / name, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if block else fcntl.LOCK_NB))
        yield
