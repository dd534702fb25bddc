"""What both dialects do with the body of a message request before they judge it, and after."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from campaign.simulator.bodies.shapes import Wrong
from campaign.simulator.dialect import Refusal, Submission
from campaign.simulator.reasons import Reason
from campaign.simulator.template_use import TemplateUse, use_of

Body = dict[str, Any]

_NUMBER = re.compile(r"\+?[\d\-() ]+", re.ASCII)
_NOT_A_DIGIT = re.compile(r"\D", re.ASCII)
_MEDIA = frozenset({"image", "video", "audio", "voice", "document", "sticker", "gif"})
# Whose message it is, not what it says.
_PERSONAL = frozenset({"to", "biz_opaque_callback_data"})


def parsed(raw: bytes) -> Body | Wrong:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return Wrong(Reason.NOT_JSON, "The request body is not JSON")
    if not isinstance(body, dict):
        return Wrong(Reason.NOT_JSON, "The request body is not a JSON object")
    return body


def digits(to: str) -> str:
    return _NOT_A_DIGIT.sub("", to)


def recipient(value: object, where: str) -> Wrong | None:
    """Take a phone number as the platform does, with the usual signs between its digits."""
    if isinstance(value, str) and _NUMBER.fullmatch(value) and digits(value):
        return None
    return Wrong(Reason.WRONG_VALUE, f"Param {where} is not a phone number.")


def refusal(wrong: Wrong, codes: Mapping[Reason, int]) -> Refusal:
    return Refusal(codes[wrong.reason], wrong.details)


def submission(body: Body, *, callback_data: str | None) -> Submission:
    """Make a submission of a body that nothing speaks against."""
    content = {key: value for key, value in body.items() if key not in _PERSONAL}
    return Submission(
        to=body["to"],
        person=digits(body["to"]),
        content=hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        callback_data=callback_data,
        template=_template_use(body),
        media=tuple(_media(body)),
        strict_policy=body.get("product_policy") == "STRICT",
    )


def _template_use(body: Body) -> TemplateUse | None:
    return use_of(body["template"]) if body["type"] == "template" else None


def _media(value: object) -> Iterator[str]:
    """Find the ids of media, wherever in a message they are."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key in _MEDIA and isinstance(member, dict) and "id" in member:
                yield member["id"]
            elif isinstance(member, (dict, list)):
                yield from _media(member)
    elif isinstance(value, list):
        for member in value:
            yield from _media(member)
