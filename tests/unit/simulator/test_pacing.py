"""Which messages are held, and what a verdict does to them."""

from random import Random

from campaign.simulator.dialect import Message, Submission
from campaign.simulator.pacing import Pacing
from campaign.simulator.profile import Profile

SALE, DEMO = ("spring_sale", "fr"), ("launch_demo", "en")


def message(seq: int) -> Message:
    submission = Submission(to="+1", person="1", content="c0", callback_data=None, template=None)
    return Message(seq, 0.0, "106", f"wamid.{seq}", submission, "marketing", held=True)


def test_the_first_of_a_template_go_through_and_the_rest_are_held() -> None:
    pacing, profile = Pacing(), Profile(held=1, held_after=2)

    assert [pacing.holds(SALE, profile, Random(1)) for _ in range(4)] == [False, False, True, True]
    assert not pacing.holds(DEMO, profile, Random(1))


def test_no_more_are_held_than_the_profile_allows() -> None:
    pacing, profile = Pacing(), Profile(held=1, held_at_most=1)
    pacing.hold(SALE, message(1))

    assert not pacing.holds(SALE, profile, Random(1))


def test_a_template_proven_green_is_held_no_more() -> None:
    pacing = Pacing()

    pacing.prove(SALE)

    assert not pacing.holds(SALE, Profile(held=1), Random(1))
    assert pacing.holds(DEMO, Profile(held=1), Random(1))


def test_the_first_held_message_starts_the_assessment() -> None:
    pacing = Pacing()

    assert [pacing.hold(SALE, message(seq)) for seq in (1, 2)] == [True, False]


def test_a_verdict_drops_its_share_and_releases_the_rest() -> None:
    pacing = Pacing()
    for seq in range(4):
        pacing.hold(SALE, message(seq))

    verdict = pacing.assess(SALE, drop_share=0.25)

    assert [m.seq for m in verdict.dropped] == [0]
    assert [m.seq for m in verdict.released] == [1, 2, 3]
    assert (pacing.held, pacing.open, pacing.released, pacing.dropped) == (4, 0, 3, 1)


def test_many_small_verdicts_drop_as_many_as_one_large() -> None:
    """A share of one message rounds to none, every time."""
    pacing = Pacing()
    for seq in range(10):
        pacing.hold(SALE, message(seq))
        pacing.assess(SALE, drop_share=0.3)

    assert (pacing.released, pacing.dropped) == (7, 3)


def test_an_order_settles_the_oldest_first_and_as_many_as_it_names() -> None:
    pacing = Pacing()
    for seq in range(3):
        pacing.hold(SALE, message(seq))

    (verdict,) = pacing.settle(drop=True, count=2)

    assert [m.seq for m in verdict.dropped] == [0, 1]
    assert (pacing.open, pacing.released, pacing.dropped) == (1, 0, 2)


def test_an_order_without_a_count_settles_every_template() -> None:
    pacing = Pacing()
    pacing.hold(SALE, message(1))
    pacing.hold(DEMO, message(2))

    verdicts = pacing.settle(drop=False, count=None)

    assert {verdict.template for verdict in verdicts} == {SALE, DEMO}
    assert pacing.open == 0
