"""`db`: make, upgrade, look at and stop the ledger."""

import typer

from campaign.entrypoints.cli.invocation import invocation

app = typer.Typer()


@app.callback()
def _group() -> None:
    """Make, upgrade, look at and stop the ledger."""


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


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
