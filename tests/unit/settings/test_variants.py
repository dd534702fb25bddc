"""Several messages in one campaign: each is held to the rules of one, and together they reach everybody."""

import json
from typing import Any

import pytest

from tests.media_fakes import png

HEAD = "campaign: spring-sale\naudience: {query: SELECT phone FROM customers}\nconsent: recorded_elsewhere\n"
SHORT = 'message: {type: text, text: {body: "Hi {{ name }}"}}'
LONG = 'message: {type: text, text: {body: "Dear {{ name }}"}}'
TWO = f"{HEAD}variants:\n  - {{name: short, share: 30%, {SHORT}}}\n  - {{name: long, share: 70%, {LONG}}}\n"
FILE = "config/campaigns/spring.yaml"


def variants(*listed: str) -> str:
    return f"{HEAD}variants:\n" + "".join(f"  - {{{each}}}\n" for each in listed)


BAD = {
    "message beside them": (
        TWO + SHORT,
        ":4:1: 'message' is there already; keep one of the two; each variant has a message of its own",
    ),
    "neither": (HEAD, ":1:1: 'message' is missing; write 'message: {type: template, template: {...}}'"),
    "one": (
        variants(f"name: short, share: 100%, {SHORT}"),
        ":5:3: a comparison needs 2 variants or more; add one, or write the only message as 'message'",
    ),
    "eleven": (
        variants(*(f"name: v{n}, share: {0 if n else 100}%, {SHORT}" for n in range(11))),
        ":15:5: there are 11 variants; keep 10 of them at most",
    ),
    "same name": (
        variants(f"name: short, share: 50%, {SHORT}", f"name: short, share: 50%, {LONG}"),
        ":6:12: there are two variants 'short'; give each a name of its own",
    ),
    "no name": (
        variants(f"share: 50%, {SHORT}", f"name: long, share: 50%, {LONG}"),
        ":5:5: 'name' is missing; write 'name: short'",
    ),
    "shares": (
        variants(f"name: short, share: 33.3%, {SHORT}", f"name: long, share: 66.6%, {LONG}"),
        ":5:3: the shares add up to 99.9%; let them add up to 100%",
    ),
    "nobody": (
        variants(f"name: short, share: 0%, {SHORT}", f"name: long, share: 100%, {LONG}"),
        ":5:26: nobody would get this variant; write a share above 0%, or leave the variant out",
    ),
    "share in words": (
        variants(f"name: short, share: half, {SHORT}", f"name: long, share: 50%, {LONG}"),
        ":5:26: share: 'half' is not a percentage; write 0% to 100%, as in 2%",
    ),
    "unknown key": (
        variants(f"name: short, share: 50%, weight: 1, {SHORT}", f"name: long, share: 50%, {LONG}"),
        ":5:31: unknown key 'weight'; use one of name, share, message",
    ),
    "message": (
        variants(f"name: short, share: 50%, {SHORT}", "name: long, share: 50%, message: {type: txt}"),
        ":6:46: message.type: the API knows no message of that type; did you mean 'text'?",
    ),
    "file": (
        variants(
            f"name: short, share: 50%, {SHORT}", "name: menu, share: 50%, message: {type: image, image: {file: a.png}}"
        ),
        ":6:67: message.image.file: there is no file 'a.png'; write its path relative to the folder of this file",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_each_mistake_is_told_at_its_line_and_column(files: Any, case: str) -> None:
    text, expected = BAD[case]

    blamed = files.blamed(files.campaign, text)

    assert f"{FILE}{expected}" in blamed


def test_nothing_but_the_mistake_is_told(files: Any) -> None:
    only = [case for case in BAD if case != "eleven"]

    assert [len(files.blamed(files.campaign, BAD[case][0])) for case in only] == [1] * len(only)


def test_what_goes_through_the_marketing_api_is_a_template_in_every_variant(files: Any) -> None:
    blamed = files.blamed(files.campaign, f"{TWO}via: marketing_messages\n")

    assert [line.split(": ")[0] for line in blamed] == [f"{FILE}:5:47", f"{FILE}:6:46"]


def test_a_run_keeps_the_variants_in_the_order_of_the_file(files: Any) -> None:
    campaign = files.campaign(TWO)

    assert [(each.name, each.share, each.keys) for each in campaign.wordings] == [
        ("short", 0.3, ("variants", 0, "message")),
        ("long", 0.7, ("variants", 1, "message")),
    ]
    frozen = campaign.frozen()
    assert "message" not in frozen
    assert [each["message"]["text"]["body"] for each in frozen["variants"]] == ["Hi {{ name }}", "Dear {{ name }}"]
    assert json.loads(json.dumps(frozen)) == frozen


@pytest.mark.parametrize("change", [("30%", "40%"), ("70%", "60%"), ("Hi", "Hello"), ("short,", "brief,")])
def test_names_shares_and_messages_are_part_of_what_a_run_keeps_to(files: Any, change: tuple[str, str]) -> None:
    before = files.campaign(TWO).fingerprints()
    other = TWO.replace(*change)
    if "%" in change[0]:
        other = other.replace(*(("70%", "60%") if change[0] == "30%" else ("30%", "40%")))

    after = files.campaign(other).fingerprints()

    assert [name for name in before if before[name] != after[name]] == ["variants"]


def test_one_message_keeps_the_fingerprints_it_always_had(files: Any) -> None:
    assert files.campaign().fingerprints().keys() == {"message", "audience", "duplicates"}


def test_the_files_of_every_variant_are_kept(files: Any) -> None:
    images = [png(), png() + b"\0"]
    for name, content in zip("ab", images, strict=True):
        files.write(f"config/campaigns/{name}.png", content)
    campaign = files.campaign(
        variants(
            "name: a, share: 50%, message: {type: image, image: {file: a.png}}",
            "name: b, share: 50%, message: {type: image, image: {file: b.png}}",
        )
    )

    assert {file.content for file in campaign.files} == set(images)
    assert len({each.message["image"]["file"] for each in campaign.wordings}) == 2
