"""The profiles that have a name."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from campaign.simulator.profile import Profile, ProfileError, from_file

NAMED: Mapping[str, Profile] = MappingProxyType(
    {
        # The platform on a good day.
        "calm": Profile(latency_ms=(20, 60), webhook_delay_ms=(50, 400), delivered=0.96, read=0.45),
        # No latency at all: for measuring the sender, not the network.
        "instant": Profile(delivered=1),
        # The mix under which at-most-once was first measured: 206 kills, 157,500 messages.
        "rough": Profile(
            latency_ms=(20, 120),
            accept_then_reset=0.015,
            accept_then_hang=0.005,
            accept_then_502=0.005,
            drop=0.01,
            errors={130429: 0.02},
            delivered=0.95,
            read=0.4,
            webhook_delay_ms=(0, 1500),
            webhook_loss=0.004,
            webhook_repeat=0.05,
            webhook_reorder=True,
        ),
        # Something of everything, at a pace people can watch.
        "demo": Profile(
            latency_ms=(30, 120),
            accept_then_reset=0.005,
            drop=0.002,
            errors={130429: 0.005, 131026: 0.01},
            held=0.05,
            held_after=200,
            held_at_most=100,
            held_release_after_s=5,
            held_green=True,
            delivered=0.94,
            read=0.5,
            status_errors={131049: 0.01, 131026: 0.01},
            webhook_delay_ms=(200, 3000),
            webhook_repeat=0.02,
            webhook_reorder=True,
        ),
    }
)


def named_or_file(name: str) -> Profile:
    """Find a profile by its name, else read it as a YAML file. Raises ProfileError."""
    if name in NAMED:
        return NAMED[name]
    if not Path(name).exists():
        raise ProfileError(f'profile "{name}": no such name and no such file; names are {", ".join(NAMED)}')
    return from_file(Path(name))
