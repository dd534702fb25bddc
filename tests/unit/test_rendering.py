import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.rendering import (
    CompiledMessage,
    RenderRefusal,
    UnusableMessage,
    compile_message,
    content_key,
)

PARAMETER = "message.template.components[0].parameters[0].text"
KEY = b"k" * 32


def text(body: str) -> CompiledMessage:
    return compile_message({"type": "text", "text": {"body": body}})


def template(*texts: str, component: str = "body") -> CompiledMessage:
    parameters = [{"type": "text", "text": each} for each in texts]
    content = {"name": "sale", "components": [{"type": component, "parameters": parameters}]}
    return compile_message({"type": "template", "template": content})


def written(message: CompiledMessage, **variables: Any) -> str:
    rendered = message.render(variables)
    assert isinstance(rendered, bytes), rendered
    return str(json.loads(rendered)["text"]["body"])


def refused(message: CompiledMessage, **variables: Any) -> RenderRefusal:
    rendered = message.render(variables)
    assert isinstance(rendered, RenderRefusal), rendered
    return rendered


def test_constants_stay_and_expressions_are_filled_in() -> None:
    message = template("Chère {{ name | title }}", "{{ city | default('votre ville') }}")
    assert json.loads(message.render({"name": "zoé", "phone": "unused"})) == {
        "type": "template",
        "template": {
            "name": "sale",
            "components": [
                {
                    "type": "body",
                    "parameters": [{"type": "text", "text": "Chère Zoé"}, {"type": "text", "text": "votre ville"}],
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("body", "variables", "expected"),
    [
        ("{{ x }}", {"x": 3}, "3"),
        ("{{ x }}", {"x": Decimal("3.10")}, "3.10"),
        ("{{ x }}", {"x": date(2026, 12, 1)}, "2026-12-01"),
        ("{{ x | int + 1 }}", {"x": "3"}, "4"),
        ("{{ x | round(1) }}", {"x": "3.26"}, "3.3"),
        ("{{ x | replace('a', 'b') | upper }}", {"x": "a"}, "B"),
        ("{{ 'vip' if x == 'yes' else 'you' }}", {}, "you"),
        ("{% if x %}Dear {{ x }}{% else %}Hello{% endif %}", {"x": "Zoé"}, "Dear Zoé"),
        ("{% if x %}Dear {{ x }}{% else %}Hello{% endif %}", {"x": " "}, "Hello"),
        ("{{ x | default('you') }}", {"x": None}, "you"),
        ("{{ x | default('you') }}", {"x": ""}, "you"),
        ("{{ x }}", {"x": '"},{"to":"1'}, '"},{"to":"1'),
        ("{{ x }}", {"x": "{{ y }}"}, "{{ y }}"),
        ("{{ x }}", {"x": "<b>&"}, "<b>&"),
        ("a\n{{ x }}\n", {"x": "b\nc"}, "a\nb\nc\n"),
    ],
)
def test_an_expression_writes_what_its_author_expects(body: str, variables: dict[str, Any], expected: str) -> None:
    assert written(text(body), **variables) == expected


@given(st.text(min_size=1, max_size=50))
def test_no_value_escapes_its_place_in_the_json(value: str) -> None:
    rendered = text("{{ x }}").render({"x": value})
    if isinstance(rendered, bytes):
        assert json.loads(rendered) == {"type": "text", "text": {"body": value}}


def test_equal_content_gives_equal_bytes_and_keys_however_it_was_written_down() -> None:
    one = compile_message({"type": "text", "text": {"preview_url": True, "body": "{{ x }}"}}).render({"x": "é"})
    other = compile_message({"text": {"body": "é", "preview_url": True}, "type": "text"}).render({})
    assert one == other
    assert isinstance(one, bytes)
    assert content_key(one, KEY) == content_key(other, KEY)  # type: ignore[arg-type]
    assert len(content_key(one, KEY)) == 16
    assert content_key(one, KEY) != content_key(one, b"another key")


REFUSED: dict[str, tuple[CompiledMessage, dict[str, Any], tuple[str, str, str]]] = {
    "missing": (
        template("{{ name }}"),
        {},
        ("missing", "the column 'name' is empty", "fill it, or write {{ name | default('...') }}"),
    ),
    "NULL": (
        template("{{ name }}"),
        {"name": None},
        ("missing", "the column 'name' is empty", "fill it, or write {{ name | default('...') }}"),
    ),
    "spaces": (
        template("{{ name }}"),
        {"name": "  "},
        ("missing", "the column 'name' is empty", "fill it, or write {{ name | default('...') }}"),
    ),
    "chosen, yet missing": (
        template("{% if a %}{{ a }}{% else %}{{ b if c else a }}{% endif %}"),
        {"b": "x"},
        ("missing", "the column 'a' is empty", "fill it, or write {{ a | default('...') }}"),
    ),
    "blank": (
        template("{% if a %}x{% endif %}"),
        {},
        ("blank", "the value is blank", "give the column a default, or leave such rows out"),
    ),
    "header": (
        template("{{ name }}", component="header"),
        {"name": "x" * 61},
        ("too_long", "the value has more than 60 characters", "shorten it, for example with | truncate"),
    ),
    "body": (
        template("{{ name }}"),
        {"name": "x" * 1025},
        ("too_long", "the value has more than 1024 characters", "shorten it, for example with | truncate"),
    ),
    "rubbish as a number": (
        template("{{ name | int }}"),
        {"name": "abc"},
        (
            "unwritable",
            "the expression does not fit the column's value",
            "let the query return text, a number or a date",
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_recipient_who_cannot_be_written_to_is_a_value_with_reason_and_remedy(case: str) -> None:
    message, variables, (reason, what, remedy) = REFUSED[case]
    assert refused(message, **variables) == RenderRefusal(reason, PARAMETER, what, remedy)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["a\nb", "a\tb", "a\rb", "a     b", "a\0b", "a\u2028b"])
def test_a_template_parameter_takes_one_line_of_text(value: str) -> None:
    assert refused(template("{{ x }}"), x=value).reason == "line_break"


def test_four_spaces_are_allowed_and_a_text_may_have_lines() -> None:
    assert isinstance(template("{{ x }}").render({"x": "a    b"}), bytes)
    assert written(text("{{ x }}"), x="a\n\tb     c") == "a\n\tb     c"


@pytest.mark.parametrize("value", [True, ["a"], {"a": 1}, b"a", float("nan"), Decimal("Infinity"), "\ud800"])
def test_what_would_print_as_python_is_refused(value: Any) -> None:
    assert refused(text("{{ x }}"), x=value).reason == "unwritable"


def test_a_refusal_never_holds_the_value() -> None:
    assert "canary" not in repr(refused(template("{{ x | int }}"), x="canary"))
    assert "canary" not in repr(refused(template("{{ x }}"), x="canary\n1"))


def test_variables_are_those_that_must_have_a_value() -> None:
    message = text(
        "{{ a }} {{ b | default('x') }} {% if c == 'x' %}y{% endif %} {{ 'x' if d else 'y' }} {{ e | upper }}"
    )
    assert message.variables == {"a", "e"}
    assert message.optional == {"b", "c", "d"}


def test_missing_columns_are_known_before_launch_with_the_nearest_one() -> None:
    message = text("{{ first_name }} {{ zip }} {{ city | default('x') }}")
    assert message.missing(["frist_name", "phone"]) == [
        "the message needs a column 'first_name'; did you mean 'frist_name'?",
        "the message needs a column 'zip'; the audience has frist_name, phone",
    ]
    assert message.missing(["first_name", "zip"]) == []


def test_a_misspelt_column_with_a_default_is_suspected_before_launch() -> None:
    message = text("{{ first_name }} {{ ctiy | default('x') }} {% if vip %}y{% endif %}")
    end = "that nobody has, so everybody gets what stands in for it"
    assert message.suspects(["first_name", "city"]) == [
        f"the message asks for a column 'ctiy' {end}; did you mean 'city'?",
        f"the message asks for a column 'vip' {end}; the audience has city, first_name",
    ]
    assert message.suspects(["first_name", "ctiy", "vip"]) == []


def in_language(code: str, *texts: str) -> CompiledMessage:
    parameters = [{"type": "text", "text": each} for each in texts]
    components = [{"type": "body", "parameters": parameters}]
    template = {"name": "sale", "language": {"code": code}, "components": components}
    return compile_message({"type": "template", "template": template})


def test_amounts_and_dates_are_written_in_the_language_of_the_template() -> None:
    rendered = in_language("pt_BR", "{{ x | currency('BRL') }}", "{{ y | date }}").render(
        {"x": "9.9", "y": "2026-12-01"}
    )
    assert isinstance(rendered, bytes)
    parameters = json.loads(rendered)["template"]["components"][0]["parameters"]
    assert [each["text"] for each in parameters] == ["R$\xa09,90", "1 de dezembro de 2026"]


def test_an_amount_that_is_none_is_told_with_its_remedy_and_without_its_value() -> None:
    refusal = refused(in_language("fr", "{{ x | currency('EUR') }}"), x="canary")
    assert refusal == RenderRefusal(
        "unwritable",
        PARAMETER,
        "the column's value is no number",
        "let the query return it as 1234.50, nothing around it",
    )


@pytest.mark.parametrize("values", [{"x": "1"}, {"money": "EUR"}])
def test_a_column_missing_before_or_inside_a_filter_is_named(values: dict[str, str]) -> None:
    (column,) = {"x", "money"} - values.keys()
    refusal = refused(in_language("fr", "{{ x | currency(money) }}"), **values)
    assert (refusal.reason, refusal.what) == ("missing", f"the column '{column}' is empty")


def test_a_message_in_no_language_of_its_own_has_to_name_one() -> None:
    with pytest.raises(UnusableMessage, match=r"name it, as in {{ points \| number\('fr'\) }}"):
        text("{{ x | number }}")


FILTERS = (
    "capitalize, currency, date, default, float, int, lower, number, replace, round, time, title, trim, truncate, upper"
)
QUERY = "use a column, a filter or {% if %}; the query can do the rest"
COLUMN = "let the query make a column of it"
SYNTAX = "write {{ column }} or {{ column | default('text') }}"
UNUSABLE = {
    "{{ x": f"the expression cannot be read: unexpected end of template, expected 'end of print statement'; {SYNTAX}",
    "a\n{{ x } }}": f"the expression cannot be read in its line 2: unexpected '}}'; {SYNTAX}",
    "{{ 1 }}": "{{ 1 }} names no column; write the column's name between the braces, as in {{ first_name }}",
    "{{ x | uper }}": "the filter 'uper' is not allowed; did you mean 'upper'?",
    "{{ x | pprint }}": f"the filter 'pprint' is not allowed; use one of {FILTERS}",
    "{{ x is even }}": "the test 'even' is not allowed; use 'is defined', or a comparison",
    "{{ x.y }}": f"calls, attributes and indexes are not allowed in an expression; {COLUMN}",
    "{{ x['__class__'] }}": f"calls, attributes and indexes are not allowed in an expression; {COLUMN}",
    "{{ range(9) }}": f"calls, attributes and indexes are not allowed in an expression; {COLUMN}",
    "{{ x * 999999999 }}": f"'*' is not allowed in an expression; {QUERY}",
    "{{ 9 ** 9 ** 9 }}": f"'**' is not allowed in an expression; {QUERY}",
    "{{ '%999999999d' % x }}": f"'%' is not allowed in an expression; {QUERY}",
    "{{ [x] }}": f"'list' is not allowed in an expression; {QUERY}",
    "{% for y in x %}{{ y }}{% endfor %}": f"'for' is not allowed in an expression; {QUERY}",
    "{% set y = 1 %}{{ y }}": f"'set' is not allowed in an expression; {QUERY}",
    "{% include 'x' %}": f"'include' is not allowed in an expression; {QUERY}",
    "{% import 'x' as y %}": f"'import' is not allowed in an expression; {QUERY}",
    "{% macro y() %}{% endmacro %}": f"'macro' is not allowed in an expression; {QUERY}",
}


@pytest.mark.parametrize("body", UNUSABLE)
def test_an_expression_that_asks_for_more_is_refused_when_it_is_compiled(body: str) -> None:
    with pytest.raises(UnusableMessage) as raised:
        text(body)
    assert str(raised.value) == f"message.text.body: {UNUSABLE[body]}"


def test_every_fault_of_a_message_is_told_with_its_path() -> None:
    with pytest.raises(UnusableMessage) as raised:
        template("{{ x", "fine", "two\nlines {{ x }}", "two\nlines")
    path = ("template", "components", 0, "parameters")
    assert [fault.path for fault in raised.value.faults] == [(*path, index, "text") for index in (0, 2, 3)]


def test_a_precision_or_replacement_without_bound_is_refused() -> None:
    assert refused(text("{{ x | round(y) }}"), x="1", y=10**9).reason == "unwritable"
    assert refused(text("{{ x | replace('', 'z') }}"), x="1").reason == "unwritable"
