"""`doctor`: what stands in the way of sending."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from campaign.entrypoints.cli.invocation import invocation
from campaign.entrypoints.cli.options import Json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from campaign.bootstrap.finding import Finding

SOMETHING_IS_WRONG: Final = 4


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(doctor)


def doctor(
    context: typer.Context,
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Put right what a program can.")] = False,
    json: Json = False,  # noqa: ARG001 - read off the line
) -> int:
    """Look at the settings, the ledger, the webhooks and WhatsApp. Exit 4 if something stands in the way."""
    from campaign.bootstrap.doctor import examine  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    settings = call.settings()

    async def examined() -> "list[Finding]":
        # One reason may stand in the way of several looks; it is told once.
        return list(dict.fromkeys([finding async for finding in examine(settings, fix=fix)]))

    findings = call.ask(examined)
    healthy = all(finding.ok for finding in findings)
    if call.output.json:
        call.output.tell({"healthy": healthy, "findings": [_spelled(each) for each in findings], "error": None})
    call.output.show(page(findings))
    return 0 if healthy else SOMETHING_IS_WRONG


def _spelled(finding: "Finding") -> dict[str, Any]:
    return {
        "what": finding.what,
        "ok": finding.ok,
        "where": finding.where,
        "remedy": _remedy(finding),
        "code": finding.code,
    }


def _remedy(finding: "Finding") -> str | None:
    """Add what WhatsApp's code means and asks for."""
    from campaign.entrypoints import words  # noqa: PLC0415 - only this command needs it

    if finding.code is None:
        return finding.remedy
    meaning, remedy = words.answer(finding.code)
    return "; ".join(part for part in (meaning, remedy, finding.remedy) if part)


def page(findings: "list[Finding]") -> "RenderableType":
    """Lay out what was looked at, and under it what to do where it is wrong."""
    from rich.console import Group  # noqa: PLC0415 - heavy, and `--help` is not
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    lines = Table.grid()
    for each in findings:
        mark = ("  ok  ", "green") if each.ok else ("  !!  ", "bold red")
        lines.add_row(Text(*mark), Text(each.what, "" if each.ok else "bold"))
        for part in (each.where, _remedy(each)):
            if part:
                lines.add_row("", Text(part, "dim", overflow="fold"))
    wrong = sum(not each.ok for each in findings)
    verdict = "everything is in order" if not wrong else f"{wrong} thing{'s' * (wrong != 1)} to look at"
    return Group(Text(), lines, Text(f"\n  {verdict}", "bold green" if not wrong else "bold"), Text())
