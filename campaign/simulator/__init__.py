"""A WhatsApp that misbehaves on request.

Its own process, its own reading of the API and its own ledger: it imports nothing of the rest of `campaign`, so a
misreading of the API cannot agree with itself.
"""
