"""The shards: numbers of the Cloud API, each with its ceiling, or an On-Premises client, cut into equal parts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from campaign.settings.accounts import ON_PREMISES
from campaign.settings.quantities import GraphId, Section, Throughput, matching, one_of, parse_rate, refuse, shown

SHARD_ID: Final = matching(
    r"[a-z0-9][a-z0-9_-]{0,31}",
    "that cannot be a shard's id",
    "use a-z, 0-9, '_' and '-', at most 32, beginning with a letter or digit",
)

# Messages per second of a whole client by its number of shards. 1 and 32: Meta, On-Premises messages reference,
# "Performance" (text messages). 8 and 16: the target that Meta's deployment templates give that many shards on two of
# three clouds (WhatsApp/whatsapp-business-api-deployment-templates, Nov 2025). The templates are made of ten a second
# per shard, so they give 2 and 4 shards less than the reference gives one: more shards are not slower, so these keep
# the 70 of one.
CLIENT_RATES: Final[Mapping[int, float]] = {1: 70.0, 2: 70.0, 4: 70.0, 8: 80.0, 16: 160.0, 32: 250.0}

# What the best of those templates was measured to do; above 250 Meta does not support it. Source: their README.
HIGHEST_CLIENT_RATE: Final = 350.0


@dataclass(frozen=True, slots=True)
class Shard:
    """One sending lane: where it sends from, and its part of all messages per second."""

    id: str
    address: str
    throughput: float | Literal["unlimited"]


class Number(Section):
    """A phone number of the Cloud API and its ceiling in messages per second."""

    id: Annotated[str, SHARD_ID] = Field(examples=["paris"])
    phone_number_id: GraphId = Field(examples=["106540352242922"])
    throughput: Throughput = 80.0


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in CLIENT_RATES:
        raise refuse(f"{shown(value)} is not possible here", f"write {one_of([str(each) for each in CLIENT_RATES])}")
    return value


def _client_rate(value: object) -> float | Literal["unlimited"]:
    if value == "unlimited":
        return "unlimited"
    rate = parse_rate(value)
    if rate > HIGHEST_CLIENT_RATE:
        remedy = f"write at most {HIGHEST_CLIENT_RATE:g} messages per second, the most a client was measured to do"
        raise refuse(f"{rate:g} is out of range", remedy)
    return rate


class ClientShards(Section):
    """How an On-Premises client is cut into shards, and the messages per second of all of them together."""

    count: Annotated[int, PlainValidator(_count), WithJsonSchema({"enum": list(CLIENT_RATES)})] = Field(examples=["32"])
    throughput: Annotated[
        float | Literal["unlimited"],
        PlainValidator(_client_rate),
        WithJsonSchema({"anyOf": [{"type": "number", "maximum": HIGHEST_CLIENT_RATE}, {"const": "unlimited"}]}),
    ] = Field(default_factory=lambda known: CLIENT_RATES[known.get("count", 1)])

    def cut(self) -> tuple[Shard, ...]:
        """Name the shards, each with an equal part."""
        whole = self.throughput
        part = whole if whole == "unlimited" else whole / self.count
        return tuple(Shard(f"shard-{each:02}", ON_PREMISES, part) for each in range(1, self.count + 1))


WrittenShards = Annotated[
    Annotated[tuple[Number, ...], Field(min_length=1), Tag("<numbers>")] | Annotated[ClientShards, Tag("<client>")],
    Discriminator(lambda value: "<client>" if isinstance(value, (dict, int, ClientShards)) else "<numbers>"),
]


def shards_of(written: Sequence[Number] | ClientShards) -> tuple[Shard, ...]:
    """Give the shards, however they were written."""
    if isinstance(written, ClientShards):
        return written.cut()
    return tuple(Shard(each.id, each.phone_number_id, each.throughput) for each in written)


def throughputs(written: object) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Find what was written as a throughput, with its path in the file."""
    if isinstance(written, dict):
        yield ("shards", "throughput"), written.get("throughput")
    for index, each in enumerate(written if isinstance(written, list) else []):
        if isinstance(each, dict):
            yield ("shards", index, "throughput"), each.get("throughput")
