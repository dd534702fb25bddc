"""`demo`: the whole story on this machine."""

import typer

from campaign.entrypoints.cli.failure import INTERNAL
from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.options import Json


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(demo)


def demo(context: typer.Context, *, json: Json = False) -> int:  # noqa: ARG001 - read off the line
    """Watch 5,000 messages survive a kill -9. Everything happens on this machine, in two minutes."""
    from campaign.entrypoints.cli.running import Stop, cancelling  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.demo.story import tell  # noqa: PLC0415 - see above
    from campaign.entrypoints.logs import configure  # noqa: PLC0415 - see above

    call = invocation(context)
    # The story is told in words; the logs of its processes go into files.
    configure(level=call.log_level or "warning", format=call.log_format)
    ending = cancelling(tell, Stop(), patient=True)
    if call.output.json:
        call.output.tell(ending.as_json())
    call.output.show(ending.page())
    return 0 if ending.good else INTERNAL
