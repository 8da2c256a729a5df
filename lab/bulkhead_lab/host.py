# SPDX-License-Identifier: Apache-2.0
"""What the lab needs to know of the host: its packages, its Debian mirror, its processor."""
import os
import re
import shutil
import subprocess

from .errors import LabError

# command -> the Debian package that has it
PACKAGES = {"mmdebstrap": "mmdebstrap", "bwrap": "bubblewrap", "apt-get": "apt", "tar": "tar"}
KEYRINGS = "/usr/share/keyrings/debian-archive-keyring.gpg"


def require(*commands):
    """Fail with the one line that installs what is missing."""
    missing = [PACKAGES[name] for name in commands if not shutil.which(name)]
    if "mmdebstrap" in commands and not os.path.exists(KEYRINGS):
        missing.append("debian-archive-keyring")
    if missing:
        raise LabError(f"The lab needs packages that this host lacks: {' '.join(missing)}",
                       hint=f"Install them:  apt-get install {' '.join(missing)}")


def debian_mirror():
    """The URI of the Debian main archive in the host's apt configuration, or None.

    $BULKHEAD_MIRROR overrides it. A host that runs another Debian release names the same archive
    for all releases; a host that is not Debian names none.
    """
    own = os.environ.get("BULKHEAD_MIRROR")
    if own:
        return own
    columns = "$(LABEL)|$(COMPONENT)|$(REPO_URI)|$(SUITE)|$(CODENAME)"
    try:
        lines = subprocess.run(["apt-get", "indextargets", "--format", columns,
                                "Created-By: Packages"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return None
    certain, likely = [], []
    for line in lines:
        label, component, uri, *_ = line.split("|")
        if component != "main" or not re.match(r"(https?|file|copy|mirror\S*|tor\S*):", uri):
            continue
        if label == "Debian":
            certain.append(uri)
        elif not label.strip("$(LABEL)") and re.search(r"/debian/?$", uri):
            likely.append(uri)  # lists never updated: no label known, go by the name
    return (certain + likely + [None])[0]


def apt_proxy_options():
    """The host's apt proxy settings as `Name "value";` lines for another apt."""
    try:
        lines = subprocess.run(["apt-config", "dump", "Acquire"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return []
    wanted = re.compile(r'Acquire::(\w+::)?(Proxy|Proxy-Auto-Detect|proxy)\S* "[^"]+";$')
    return [line for line in lines if wanted.match(line)]


def kvm_refusal():
    """Why this host cannot run the lab's machines under KVM, or None if it can."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "/dev/kvm is missing or not accessible to you"
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        flags = next((line for line in file if line.startswith("flags")), "").split()
    for flag, module in (("svm", "kvm_amd"), ("vmx", "kvm_intel")):
        if flag in flags:
            try:
                with open(f"/sys/module/{module}/parameters/nested", encoding="ascii") as file:
                    nested = file.read().strip()
            except OSError:
                return f"the module {module} is not loaded"
            if nested in ("1", "Y", "y"):
                return None
            return f"{module} does not nest (its parameter `nested` is {nested})"
    return "the processor's flags name neither svm nor vmx, so guests cannot have them"
