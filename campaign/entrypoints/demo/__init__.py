"""`campaign demo`: the real commands against a simulated WhatsApp, with a kill -9 of the sender half-way."""
