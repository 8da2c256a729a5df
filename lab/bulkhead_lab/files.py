# SPDX-License-Identifier: Apache-2.0
"""Copies files and directories between the host and a machine, over the agent."""
import os
import shutil
import stat
import tarfile
import tempfile

from .errors import LabError

# $1: target; $2: the source's name, used where the target is a directory; $3: mode
_PUSH_FILE = '[ ! -d "$1" ] || set -- "$1/$2" "$2" "$3"; cat > "$1" && chmod "$3" "$1"'
_PUSH_TREE = '[ ! -d "$1" ] || set -- "$1/$2"; mkdir -p "$1" && tar -x -C "$1" --no-same-owner'
_TIMEOUT = 3600.0


def push(machine, source, target):
    """Copy source (host) to target (machine): into it if it is a directory, else as it."""
    name = os.path.basename(os.path.abspath(source))
    try:
        if os.path.isdir(source):
            with tempfile.TemporaryFile() as archive:
                with tarfile.open(fileobj=archive, mode="w") as tar:
                    tar.add(source, ".")
                archive.seek(0)
                _run(machine, ["sh", "-c", _PUSH_TREE, "push", target, name], "push", source,
                     archive.fileno())
        else:
            with open(source, "rb") as file:
                mode = f"{stat.S_IMODE(os.fstat(file.fileno()).st_mode):o}"
                _run(machine, ["sh", "-c", _PUSH_FILE, "push", target, name, mode], "push", source,
                     file.fileno())
    except OSError as error:
        raise LabError(f"Pushing {source}: {error.strerror}") from error


def pull(machine, source, target):
    """Copy source (machine) to target (host): into it if it is a directory, else as it."""
    name = os.path.basename(source.rstrip("/")) or "root"
    if os.path.isdir(target):
        target = os.path.join(target, name)
    is_directory = machine.exec(["test", "-d", source], check=False).code == 0
    try:
        if is_directory:
            _pull_tree(machine, source, target)
        else:
            _pull_file(machine, source, target)
    except OSError as error:
        raise LabError(f"Pulling {source} to {target}: {error.strerror}") from error


def _pull_file(machine, source, target):
    directory = os.path.dirname(os.path.abspath(target))
    with tempfile.NamedTemporaryFile(dir=directory, prefix=".pull-", delete=False) as file:
        try:
            _run(machine, ["cat", "--", source], "pull", source, None, file.write)
            mode = machine.exec(["stat", "-L", "-c", "%a", "--", source]).text
            os.fchmod(file.fileno(), int(mode, 8) & 0o777)
            file.flush()
            os.rename(file.name, target)
        except BaseException:
            os.unlink(file.name)
            raise


def _pull_tree(machine, source, target):
    with tempfile.TemporaryFile() as archive:
        _run(machine, ["tar", "-c", "-C", source, "."], "pull", source, None, archive.write)
        archive.seek(0)
        os.makedirs(target, exist_ok=True)
        with tarfile.open(fileobj=archive) as tar:
            for entry in tar:
                _extract(tar, entry, target)


def _extract(tar, entry, target):
    """Files and directories only, nothing outside the target: a machine may send anything."""
    name = os.path.normpath(entry.name)
    if name.startswith(("/", "..")) or not (entry.isfile() or entry.isdir()):
        return
    path = os.path.join(target, name)
    if entry.isdir():
        os.makedirs(path, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tar.extractfile(entry) as data, open(path, "wb") as file:
        shutil.copyfileobj(data, file)
        os.fchmod(file.fileno(), entry.mode & 0o777)


def _run(machine, argv, verb, path, source, sink=lambda data: None):
    errors = []
    result = machine.stream(argv, sink, errors.append, _TIMEOUT, source=source)
    if result.code:
        text = b"".join(errors).decode(errors="replace").strip() or result.failure
        raise LabError(f"{verb.capitalize()}ing {path} failed in the machine: {text}")
