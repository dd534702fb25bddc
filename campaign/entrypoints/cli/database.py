"""`db`: make, upgrade, look at, stop and adopt the ledger."""

from typing import TYPE_CHECKING, Annotated

import typer

from campaign.entrypoints.cli.asking import at_terminal, typed_line
from campaign.entrypoints.cli.failure import UsageMistake
from campaign.entrypoints.cli.invocation import Invocation, invocation
from campaign.entrypoints.cli.options import Yes

if TYPE_CHECKING:
    from campaign.bootstrap.adopting import Adopted, Stranger

app = typer.Typer()


@app.callback()
def _group() -> None:
    """Make, upgrade, look at, stop and adopt the ledger."""


@app.command()
def init(context: typer.Context) -> int:
    """Create what is missing: the embedded server, or the schema on a database of one's own. Safe to repeat."""
    from campaign.bootstrap import ledger  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    settings = call.settings()
    done = call.ask(lambda: ledger.init(settings))
    call.output.say(f"the ledger is {'ready' if done.created else 'there already, nothing to do'}: {done.where}")
    if done.created and settings.database is None:
        call.output.say("keep a backup of that folder: without it, nobody is known to have been sent anything")
    return 0


@app.command()
def migrate(context: typer.Context) -> int:
    """Bring the schema up to date. Safe to repeat."""
    from campaign.bootstrap import ledger  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    settings = call.settings()
    applied = call.ask(lambda: ledger.migrate(settings))
    call.output.say(f"applied {', '.join(applied)}" if applied else "the schema is up to date")
    return 0


@app.command()
def status(context: typer.Context) -> int:
    """Look at the ledger's server and schema, without starting anything."""
    from campaign.bootstrap import ledger  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    settings = call.settings()
    facts = call.ask(lambda: ledger.status(settings))
    for name, value in facts.items():
        call.output.say(f"{name:<9} {_written(value)}")
    return 0


@app.command()
def stop(context: typer.Context) -> int:
    """Stop the embedded server; the next command starts it again."""
    from campaign.bootstrap import ledger  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    settings = call.settings()
    stopped = call.ask(lambda: ledger.stop(settings))
    call.output.say("the ledger's server has stopped" if stopped else "the ledger's server was not running")
    return 0


@app.command()
def adopt(
    context: typer.Context,
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept with the ledger.")],
    as_copy: Annotated[
        bool, typer.Option("--as-copy", help="A copy that is to live on its own, such as for staging: a new id.")
    ] = False,
    yes: Yes = False,
) -> int:
    """Work with a ledger this machine does not know: restored, cloned or promoted. Pauses every run that would send."""
    from campaign.bootstrap import adopting  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    if not reason.strip():
        raise UsageMistake("--reason is empty", remedy="say in a few words why; it is kept with the ledger")
    settings = call.settings()
    stranger = call.ask(lambda: adopting.examine(settings))
    if not stranger.differences and not as_copy:
        call.output.say("this is the ledger that this machine knows: there is nothing to adopt")
        return 0
    for line in _about(stranger):
        call.output.say(line)
    _agree(call, stranger, yes=yes)
    adopted = call.ask(lambda: adopting.adopt(settings, reason=reason, as_copy=as_copy))
    for line in _after(adopted):
        call.output.say(line)
    return 0


def _about(stranger: "Stranger") -> list[str]:
    lines = [f"ledger {stranger.installation}: {each}" for each in stranger.differences]
    if stranger.alive:
        return [*lines, f"others work with it now (processes: {stranger.alive}): only this machine gets to know it"]
    lines.append("what was sent after the backup or by another copy is not in it, and would be sent again")
    return [*lines, f"to be paused: {', '.join(stranger.runs) or 'no run would send by itself'}"]


def _agree(call: Invocation, stranger: "Stranger", *, yes: bool) -> None:
    from campaign.entrypoints.cli.running import Stop, draining  # noqa: PLC0415 - only this command asks here

    if yes:
        return
    if not at_terminal():
        raise UsageMistake("there is no terminal to ask at", remedy="add --yes")
    stop = Stop(last_words=call.output.last_words)
    question = f"Type {stranger.installation} to adopt it, anything else to leave it:"
    if draining(lambda stop: typed_line(question, stop=stop.event), stop) != stranger.installation:
        raise UsageMistake("nothing was adopted", remedy="type the id that is asked for")


def _after(adopted: "Adopted") -> list[str]:
    lines = [f"adopted: ledger {adopted.installation} is the one this machine works with"]
    if adopted.rescued:
        lines.append(f"{adopted.rescued:,} messages were on their way and are unknown now")
    if adopted.joined:
        return lines
    return [
        *lines,
        f"paused (ghost): {', '.join(adopted.paused) or 'nothing, since no run would have sent by itself'}",
        "Now let `campaign serve --no-worker` run until WhatsApp has said what it still knows: messages that were sent",
        "after the backup become accepted (message.ghost). Others stay pending, and a resume would send them again.",
        "Then `campaign resume NAME` each run, or `campaign cancel NAME` and reach the rest with a new one. A run that",
        "was launched after the backup is not in the ledger: launching its file again would send to everybody again.",
    ]


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
