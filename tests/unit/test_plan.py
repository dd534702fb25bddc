"""Everything the plan decides without a database."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, cast
from uuid import UUID

import pytest

from campaign.domain.errors import AlreadyRunning, ConfigurationError, RefusedByPlan, Unreachable
from campaign.domain.rendering import RenderRefusal, compile_message
from campaign.domain.unwritable import KEPT, TOLD, UnwritableRows
from campaign.plan import Audience, Planned, Terms, changed, plan, refuse_changes
from campaign.plan.draft import Draft
from campaign.ports import OpenedRun, PlannedRow, RefusedRow, Written

GREETING = compile_message({"type": "text", "text": {"body": "Hello {{ name }} of {{ city | default('here') }}"}})
KEY = b"k" * 32


class Person(NamedTuple):
    row: int
    e164: str
    person: bytes
    variables: dict[str, Any]
    canonical_changed: bool = False
    fixed_line: bool = False
    region: str = "FR"


class Refusal(NamedTuple):
    row: int
    reason: str
    detail: str


class Rows:
    """A source of cells (number, name, city); a number None is refused."""

    def __init__(self, *rows: tuple[str | None, str | None, str | None], batch: int = 2) -> None:
        self._rows = list(enumerate(rows, start=1))
        self._batch = batch
        self.closed = False

    async def columns(self) -> Sequence[str]:
        return ["phone", "name", "city"]

    async def batches(self) -> AsyncIterator[Sequence[tuple[int, Sequence[Any]]]]:
        try:
            for start in range(0, len(self._rows), self._batch):
                await asyncio.sleep(0)
                yield self._rows[start : start + self._batch]
        finally:
            self.closed = True


def clean(rows: Iterable[tuple[int, Sequence[Any]]]) -> tuple[list[Person], list[Refusal]]:
    people, refused = [], []
    for row, (number, name, city) in rows:
        if number is None:
            refused.append(Refusal(row, "invalid", "no number"))
        else:
            given = {"name": name, "city": city, "unused": "x"}
            variables = {key: value for key, value in given.items() if value is not None}
            people.append(Person(row, number, number.encode().rjust(16), variables, fixed_line=number == "+331"))
    return people, refused


class MemoryPlans:
    """Keeps one plan, once per person, and commits it or not."""

    def __init__(self, *, taken_over: bool = False, broken: bool = False) -> None:
        self.messages: dict[bytes, PlannedRow] = {}
        self.refused: list[RefusedRow] = []
        self.finished: dict[str, Any] | None = None
        self.forgotten: list[int] = []
        self.batches = 0
        self._taken_over = taken_over
        self._broken = broken

    @asynccontextmanager
    async def writing(self, run: int) -> AsyncIterator["MemoryPlans"]:
        try:
            yield self
        except BaseException:
            self.messages.clear()
            self.refused.clear()
            self.finished = None
            raise

    async def write(self, rows: Sequence[PlannedRow], refused: Sequence[RefusedRow]) -> Written:
        await asyncio.sleep(0)
        self.batches += 1
        if self._broken:
            raise Unreachable("away")
        written = Written(refused={"invalid": len(refused)} if refused else {})
        self.refused += refused
        for row in rows:
            if row.person in self.messages:
                written.refused["duplicate"] = written.refused.get("duplicate", 0) + 1
            else:
                self.messages[row.person] = row
                written.planned += 1
        return written

    async def finish(self, **facts: Any) -> None:
        if self._taken_over:
            raise AlreadyRunning("taken over")
        self.finished = facts

    async def forget(self, run: int) -> None:
        self.forgotten.append(run)

    async def analyze(self, run: int) -> None:
        raise NotImplementedError


async def planned(source: Rows, store: MemoryPlans, **more: Any) -> Planned:
    audience = Audience(source, clean, ["name", "city"], "spring.yaml:6")
    return await plan(7, audience, [GREETING], terms=Terms(lambda _: "paris"), key=KEY, store=store, **more)


async def test_every_row_becomes_one_message_or_one_refusal() -> None:
    store = MemoryPlans()

    done = await planned(
        Rows(("+331", "Ada", None), (None, "Bob", None), ("+332", "Cid", "Lyon"), ("+331", "Ada", None)), store
    )

    assert (done.audience, done.planned, done.refused) == (4, 2, {"duplicate": 1, "invalid": 1})
    assert [row.row for row in store.messages.values()] == [1, 3]
    assert done.fixed_lines == 2


async def test_the_run_is_set_going_with_its_audience_and_digest() -> None:
    store = MemoryPlans()

    done = await planned(Rows(("+331", "Ada", None)), store, state="scheduled")

    assert store.finished == {"audience": 1, "digest": done.digest, "state": "scheduled", "outlook": {}}
    assert store.forgotten == []


async def test_only_variables_the_message_uses_are_kept() -> None:
    store = MemoryPlans()

    await planned(Rows(("+331", "Ada", "Lyon")), store)

    assert [row.variables for row in store.messages.values()] == [{"city": "Lyon", "name": "Ada"}]


async def test_the_digest_does_not_depend_on_the_order_of_rows() -> None:
    rows = [("+331", "Ada", None), ("+332", "Bob", None), ("+333", "Cid", None)]

    one = await planned(Rows(*rows), MemoryPlans())
    other = await planned(Rows(*reversed(rows)), MemoryPlans())
    changed_word = await planned(Rows(*rows[:2], ("+333", "Dan", None)), MemoryPlans())

    assert one.digest == other.digest
    assert one.digest != changed_word.digest


async def test_equal_messages_share_their_content_key_and_others_do_not() -> None:
    store = MemoryPlans()

    await planned(Rows(("+331", "Ada", None), ("+332", "Ada", None), ("+333", "Bob", None)), store)

    first, second, third = (row.content for row in store.messages.values())
    assert first == second != third


async def test_rows_whose_message_cannot_be_written_refuse_the_whole_plan() -> None:
    store = MemoryPlans()
    rows = [("+331", "Ada", None), *((f"+34{n}", None, None) for n in range(7))]

    with pytest.raises(RefusedByPlan, match=r"'name' is empty in 7 rows \(2, 3, 4, 5, 6 …\)") as refused:
        await planned(Rows(*rows), store)

    assert refused.value.exit_code == 3
    assert refused.value.where == "spring.yaml:6"
    assert store.messages == {}
    assert store.forgotten == [7]


async def test_every_way_a_message_cannot_be_written_is_told_by_itself() -> None:
    long = "x" * 4096
    rows = [
        ("+331", "Ada", None),
        ("+332", None, None),
        ("+333", "a\x00b", None),
        *((f"+34{n}", long, None) for n in range(7)),
    ]

    with pytest.raises(UnwritableRows) as refused:
        await planned(Rows(*rows), MemoryPlans())

    assert [(each.message, each.where) for each in refused.value.findings] == [
        (
            "message.text.body: the value has more than 4096 characters in 7 rows (4, 5, 6, 7, 8 …)",
            "spring.yaml:6",
        ),
        ("message.text.body: the column 'name' is empty in 1 row (2)", "spring.yaml:6"),
        (
            (
                "message.text.body: the value holds a line break, a tab, a control character or more than four spaces "
                "in a row in 1 row (3)"
            ),
            "spring.yaml:6",
        ),
    ]
    assert all(each.remedy for each in refused.value.findings)
    assert str(refused.value).count("\n") == 2


class Endless:
    """A message that cannot be written, for a reason of its own each time."""

    names = variables = frozenset[str]()

    def __init__(self) -> None:
        self._count = 0

    def missing(self, columns: Any) -> list[str]:
        return []

    def render(self, variables: Any) -> RenderRefusal:
        self._count += 1
        return RenderRefusal("unwritable", "message.text.body", f"reason {self._count}", "mend it")


async def test_reasons_without_end_are_told_up_to_a_bound() -> None:
    audience = Audience(
        Rows(*((f"+33{n}", "Ada", None) for n in range(1500)), batch=500), clean, ["name"], "spring.yaml:6"
    )

    with pytest.raises(UnwritableRows) as refused:
        await plan(7, audience, [cast("Any", Endless())], terms=Terms(lambda _: "paris"), key=KEY, store=MemoryPlans())

    assert len(refused.value.findings) == TOLD + 1
    assert "in 1,480 more rows" in refused.value.findings[-1].message


async def test_reasons_without_end_are_kept_up_to_a_bound() -> None:
    draft = Draft([cast("Any", Endless())], Terms(lambda _: "paris"), KEY)

    await draft.batch([(row, ("+331", "Ada", None)) for row in range(1500)], clean)

    assert len(draft.faults) == KEPT


async def test_nothing_more_is_written_after_a_message_that_cannot_be() -> None:
    store = MemoryPlans()

    with pytest.raises(RefusedByPlan):
        await planned(Rows(*((f"+33{n}", "Ada" if n != 3 else None, None) for n in range(20))), store)

    assert store.batches == 1


async def test_a_variable_without_a_column_is_refused_before_a_row_is_read() -> None:
    source, store = Rows(("+331", "Ada", None)), MemoryPlans()
    audience = Audience(source, clean, ["nome", "city"], "spring.yaml:6")

    with pytest.raises(ConfigurationError, match="did you mean 'nome'"):
        await plan(7, audience, [GREETING], terms=Terms(lambda _: "paris"), key=KEY, store=store)

    assert store.forgotten == [7]
    assert store.messages == {}


async def test_an_empty_audience_is_refused() -> None:
    with pytest.raises(RefusedByPlan, match="the audience is empty"):
        await planned(Rows(), MemoryPlans())


async def test_an_audience_of_refused_rows_is_refused_with_its_reasons() -> None:
    with pytest.raises(RefusedByPlan, match="none of the 2 rows becomes a message: 2 invalid"):
        await planned(Rows((None, "Ada", None), (None, "Bob", None)), MemoryPlans())


async def test_a_plan_taken_over_meanwhile_writes_nothing() -> None:
    store = MemoryPlans(taken_over=True)

    with pytest.raises(AlreadyRunning):
        await planned(Rows(("+331", "Ada", None)), store)

    assert store.messages == {}


async def test_a_ledger_that_goes_away_ends_the_plan_and_the_reading() -> None:
    source, store = Rows(*((f"+33{n}", "Ada", None) for n in range(9))), MemoryPlans(broken=True)

    with pytest.raises(Unreachable):
        await planned(source, store)

    assert source.closed


async def test_progress_counts_the_rows_read() -> None:
    seen: list[int] = []

    await planned(
        Rows(("+331", "Ada", None), ("+332", "Bob", None), (None, "C", None)), MemoryPlans(), progress=seen.append
    )

    assert seen == [2, 3]


def test_changed_names_sections_that_differ_appeared_or_vanished() -> None:
    before = {"message": "1", "audience": "2", "duplicates": "3"}

    assert changed(before, {"message": "9", "audience": "2", "consent": "4"}) == ["consent", "duplicates", "message"]
    assert changed(before, before) == []


def test_a_changed_file_is_refused_with_the_way_round() -> None:
    run = OpenedRun(7, UUID(int=1), "running", None, {"message": "1"}, to_plan=False)

    refuse_changes(run, {"message": "1"}, name="spring@once", where="spring.yaml")
    with pytest.raises(RefusedByPlan, match=r"the message section changed since spring@once was planned.*--run NEW"):
        refuse_changes(run, {"message": "2"}, name="spring@once", where="spring.yaml")
