"""Refuses a deploy of the hosting stack that would fight a rollout."""
