"""The account that sends: of the Cloud API, or of an On-Premises client. One key, `dialect`, says which."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from campaign.settings.document import Document
from campaign.settings.portfolio import PortfolioLimit
from campaign.settings.quantities import BaseUrl, GraphId, Rate, Section, matching, parse_whole, refuse, shown
from campaign.settings.secret import AccessToken, AppSecret, Password, VerifyToken, WebhookPath

DIALECTS: Final = ("cloud", "on_premises")

# What all shards of an On-Premises client share as their address: the client has one number and one door.
ON_PREMISES: Final = "on-premises"

VERSION: Final = matching(r"v\d{1,3}\.\d{1,3}", "that is no version of the API", "write it as v23.0")
NOT_BLANK: Final = matching(r".*\S.*", "the name is blank", "write one, or leave the key out")
USERNAME: Final = matching(r"[^:\x00-\x1f]+", "that cannot be a user name", "write the client's, without a colon")


def _dialect(value: object) -> object:
    if value not in DIALECTS:
        raise refuse(f"{shown(value)} is not possible here", f"write {' or '.join(DIALECTS)}")
    return value


def _burst(value: object) -> int:
    return parse_whole(value, least=1, most=10_000)


class CloudAccount(Section):
    """A WhatsApp Business account of the Cloud API."""

    dialect: Annotated[Literal["cloud"], BeforeValidator(_dialect)] = "cloud"
    base_url: BaseUrl = "https://graph.facebook.com"
    version: Annotated[str, VERSION] = Field(examples=["v23.0"])
    business_account_id: GraphId = Field(examples=["102290129340398"])
    access_token: AccessToken = Field(examples=["${WHATSAPP_TOKEN}"])
    app_secret: AppSecret | None = None
    previous_app_secret: AppSecret | None = None
    verify_token: VerifyToken | None = None
    portfolio: Annotated[str, NOT_BLANK] | None = None
    portfolio_limit: PortfolioLimit = "auto"

    @property
    def portfolio_id(self) -> str:
        """Name who shares the limit on unique people."""
        return self.portfolio or self.business_account_id


class Requests(Section):
    """How often the client may be called at all.

    Source of the defaults: Meta, On-Premises "Rate limits", `/v1/messages` since v2.25.3.
    """

    per_second: Rate = 50.0
    burst: Annotated[int, BeforeValidator(_burst)] = Field(default=150, ge=1, le=10_000)


class OnPremisesAccount(Section):
    """The dialect of the On-Premises client, which providers still speak; logs in, or sends a provider's key."""

    dialect: Annotated[Literal["on_premises"], BeforeValidator(_dialect)]
    base_url: BaseUrl = Field(examples=["https://whatsapp.example.com"])
    username: Annotated[str, USERNAME] | None = None
    password: Password | None = None
    access_token: AccessToken | None = None
    webhook_path: WebhookPath | None = None
    app_secret: AppSecret | None = None
    previous_app_secret: AppSecret | None = None
    verify_token: VerifyToken | None = None
    contacts: bool = False
    requests: Requests | None = None
    portfolio: Annotated[str, NOT_BLANK] | None = None
    # Nobody can ask the client what the limit is: auto is unlimited here.
    portfolio_limit: PortfolioLimit = "auto"

    @property
    def portfolio_id(self) -> str:
        """Name who shares the limit on unique people."""
        return self.portfolio or ON_PREMISES


def dialect_of(account: object) -> str:
    """Tell which dialect an account's section speaks, as it was written; what cannot be told is Cloud."""
    said = account.get("dialect") if isinstance(account, dict) else getattr(account, "dialect", None)
    return "on_premises" if said == "on_premises" else "cloud"


Account = Annotated[
    Annotated[CloudAccount, Tag("<cloud>")] | Annotated[OnPremisesAccount, Tag("<on_premises>")],
    Discriminator(lambda value: f"<{dialect_of(value)}>"),
]

ACCOUNTS: Final[Mapping[str, type[Section]]] = {"cloud": CloudAccount, "on_premises": OnPremisesAccount}


def check_account(document: Document, account: Mapping[str, Any]) -> None:
    """Blame an On-Premises account that can log in in no way, or in two."""
    if dialect_of(account) != "on_premises":
        return
    login = [key for key in ("username", "password") if key in account]
    if "access_token" in account:
        for key in login:
            remedy = "keep either username and password, or access_token"
            document.blame(("account", key), "'access_token' is there already", remedy, key=True)
    elif len(login) != 2:  # noqa: PLR2004 - a user name and a password
        missing = "password" if "username" in account else "username"
        remedy = "write username and password: ${NAME}; or access_token: ${NAME}, the key of a provider"
        document.blame(("account",), f"'{missing}' is missing", remedy, key=True)
