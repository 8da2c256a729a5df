# SPDX-License-Identifier: Apache-2.0
"""Writes initramfs archives (the `newc` format of cpio) without privilege: everything is root's."""
import os
import stat


class Archive:
    """Collects entries in memory. names are absolute paths of the archive without leading slash."""

    def __init__(self):
        self._parts = []
        self._inode = 0
        self._directories = set()

    def directory(self, name, mode=0o755):
        if name and name not in self._directories:
            self.directory(os.path.dirname(name))
            self._directories.add(name)
            self._entry(name, stat.S_IFDIR | mode, b"")

    def file(self, name, data, mode=0o644):
        self.directory(os.path.dirname(name))
        self._entry(name, stat.S_IFREG | mode, data)

    def link(self, name, target):
        self.directory(os.path.dirname(name))
        self._entry(name, stat.S_IFLNK | 0o777, os.fsencode(target))

    def device(self, name, major, minor, mode=0o600):
        self.directory(os.path.dirname(name))
        self._entry(name, stat.S_IFCHR | mode, b"", (major, minor))

    def tree(self, source, name):
        """Everything under the directory source as name/..., links kept, owners dropped."""
        self.directory(name)
        for directory, subdirectories, files in os.walk(source):
            subdirectories.sort()
            inside = os.path.normpath(os.path.join(name, os.path.relpath(directory, source)))
            for entry in sorted(subdirectories + files):
                path = os.path.join(directory, entry)
                found = os.lstat(path)
                if stat.S_ISLNK(found.st_mode):
                    self.link(f"{inside}/{entry}", os.readlink(path))
                elif stat.S_ISDIR(found.st_mode):
                    self.directory(f"{inside}/{entry}", found.st_mode & 0o777)
                elif stat.S_ISREG(found.st_mode):
                    with open(path, "rb") as file:
                        self.file(f"{inside}/{entry}", file.read(), found.st_mode & 0o7777)

    def bytes(self):
        """The whole archive, padded so that another one can follow."""
        parts = [*self._parts, _header(0, "TRAILER!!!", 0, 0, (0, 0))]
        text = b"".join(parts)
        return text + bytes(-len(text) % 512)

    def _entry(self, name, mode, data, device=(0, 0)):
        self._inode += 1
        self._parts.append(_header(self._inode, name, mode, len(data), device))
        self._parts.append(data + bytes(-len(data) % 4))


def _header(inode, name, mode, size, device):
    encoded = os.fsencode(name) + b"\0"
    fields = (inode, mode, 0, 0, 1, 1, size, 0, 0, device[0], device[1], len(encoded), 0)
    text = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
    return text + bytes(-len(text) % 4)
