# SPDX-License-Identifier: Apache-2.0
"""The lab tests itself on bare machines: no hypervisor is needed."""
import pytest
from bulkhead_lab import Machine


@pytest.fixture(scope="session")
def machine():
    """One bare machine that all tests share that leave it as they found it."""
    with Machine(bare=True) as shared:
        yield shared
