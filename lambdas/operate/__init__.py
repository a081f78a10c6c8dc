"""What operators ask of a rollout in flight: hold, resume, promote."""
