"""The templates of the simulated business account, and what may be sent with them."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def template_id(key: tuple[str, str]) -> int:
    """Make up the number of a template; the same name and language give the same number in every process."""
    return 10**14 + zlib.crc32("/".join(key).encode())


class TemplateStatus(StrEnum):
    APPROVED = "APPROVED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"


class TemplateCategory(StrEnum):
    MARKETING = "MARKETING"
    UTILITY = "UTILITY"
    AUTHENTICATION = "AUTHENTICATION"


class Template(BaseModel):
    """One template as a profile file writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=512, pattern=r"^[a-z0-9_]+$")
    language: str = Field(min_length=2)
    body: str = Field(min_length=1)
    category: TemplateCategory = TemplateCategory.MARKETING
    status: TemplateStatus = TemplateStatus.APPROVED

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.language

    @property
    def template_id(self) -> int:
        return template_id(self.key)

    @property
    def variables(self) -> list[str]:
        """Name the variables of the body, in order of appearance, each once."""
        return list(dict.fromkeys(_VARIABLE.findall(self.body)))


DEFAULT_TEMPLATES = (
    Template(
        name="spring_sale", language="fr", body="Bonjour {{1}}, les soldes de printemps à {{2}} commencent demain."
    ),
    Template(name="launch_demo", language="en", body="Hello {{1}}, our new collection is here."),
)


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """What one message says about the template it uses."""

    key: tuple[str, str]
    body_parameters: int


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

    def find(self, key: tuple[str, str]) -> Template | None:
        return self._templates.get(key)

    def category(self, key: tuple[str, str] | None) -> str:
        """Name the pricing category; what uses no template of ours is counted as marketing or service."""
        if key is None:
            return "service"
        template = self._templates.get(key)
        return template.category.lower() if template else "marketing"

    def set_status(self, key: tuple[str, str], status: TemplateStatus) -> None:
        template = self._templates.get(key)
        if template is not None:
            self._templates[key] = template.model_copy(update={"status": status})

    def unpause(self, template_id: int) -> bool:
        """Approve the paused template of that number again; False where there is none."""
        for template in self._templates.values():
            if template.template_id == template_id and template.status is TemplateStatus.PAUSED:
                self.set_status(template.key, TemplateStatus.APPROVED)
                return True
        return False

    def objection(self, use: TemplateUse) -> int | None:
        """Name the error code that speaks against this use, if any (error codes page, 19 Nov 2025)."""
        template = self._templates.get(use.key)
        if template is None:
            return 132001
        by_status = {TemplateStatus.PAUSED: 132015, TemplateStatus.DISABLED: 132016}
        if template.status is not TemplateStatus.APPROVED:
            return by_status.get(template.status, 132001)
        return None if use.body_parameters == len(template.variables) else 132000
