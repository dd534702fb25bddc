"""The samples a marketer starts from: each can be checked and planned, and nothing the platform takes is missing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from campaign.audience import Cleaner, Columns
from campaign.domain.catalogue.messages import MESSAGE_TYPES, table
from campaign.domain.catalogue.vocabulary import Depends, ListOf, Node, Record, Tagged
from campaign.domain.rendering import compile_message
from tests.samples import SAMPLES, people, sample

# What stands for a choice among kinds, wherever the catalogue makes the same one; then the kind.
Kind = tuple[frozenset[str], str]
SHOWN_ELSEWHERE = {
    "currency": "a header takes it as the body does",
    "date_time": "a header takes it as the body does",
}
OFFER = {"components": [{"type": "limited_time_offer"}]}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_named_as_its_file(name: str) -> None:
    assert sample(name).campaign == name


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_can_be_written_to_everybody_in_the_shared_file(name: str) -> None:
    campaign = sample(name)
    message = compile_message(campaign.frozen()["message"], category=campaign.category)
    columns = people()[0].keys()
    assert (message.missing(columns), message.suspects(columns)) == ([], [])
    written = [message.render({key: value for key, value in person.items() if value}) for person in people()]
    assert [each for each in written if not isinstance(each, bytes)] == []


def test_everybody_in_the_shared_file_has_a_number_and_consented() -> None:
    header = list(people()[0])
    columns = Columns(phone="phone", country="FR", consent="marketing_opt_in")
    cleaner = Cleaner(header, columns, key=b"k" * 32, where="people.csv")
    recipients, refused = cleaner.clean([(row, list(person.values())) for row, person in enumerate(people(), 1)])
    assert refused == []
    assert len({each.person for each in recipients}) == len(people())


def test_the_samples_show_every_kind_of_the_catalogue() -> None:
    wanted = {kind for category in (None, "authentication") for kind in _kinds(table(category), {})}
    shown = {
        kind for name in SAMPLES for kind in _shown(table(sample(name).category), sample(name).frozen()["message"])
    }
    # A table that offers a part of another's kinds offers the same ones.
    missing = {(kinds, kind) for kinds, kind in wanted if not any(kinds <= more and kind == it for more, it in shown)}
    assert {kind for _, kind in missing} == SHOWN_ELSEWHERE.keys()


def test_the_samples_show_every_type_in_a_file_named_after_it() -> None:
    shown = {str(sample(name).message["type"]) for name in SAMPLES if "type" in sample(name).message}
    assert shown == set(MESSAGE_TYPES)
    assert sample("read").message["status"] == "read"


def _kinds(node: Node, seen: dict[int, Node]) -> Iterator[Kind]:
    """Name every kind that can be chosen in a table of the Cloud API."""
    if id(node) in seen:
        return
    seen[id(node)] = node
    if isinstance(node, Tagged):
        for tag, record in node.cases.items():
            # A case without members stands for a table of its own.
            if record.members and node.only.get(tag, ("cloud", ""))[0] == "cloud":
                yield frozenset(node.cases), tag
    for each in _inside(node):
        yield from _kinds(each, seen)


def _inside(node: Node) -> Iterator[Node]:
    match node:
        case Tagged(cases=cases):
            yield from cases.values()
        case Record(members=members):
            yield from (member.node for member in members.values() if member.only in {None, "cloud"})
        case ListOf(item=item):
            yield item
        case Depends(choose=choose):
            yield from (choose(value) for value in ({}, {"status": "read"}, {"type": "button"}, OFFER))


def _shown(node: Node, value: Any) -> Iterator[Kind]:
    """Name every kind that a message chooses."""
    match node:
        case Tagged(cases=cases, by=by):
            record = node.case(value)
            assert record is not None
            yield frozenset(cases), value[by].lower()
            yield from _shown(record, value)
        case Record(members=members):
            for key, member in members.items():
                if isinstance(value, Mapping) and key in value:
                    yield from _shown(member.node, value[key])
        case ListOf(item=item):
            assert isinstance(value, Sequence)
            for each in value:
                yield from _shown(item, each)
        case Depends(choose=choose):
            yield from _shown(choose(value), value)
