"""WhatsApp, put together: the client that sends, and the look at the account before it does."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp

from campaign.adapters.whatsapp.account import CloudAccount
from campaign.adapters.whatsapp.client import WhatsAppClient
from campaign.adapters.whatsapp.cloud import CloudWire
from campaign.adapters.whatsapp.contacts import NO_USER, Contacts
from campaign.adapters.whatsapp.grants import Credentials, FixedToken
from campaign.adapters.whatsapp.login import Login
from campaign.adapters.whatsapp.on_premises import OnPremisesWire
from campaign.adapters.whatsapp.on_premises_account import OnPremisesAccount
from campaign.adapters.whatsapp.session import open_session
from campaign.adapters.whatsapp.wire import table_of
from campaign.domain.errors import CampaignError, ConfigurationError
from campaign.settings import Settings


@asynccontextmanager
async def open_whatsapp(settings: Settings) -> AsyncIterator[WhatsAppClient]:
    """Open the client that sends messages and uploads files in the account's dialect."""
    async with open_session() as session, _credentials(session, settings) as credentials:
        yield _client(session, settings, credentials)


def _client(session: aiohttp.ClientSession, settings: Settings, credentials: Credentials) -> WhatsAppClient:
    account = settings.account
    table = table_of(account.dialect, settings.answers)
    if account.dialect == "cloud":
        cloud = CloudWire(table, base_url=account.base_url, version=account.version)
        return WhatsAppClient(session, wire=cloud, credentials=credentials)
    contacts = Contacts(session, base_url=account.base_url, no_user=table.listed.get(NO_USER))
    return WhatsAppClient(
        session,
        wire=OnPremisesWire(table, base_url=account.base_url),
        credentials=credentials,
        contacts=contacts if account.contacts else None,
    )


@asynccontextmanager
async def _credentials(session: aiohttp.ClientSession, settings: Settings) -> AsyncIterator[Credentials]:
    credentials = _made(session, settings)
    try:
        yield credentials
    finally:
        await credentials.close()


def _made(session: aiohttp.ClientSession, settings: Settings) -> Credentials:
    account = settings.account
    if account.access_token is not None:
        return FixedToken(account.access_token)
    if account.username is None or account.password is None:
        raise ConfigurationError(
            "nothing lets us in", where="account", remedy="write access_token, or username and password"
        )
    return Login(session, base_url=account.base_url, username=account.username, password=account.password)


@asynccontextmanager
async def open_account(settings: Settings) -> AsyncIterator[CloudAccount | OnPremisesAccount]:
    """Open the account as `doctor` and the look before sending see it."""
    account = settings.account
    async with open_session() as session:
        if account.dialect == "cloud":
            yield CloudAccount(
                session,
                base_url=account.base_url,
                version=account.version,
                token=account.access_token,
                business_account=account.business_account_id,
            )
            return
        async with _credentials(session, settings) as credentials:
            key = account.access_token is not None
            yield OnPremisesAccount(session, base_url=account.base_url, credentials=credentials, key=key)


@contextmanager
def placed(settings: Settings) -> Iterator[None]:
    """Say of what is wrong with the account where that stands in the settings' file."""
    try:
        yield
    except CampaignError as error:
        error.where = settings.where(*(error.where or "account").split("."))
        raise
