"""Logs on stderr: JSON lines for machines, one readable line for people; no number, message ID or token in either."""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["json", "console"]

# The second net: whoever logs leaves numbers out by himself. Bare digits count too, since WhatsApp ids have no '+'.
MASKED: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"wamid\.[\w+/=.-]+"), "[message id]"),
    (re.compile(r"(?i)\b(bearer|oauth)\s+[^\s\"',}]+"), r"\1 [token]"),
    (re.compile(r"(?i)\b((?:access_|verify_)?token|app_secret|password)=[^\s&\"',}]+"), r"\1=[secret]"),
    (re.compile(r"\bEAA[A-Za-z0-9]{17,}"), "[token]"),
    (re.compile(r"://[^\s/@:]*:[^\s/@]*@"), "://[secret]@"),
    (re.compile(r"\+\d(?:[ ().-]{0,2}\d){6,14}(?!\d)"), "[number]"),
    (re.compile(r"(?<!\d)\d{8,15}(?!\d)"), "[number]"),
)

# What JSON leaves as it is: it would act on a terminal, turn a line around, or can be written nowhere.
_ACTING: Final = re.compile("[\x80-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ROOT: Final = Path(__file__).resolve().parent.parent


def configure(*, level: Level, format: Format | None = None) -> None:  # noqa: A002 - as the option is called
    """Send every log, ours and the libraries', through one pipe to stderr; by default readable on a terminal alone."""
    chosen = format or ("console" if sys.stderr.isatty() else "json")
    structlog.configure(
        processors=_processors(chosen, tracebacks=level == "debug"),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(capture=True)
    logging.root.handlers = [_Forwarded()]
    # Libraries are verbose at INFO, and what they say at DEBUG may hold whole requests.
    logging.root.setLevel(max(logging.WARNING, getattr(logging, level.upper())))


def _processors(chosen: Format, *, tracebacks: bool) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _Exceptions(tracebacks=tracebacks),
        redact,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _as_json if chosen == "json" else _as_line,
    ]


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask whatever looks like a number, a message ID or a token, however deep it sits."""
    return {key: _redacted(value) for key, value in event.items()}


def masked(text: str) -> str:
    """Mask whatever looks like a number, a message ID or a token in one text."""
    for pattern, instead in MASKED:
        text = pattern.sub(instead, text)
    return text


def _harmless(text: str) -> str:
    return _ACTING.sub("?", masked(text))


def _redacted(value: object) -> object:
    if isinstance(value, str):
        return _harmless(value)
    if isinstance(value, Mapping):
        return {_harmless(str(key)): _redacted(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_redacted(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    # A repr says too much: that of an aiohttp exception holds the bearer token.
    return _harmless(str(value)) if isinstance(value, Path) else type(value).__name__


class _Exceptions:
    """Reduces exceptions to their type and place; the way there is told at level debug alone, never the text."""

    def __init__(self, *, tracebacks: bool) -> None:
        self._tracebacks = tracebacks

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        error = _exception(event.pop("exc_info", None))
        if error is not None:
            event["error"] = type(error).__name__
            event["at"] = place(error.__traceback__)
            if self._tracebacks:
                event["traceback"] = "".join(traceback.format_tb(error.__traceback__))
        return event


def _exception(info: object) -> BaseException | None:
    if isinstance(info, tuple):
        info = info[1]
    elif info is True:
        info = sys.exc_info()[1]
    return info if isinstance(info, BaseException) else None


def place(trace: TracebackType | None) -> str:
    """Name the deepest line of ours that a traceback passes through, as file:line."""
    frames = [(Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(trace)]
    ours = [(path, line) for path, line in frames if path.is_relative_to(_ROOT)]
    path, line = (ours or frames or [(Path("?"), 0)])[-1]
    return f"{path.relative_to(_ROOT.parent) if path.is_relative_to(_ROOT) else path.name}:{line}"


class _Forwarded(logging.Handler):
    """Takes what libraries log; of their texts the first line, since the others tend to be reprs."""

    def emit(self, record: logging.LogRecord) -> None:
        first = record.getMessage().splitlines()[:1]
        log = structlog.get_logger()
        log.log(record.levelno, "library.said", library=record.name, text="".join(first), exc_info=record.exc_info)


def _as_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    ordered = {"timestamp": event.pop("timestamp"), "level": event.pop("level"), "event": event.pop("event"), **event}
    return orjson.dumps(ordered, option=orjson.OPT_NON_STR_KEYS, default=lambda _: None).decode()


def _as_line(_: WrappedLogger, __: str, event: EventDict) -> str:
    clock, level, name = event.pop("timestamp")[11:19], event.pop("level"), event.pop("event")
    trace = event.pop("traceback", "")
    facts = "  ".join(f"{key}={_short(value)}" for key, value in event.items())
    shout = "" if level in {"debug", "info"} else f"{level.upper()}: "
    return f"{clock}  {shout}{_CONTROL.sub('?', f'{name}  {facts}').rstrip()}" + (
        f"\n{trace.rstrip()}" if trace else ""
    )


def _short(value: Any) -> str:  # noqa: ANN401 - whatever was logged
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_short(item)}" for key, item in value.items()) + "}"
    return str(value)
