"""Calls the users' functions around the steps."""
