"""The On-Premises client on a real socket: who logs in when, and that no message is lost by it."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaign.adapters.whatsapp.client import WhatsAppClient
from campaign.adapters.whatsapp.contacts import Contacts
from campaign.adapters.whatsapp.grants import Credentials, FixedToken
from campaign.adapters.whatsapp.login import Login
from campaign.adapters.whatsapp.on_premises import OnPremisesWire
from campaign.adapters.whatsapp.session import open_session
from campaign.adapters.whatsapp.wire import table_of
from campaign.domain.outcome import Accepted, Halt, NotNow, NotSent, Outcome, Rejected, Scope, Unclear
from campaign.ports import Post
from campaign.ports.media import MediaFile, NotUploaded, Uploaded
from campaign.settings.secret import Secret
from tests.contract.raw_server import Answer, Server, free_port, hang, http, reset, serving_by
from tests.contract.test_client import Departing

PASSWORD = "Canary-pa55!"
NUMBER = "+33612345678"
POST = Post("on-premises", NUMBER, b'{"text":{"body":"hello"},"type":"text"}', "c1.0123abcd.x.0.1")
TAKEN = http(201, b'{"messages":[{"id":"gBEG"}],"meta":{"api_status":"stable","version":"2.53"}}')
BACK_IN_LINE = NotNow(401, Scope.NUMBER, 1.0)
NEW_TOKEN = NotNow(401, Scope.NUMBER, 1.0, Halt.TOKEN)


class House:
    """A client behind its login: gives tokens, and takes what comes with the newest of them."""

    def __init__(self) -> None:
        self.password = PASSWORD
        self.logins = 0
        self.refused = 0
        self.life = timedelta(days=7)
        self.now = 1_700_000_000.0
        self.messages: Answer = TAKEN
        self.at_login: Answer | None = None
        self.others: dict[bytes, Answer] = {}
        self.honours_tokens = True
        self.valid: set[bytes] = set()

    def rule(self, request: bytes) -> Answer:
        head = request.partition(b"\r\n\r\n")[0]
        path = head.split(b" ")[1]
        if path == b"/v1/users/login":
            return self.at_login or self._log_in(head)
        if not (self.honours_tokens and any(b"Bearer " + token + b"\r\n" in head + b"\r\n" for token in self.valid)):
            self.refused += 1
            return http(401, b'{"errors":[{"code":1005,"title":"Access denied"}]}')
        return self.messages if path == b"/v1/messages" else self.others[path]

    def _log_in(self, head: bytes) -> Answer:
        self.logins += 1
        if b"Basic " + b64encode(f"admin:{self.password}".encode()) not in head:
            return http(401, b'{"errors":[{"code":1005}]}')
        token = f"token-{self.logins}"
        self.valid = {token.encode()}
        expires = datetime.fromtimestamp(self.now, UTC) + self.life
        said = {"users": [{"token": token, "expires_after": expires.strftime("%Y-%m-%d %H:%M:%S+00:00")}]}
        return http(200, json.dumps(said).encode())

    def forget(self) -> None:
        """Let every token given so far be void."""
        self.valid = set()


@asynccontextmanager
async def sending(
    house: House, secret: Secret | None = None, *, contacts: bool = False, key: Secret | None = None
) -> AsyncIterator[tuple[WhatsAppClient, Server]]:
    async with serving_by(house.rule) as server, open_session() as session:
        base_url = f"http://127.0.0.1:{server.port}"
        credentials: Credentials = (
            FixedToken(key)
            if key
            else Login(
                session,
                base_url=base_url,
                username="admin",
                password=secret or Secret(PASSWORD),
                now=lambda: house.now,
            )
        )
        table = table_of("on_premises")
        asking = Contacts(session, base_url=base_url, no_user=table.listed.get(1013)) if contacts else None
        yield (
            WhatsAppClient(
                session, wire=OnPremisesWire(table, base_url=base_url), credentials=credentials, contacts=asking
            ),
            server,
        )
        await credentials.close()


async def send(client: WhatsAppClient, times: int = 1) -> list[Outcome]:
    return list(await asyncio.gather(*(client.send(POST, Departing()) for _ in range(times))))


async def test_a_message_is_posted_with_the_token_of_a_login() -> None:
    house = House()
    async with sending(house) as (client, server):
        assert await send(client) == [Accepted("gBEG")]

    login, message = server.received
    assert login.startswith(b"POST /v1/users/login HTTP/1.1\r\n")
    assert login.endswith(b"\r\n\r\n")
    assert message.startswith(b"POST /v1/messages HTTP/1.1\r\n")
    assert b"Authorization: Bearer token-1\r\n" in message
    assert message.endswith(b'{"recipient_type":"individual","to":"33612345678",' + POST.content[1:])


async def test_many_who_wait_for_a_token_share_one_login() -> None:
    house = House()
    async with sending(house) as (client, _):
        assert set(await send(client, 30)) == {Accepted("gBEG")}

    assert house.logins == 1


async def test_a_herd_of_refused_tokens_makes_one_login_and_loses_no_message() -> None:
    house = House()
    async with sending(house) as (client, _):
        await send(client)
        house.forget()
        herd = await send(client, 50)
        again = await send(client, 50)

    assert set(herd) == {BACK_IN_LINE}
    assert set(again) == {Accepted("gBEG")}
    assert (house.logins, house.refused) == (2, 50)


async def test_a_token_is_renewed_before_it_expires_while_the_old_one_still_serves() -> None:
    house = House()
    async with sending(house) as (client, server):
        await send(client)
        house.now += timedelta(days=6.5).total_seconds()
        house.at_login = hang
        assert await send(client, 5) == [Accepted("gBEG")] * 5

        assert sum(request.startswith(b"POST /v1/users/login") for request in server.received) == 2


async def test_an_expired_token_is_not_used_any_more() -> None:
    house = House()
    async with sending(house) as (client, _):
        await send(client)
        house.now += house.life.total_seconds() + 1
        assert set(await send(client, 20)) == {Accepted("gBEG")}

    assert (house.logins, house.refused) == (2, 0)


async def test_a_client_whose_clock_is_wrong_is_believed_to_give_a_week() -> None:
    house = House()
    house.life = timedelta(days=-1)
    async with sending(house) as (client, _):
        assert await send(client, 3) + await send(client, 3) == [Accepted("gBEG")] * 6

    assert house.logins == 1


async def test_a_wrong_password_halts_and_nothing_leaves() -> None:
    house = House()
    house.password = "another"
    departing = Departing()
    async with sending(house) as (client, _):
        assert await client.send(POST, departing) == NEW_TOKEN

    assert departing.count == 0


async def test_a_password_that_must_be_changed_first_halts_with_its_code() -> None:
    house = House()
    house.at_login = http(403, b'{"errors":[{"code":1024,"title":"Must change password"}]}')
    async with sending(house) as (client, _):
        assert await send(client) == [NotNow(1024, Scope.NUMBER, 1.0, Halt.TOKEN)]


async def test_a_password_changed_in_mid_run_halts_what_is_refused() -> None:
    house = House()
    async with sending(house) as (client, _):
        await send(client)
        house.forget()
        house.password = "another"
        assert set(await send(client, 10)) == {NEW_TOKEN}


async def test_a_password_is_read_again_when_it_is_refused(tmp_path: Path) -> None:
    (path := tmp_path / "password").write_text("old")
    secret = Secret(path.read_text(), path.read_text)
    path.write_text(PASSWORD)
    house = House()
    async with sending(house, secret) as (client, _):
        assert await send(client) == [Accepted("gBEG")]


@pytest.mark.parametrize("at_login", [reset, http(503, b""), http(200, b"{}"), http(404, b"")])
async def test_a_login_that_does_not_come_off_proves_that_nothing_left(at_login: Answer) -> None:
    house = House()
    house.at_login = at_login
    departing = Departing()
    async with sending(house) as (client, _):
        outcome = await client.send(POST, departing)
        house.at_login = None
        again = await send(client)

    assert isinstance(outcome, NotSent)
    assert outcome.connection
    assert departing.count == 0
    assert again == [Accepted("gBEG")]


async def test_a_login_that_fails_after_a_refused_token_does_not_halt() -> None:
    house = House()
    async with sending(house) as (client, _):
        await send(client)
        house.forget()
        house.at_login = http(503, b"")
        assert await send(client) == [BACK_IN_LINE]


async def test_a_client_that_refuses_its_own_fresh_tokens_halts_instead_of_logging_in_for_ever() -> None:
    house = House()
    house.honours_tokens = False
    async with sending(house) as (client, _):
        assert set(await send(client, 20)) == {NEW_TOKEN}
        assert set(await send(client, 20)) == {NEW_TOKEN}

    assert house.logins == 1


async def test_a_refused_young_token_is_given_up_later_so_that_a_resumed_run_can_log_in() -> None:
    house = House()
    house.honours_tokens = False
    async with sending(house) as (client, _):
        await send(client)
        house.honours_tokens = True
        house.forget()
        house.now += 61
        assert await send(client) == [BACK_IN_LINE]
        assert await send(client) == [Accepted("gBEG")]


async def test_a_providers_key_is_sent_as_it_is_and_a_refused_one_halts() -> None:
    house = House()
    house.valid = {b"provider-key-0123456789"}
    async with sending(house, key=Secret("provider-key-0123456789")) as (client, _):
        assert await send(client) == [Accepted("gBEG")]
        house.forget()
        assert await send(client) == [NEW_TOKEN]

    assert house.logins == 0


async def test_no_outcome_names_the_password_the_token_or_the_number() -> None:
    outcomes: list[Outcome] = []
    for at_login in (reset, http(401, b"{}"), http(200, b"{"), None):
        house = House()
        house.at_login = at_login
        house.messages = reset
        async with sending(house) as (client, _):
            outcomes += await send(client)
    async with open_session() as session:
        login = Login(session, base_url=f"http://127.0.0.1:{free_port()}", username="admin", password=Secret(PASSWORD))
        outcomes.append(await login.obtain())  # type: ignore[arg-type] # it has no token to give

    assert isinstance(outcomes[-2], Unclear)
    for said in map(repr, outcomes):
        assert PASSWORD not in said
        assert b64encode(f"admin:{PASSWORD}".encode()).decode() not in said
        assert "token-1" not in said
        assert NUMBER[1:] not in said


# Contacts.

UNKNOWN = http(404, b'{"errors":[{"code":1006,"title":"Resource not found","details":"unknown contact"}]}')


def contact(status: str) -> Answer:
    return http(200, json.dumps({"contacts": [{"input": NUMBER, "status": status}]}).encode())


async def unknown_contact(answer: Answer, *, contacts: bool = True, times: int = 1) -> tuple[list[Outcome], Server]:
    house = House()
    house.messages = UNKNOWN
    house.others[b"/v1/contacts"] = answer
    async with sending(house, contacts=contacts) as (client, server):
        return [await client.send(POST, Departing()) for _ in range(times)], server


async def test_an_unknown_contact_is_looked_up_once_and_the_message_goes_back_in_line() -> None:
    outcomes, server = await unknown_contact(contact("valid"), times=3)

    assert outcomes == [NotNow(1006, Scope.PERSON, 2.0), Rejected(1006), Rejected(1006)]
    (question,) = [request for request in server.received if request.startswith(b"POST /v1/contacts")]
    assert question.endswith(b'{"blocking":"wait","contacts":["+33612345678"],"force_check":true}')


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (contact("invalid"), Rejected(1013, suppress="all")),
        (contact("failed"), Rejected(1006)),
        (contact("processing"), NotNow(1006, Scope.PERSON, 2.0)),
        (http(500, b""), NotNow(1006, Scope.PERSON, 2.0)),
        (reset, NotNow(1006, Scope.PERSON, 2.0)),
    ],
)
async def test_what_the_lookup_says_decides(answer: Answer, outcome: Outcome) -> None:
    assert (await unknown_contact(answer))[0] == [outcome]


async def test_without_contacts_an_unknown_contact_is_refused_at_once() -> None:
    outcomes, server = await unknown_contact(contact("valid"), contacts=False)

    assert outcomes == [Rejected(1006)]
    assert not any(request.startswith(b"POST /v1/contacts") for request in server.received)


# Uploads.

FILE = MediaFile(b"\x01" * 32, "image/png", "spring.png", b"\x89PNG" + b"0123456789" * 200_000)


async def test_a_file_is_uploaded_as_its_bytes_with_its_type() -> None:
    house = House()
    house.others[b"/v1/media"] = http(200, b'{"media":[{"id":"f043afd0"}]}')
    async with sending(house) as (client, server):
        assert await client.upload("on-premises", FILE) == Uploaded("f043afd0")
        house.forget()
        house.now += 61
        assert await client.upload("on-premises", FILE) == Uploaded("f043afd0")

    uploads = [request for request in server.received if request.startswith(b"POST /v1/media ")]
    assert b"Content-Type: image/png\r\n" in uploads[0]
    assert uploads[0].endswith(b"\r\n\r\n" + FILE.content)
    assert house.logins == 2


async def test_an_upload_without_a_login_is_not_done_and_says_whether_it_will_be() -> None:
    house = House()
    house.at_login = reset
    async with sending(house) as (client, _):
        away = await client.upload("on-premises", FILE)
        house.at_login = http(401, b"")
        refused = await client.upload("on-premises", FILE)

    assert isinstance(away, NotUploaded)
    assert isinstance(refused, NotUploaded)
    assert (away.refused, refused.refused) == (False, True)
    assert (away.halt, refused.halt) == (Halt.NOTHING, Halt.TOKEN)
