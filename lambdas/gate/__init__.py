"""Waits with a task token for a decision about a step that has passed."""
