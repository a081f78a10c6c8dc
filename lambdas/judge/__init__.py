"""Counts what happened and decides."""
