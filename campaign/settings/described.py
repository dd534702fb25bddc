"""What each key of the two files is for, as an editor shows it beside the key; by section, as the schema names it."""

from collections.abc import Mapping
from typing import Final

_ACCOUNT: Final = {
    "dialect": "cloud: Meta's Cloud API; on_premises: the dialect of the On-Premises client, which providers speak.",
    "base_url": "Where it answers: https, or a loopback address in rehearsals.",
    "access_token": "${NAME} or file:PATH, never the token itself; of a system user, or a provider's key.",
    "app_secret": "What WhatsApp signs webhooks with; `campaign serve` needs it.",
    "previous_app_secret": "Believed as well, while the secret is being replaced.",
    "verify_token": "16 characters or more, the same as in the app's dashboard; `campaign serve` needs it.",
    "portfolio": "Whose templates are held together, and who share the limit of people; left out: the account.",
    "portfolio_limit": "How many different people may be written to in 24 hours; auto goes by what WhatsApp says.",
}

KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "CampaignFile": {
        "campaign": "Its name, the same for ever: what was sent is remembered under it.",
        "category": "That of the template; consent, opt-outs and price go by it.",
        "priority": "high goes before other campaigns on the same numbers.",
        "audience": "Who gets it.",
        "consent": "Who agreed: {column, source}, or recorded_elsewhere; marketing needs it.",
        "message": "What they get, in the API's own shape; {{ column }} in any string.",
        "variants": "Two to ten messages in the place of `message`, which the report compares.",
        "via": "marketing_messages sends marketing templates through the Marketing Messages API.",
        "marketing_messages": "Options of the Marketing Messages API.",
        "shards": "Which numbers send it; left out: all.",
        "rate": "Messages per second over all its shards; left out: what they can do.",
        "schedule": "When it may reach people.",
        "budget": "Amount and currency, as in 500 EUR; a launch that may cost more is refused.",
        "quality": "When it waits, pauses or stops by itself.",
        "duplicates": "Whether the same content may reach the same person again.",
        "frequency": "How many marketing messages one person may get, over all campaigns.",
    },
    "Audience": {
        "query": "One SELECT that returns the number and the columns of the message.",
        "list": "A list brought in with `campaign audience import`.",
        "file": "A CSV file, relative to this one.",
        "database": "Where the query runs, read-only; left out: the ledger's own database.",
        "phone": "The column with the number.",
        "country": "Of numbers without a country code, as in FR; without it they are refused, never guessed.",
        "numbers": "international: numbers begin with their country code, but without a +.",
    },
    "ConsentColumn": {
        "column": "The column; whoever has no clear yes in it gets nothing.",
        "source": "Where that was recorded; kept with the run.",
    },
    "Duplicates": {
        "within": "For how long the same content from another campaign reaches nobody again; none: at any time.",
        "own_runs": "allow: a new run of this campaign may repeat itself; refuse: it may not.",
    },
    "FrequencyCap": {
        "at_most": "So many marketing messages to one person.",
        "per": "In any such period, as in 7d.",
    },
    "MarketingMessages": {
        "product_policy": "Whether the Cloud API may send what the Marketing Messages API will not.",
        "message_activity_sharing": "Whether WhatsApp may use what people do with the message.",
    },
    "Quality": {
        "when_held": "What a message held for WhatsApp's quality check does to the run.",
        "when_limited": "What it does where the limit of people in 24 hours is reached: wait for room, or pause.",
        "ramp": "How much each step reaches in all, as in [1%, 10%, 100%]; the next begins once news of one is good.",
        "stop_if": "Above which shares the run pauses by itself.",
        "tolerate": "Up to this share of refused messages a launch counts as a success (exit 0).",
        "settle": "How long `launch` waits for webhooks to say what became of unknown messages.",
    },
    "Schedule": {
        "at": "Not before, as in 2026-12-01T09:00.",
        "until": "Not after; whoever is left then gets nothing (expired).",
        "timezone": "Whose clock counts, as in Europe/Paris; recipient: that of each number.",
        "quiet_hours": 'When nothing is sent, every day, as in "21:00-08:00".',
    },
    "StopIf": {
        "rejected": "Refused by WhatsApp.",
        "failed": "Taken, but not delivered.",
        "unknown": "Without a usable answer.",
        "held": "Held for the quality check now.",
        "dropped": "Dropped by the quality check.",
        "opt_out": "People who wrote a stop word, or stopped in WhatsApp, after their message.",
        "after": "How many messages must have an outcome before shares count.",
    },
    "Variant": {
        "name": "What the report calls it.",
        "share": "Its share of the people; all of them add up to 100%.",
        "message": "What they get, as `message` has it.",
    },
    "Settings": {
        "database": "A Postgres of your own; left out: an embedded one beside the folder of this file.",
        "account": "Whose numbers these are, and how WhatsApp is reached.",
        "shards": "Sending lanes: each phone number of the Cloud API, or the count of an On-Premises client's.",
        "person_key": "The key people are recognised by; `campaign db init` makes one. Keep a backup.",
        "max_in_flight": "For how many answers one shard may wait.",
        "headroom": "Messages per second that each number leaves free for answers.",
        "answers": "What a code of WhatsApp does, as in {131026: suppress}, where you know better.",
        "opt_out": "Which words and buttons end messages, and which messages.",
        "held_limit": "How long messages may be held before their run pauses.",
        "portfolio_window": "The window of account.portfolio_limit; shorter in rehearsals alone.",
        "retention": "How long what came in is kept.",
        "country_rules": "A file in the place of the bundled rules on countries.",
        "rates": "A rate card, or a folder of them, as Meta's CSV files; left out: `rates` beside this file.",
        "interval": "Between two lines about progress.",
    },
    "CloudAccount": {
        **_ACCOUNT,
        "version": "Of the Graph API, as in v23.0.",
        "business_account_id": "WhatsApp Manager > Account tools > Phone numbers.",
    },
    "OnPremisesAccount": {
        **_ACCOUNT,
        "username": "The client's user; with a password, or leave both out for a provider's key.",
        "password": "${NAME} or file:PATH, never the word itself.",
        "webhook_path": "A secret of 32 or more characters at the end of the webhook's address.",
        "contacts": "Ask the client for a number's id before the first message to it.",
        "requests": "How often the client may be called.",
    },
    "Number": {
        "id": "What you call it.",
        "phone_number_id": "What WhatsApp calls it.",
        "throughput": "Messages per second it may send.",
    },
    "ClientShards": {
        "count": "How many shards the client is set to.",
        "throughput": "Messages per second of all of them together.",
    },
    "OptOuts": {
        "words": "Stop words of a language in the place of the bundled ones, as in {en: [stop]}.",
        "buttons": "Payloads and labels of buttons that mean stop.",
        "scope": "What a stop ends: marketing alone, or all.",
    },
    "Requests": {
        "per_second": "Calls of any kind in a second.",
        "burst": "How many at once.",
    },
    "Retention": {
        "raw": "Webhooks as they came, and what people wrote.",
    },
}
