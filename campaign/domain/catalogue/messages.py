"""The table of all messages: from a message's type to what it holds."""

from collections.abc import Mapping
from typing import Any, Final

from campaign.domain.catalogue.fault import Dialect
from campaign.domain.catalogue.free_form import (
    AUDIO,
    CONTACTS,
    CONTEXT,
    DOCUMENT,
    ID,
    IMAGE,
    LOCATION,
    REACTION,
    STICKER,
    TEXT,
    VIDEO,
    VOICE,
)
from campaign.domain.catalogue.interactive import INTERACTIVE
from campaign.domain.catalogue.template import CODE_TEMPLATE, TEMPLATE
from campaign.domain.catalogue.vocabulary import (
    Choice,
    Depends,
    Flag,
    Free,
    Member,
    Node,
    Record,
    Tagged,
    may,
    need,
    only,
)

# What a run, not a file, decides.
FILLED_BY_SENDER: Final = frozenset(
    {"to", "recipient", "messaging_product", "recipient_type", "biz_opaque_callback_data"}
)
NO_REPLY: Final = {"context": "leave it out: a reaction names its message itself, in reaction.message_id"}
TTL: Final = only(
    "on_premises", Free(), "leave it out: the Cloud API takes it from the template (message_send_ttl_seconds)"
)


def _message(kind: str, node: Node, **more: Member) -> Record:
    return Record({kind: need(node), "context": may(CONTEXT), "ttl": TTL, **more})


BY_TYPE: Final[Mapping[str, Record]] = {
    "template": _message("template", TEMPLATE),
    "text": _message(
        "text", TEXT, preview_url=only("on_premises", Flag(), "write it inside text: {body: ..., preview_url: true}")
    ),
    "image": _message("image", IMAGE),
    "video": _message("video", VIDEO),
    "audio": _message("audio", AUDIO),
    "voice": _message("voice", VOICE),
    "document": _message("document", DOCUMENT),
    "sticker": _message("sticker", STICKER),
    "location": _message("location", LOCATION),
    "contacts": _message("contacts", CONTACTS),
    "interactive": _message("interactive", INTERACTIVE),
    "reaction": Record({"reaction": need(REACTION), "ttl": TTL}, refused=NO_REPLY),
}
# Types one dialect alone has, with what the other writes.
ONE_DIALECT: Final[Mapping[str, tuple[Dialect, str]]] = {
    "voice": ("on_premises", "write type: audio, audio: {..., voice: true}"),
}
MESSAGE_TYPES: Final = tuple(kind for kind in BY_TYPE if kind not in ONE_DIALECT)

CODES: Final = Tagged("type", {"template": _message("template", CODE_TEMPLATE)})
MESSAGES: Final = Tagged("type", BY_TYPE, only=ONE_DIALECT)
READ: Final = Record({"status": need(Choice(("read",))), "message_id": need(ID)})


def table(category: str | None) -> Node:
    """Choose the table: a campaign of one-time codes sends codes in a template, and nothing else."""
    ordinary = CODES if category == "authentication" else MESSAGES

    def choose(message: Mapping[str, Any]) -> Node:
        return READ if "status" in message else ordinary

    return Depends(choose)
