"""`plan`: everything that launch would do, and nothing of it done."""

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from campaign.entrypoints.cli.failure import NO_GO, of_error
from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.left_out import Force, LeftOut, opened, told
from campaign.entrypoints.cli.options import CampaignPath, Json

Html = Annotated[
    Path | None, typer.Option("--html", metavar="OUT", help="Write the plan as one page for a browser, too.")
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(plan)


def plan(
    context: typer.Context,
    file: CampaignPath,
    *,
    html: Html = None,
    left_out: LeftOut = None,
    force: Force = False,
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Show who would get what, and who would be refused. Sends nothing; exit 3 is a no-go."""
    from campaign.bootstrap.rehearsal import rehearse  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli.plan_html import html as as_html  # noqa: PLC0415 - see above
    from campaign.entrypoints.cli.plan_html import refuse_unwritable, write_html  # noqa: PLC0415 - see above
    from campaign.entrypoints.cli.plan_page import page  # noqa: PLC0415 - see above

    call = invocation(context)
    if html is not None:
        refuse_unwritable(html)
    intent = call.intent(file)
    with opened(left_out, force=force) if left_out is not None else nullcontext() as listed:
        made = call.ask_showing(lambda screen: rehearse(intent, screen.planning, listed))
    if html is not None:
        write_html(html, as_html(made, made_at=datetime.now(UTC), settings=call.settings_option))
    if call.output.json:
        error = None if made.refusal is None else of_error(made.refusal, tracebacks=False).as_json()
        call.output.tell({**made.as_json(), "error": error})
    call.output.show(page(made, settings=call.settings_option))
    if html is not None:
        call.output.say(f"  {html} has this page, to be opened in a browser, printed or mailed.")
    if listed is not None and listed.sheet.completed:
        call.output.say(told(listed))
    return 0 if made.go else NO_GO
