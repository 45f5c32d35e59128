"""Watches the index, and tells the right people when a subject spikes or falls silent."""
