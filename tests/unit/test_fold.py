"""Whatever order, repetition, clock and batching facts come in, a message ends in one state: that of the rule."""

import inspect
import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import ModuleType
from typing import NamedTuple

import pytest

from campaign.domain import lifecycle
from campaign.domain.lifecycle import Delivery, Fact

HELD, SENT, DELIVERED, READ = map(Fact, ("held_for_quality_assessment", "sent", "delivered", "read"))
FAILED_A, FAILED_B, DROPPED = Fact("failed", 131049), Fact("failed", 131026), Fact("failed", 132015)

# All orders of all subsets of these: 13,700.
COMMON = (HELD, SENT, DELIVERED, READ, FAILED_A, FAILED_B, DROPPED)

# What else there is, some of it meaningless.
RARE = (
    *map(Fact, ("played", "paused", "warning", "deleted", "a word of next year", "Held", "")),
    Fact("Message has been held because quality assessment is pending"),
    Fact("failed", 0),
    Fact("failed", 132016),
    Fact("delivered", 132015),
    Fact("sent", 131026),
)

VARIATIONS = 7
MOST_REPEATS = 5

Fold = Callable[[Iterable[Fact]], Delivery]


class Case(NamedTuple):
    """What is told in which batches; each fact with its own time."""

    batches: Sequence[Sequence[tuple[Fact, int]]]

    def end(self, fold: Fold) -> Delivery:
        """Let a ledger hear it: a fact said twice is one, and after each batch all facts are folded."""
        known: dict[tuple[Fact, int], None] = {}
        state = fold(())
        for batch in self.batches:
            known.update(dict.fromkeys(batch))
            state = fold([fact for fact, _ in known])
        return state


def restated(facts: Iterable[Fact]) -> Delivery:
    """Say the rule once more, without looking at how it is written."""
    words = {fact.status for fact in facts}
    codes = sorted(fact.code for fact in facts if fact.status == "failed")
    paused = [code for code in codes if code in (132015, 132016)]
    if words & {"read", "played", "delivered"}:
        return Delivery("delivered" if words.isdisjoint({"read", "played"}) else "read", None, conflict=bool(codes))
    if paused:
        return Delivery("dropped", paused[0], conflict=False)
    if codes:
        return Delivery("failed", next((code for code in codes if code), None), conflict=False)
    if "sent" in words:
        return Delivery("sent", None, conflict=False)
    if any(word in ("held_for_quality_assessment", "paused") or "assessment is pending" in word for word in words):
        return Delivery("held", None, conflict=False)
    return Delivery("none", None, conflict=False)


def orders() -> Iterator[tuple[Fact, ...]]:
    for size in range(len(COMMON) + 1):
        yield from itertools.permutations(COMMON, size)


def odd_orders(luck: random.Random, count: int) -> Iterator[tuple[Fact, ...]]:
    for _ in range(count):
        yield tuple(luck.sample((*COMMON, *RARE), luck.randint(1, 6)))


def varied(order: tuple[Fact, ...], luck: random.Random) -> Case:
    """Repeat some, give all one time or times that run backwards, and cut it into batches."""
    said = list(order)
    repeated = luck.random()
    for fact in order:
        if repeated < 0.5 and luck.random() < 0.5:
            for _ in range(1 + int(luck.random() * (MOST_REPEATS - 1))):
                said.insert(int(luck.random() * (len(said) + 1)), fact)
    backwards = luck.random() < 0.5
    timed = [(fact, -place if backwards else 0) for place, fact in enumerate(said)]
    size = (1, 2, 3, len(timed) or 1)[int(luck.random() * 4)]
    return Case([timed[first : first + size] for first in range(0, len(timed), size)])


def cases(seed: int) -> Iterator[tuple[Delivery, Case]]:
    """Give what each case must end in, and the case: 95,900 of common facts, 20,000 with rare ones."""
    luck = random.Random(seed)
    # The rare ones first: what breaks on them is found at once.
    for order in odd_orders(luck, 20_000):
        yield restated(order), varied(order, luck)
    for order in orders():
        expected = restated(order)
        for _ in range(VARIATIONS):
            yield expected, varied(order, luck)


def test_every_case_ends_in_the_one_state_of_its_facts() -> None:
    count = 0
    for expected, case in cases(seed=1):
        assert case.end(lifecycle.fold) == expected, case
        count += 1

    assert count >= 100_000


# Ways to get it wrong: what is written, and what somebody might write instead.
MUTANTS = {
    "the latest wins": ("facts = frozenset(facts)", "facts = frozenset(list(facts)[-1:])"),
    "the first wins": ("facts = frozenset(facts)", "facts = frozenset(list(facts)[:1])"),
    "failed beats delivered": ('"delivered", "dropped", "failed",', '"dropped", "failed", "delivered",'),
    "dropped beats delivered": ('"delivered", "dropped",', '"dropped", "delivered",'),
    "delivered beats read": ('("read", "delivered", "dropped"', '("delivered", "read", "dropped"'),
    "failed beats dropped": ('"dropped", "failed", "sent"', '"failed", "dropped", "sent"'),
    "sent beats failed": ('"failed", "sent",', '"sent", "failed",'),
    "held beats sent": ('"sent", "held")', '"held", "sent")'),
    "played is ignored": ('    "played": "read",\n', ""),
    "played is delivered": ('"played": "read"', '"played": "delivered"'),
    "paused is ignored": ('    "paused": "held",\n', ""),
    "the sentence is ignored": ("quality assessment is pending", "quality assessment was pending"),
    "a warning means sent": ('    "sent": "sent",\n', '    "sent": "sent",\n    "warning": "sent",\n'),
    "dropped is only failed": ("frozenset({132015, 132016})", "frozenset()"),
    "a disabled template is only failed": ("frozenset({132015, 132016})", "frozenset({132015})"),
    "the code alone drops": ('if fact.status == "failed" and fact.code in', "if fact.code in"),
    "the largest code counts": ("min(named", "max(named"),
    "any code explains a drop": ("failures & DROPPED_CODES or failures - {0}", "failures - {0}"),
    "no code counts as one": ("failures - {0}", "failures"),
    "a delivered message keeps a code": ('if state in ("failed", "dropped") else None', 'if state != "sent" else None'),
    "no conflict": ('state in ("read", "delivered") and bool(failures)', "False"),
    "a read message has no conflict": ('state in ("read", "delivered") and', 'state == "delivered" and'),
    "any failure is a conflict": ('state in ("read", "delivered") and bool(failures)', "bool(failures)"),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_fold_that_is_wrong_is_found_out(mutant: str) -> None:
    fold = _mutated(*MUTANTS[mutant]).fold

    assert any(case.end(fold) != expected for expected, case in cases(seed=2))


def _mutated(written: str, instead: str) -> ModuleType:
    source = inspect.getsource(lifecycle)
    assert source.count(written) == 1, written
    module = ModuleType("mutant")
    exec(source.replace(written, instead), module.__dict__)
    return module
