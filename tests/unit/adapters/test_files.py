import contextlib
import csv
import hashlib
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.adapters import files
from campaign.adapters.files import open_csv
from campaign.domain.errors import ConfigurationError


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, batch: int = 1000) -> list[tuple[int, list[str]]]:
    return [row for rows in open_csv(path).rows(batch) for row in rows]


def fault(path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    assert caught.value.exit_code == 2
    return str(caught.value).replace(str(path), "people.csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_delimiter_newline_and_bom_are_found_out(tmp_path: Path, delimiter: str, newline: str, bom: bytes) -> None:
    lines = [["phone", "name"], ["+33612345678", "Zoé"], ["", ""]]
    text = "".join(delimiter.join(line) + newline for line in lines)

    file = open_csv(written(tmp_path, bom + text.encode()))

    assert file.columns == ("phone", "name")
    assert list(file.rows()) == [[(1, ["+33612345678", "Zoé"]), (2, ["", ""])]]


def test_rows_come_in_batches_numbered_from_one_and_blank_lines_are_none(tmp_path: Path) -> None:
    file = open_csv(written(tmp_path, "phone\n1\n\n2\n3\n\n"))

    assert list(file.rows(batch=2)) == [[(1, ["1"]), (2, ["2"])], [(3, ["3"])]]
    assert len(list(file.rows())) == 1, "a file can be read again"


def test_a_quoted_field_may_hold_delimiters_quotes_and_newlines(tmp_path: Path) -> None:
    path = written(tmp_path, 'phone,"a; b"\n1,"x, ""y""\nz"\n')

    assert open_csv(path).columns == ("phone", "a; b")
    assert read(path) == [(1, ["1", 'x, "y"\nz'])]


@given(st.lists(st.tuples(st.text(), st.text()).filter(any), min_size=1, max_size=20))
def test_what_a_spreadsheet_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, str]]
) -> None:
    rows = [tuple(re.sub("[\0\ud800-\udfff]", "", cell) for cell in row) for row in drawn]
    path = tmp_path_factory.mktemp("csv") / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("phone", "name"), *rows])

    assert [tuple(cells) for _, cells in read(path)] == rows


@given(st.binary(max_size=200) | st.text('a,;\t"\n\r', max_size=60).map(str.encode))
def test_no_bytes_raise_anything_but_a_named_mistake(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = written(tmp_path_factory.mktemp("csv"), content)
    with contextlib.suppress(ConfigurationError):
        read(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "people.csv:1: the file is empty"),
        ("\nphone\n", "people.csv:1: the first line is blank"),
        ("phone,name\n", "people.csv: the file has a header and no rows"),
        ("phone,,name\n1,2,3\n", "people.csv:1: column 2 has no name"),
        ("phone,name,phone\n1,2,3\n", "people.csv:1: columns 1 and 3 are both called 'phone'"),
        ("+33612345678,Ana\n+33612345679,Bo\n", "people.csv:1: the first line holds a number; begin with"),
        ('phone,name\n1,"a\nb"\n2\n', "people.csv:4: the record has 1 fields, the header 2"),
        ("phone,name\n1,a,b\n", "people.csv:2: the record has 3 fields"),
        ('phone,name\n1,a\n2,"b\n3,c\n', "people.csv:3: in the record that begins here, a quote is opened"),
        ('phone,name\n1,"a"b\n', "people.csv:2: in the record that begins here, a quoted field goes on"),
        (b"phone,name\n1,Zo\xe9\n", "people.csv:2: byte 15 is not UTF-8"),
        (b"phone,name\n1,a\n2,\xe2\x82", "people.csv:3: byte 17 is not UTF-8"),
        (b"phone,name\n1,\xed\xa0\x80\n", "people.csv:2: byte 13 is not UTF-8"),
        ("phone,name\n1,a\n".encode("utf-16"), "people.csv:1: the file is UTF-16 (byte 0); save it as CSV UTF-8"),
        ("phone\n1\n".encode("utf-16-le"), "people.csv: byte 1 is NUL"),
        (b"phone\n12\x003\n", "people.csv: byte 8 is NUL"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_place_and_remedy(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    assert says in fault(written(tmp_path, content))


def test_the_byte_is_found_beyond_the_first_piece_and_across_its_edge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_CHUNK", 64)
    head = b"phone,name\n" + b"1,abcdefgh\n" * 20

    assert f"byte {len(head)} is NUL" in fault(written(tmp_path, head + b"\0"))
    for padding in range(64):
        path = written(tmp_path, head + b"2," + b"x" * padding + b"\xc3\xa9\xe2\x82\n")
        assert f"people.csv:22: byte {len(head) + 2 + padding + 2} is not UTF-8" in fault(path)


def test_endless_fields_and_lines_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    field = written(tmp_path, 'phone,name\n1,"' + "a,b\n" * 300_000)
    assert "people.csv:2: in the record that begins here, a field has more than 1,000,000" in fault(field)

    line = written(tmp_path, "phone,name\n1," + "," * 9_000_000)
    assert "the line that begins at byte 11 has more than 8,000,000 bytes" in fault(line)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert "is a directory" in fault(tmp_path)
    assert "no regular file" in fault(pipe)
    assert "correct the path" in fault(tmp_path / "missing.csv")


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, "phone\n1\n")

    assert open_csv(path).digest() == hashlib.sha256(b"phone\n1\n").hexdigest()
