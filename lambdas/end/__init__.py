"""Ends a rollout: scaling, record, lease, notice."""
