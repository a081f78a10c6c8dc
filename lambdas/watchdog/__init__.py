"""Starts the rollback that nobody else has started."""
