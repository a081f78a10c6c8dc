"""A rollout rehearsed end to end on this machine, against the local cloud."""
