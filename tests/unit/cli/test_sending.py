"""What `launch` refuses on its own line."""

import pytest

from campaign.entrypoints.cli.failure import UsageMistake
from campaign.entrypoints.cli.sending import refuse_nameless


@pytest.mark.parametrize("key", ["", "  ", "\x1b[2J", "a\nb", "\u202ea", "x" * 101])
def test_a_key_that_nobody_meant_is_no_new_run(key: str) -> None:
    with pytest.raises(UsageMistake, match="names no run"):
        refuse_nameless(key)


@pytest.mark.parametrize("key", ["once", "2026-W47", "2026-11-21T09:00+01:00", "week 47", "é"])
def test_any_word_is_a_key(key: str) -> None:
    refuse_nameless(key)
