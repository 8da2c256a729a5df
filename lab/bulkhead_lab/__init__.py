# SPDX-License-Identifier: Apache-2.0
"""The lab: emulated machines that boot Bulkhead with a Linux root partition.

What tests and benchmarks use:

    from bulkhead_lab import Machine

    with Machine(cpus=2, bare=True) as machine:
        assert machine.exec("uname -s").text == "Linux"
"""
from .errors import BootFailure, CommandFailed, CommandTimeout, LabError
from .machine import Machine
from .spec import MachineSpec
from .exec import Result

__all__ = ["BootFailure", "CommandFailed", "CommandTimeout", "LabError", "Machine", "MachineSpec",
           "Result"]
