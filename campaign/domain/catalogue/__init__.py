"""Every message the platform takes, as tables: what a message may hold, and how long each part of it may be."""
