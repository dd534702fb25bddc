"""Tables of what a person gets inside the customer service window: text, media, place, contacts, reaction.

Source: Meta, "Text/Image/Video/Audio/Document/Sticker/Location/Contacts/Reaction messages", 3 Nov 2025, and the
OpenAPI description v23.0; On-Premises spellings from the reference of its `/messages` node.
"""

from collections.abc import Mapping
from typing import Final

from campaign.domain.catalogue.forms import COUNTRY, DAY, EMAIL, URL, between
from campaign.domain.catalogue.rules import another_part_of_the_name
from campaign.domain.catalogue.vocabulary import LINE, Flag, ListOf, Member, Number, Record, Text, may, need, only

SOURCES: Final = ("id", "link", "file")
ID: Final = Text(broken=LINE)
LATITUDE: Final = Number(between(-90, 90))
LONGITUDE: Final = Number(between(-180, 180))

PROVIDER: Final = only(
    "on_premises",
    Record({"name": need(Text(broken=LINE))}),
    "leave it out: the Cloud API fetches a link without credentials; use file: where it needs some",
)


def media(**more: Member) -> Record:
    """Make the table of a file to send: exactly one of its id, its link, and the path of a file to upload."""
    where = {"id": may(ID), "link": may(Text(broken=LINE, form=URL)), "file": may(Text(broken=LINE, constant=True))}
    refused: Mapping[str, str] = {} if "caption" in more else {"caption": "leave it out: none is shown here"}
    return Record({**where, "provider": PROVIDER, **more}, one_of=(SOURCES,), refused=refused)


CAPTION: Final = may(Text("caption"))
FILENAME: Final = may(Text(broken=LINE))

TEXT: Final = Record({"body": need(Text("text body")), "preview_url": may(Flag())})
IMAGE: Final = media(caption=CAPTION)
VIDEO: Final = media(caption=CAPTION)
AUDIO: Final = media(voice=may(Flag()))
VOICE: Final = media()
DOCUMENT: Final = media(caption=CAPTION, filename=FILENAME)
STICKER: Final = media()

LOCATION: Final = Record(
    {"latitude": need(LATITUDE), "longitude": need(LONGITUDE), "name": may(Text()), "address": may(Text())}
)
REACTION: Final = Record({"message_id": need(ID), "emoji": need(Text(broken=LINE, blank=True))})
CONTEXT: Final = Record({"message_id": need(ID)})

KIND: Final = may(Text(broken=LINE))
NAME_PARTS: Final = ("first_name", "middle_name", "last_name", "prefix", "suffix")
CONTACT: Final = Record(
    {
        "name": need(
            Record(
                {"formatted_name": need(Text()), **dict.fromkeys(NAME_PARTS, may(Text()))},
                rules=(another_part_of_the_name(NAME_PARTS),),
            )
        ),
        "birthday": may(Text(broken=LINE, form=DAY)),
        "phones": may(
            ListOf(Record({"phone": need(Text(broken=LINE)), "type": KIND, "wa_id": may(Text(broken=LINE))}))
        ),
        "emails": may(ListOf(Record({"email": need(Text(broken=LINE, form=EMAIL)), "type": KIND}))),
        "urls": may(ListOf(Record({"url": need(Text(broken=LINE)), "type": KIND}))),
        "addresses": may(
            ListOf(
                Record(
                    {
                        **dict.fromkeys(("street", "city", "state", "zip", "country"), may(Text())),
                        "country_code": may(Text(broken=LINE, form=COUNTRY)),
                        "type": KIND,
                    }
                )
            )
        ),
        "org": may(Record(dict.fromkeys(("company", "department", "title"), may(Text())))),
    }
)
CONTACTS: Final = ListOf(CONTACT, "contacts")
