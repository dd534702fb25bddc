"""What the platform takes as a message: every type, variant and limit, as its references state them.

Sources: messages references of the Cloud API (Oct to Dec 2025) and of the On-Premises client, and the pages on
templates, interactive messages, media and carousels. Where copies of the pages disagree on a limit, the larger one
holds here: the platform of these tests refuses only what the real one is sure to refuse.
"""
