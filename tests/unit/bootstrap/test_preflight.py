"""What the account said, in a plan's words: each finding once, with its place."""

from pathlib import Path
from typing import Any

from campaign.bootstrap.doctor import numbers
from campaign.bootstrap.preflight import _bearable as bearable
from campaign.bootstrap.preflight import number_findings
from campaign.domain.number_state import Ailment, Entity, NumberState
from campaign.settings import Settings, load_settings

WELL = NumberState("CONNECTED", "GREEN", "STANDARD")
DOWN = NumberState("DISCONNECTED", "GREEN", "STANDARD")


def settings(folder: Path) -> Settings:
    path = folder / "settings.yaml"
    path.write_text(
        'account: {version: v23.0, business_account_id: "1", access_token: "${TOKEN}"}\n'
        "shards:\n"
        '  - {id: paris, phone_number_id: "2", throughput: 80}\n'
        '  - {id: lyon, phone_number_id: "3", throughput: 90}\n'
    )
    return load_settings(path, {"TOKEN": "t" * 32})


def findings(folder: Path, **states: NumberState) -> list[tuple[str, Any]]:
    return number_findings(settings(folder), states)


def test_a_finding_stands_where_the_settings_say_it(tmp_path: Path) -> None:
    (shard, down), (_, fast) = findings(tmp_path, paris=DOWN, lyon=WELL)

    assert (shard, str(down.where).rsplit("/", 1)[1]) == ("paris", "settings.yaml:3:5")
    assert str(fast.where).rsplit("/", 1)[1] == "settings.yaml:4:50"
    assert (down.blocks, fast.blocks) == (True, False)


def test_what_is_wrong_with_the_account_is_told_by_every_number_and_shown_once(tmp_path: Path) -> None:
    banned = NumberState("CONNECTED", "GREEN", "HIGH", entities=(Entity("WABA", "BLOCKED", (Ailment("Banned."),)),))

    ((shard, told),) = findings(tmp_path, paris=banned, lyon=banned)

    assert (shard, told.blocks) == ("", True)
    assert str(told.where).endswith("settings.yaml:1:10")


def test_a_planned_run_is_stopped_by_its_numbers_only_if_none_can_send(tmp_path: Path) -> None:
    one = findings(tmp_path, paris=DOWN, lyon=WELL)
    both = findings(tmp_path, paris=DOWN, lyon=DOWN)

    assert [each.blocks for each in bearable(one, ["paris", "lyon"])] == [False, False]
    assert [each.blocks for each in bearable(both, ["paris", "lyon"])] == [True, True, False]


def test_the_account_stops_a_planned_run_all_the_same(tmp_path: Path) -> None:
    banned = NumberState("CONNECTED", "GREEN", "HIGH", entities=(Entity("WABA", "BLOCKED"),))

    (told,) = bearable(findings(tmp_path, paris=banned, lyon=WELL)[:1], ["paris", "lyon"])

    assert told.blocks


def test_doctor_tells_the_same_and_what_is_in_order_too(tmp_path: Path) -> None:
    well, down = numbers(settings(tmp_path), {"paris": WELL, "lyon": NumberState("BANNED", "GREEN", "HIGH")})

    assert (well.ok, well.what) == (True, "the number of shard paris is there: connected, green, standard")
    assert (down.ok, "BANNED" in down.what) == (False, True)
    assert down.remedy
