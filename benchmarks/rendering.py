"""Rendering by itself, in one process: messages per second of its own CPU time, of a template with three variables.

Budget: 50,000 with an amount or a date among them, 80,000 without. Amounts are all different, dates those of a year.
"""

import argparse
import statistics
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from campaign.domain.rendering import CompiledMessage, compile_message, content_key

TEXTS = {
    "plain": "{{ order }}",
    "currency": "{{ total | currency('EUR', 'fr') }}",
    "date": "{{ due | date('long', 'fr') }}",
    "number": "{{ total | number('fr') }}",
}
FIRST_DAY = date(2026, 1, 1)


def template(third: str) -> CompiledMessage:
    """Compile a template of which the third variable is the one that differs."""
    texts = ["{{ first_name | title }}", "{{ city | default('votre ville') }}", third]
    body = {"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]}
    return compile_message(
        {"type": "template", "template": {"name": "sale", "language": {"code": "fr"}, "components": [body]}}
    )


def people(count: int) -> list[Mapping[str, str]]:
    """Make up recipients as an audience gives them: all cells are text."""
    return [
        {
            "first_name": f"zoé {row}",
            "city": "Lyon",
            "order": f"A{row}",
            "total": f"{row}.{row % 100:02}",
            "due": (FIRST_DAY + timedelta(days=row % 365)).isoformat(),
        }
        for row in range(count)
    ]


def rate(message: CompiledMessage, rows: Sequence[Mapping[str, str]], *, hashed: bool) -> float:
    """Render everybody's message once, and hash it as the plan does if asked to."""
    key = b"k" * 32
    started = time.process_time()
    for row in rows:
        rendered = message.render(row)
        if hashed and isinstance(rendered, bytes):
            content_key(rendered, key)
    return len(rows) / (time.process_time() - started)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    rows = people(chosen.people)
    for name, text in TEXTS.items():
        message = template(text)
        for hashed in (False, True):
            rates = sorted(rate(message, rows, hashed=hashed) for _ in range(chosen.rounds))
            what = f"{name} + content key" if hashed else name
            print(f"{what:24} median {statistics.median(rates):>9,.0f}/s   slowest round {rates[0]:>9,.0f}/s")


if __name__ == "__main__":
    main()
