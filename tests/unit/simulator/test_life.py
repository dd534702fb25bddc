"""What becomes of an accepted message."""

from random import Random

from campaign.simulator.life import live
from campaign.simulator.profile import Profile

ADA = "33600000001"


def statuses(**fields: object) -> list[str]:
    return [step.status for step in live(Profile.model_validate(fields), Random(1), person=ADA)]


def test_a_message_is_sent_even_if_nobody_ever_gets_it() -> None:
    assert statuses() == ["sent"]


def test_a_message_is_delivered_and_read_in_that_order() -> None:
    steps = live(Profile(delivered=1, read=1, webhook_delay_ms=(10, 20)), Random(1), person=ADA)

    assert [step.status for step in steps] == ["sent", "delivered", "read"]
    assert 0 < steps[0].told_in < steps[1].told_in < steps[2].told_in


def test_a_lost_message_has_no_webhook_at_all() -> None:
    assert statuses(webhook_loss=1, delivered=1) == []


def test_a_failed_message_tells_its_code_and_nothing_else() -> None:
    (step,) = live(Profile(status_errors={131049: 0.5, 131026: 0.5}, delivered=1), Random(1), person=ADA)

    assert step.status == "failed"
    assert step.code in {131049, 131026}


def test_a_repeated_status_happens_once_and_is_told_twice() -> None:
    first, second = live(Profile(webhook_repeat=1, webhook_delay_ms=(100, 100)), Random(1), person=ADA)

    assert first.happens_in == second.happens_in
    assert first.told_in < second.told_in


def test_reordering_changes_when_a_status_is_told_but_not_when_it_happened() -> None:
    profile = Profile(delivered=1, read=1, webhook_delay_ms=(100, 100), webhook_reorder=True)

    lives = [live(profile, Random(seed), person=ADA) for seed in range(20)]

    assert any(steps[0].told_in > steps[-1].told_in for steps in lives)
    assert all(steps[0].happens_in < steps[1].happens_in < steps[2].happens_in for steps in lives)


def test_only_what_is_read_is_played() -> None:
    assert statuses(delivered=1, read=1, played=1) == ["sent", "delivered", "read", "played"]
    assert statuses(delivered=1, played=1) == ["sent", "delivered"]


def test_one_persons_statuses_may_be_ordered_one_by_one() -> None:
    ordered = {ADA: [{"status": "warning"}, {"status": "failed", "after_s": 2, "code": 131050}]}
    profile = Profile.model_validate({"statuses": ordered, "webhook_loss": 1})

    steps = live(profile, Random(1), person=ADA)

    assert [(step.status, step.told_in, step.code) for step in steps] == [("warning", 0, None), ("failed", 2, 131050)]
    assert live(profile, Random(1), person="33600000002") == []
