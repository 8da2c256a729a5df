# SPDX-License-Identifier: Apache-2.0
"""The lab tests itself on bare machines: no hypervisor is needed."""
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "lab"))

from bulkhead_lab import Machine  # noqa: E402  (the path has to be set first)


@pytest.fixture(scope="session")
def machine():
    """One bare machine that all tests share that leave it as they found it."""
    with Machine(bare=True) as shared:
        yield shared
