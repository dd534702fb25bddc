"""Every code of both tables, from the platform to the ledger: the client posts, the simulator answers, the row says."""

from collections.abc import Mapping

import asyncpg
import pytest

from campaign.domain.answers import Action, Dialect
from campaign.simulator.profile import Profile
from tests.integration.answers_bench import Bench, answering, ended, sending, settled
from tests.integration.answers_expected import (
    CLOUD,
    CLOUD_4XX,
    CLOUD_5XX,
    IN_DOUBT,
    ON_PREMISES,
    ON_PREMISES_4XX,
    ON_PREMISES_STATUS,
    REFUSED,
    RESTS,
    STOPS_TEMPLATE,
    SUPPRESSES,
    Expected,
)
from tests.integration.rows import Rows


@pytest.fixture
async def bench(pool: asyncpg.Pool) -> Bench:
    return Bench(pool, Rows(pool))


@pytest.mark.parametrize(
    ("dialect", "expected", "status"),
    [
        pytest.param("cloud", CLOUD, {}, id="cloud"),
        pytest.param("cloud", CLOUD_4XX, dict.fromkeys(CLOUD_4XX, 400), id="cloud, 4xx"),
        pytest.param("cloud", CLOUD_5XX, dict.fromkeys(CLOUD_5XX, 500), id="cloud, 5xx"),
        pytest.param("on_premises", ON_PREMISES, ON_PREMISES_STATUS, id="on-premises"),
        pytest.param("on_premises", ON_PREMISES_4XX, dict.fromkeys(ON_PREMISES_4XX, 400), id="on-premises, 4xx"),
    ],
)
async def test_every_answer_does_what_it_obliges_us_to(
    bench: Bench, dialect: Dialect, expected: Mapping[int, Expected], status: Mapping[int, int]
) -> None:
    await bench.seed(expected)

    async with sending(bench, dialect, expected, answering(expected, status)) as simulator:
        found = await settled(bench, expected)
        seen = simulator.platform.summary()

    assert {c: each for c, each in found.items() if each != expected[c]} == {}
    accepted = sum((each.first, each.second).count("accepted") for each in expected.values())
    assert (seen["accepted"], seen["duplicates"]) == (accepted, 0)
    codes = {row["code"] for row in await bench.pool.fetch("SELECT code FROM message WHERE state = 'rejected'")}
    assert codes == {code for code, each in expected.items() if each.first == "rejected"}


@pytest.mark.parametrize("mistakes", [9, 10])
async def test_ten_answers_in_a_row_that_blame_the_file_pause_the_run(bench: Bench, mistakes: int) -> None:
    code = 131008
    run = await bench.add_run(code)
    for person in range(1, 13):
        await bench.add(run, code, person, number=f"+{336 * 10**8 + person}")
    profile = Profile(answers={str(336 * 10**8 + person): (code,) for person in range(1, mistakes + 1)})

    async with sending(bench, "cloud", [code], profile):
        found = await ended(bench, run)

    assert found == (("paused", "template") if mistakes == 10 else ("finished", None))
    rest = ["pending"] * 2 if mistakes == 10 else ["accepted"] * 3
    assert await bench.rows.states(run) == ["rejected"] * mistakes + rest


async def test_an_american_number_is_never_put_off_to_another_day(bench: Bench) -> None:
    code = 131049
    run = await bench.add_run(code)
    await bench.add(run, code, 1, number="+12125550123")

    async with sending(bench, "cloud", [code], Profile(answers={"12125550123": (code,)})):
        found = await ended(bench, run)

    assert found == ("finished", None)
    assert await bench.rows.states(run) == ["rejected"]


async def test_an_operators_word_outweighs_the_table(bench: Bench) -> None:
    codes = {
        2: RESTS._replace(waits=300),
        131026: SUPPRESSES,
        131048: REFUSED,
        139999: STOPS_TEMPLATE,
    }
    said = {2: Action.LATER, 131026: Action.SUPPRESS, 131048: Action.REJECT, 139999: Action.STOP_TEMPLATE}
    await bench.seed(codes)

    async with sending(bench, "cloud", codes, answering(codes), said):
        assert await settled(bench, codes) == codes


async def test_an_unlisted_code_leaves_its_message_unknown(bench: Bench) -> None:
    await bench.seed([139999])

    async with sending(bench, "cloud", [139999], answering([139999])):
        assert await settled(bench, {139999: IN_DOUBT}) == {139999: IN_DOUBT}
