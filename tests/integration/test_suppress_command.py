"""`campaign suppress` on a real ledger."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest

from campaign.bootstrap import suppressing
from campaign.bootstrap.ledger import init, open_ledger
from campaign.domain.errors import ConfigurationError
from campaign.domain.numbers import person
from campaign.entrypoints.cli import suppressions_page as page
from campaign.settings import Settings, load_settings
from tests.integration.rows import Rows

SETTINGS = """\
database: ${DATABASE_URL}
account: {base_url: https://graph.facebook.com, version: v23.0, business_account_id: "1", access_token: "${TOKEN}"}
shards: [{id: paris, phone_number_id: "106540352242922", throughput: 80}]
"""
ANA = "+33612345678"

Load = Callable[[str], Settings]


class World(NamedTuple):
    """A ledger and the settings that name it."""

    rows: Rows
    settings: Settings
    key: bytes

    async def waiting(self, number: str = ANA, **more: Any) -> tuple[int, int]:
        run = await self.rows.run(**more)
        return run, await self.rows.message(run, person=person(number, self.key))

    async def suppressed(self) -> list[tuple[str, str, str]]:
        found = await self.rows.pool.fetch("SELECT source, scope, reason FROM suppression ORDER BY 1, 2, at")
        return [tuple(each) for each in found]

    async def add(self, *numbers: str, **more: Any) -> suppressing.Added:
        return await suppressing.add(
            self.settings, numbers, **{"scope": None, "reason": "asked", "country": None, **more}
        )

    async def remove(self, *numbers: str, **more: Any) -> suppressing.Removed:
        return await suppressing.remove(self.settings, numbers, **{"scope": None, "country": None, **more})

    async def bring(self, path: Path, **more: Any) -> suppressing.ImportedSuppressions:
        options = {"phone": "phone", "country": "FR", "scope": None, "reason": "old list", "progress": lambda *_: None}
        return await suppressing.import_file(self.settings, path, **{**options, **more})


@pytest.fixture
async def world(pool: asyncpg.Pool, ledger_dsn: str, tmp_path: Path) -> World:
    path = tmp_path / "config" / "settings.yaml"
    path.parent.mkdir()
    path.write_text(SETTINGS, encoding="utf-8")
    settings = load_settings(path, {"DATABASE_URL": ledger_dsn, "TOKEN": "EAAG" + "x" * 40})
    await init(settings)
    async with open_ledger(settings, purpose="test", size=1) as ledger:
        key = ledger.person_key
    return World(await Rows(pool).start(), settings, key)


async def test_what_waits_is_left_out_when_the_command_returns(world: World) -> None:
    run, row = await world.waiting()
    utility, wanted = await world.waiting(definition={"category": "utility"})

    done = await world.add("06 12 34 56 78", "+33 6 12 34 56 78", country="FR")

    assert (done.numbers, done.scope, done.new, done.left_out) == (["+33…5678"], "marketing", 1, 1)
    assert await world.rows.state(run, row) == "skipped"
    assert await world.rows.state(utility, wanted) == "pending"
    assert await world.suppressed() == [("command", "marketing", "asked")]


async def test_everything_can_be_ended_and_twice_is_once(world: World) -> None:
    utility, row = await world.waiting(definition={"category": "utility"})

    first, second = await world.add(ANA, scope="all"), await world.add(ANA, scope="all", reason="again")

    assert (first.new, first.left_out, second.new, second.left_out) == (1, 1, 0, 0)
    assert await world.rows.state(utility, row) == "skipped"
    assert await world.suppressed() == [("command", "all", "asked")]


@pytest.mark.parametrize(
    ("numbers", "more", "what"),
    [
        ([ANA, "0612345679"], {}, "number 2 of 2 cannot be used, and nothing was done: 061…5679 is a national number"),
        (["hello"], {}, "number 1 of 1 cannot be used, and nothing was done"),
        ([ANA], {"country": "XX"}, "that is no country"),
        ([ANA], {"reason": "see +33 6 12 34 56 78"}, "the reason holds a number"),
    ],
)
async def test_a_mistake_is_named_without_the_number_and_does_nothing(
    world: World, numbers: list[str], more: dict[str, Any], what: str
) -> None:
    with pytest.raises(ConfigurationError, match=what) as caught:
        await world.add(*numbers, **more)

    assert await world.suppressed() == []
    assert "612345679" not in f"{caught.value.message} {caught.value.remedy}"


async def test_a_removal_takes_back_every_source_but_an_erasure_and_says_what_is_left(world: World) -> None:
    for source in ("command", "stop_word", "whatsapp", "erased"):
        await world.rows.pool.execute(
            "INSERT INTO suppression (person, scope, source, reason) VALUES ($1, 'all', $2, 'x')",
            person(ANA, world.key),
            source,
        )

    done = await world.remove(ANA, "+33612345679")

    assert [each[2] for each in done.taken] == ["command", "stop_word", "whatsapp"]
    assert [(number, each.source) for number, each in done.left] == [("+33…5678", "erased")]
    assert list(page.removed(done))[-2:] == [
        "+33…5678 still gets no message: erased, which stays",
        "messages that were left out stay left out",
    ]


async def test_a_removal_of_one_scope_leaves_the_other(world: World) -> None:
    await world.add(ANA, scope="all")
    await world.add(ANA, scope="marketing")

    done = await world.remove(ANA, scope="marketing")

    assert await world.suppressed() == [("command", "all", "asked")]
    assert [each.scope for _, each in done.left] == ["all"]


async def test_whoever_was_removed_can_be_written_to_again(world: World) -> None:
    await world.add(ANA)
    await world.remove(ANA)
    run, row = await world.waiting()

    assert await world.rows.mark(run, row) == ["marked"]
    assert list(page.removed(await world.remove(ANA))) == ["there was nothing to take back"]


async def test_a_file_suppresses_everybody_in_it_once(world: World, tmp_path: Path) -> None:
    run, row = await world.waiting()
    path = tmp_path / "list.csv"
    path.write_text(f"name;phone\nAna;{ANA}\nBob;0612345679\nEve;none\nAna;0612345678\n", encoding="utf-8")

    first, second = await world.bring(path), await world.bring(path)

    assert (first.rows, first.people, first.new, first.left_out) == (4, 3, 2, 1)
    assert (second.people, second.new, second.left_out) == (3, 0, 0)
    assert first.refused == {"invalid": 1}
    assert first.refusals == tmp_path / "list.refused.csv"
    assert "3,invalid," in first.refusals.read_text(encoding="utf-8")
    assert await world.rows.state(run, row) == "skipped"
    assert await world.suppressed() == [("import", "marketing", "old list")] * 2


async def test_a_file_of_which_nothing_can_be_used_is_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone\n0612345678\n", encoding="utf-8")

    with pytest.raises(
        ConfigurationError, match=r"none of the 1 rows can be used; row 1: 061…5678 is a national number"
    ):
        await world.bring(path, country=None)


async def test_a_larger_file_than_a_batch_is_read_to_its_end(world: World, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone\n" + "".join(f"+336{number:08}\n" for number in range(4_500)), encoding="utf-8")

    done = await world.bring(path)

    assert (done.rows, done.people, done.new) == (4_500, 4_500, 4_500)


async def test_the_list_counts_people_once_and_names_nobody(world: World) -> None:
    await world.add(ANA)
    await world.add(ANA, "+33612345679", scope="all", reason="a letter")

    found = await suppressing.listing(world.settings)
    told, spelled = "\n".join(page.listing(found)), json.dumps(page.listing_object(found), default=str)

    assert found.people == 2
    assert [(each.source, each.scope, each.people) for each in found.tallies] == [
        ("command", "all", 2),
        ("command", "marketing", 1),
    ]
    assert len(found.newest) == 3
    assert told.startswith("2 people must not be written to\n")
    assert person(ANA, world.key).hex()[:8] in spelled
    assert "by command (a letter)" in told
    assert all("612345678" not in text and person(ANA, world.key).hex() not in text for text in (told, spelled))
