"""Sent again by command: exactly those, once, whatever kills the command; and never beside another sender."""

from tests.rehearsal.children import tell, until
from tests.rehearsal.world import World

PEOPLE = 240
REFUSED = 131026


def rows_in(world: World, state: str) -> set[int]:
    return {row[0] for row in world.rows("SELECT row FROM message WHERE state::text = $1", state)}


def requested_again(world: World, already: int) -> set[int]:
    """Give the rows of what was accepted after so many."""
    return {int(entry["callback_data"].split(".")[3]) for entry in world.platform.ledger()[already:]}


def grow_old(world: World) -> None:
    """Let a day pass for unknown messages, and a receiver have lived all along."""
    day = "now() - interval '25 hours'"
    world.rows(f"UPDATE message SET settled_at = {day}, marked_at = {day} WHERE state = 'unknown'")
    world.rows("UPDATE process SET started_at = now() - interval '2 days' WHERE purpose = 'receiver'")


def test_unknown_messages_are_listed_settled_and_sent_again_by_command(world: World) -> None:
    world.configure((200,))
    world.begin("instant", drop=0.1)
    ended = world.launch(world.compose("spring", world.invite(PEOPLE))).end()
    assert (ended.code, ended.json["send"]["unknown"] > 3) == (4, True), ended.err
    world.platform.change(drop=0)
    world.hear_everything()
    order = ("unknown", "resend", "spring", "--reason", "nobody heard of them")

    young = world.campaign(*order, "--yes", "--json")
    assert (young.code, young.json["ordered"], list(young.json["left_out"])) == (3, 0, ["too_young"]), young.err
    grow_old(world)
    listed = world.campaign("unknown", "list", "spring", "--json").json
    assert (listed["webhooks"]["share"], [each["why_not"] for each in listed["unknown"]]) == (
        1.0,
        [None] * len(listed["unknown"]),
    )
    known, *others = [each["row"] for each in listed["unknown"]]
    settle = ("unknown", "settle", "spring", "--accepted", "--row", str(known), "--reason", "they answered")
    assert world.campaign(*settle, "--count", "2").code == 2
    assert world.campaign(*settle, "--count", "1").code == 0

    accepted = world.platform.accepted
    again = world.campaign(*order, "--count", str(len(others)), "--json")

    tell("unknown, sent again", unknown=len(others) + 1, settled=1, ordered=again.json["ordered"], code=again.code)
    assert (again.code, again.json["send"]["accepted"], again.json["resent"]) == (0, PEOPLE, len(others)), again.err
    assert requested_again(world, accepted) == set(others)
    assert world.platform.summary()["duplicates"] == 0
    assert world.campaign(*order, "--yes").code == 0
    assert world.platform.accepted == accepted + len(others)


def test_a_kill_in_the_middle_of_a_resend_sends_nobody_twice(world: World) -> None:
    world.configure((80,))
    world.begin("instant", errors={REFUSED: 1})
    ended = world.launch(world.compose("spring", world.invite(PEOPLE))).end()
    assert (ended.code, ended.json["send"]["rejected"]) == (4, PEOPLE), ended.err
    world.platform.change(errors={})

    order = ("resend", "spring", "--failed", "--code", str(REFUSED), "--reason", "they are back", "--yes", "--json")
    killed = world.start(*order)
    world.sends(killed, more_than=PEOPLE // 3)
    killed.kill9()
    once_more = world.campaign(*order)
    resumed = world.campaign("resume", "spring", "--json")

    world.hear_everything()
    report, summary = world.report("spring"), world.platform.summary()
    tell("killed while resending", once_more=once_more.json["ordered"], send=report["send"], resent=report["resent"])
    assert (once_more.code, once_more.json["ordered"]) == (0, 0), once_more.err
    assert resumed.code in {0, 4}, resumed.err
    assert report["send"]["accepted"] + report["send"]["unknown"] == report["resent"] == PEOPLE
    assert (summary["accepted"], summary["duplicates"]) == (report["send"]["accepted"], 0)


def test_no_order_while_another_process_sends_and_none_of_what_was_cancelled(world: World) -> None:
    world.configure((20,))
    world.begin("instant", errors={REFUSED: 1})
    sender = world.launch(world.compose("spring", world.invite(PEOPLE)))
    until(lambda: rows_in(world, "rejected") or not sender.running, what="some are refused")
    order = ("resend", "spring", "--failed", "--reason", "impatience", "--yes", "--json")

    beside = world.campaign(*order)
    assert (beside.code, beside.json["owner"]["pid"]) == (75, sender.pid), beside.err
    assert world.campaign("cancel", "spring", "--reason", "enough", "--yes").code == 0
    sender.end()
    after = world.campaign(*order)

    assert after.code == 3, after.err
    assert "--run NEW" in after.json["error"]["remedy"]
    assert world.value("SELECT count(*) FROM attempt_history") == 0
    assert world.platform.accepted == 0
