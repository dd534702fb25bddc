"""Everything that is wrong with a file, told at once, in the order of its lines."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from campaign.domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    line: int
    column: int
    what: str
    remedy: str | None = None


class ConfigurationErrors(ConfigurationError):  # noqa: N818 - it is several
    """One or more findings in one file; each is a ConfigurationError of its own."""

    def __init__(self, findings: tuple[ConfigurationError, ...]) -> None:
        first = findings[0]
        super().__init__(first.message, where=first.where, remedy=first.remedy)
        self.findings = findings

    def __str__(self) -> str:
        """One finding a line."""
        return "\n".join(str(finding) for finding in self.findings)


@dataclass(slots=True)
class Findings:
    """Collects what is wrong with one file."""

    path: Path
    noted: set[Finding] = field(default_factory=set)

    def add(self, finding: Finding) -> None:
        self.noted.add(finding)

    def fail(self, what: str, remedy: str, *, line: int | None = None, column: int = 1) -> NoReturn:
        """Give up on the file: nothing after this can be judged."""
        where = str(self.path) if line is None else f"{self.path}:{line}:{column}"
        raise ConfigurationErrors((ConfigurationError(what, where=where, remedy=remedy),))

    def raise_if_any(self) -> None:
        """Raise ConfigurationErrors, sorted by line."""
        if self.noted:
            raise ConfigurationErrors(tuple(self._error(finding) for finding in sorted(self.noted, key=_order)))

    def _error(self, finding: Finding) -> ConfigurationError:
        where = f"{self.path}:{finding.line}:{finding.column}"
        return ConfigurationError(finding.what, where=where, remedy=finding.remedy)


def _order(finding: Finding) -> tuple[int, int, str]:
    return finding.line, finding.column, finding.what
