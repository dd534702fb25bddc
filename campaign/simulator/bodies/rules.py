"""Where the two dialects judge the same message differently (migration guide, Cloud API; Nov 2025)."""

from dataclasses import dataclass

_OLD_INTERACTIVE = frozenset(
    {"button", "list", "product", "product_list", "catalog_message", "flow", "cta_url", "location_request_message"}
)

_OLD_BUTTONS = frozenset({"quick_reply", "url", "copy_code", "catalog", "mpm", "flow"})


@dataclass(frozen=True, slots=True)
class Rules:
    """How one dialect reads."""

    unknown_refused: bool
    blanks_refused: bool
    button_index_needed: bool
    language_policy_needed: bool
    interactive_types: frozenset[str]
    template_buttons: frozenset[str]
    order_status: bool
    list_body_limit: int
    flow_button_limit: int


CLOUD = Rules(
    unknown_refused=True,
    blanks_refused=True,
    button_index_needed=True,
    language_policy_needed=False,
    interactive_types=_OLD_INTERACTIVE | {"carousel", "address_message", "call_permission_request"},
    template_buttons=_OLD_BUTTONS | {"voice_call"},
    order_status=True,
    list_body_limit=4096,
    flow_button_limit=30,
)
# The On-Premises client took its last features in January 2024, before what it lacks here.
ON_PREMISES = Rules(
    unknown_refused=False,
    blanks_refused=False,
    button_index_needed=False,
    language_policy_needed=True,
    interactive_types=_OLD_INTERACTIVE,
    template_buttons=_OLD_BUTTONS,
    order_status=False,
    list_body_limit=1024,
    flow_button_limit=20,
)
