"""Bulk campaigns over the WhatsApp Business Platform that a kill -9 cannot double.

The story is at the top of the package; read it in the order a message meets it: audience, plan, dispatch, rescue,
receipts, report. `domain` decides, `ports` says what the story needs of the world, `adapters` fetch it, `bootstrap`
puts it all together, `entrypoints` are the doors.
"""
