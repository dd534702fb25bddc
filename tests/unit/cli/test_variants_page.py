"""Variants side by side, in the width of a terminal."""

from dataclasses import replace

from rich.console import Console, Group

from campaign.domain.comparison import NOTHING_COMPARED, Tally, compare
from campaign.entrypoints.cli.report_page import page
from campaign.entrypoints.cli.variants_page import variants
from campaign.report import RunReport

SHORT = Tally("short", 0.3, 300_000, 299_000, delivered=290_000, read=120_000, failed=900, replied=2_000, opted_out=70)
LONG = Tally(
    "the-longer-of-the-two", 0.7, 700_000, 698_000, delivered=677_000, read=290_000, failed=2_100, replied=4_700
)


def text(comparison: object, width: int = 80) -> str:
    with open("/dev/null", "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        console = Console(width=width, record=True, file=nowhere)
        console.print(Group(*variants(comparison)))  # type: ignore[arg-type]
        return console.export_text()


def test_each_variant_has_its_counts_and_what_is_sure_of_its_shares() -> None:
    said = text(compare([SHORT, LONG]), width=120)

    line = next(line for line in said.splitlines() if line.strip().startswith("short"))
    assert line.split() == ["short", "30%", "300,000", "299,000", "97.0%", "40.1%", "0.7%", "900", "70"]
    assert "40.0-40.3" in said
    assert "'the-longer-of-the-two' was read more often than 'short': 41.5% against 40.1%." in said


def test_a_million_people_fit_into_a_terminal_of_eighty_columns() -> None:
    said = text(compare([SHORT, LONG]))

    assert all(number in said for number in ("300,000", "698,000", "40.0-40.3", "97.0%"))
    assert "…" not in said


def test_a_variant_that_nobody_got_yet_has_no_shares() -> None:
    said = text(compare([Tally("short", 0.5, 10), Tally("long", 0.5, 10)]))

    assert "0.0%" not in said
    assert "No clear difference between the variants yet." in said


def test_a_run_with_one_message_shows_nothing_of_it() -> None:
    assert text(NOTHING_COMPARED).strip() == ""


def test_the_report_holds_the_variants_on_its_page_and_in_its_json() -> None:
    report = RunReport("spring", "once", state="finished", variants=compare([SHORT, LONG]))
    with open("/dev/null", "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        console = Console(width=100, record=True, file=nowhere)
        console.print(page(report))

    assert "opted out" in console.export_text()
    assert report.as_json()["variants"]["by_name"]["short"]["read"] == 120_000
    assert replace(report, variants=NOTHING_COMPARED).as_json()["variants"] == {}
