"""A world for each rehearsal; making its ledger once and copying it saves seconds a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.ledger_folder import copy_of_ledger, ledger_folder
from tests.rehearsal.world import World


@pytest.fixture(scope="session")
def made_ledger() -> Iterator[Path]:
    """Make a ledger with the real commands, and leave it at rest."""
    with ledger_folder() as folder:
        world = World(folder)
        for word in ("init", "stop"):
            done = world.campaign("db", word)
            assert done.code == 0, done.err
        yield world.home


@pytest.fixture
def world(made_ledger: Path) -> Iterator[World]:
    """Give a world with an empty ledger; at its end nothing that was said may be secret."""
    with _world(made_ledger) as made:
        yield made


@pytest.fixture(scope="module")
def shared_world(made_ledger: Path) -> Iterator[World]:
    """Give one world to all tests of a file, for those that leave it as it was."""
    with _world(made_ledger) as made:
        yield made


@contextmanager
def _world(made_ledger: Path) -> Iterator[World]:
    with ledger_folder() as folder:
        copy_of_ledger(made_ledger, folder)
        made = World(folder)
        try:
            yield made
        finally:
            made.close()
        assert made.leaks() == []
