"""One call of the program: its options, its output, and the way from a command into bootstrap."""

import asyncio
import os
import shlex
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import typer

from campaign.domain.errors import ConfigurationError
from campaign.entrypoints.cli.output import Output
from campaign.entrypoints.cli.running import Stop, Stopped, announce_drain, cancelling, draining

if TYPE_CHECKING:
    from campaign.bootstrap.intent import Intent
    from campaign.entrypoints.cli.screen import Screen
    from campaign.settings import Settings

T = TypeVar("T")

DEFAULT_SETTINGS: Final = Path("config/settings.yaml")


@dataclass(slots=True)
class Invocation:
    """What every command is given."""

    settings_path: Path
    output: Output
    log_level: Literal["debug", "info", "warning", "error"] | None = None
    log_format: Literal["json", "console"] | None = None
    # What SIGHUP sets going.
    on_hangup: list[Callable[[], None]] = field(default_factory=list)

    def settings(self) -> "Settings":
        """Read the settings; raises ConfigurationErrors."""
        from campaign.settings import load_settings  # noqa: PLC0415 - only commands that need them pay for it

        settings = load_settings(self.settings_path, os.environ)
        self.on_hangup.append(lambda: _reread(settings))
        return settings

    def intent(self, file: Path, run: str | None = None) -> "Intent":
        """Read a campaign's file with the settings it is for; raises ConfigurationErrors."""
        from campaign.bootstrap.intent import Intent  # noqa: PLC0415 - heavy, and `--help` is not
        from campaign.settings import load_campaign  # noqa: PLC0415 - see above

        settings = self.settings()
        campaign = load_campaign(file, os.environ, settings)
        self.output.name = (campaign.campaign, run)
        return Intent(settings, campaign, file)

    @property
    def settings_option(self) -> str | None:
        """Spell what has to stand in a command for it to find these settings; None where it finds them anyway."""
        if self.settings_path in {DEFAULT_SETTINGS, Path(os.environ.get("CAMPAIGN_SETTINGS", DEFAULT_SETTINGS))}:
            return None
        return f"--settings {shlex.quote(str(self.settings_path))}"

    def log(self, *, chatty: bool = True) -> None:
        """Configure the logs; where a bar or a page tells the story, a terminal shows warnings alone."""
        from campaign.entrypoints.logs import configure  # noqa: PLC0415 - structlog is slow to import

        calm: Literal["info", "warning"] = "info" if chatty or not sys.stderr.isatty() else "warning"
        configure(level=self.log_level or calm, format=self.log_format)

    def ask(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run a command that is over soon; a signal cancels it."""
        self.log(chatty=False)
        return cancelling(work, Stop(last_words=self.output.last_words))

    def ask_showing(self, work: "Callable[[Screen], Awaitable[T]]") -> T:
        """Run a command that is over when it has read everything, and shows how far it is."""
        from campaign.entrypoints.cli.screen import screen_of  # noqa: PLC0415 - only some commands need one

        stop = asyncio.Event()

        async def shown() -> T:
            screen = screen_of(self.output, stop)
            try:
                return await work(screen)
            finally:
                screen.close()

        return self.ask(shown)

    def follow(self, work: "Callable[[Screen, asyncio.Event], Awaitable[T]]") -> tuple[T, int | None]:
        """Run a command that sends or watches; a signal drains it. Returns the exit code of the signal too."""
        from campaign.entrypoints.cli.screen import screen_of  # noqa: PLC0415 - only some commands need one

        self.log(chatty=False)
        stop = Stop()
        screen = screen_of(self.output, stop.event)

        def last_words() -> None:
            screen.close()
            self.output.last_words()

        async def followed(_: Stop) -> T:
            try:
                return await work(screen, stop.event)
            finally:
                screen.close()

        stop.last_words = last_words
        stop.reread = self._hang_up
        stop.announce = lambda: self._announce(screen)
        try:
            return draining(followed, stop), stop.code
        except ConfigurationError as error:
            # A signal at the question is a no, and no mistake of whoever asked.
            if stop.code is None:
                raise
            screen.note(error.message)
            raise Stopped(stop.code) from None

    def serve(self, work: Callable[[asyncio.Event], Awaitable[Any]]) -> int:
        """Run a command that goes on until a signal; returns the exit code."""
        self.log()
        stop = Stop(last_words=self.output.last_words)
        stop.reread = self._hang_up
        stop.announce = lambda: announce_drain(0) if sys.stderr.isatty() else None
        draining(lambda _: work(stop.event), stop)
        return stop.code or 0

    def _hang_up(self) -> None:
        for each in self.on_hangup:
            each()

    def _announce(self, screen: "Screen") -> None:
        if sys.stderr.isatty():
            announce_drain(screen.in_flight)
        else:
            screen.note(f"draining: waiting for {screen.in_flight} answers; a second signal stops at once")


def _reread(settings: "Settings") -> None:
    import structlog  # noqa: PLC0415 - slow to import

    log = structlog.get_logger()
    log.info("settings.reread", changed=settings.reread())
    if missing := settings.missing_secrets():
        log.warning("settings.kept", secrets=missing)


def invocation(context: typer.Context) -> Invocation:
    """Find the invocation a command belongs to."""
    found = context.find_root().obj
    assert isinstance(found, Invocation)  # noqa: S101 - set by the callback before any command
    return found
