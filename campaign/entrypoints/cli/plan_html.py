"""A plan as one page of HTML that needs nothing else: to be mailed, printed and read on a phone."""

import os
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from campaign.bootstrap.rehearsal import PlanReport
from campaign.domain.errors import ConfigurationError
from campaign.domain.preview import neutral, spans
from campaign.entrypoints.cli.bubble_page import ICONS
from campaign.entrypoints.cli.plan_sheet import sheet
from campaign.entrypoints.cli.plan_times import moment, zone_of

_FOLDER: Final = "html"
_BEGINS: Final = b"<!doctype html"


def html(plan: PlanReport, *, made_at: datetime, settings: str | None = None) -> str:
    """Write the page; whatever stands in the plan is escaped."""
    said = moment(made_at, zone_of(plan))
    template = _environment().get_template("plan.html.j2")
    page = template.render(plan=sheet(plan, settings=settings), made_at=said, style=_style())
    # Escaped is not enough: nothing may turn the lines around either.
    return neutral(page).lstrip()


def refuse_unwritable(path: Path) -> None:
    """Raise ConfigurationError at once where a page could not be written in the end, or should not be."""
    try:
        what, remedy = _hindrance(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    if what:
        raise ConfigurationError(what, where=f"--html {path}", remedy=remedy)


def _hindrance(path: Path) -> tuple[str, str]:
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        return what, "name a file in a folder that is there"
    if path.is_file():
        with path.open("rb") as file:
            begins = file.read(len(_BEGINS)).lower()
        if begins not in (_BEGINS, b""):
            return "that file is something else than a page", "name one that is not there yet, or an older page"
    return "", ""


def write_html(path: Path, text: str) -> None:
    """Write a page, in the place of an older one only when it is complete; raises ConfigurationError."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ConfigurationError:
    what = f"cannot be written ({error.strerror})"
    return ConfigurationError(what, where=str(path), remedy="choose another path for --html")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("campaign.entrypoints", _FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"number": "{:,}".format, "percent": "{:.1%}".format}
    environment.globals |= {"spans": spans, "icons": ICONS}
    return environment


def _style() -> Markup:
    """Read the page's own style, which nobody else writes into."""
    return Markup(files("campaign.entrypoints").joinpath(_FOLDER, "plan.css").read_text(encoding="utf-8"))  # noqa: S704 - ours
