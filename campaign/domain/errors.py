"""Mistakes a person can put right: what, where, and what to do now."""


class CampaignError(Exception):
    """Something went wrong that has a name, a place and a remedy."""

    exit_code = 1

    def __init__(self, message: str, *, where: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        """Say it in one line."""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}" + (f"; {self.remedy}" if self.remedy else "")


class ConfigurationError(CampaignError):
    """A file, an option or an environment variable cannot be used."""

    exit_code = 2


class RefusedByPlan(CampaignError):  # noqa: N818 - the plan refuses; nothing broke
    """The plan says no-go."""

    exit_code = 3


class Unreachable(CampaignError):  # noqa: N818 - a state of the world, not of the program
    """The database or the API cannot be reached."""

    exit_code = 69


class AlreadyRunning(CampaignError):  # noqa: N818 - another process does the work; nothing broke
    """Another process is running it."""

    exit_code = 75


class LedgerAway(Exception):  # noqa: N818 - a state of the world; the sender goes on when it is back
    """The ledger did not acknowledge: what was asked may or may not have been committed."""
