"""A backup restored amid a campaign: nothing leaves until somebody adopts it, and webhooks tell what it forgot."""

import signal
import subprocess

from tests.rehearsal.children import tell
from tests.rehearsal.world import World

PEOPLE = 200


def test_a_restored_ledger_sends_nothing_until_it_is_adopted_and_learns_what_it_forgot(world: World) -> None:
    world.configure((80,))
    receiver = world.serve()
    world.simulate("calm")
    campaign = world.compose("spring", world.invite(PEOPLE))
    half = world.launch(campaign)
    world.sends(half, more_than=50)
    half.signal(signal.SIGTERM)
    assert half.end().code == 143
    world.hear_everything()
    # From here on nobody hears what WhatsApp says, and it says it again and again.
    receiver.signal(signal.SIGTERM)
    receiver.end()
    sent = world.platform.accepted
    back_up(world)
    assert world.campaign("resume", "spring", "--json").code == 0
    assert world.platform.accepted == PEOPLE

    restore(world)
    refused = [world.campaign(*words) for words in (("launch", str(campaign), "--yes", "--json"), ("worker",))]

    assert [each.code for each in refused] == [2, 2]
    assert "earlier copy" in refused[0].json["error"]["message"]
    assert "campaign db adopt" in refused[0].json["error"]["remedy"]
    assert world.report("spring")["send"]["accepted"] == sent
    assert world.campaign("db", "adopt", "--reason", "the disk died").code == 2
    adopted = world.campaign("db", "adopt", "--reason", "the disk died", "--yes")
    assert adopted.code == 0, adopted.err
    assert "spring@once" in adopted.out
    assert world.launch(campaign).end().json["reason"] == "ghost"

    world.serve()
    world.hear_everything()

    resumed = world.campaign("resume", "spring", "--json")
    summary = world.platform.summary()
    tell("restored ledger", sent_before_the_backup=sent, accepted=summary["accepted"], twice=summary["duplicates"])
    assert (resumed.code, resumed.json["send"]["accepted"]) == (0, PEOPLE), resumed.err
    assert (summary["accepted"], summary["duplicates"]) == (PEOPLE, 0)
    assert world.value("SELECT count(*) FROM event WHERE name = 'message.ghost'") == PEOPLE - sent


def back_up(world: World) -> None:
    """Copy the data while the server rests."""
    assert world.campaign("db", "stop").code == 0
    subprocess.run(["cp", "-a", world.home / "postgres", world.folder / "backup"], check=True)


def restore(world: World) -> None:
    """Put the copy where the data was."""
    assert world.campaign("db", "stop").code == 0
    (world.home / "postgres").rename(world.folder / "lost")
    subprocess.run(["cp", "-a", world.folder / "backup", world.home / "postgres"], check=True)
