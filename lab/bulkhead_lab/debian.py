# SPDX-License-Identifier: Apache-2.0
"""Unpacks Debian packages into a directory: no maintainer script runs, no daemon, no privilege.

Works as root and as an ordinary user; the files then belong to that user, who can delete them.
"""
import os
import re
import shlex
import subprocess

from . import host
from .errors import LabError

SUITE = "trixie"
BACKPORTS = "trixie-backports"
MANIFEST = "packages.txt"


def read_list(path):
    """The words of a package list: one package a line, `#` starts a comment."""
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return sorted(line for line in lines if line)


def unpack(directory, packages, pinned=(), status=lambda text: None):
    """Unpack packages (and what they depend on) of trixie into directory, which must be empty.

    pinned: apt package patterns that come from trixie-backports.
    Leaves the list of what came in <directory>/packages.txt, one `name version` a line.
    """
    host.require("mmdebstrap", "apt-get")
    mirror = host.debian_mirror()
    as_root = os.getuid() == 0
    command = ["mmdebstrap", "--variant=extract", "--components=main", "--format=directory",
               f"--mode={'root' if as_root else 'chrootless'}",
               f"--include={','.join(packages)}"]
    command += [f"--aptopt={line}" for line in host.apt_proxy_options()]
    if pinned:
        pin = (f"Package: {' '.join(pinned)}\\nPin: release n={BACKPORTS}\\nPin-Priority: 990\\n")
        command.append('--setup-hook=mkdir -p "$1/etc/apt/preferences.d" && '
                       f'printf {shlex.quote(pin)} > "$1/etc/apt/preferences.d/lab"')
        # backports lie on the mirror that the suite itself comes from
        command.append('--setup-hook=cd "$1/etc/apt" && find . -name "*.list" -exec '
                       f'sed -n "s/ {SUITE} main/ {BACKPORTS} main/p" {{}} + > backports.tmp && '
                       'mv backports.tmp sources.list.d/backports.list')
    command.append('--extract-hook=cd "$1/var/cache/apt/archives" && '
                   f'ls *.deb > "$1/{MANIFEST}"')
    command += [SUITE, str(directory)]
    if mirror:
        command.append(f"deb {mirror} {SUITE} main")
    status("asking the mirror")
    _run(command, f"Unpacking Debian packages into {directory}", status)
    manifest = directory / MANIFEST
    names = manifest.read_text().split()
    parts = (re.match(r"(.*?)_(.*)_[a-z0-9]+\.deb$", name) for name in names)
    manifest.write_text("".join(f"{part[1]} {part[2].replace('%3a', ':')}\n" for part in parts))
    status(f"{len(names)} packages")


def download(directory, suite, package, chain):
    """Download a few packages, without what else they need, into directory, which must not exist.

    chain: patterns of sed. The first one names packages that `package` of suite depends on, each
    further one packages that those depend on; all of them that exist are downloaded.
    """
    host.require("mmdebstrap", "apt-get")
    mirror = host.debian_mirror() or "http://deb.debian.org/debian"
    target = shlex.quote(str(directory))
    script = [f"set -e; mkdir -p {target}; cd {target}", 'export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"',
              f"names={package}"]
    for pattern in chain:
        script += [f'names=$(apt-cache depends $names | sed -n "s/.*Depends: \\({pattern}\\)$/\\1/p")',
                   '[ -z "$names" ] || apt-get download -qq $names', '[ -n "$names" ] || exit 0']
    command = ["mmdebstrap", "--variant=custom", "--components=main", "--format=null",
               f"--mode={'root' if os.getuid() == 0 else 'chrootless'}"]
    command += [f"--aptopt={line}" for line in host.apt_proxy_options()]
    command += [f"--customize-hook={'; '.join(script)}", suite, "-", f"deb {mirror} {suite} main"]
    _run(command, f"Downloading {package} of {suite}", lambda text: None)


def _run(command, doing, status):
    log = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", stdin=subprocess.DEVNULL) as process:
        for line in process.stdout:
            log.append(line)
            if line.startswith("I: "):
                status(line[3:].strip().rstrip("."))
    if process.returncode:
        raise LabError(f"{doing} failed (mmdebstrap ended with {process.returncode})",
                       tail="".join(log[-25:]), tail_title="the last lines of mmdebstrap",
                       hint="Check the network and the mirror in your apt configuration "
                            "(BULKHEAD_MIRROR=<uri> overrides it), then run the command again.")


def manifest(directory):
    """What unpack() put into directory: {name: version}."""
    lines = (directory / MANIFEST).read_text().splitlines()
    return dict(line.split(" ", 1) for line in lines)
