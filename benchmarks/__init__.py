"""Measurements of whole commands; every figure is a ratio within one run, because machines differ and are noisy."""
