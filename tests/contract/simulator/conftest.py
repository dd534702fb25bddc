"""The receiver that the tests of webhooks share."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.simulator.client import Receiver, receiving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as hook:
        yield hook
