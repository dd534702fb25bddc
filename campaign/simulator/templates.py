"""The templates of the simulated business account, and what may be sent with them."""

import re
import zlib
from collections.abc import Iterator
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from campaign.simulator.reasons import Reason
from campaign.simulator.template_use import Part, TemplateKey, TemplateUse

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def template_id(key: TemplateKey) -> int:
    """Make up the number of a template; the same name and language give the same number in every process."""
    return 10**14 + zlib.crc32("/".join(key).encode())


class TemplateStatus(StrEnum):
    APPROVED = "APPROVED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"
    IN_APPEAL = "IN_APPEAL"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    ARCHIVED = "ARCHIVED"
    PENDING_DELETION = "PENDING_DELETION"


class TemplateCategory(StrEnum):
    MARKETING = "MARKETING"
    UTILITY = "UTILITY"
    AUTHENTICATION = "AUTHENTICATION"


class HeaderFormat(StrEnum):
    TEXT = "TEXT"
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    DOCUMENT = "DOCUMENT"
    GIF = "GIF"
    LOCATION = "LOCATION"
    PRODUCT = "PRODUCT"


class ButtonType(StrEnum):
    QUICK_REPLY = "QUICK_REPLY"
    URL = "URL"
    PHONE_NUMBER = "PHONE_NUMBER"
    COPY_CODE = "COPY_CODE"
    CATALOG = "CATALOG"
    MPM = "MPM"
    FLOW = "FLOW"
    OTP = "OTP"
    SPM = "SPM"
    VOICE_CALL = "VOICE_CALL"


class _Written(BaseModel):
    """A part of a template as a profile file writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Header(_Written):
    format: HeaderFormat
    text: str = ""

    @property
    def variables(self) -> list[str]:
        return _variables(self.text)


class Button(_Written):
    type: ButtonType
    text: str = ""
    url: str = ""

    @property
    def sub_type(self) -> str:
        """Name the button as a message does: a one-time password is sent as the end of a link."""
        return "url" if self.type is ButtonType.OTP else self.type.lower()

    @property
    def is_filled(self) -> bool:
        """Tell whether a message has to fill something in."""
        if self.type is ButtonType.URL:
            return bool(_variables(self.url))
        return self.type in (ButtonType.COPY_CODE, ButtonType.MPM, ButtonType.OTP)


class Card(_Written):
    """What a message fills in: a template itself, or one card of its carousel."""

    body: str = ""
    header: Header | None = None
    buttons: tuple[Button, ...] = ()

    @property
    def variables(self) -> list[str]:
        """Name the variables of the body, in order of appearance, each once."""
        return _variables(self.body)

    def objection(self, part: Part) -> Reason | None:
        """Say what does not fit between this and what a message fills in."""
        return self._header_objection(part) or self._body_objection(part) or self._button_objection(part)

    def _header_objection(self, part: Part) -> Reason | None:
        if self.header is None:
            return Reason.TEMPLATE_FORMAT if part.header else None
        if self.header.format is HeaderFormat.TEXT:
            needed = len(self.header.variables)
            return None if needed == bool(part.header) else Reason.TEMPLATE_COUNT
        return None if part.header == self.header.format.lower() else Reason.TEMPLATE_FORMAT

    def _body_objection(self, part: Part) -> Reason | None:
        if part.body != len(self.variables):
            return Reason.TEMPLATE_COUNT
        named = bool(self.variables) and not all(name.isdecimal() for name in self.variables)
        if named or part.names:
            return None if sorted(part.names) == sorted(self.variables) else Reason.TEMPLATE_FORMAT
        return None

    def _button_objection(self, part: Part) -> Reason | None:
        for index, sub_type in part.buttons.items():
            if index >= len(self.buttons) or self.buttons[index].sub_type != sub_type:
                return Reason.TEMPLATE_FORMAT
        missing = [at for at, button in enumerate(self.buttons) if button.is_filled and at not in part.buttons]
        return Reason.MISSING if missing else None


class Template(Card):
    """One template as a profile file writes it."""

    name: str = Field(min_length=1, max_length=512, pattern=r"^[a-z0-9_]+$")
    language: str = Field(min_length=2)
    body: str = Field(min_length=1)
    category: TemplateCategory = TemplateCategory.MARKETING
    status: TemplateStatus = TemplateStatus.APPROVED
    quality: str = "UNKNOWN"
    footer: str = ""
    cards: tuple[Card, ...] = ()
    limited_time_offer: bool = False

    @property
    def key(self) -> TemplateKey:
        return self.name, self.language

    @property
    def template_id(self) -> int:
        return template_id(self.key)

    def use_objection(self, use: TemplateUse) -> Reason | None:
        """Say what does not fit between this and a message that uses it."""
        if use.offer != self.limited_time_offer or len(use.cards) != len(self.cards):
            return Reason.TEMPLATE_FORMAT
        fits = zip((self, *self.cards), (use.whole, *use.cards), strict=True)
        return next((wrong for card, part in fits if (wrong := card.objection(part))), None)


DEFAULT_TEMPLATES = (
    Template(
        name="spring_sale", language="fr", body="Bonjour {{1}}, les soldes de printemps à {{2}} commencent demain."
    ),
    Template(name="launch_demo", language="en", body="Hello {{1}}, our new collection is here."),
)


class Shelf:
    """The templates with their present status, which a quality verdict changes."""

    def __init__(self, templates: tuple[Template, ...]) -> None:
        self.replace(templates)

    def replace(self, templates: tuple[Template, ...]) -> None:
        """Put other templates on the shelf; statuses start anew."""
        self.originals = templates
        self._templates = {template.key: template for template in templates}

    def __iter__(self) -> Iterator[Template]:
        return iter(self._templates.values())

    def find(self, key: TemplateKey) -> Template | None:
        return self._templates.get(key)

    def category(self, key: TemplateKey | None) -> str:
        """Name the pricing category; what uses no template of ours is counted as marketing or service."""
        if key is None:
            return "service"
        template = self._templates.get(key)
        return template.category.lower() if template else "marketing"

    def set_status(self, key: TemplateKey, status: TemplateStatus) -> None:
        template = self._templates.get(key)
        if template is not None:
            self._templates[key] = template.model_copy(update={"status": status})

    def set_category(self, key: TemplateKey, category: TemplateCategory) -> None:
        template = self._templates.get(key)
        if template is not None:
            self._templates[key] = template.model_copy(update={"category": category})

    def set_quality(self, key: TemplateKey, score: str) -> None:
        template = self._templates.get(key)
        if template is not None:
            self._templates[key] = template.model_copy(update={"quality": score})

    def unpause(self, template_id: int) -> TemplateKey | None:
        """Approve the paused template of that number again, and name it; None where there is none."""
        for template in self._templates.values():
            if template.template_id == template_id and template.status is TemplateStatus.PAUSED:
                self.set_status(template.key, TemplateStatus.APPROVED)
                return template.key
        return None

    def objection(self, use: TemplateUse) -> Reason | None:
        """Say what speaks against this use, if anything (error codes page, 19 Nov 2025)."""
        template = self._templates.get(use.key)
        if template is None:
            return Reason.TEMPLATE_MISSING
        by_status = {
            TemplateStatus.PAUSED: Reason.TEMPLATE_PAUSED,
            TemplateStatus.DISABLED: Reason.TEMPLATE_DISABLED,
        }
        if template.status is not TemplateStatus.APPROVED:
            return by_status.get(template.status, Reason.TEMPLATE_MISSING)
        return template.use_objection(use)


def _variables(text: str) -> list[str]:
    return list(dict.fromkeys(_VARIABLE.findall(text)))
