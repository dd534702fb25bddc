"""Where `sql/` and `config/` are: inside an installed wheel, or beside the package in a checkout."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def resource(*parts: str) -> Traversable:
    """Find a bundled file or folder, such as `resource("sql", "queries")`."""
    packaged = files("campaign").joinpath("_share", *parts)
    if packaged.is_file() or packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parent.parent.joinpath(*parts)
