"""How commands fail: what, where, what to do now, and nothing that should stay inside."""

from datetime import UTC, datetime

from campaign.domain.errors import AlreadyRunning, ConfigurationError, RefusedByPlan, Unreachable
from campaign.entrypoints.cli.failure import Failure, Finding, of_error
from campaign.ports import Owner, RunOwned
from campaign.settings import ConfigurationErrors


def test_one_error_is_one_block() -> None:
    error = ConfigurationError("'bogus' is no column", where="c.yaml:7:10", remedy="did you mean 'phone'?")

    failure = of_error(error, tracebacks=False)

    assert failure.text() == "error: c.yaml:7:10: 'bogus' is no column\n       did you mean 'phone'?\n"
    assert failure.as_json() == {
        "code": 2,
        "where": "c.yaml:7:10",
        "remedy": "did you mean 'phone'?",
        "message": "'bogus' is no column",
    }


def test_several_findings_take_one_line_each() -> None:
    findings = (
        ConfigurationError("no rate", where="c.yaml:3:1", remedy="write one"),
        ConfigurationError("no shard", where="c.yaml:9:1"),
    )

    failure = of_error(ConfigurationErrors(findings), tracebacks=False)

    assert failure.text() == "error: c.yaml:3:1: no rate; write one\nerror: c.yaml:9:1: no shard\n"
    assert failure.as_json()["findings"] == [
        {"where": "c.yaml:3:1", "remedy": "write one", "message": "no rate"},
        {"where": "c.yaml:9:1", "remedy": None, "message": "no shard"},
    ]


def test_each_kind_of_error_has_its_exit_code() -> None:
    kinds = (ConfigurationError("x"), RefusedByPlan("x"), Unreachable("x"), AlreadyRunning("x"), RuntimeError("x"))

    assert [of_error(error, tracebacks=False).code for error in kinds] == [2, 3, 69, 75, 1]


def test_an_error_is_found_inside_the_group_that_tasks_end_with() -> None:
    group = ExceptionGroup("tasks", [RuntimeError("noise"), ExceptionGroup("more", [Unreachable("gone")])])

    assert of_error(group, tracebacks=False).code == 69


def test_who_runs_it_already_is_named() -> None:
    owner = Owner("db1", 4242, datetime(2026, 11, 21, 9, 0, tzinfo=UTC))

    failure = of_error(RunOwned(owner, run="spring@once"), tracebacks=False)

    assert failure.owner == {"host": "db1", "pid": 4242, "since": "2026-11-21T09:00:00+00:00"}


def _unforeseen() -> BaseException:
    try:
        int("+33612345678 Bearer secret")
    except ValueError as error:
        return error
    raise AssertionError


def test_what_nobody_foresaw_is_its_type_and_place() -> None:
    text = of_error(_unforeseen(), tracebacks=False).text()

    assert text.startswith("error: test_failure.py:")
    assert "internal error: ValueError" in text
    assert "--log-level debug" in text
    assert "Traceback" not in text
    assert "secret" not in text


def test_level_debug_shows_the_way_and_still_no_text_of_the_exception() -> None:
    text = of_error(_unforeseen(), tracebacks=True).text()

    assert "in _unforeseen" in text
    assert "612345678" not in text


def test_a_remedy_names_the_run_that_was_asked_for() -> None:
    failure = Failure(3, (Finding("not now", remedy="`campaign unknown list NAME`, or a line NAME=value"),))

    assert failure.naming(("spring", "once")).findings[0].remedy == (
        "`campaign unknown list spring@once`, or a line NAME=value"
    )
    assert failure.naming((None, None)) == failure
