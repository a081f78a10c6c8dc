"""Starts a rollout when a model package version is approved."""
