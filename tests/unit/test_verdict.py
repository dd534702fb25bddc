"""Exit codes, and nothing else, are what cron reads."""

from dataclasses import dataclass, field

import pytest

from campaign.domain.verdict import exit_code


@dataclass
class Run:
    state: str = "finished"
    send: dict[str, int] = field(default_factory=dict)
    delivery: dict[str, int] = field(default_factory=dict)


def run(state: str = "finished", *, dropped: int = 0, **send: int) -> Run:
    return Run(state, {"accepted": 0, "rejected": 0, "unknown": 0} | send, {"dropped": dropped})


@pytest.mark.parametrize(
    ("finished", "code"),
    [
        (run(accepted=100), 0),
        (run(accepted=98, rejected=2), 0),
        (run(accepted=97, rejected=3), 4),
        (run(accepted=99, unknown=1), 4),
        (run(accepted=100, dropped=1), 4),
        (run(), 0),
    ],
)
def test_a_finished_run_is_doubtful_above_the_tolerated_share(finished: Run, code: int) -> None:
    assert exit_code(finished, strict=False, tolerate=0.02) == code


def test_strict_tolerates_no_rejected_message() -> None:
    assert exit_code(run(accepted=99, rejected=1), strict=True, tolerate=0.02) == 4
    assert exit_code(run(accepted=99), strict=True, tolerate=0.02) == 0


@pytest.mark.parametrize("state", ["planning", "running", "paused"])
def test_a_run_that_is_not_over_waits_whatever_its_counts(state: str) -> None:
    assert exit_code(run(state, accepted=1, unknown=1), strict=True, tolerate=0.0) == 5


@pytest.mark.parametrize("state", ["cancelled", "scheduled"])
def test_a_run_with_nothing_to_do_now_is_no_failure(state: str) -> None:
    assert exit_code(run(state, accepted=1, unknown=1), strict=False, tolerate=0.02) == 0
