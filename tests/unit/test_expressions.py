import pytest

from campaign.domain.expressions import UnusableExpression, compile_expression, context_of


def written(text: str, locale: str | None = None, **values: object) -> str:
    return "".join(compile_expression(text, locale=locale).pieces(context_of(values)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ amount | currency('EUR', 'fr') }}", "1\u202f234,50\xa0€"),
        ("{{ amount | currency(money, language) }}", "$1,234.50"),
        ("{{ amount | currency(locale='de', code='EUR') }}", "1.234,50\xa0€"),
        ("{{ nothing | default(5) | currency('EUR', 'de') }}", "5,00\xa0€"),
        ("{{ amount | number('de') }}", "1.234,5"),
        ("{{ amount | number('de', decimals=0) }}", "1.234"),
        ("{{ day | date('long', 'fr') }}", "1 décembre 2026"),
        ("{{ day | date('EEEE d MMMM', 'fr') | title }}", "Mardi 1 Décembre"),
        ("{{ at | time('short', 'fr') }}", "14:30"),
        ("{{ moment | time('short', 'fr', timezone) }}", "15:30"),
    ],
)
def test_a_filter_writes_in_the_language_it_is_told(text: str, expected: str) -> None:
    values = {"amount": "1234.50", "money": "USD", "language": "en_US", "day": "2026-12-01", "at": "14:30:00"}
    assert written(text, **values, moment="2026-12-01 14:30:00+00:00", timezone="Europe/Paris") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ x | currency('EUR') }}", "3,00\xa0€"),
        ("{{ x | number }}", "3"),
        ("{{ x | number(decimals=1) }}", "3,0"),
        ("{{ day | date }}", "1 décembre 2026"),
        ("{{ day | date('short') }}", "01/12/2026"),
        ("{{ day | date('short', 'de') }}", "01.12.26"),
    ],
)
def test_the_language_of_the_template_is_the_one_meant(text: str, expected: str) -> None:
    assert written(text, "fr", x=3, day="2026-12-01") == expected


CURRENCY = "write {{ amount | currency('EUR', 'fr') }}"
DATE = "write {{ day | date('long', 'fr') }}"
STYLES = "write one of short, medium, long, full, or a pattern as 'EEEE d MMMM'"
LANGUAGE = "does not know the language: the message is no template with a language it knows; name it, as in {{"
UNUSABLE = {
    "{{ x | currency }}": f"the filter 'currency' takes other arguments; {CURRENCY}",
    "{{ x | currency('EUR', 'fr', 'more') }}": f"the filter 'currency' takes other arguments; {CURRENCY}",
    "{{ x | currency(*y) }}": f"the filter 'currency' takes other arguments; {CURRENCY}",
    "{{ x | currency(colour='red') }}": f"the filter 'currency' takes other arguments; {CURRENCY}",
    "{{ x | currency('EUR') }}": f"the filter 'currency' {LANGUAGE} amount | currency('EUR', 'fr') }}}}",
    "{{ x | number }}": f"the filter 'number' {LANGUAGE} points | number('fr') }}}}",
    "{{ x | currency('eur', 'fr') }}": "the filter 'currency': there is no such currency; did you mean 'EUR'?",
    "{{ x | currency('EURO', 'fr') }}": "the filter 'currency': there is no such currency;"
    " write its three letters, as in 'EUR' or 'USD'",
    "{{ x | currency(5, 'fr') }}": "the filter 'currency': there is no such currency;"
    " write its three letters, as in 'EUR' or 'USD'",
    "{{ x | number('french') }}": "the filter 'number': there is no such language; write 'fr', or 'pt_BR'",
    "{{ x | number('fr', 99) }}": "the filter 'number': the number of decimals is not possible; write 0 to 9",
    "{{ x | number('fr', y) }}": "the filter 'number' takes its decimals from no column;"
    " write {{ points | number('fr') }}",
    "{{ x | date('lnog', 'fr') }}": "the filter 'date': there is no such style; did you mean 'long'?",
    "{{ x | date('HH:mm', 'fr') }}": f"the filter 'date': there is no such style; {STYLES}",
    "{{ x | date('" + "d" * 61 + "', 'fr') }}": f"the filter 'date': there is no such style; {STYLES}",
    "{{ x | date('ddddd', 'fr') }}": "the filter 'date': that pattern cannot be written;"
    " repeat its letters as Unicode's table of date fields says, as in 'EEEE d MMMM'",
    "{{ x | date(y, 'fr') }}": f"the filter 'date' takes its style from no column; {DATE}",
    "{{ x | date('long', 'fr', 'Europe/Pari') }}": "the filter 'date': there is no such time zone;"
    " write a city's, as in 'Europe/Paris'",
    "{{ x | date('long', 'fr', '/etc/passwd') }}": "the filter 'date': there is no such time zone;"
    " write a city's, as in 'Europe/Paris'",
    "{{ x | time('full', 'fr') }}": "the filter 'time': there is no such style;"
    " write one of short, medium, or a pattern as 'HH:mm'",
}


@pytest.mark.parametrize("text", UNUSABLE)
def test_arguments_are_checked_before_anybody_is_written_to(text: str) -> None:
    with pytest.raises(UnusableExpression) as raised:
        compile_expression(text)
    assert f"{raised.value.what}; {raised.value.remedy}" == UNUSABLE[text]


def test_columns_in_arguments_are_columns_the_message_needs() -> None:
    expression = compile_expression(
        "{{ amount | currency(money, 'fr') }} {{ tip | default(0) | currency('EUR', 'fr') }}"
    )
    assert expression.required == {"amount", "money"}
    assert expression.names == {"amount", "money", "tip"}
