"""Refusals in the log: strangers must not fill a disk."""

from structlog.testing import capture_logs

from campaign.entrypoints.web.refusals import Refusals


def test_a_flood_is_told_once_a_second_with_its_size_and_hides_no_other_reason() -> None:
    now = [100.0]
    refusals = Refusals(clock=lambda: now[0])

    with capture_logs() as lines:
        for _ in range(1_000):
            refusals.tell("signature", status=401)
        refusals.tell("database", status=503)
        now[0] += 1
        refusals.tell("signature", status=401)

    told = [(each["reason"], each["status"], each["times"]) for each in lines]
    assert told == [("signature", 401, 1), ("database", 503, 1), ("signature", 401, 1_000)]
