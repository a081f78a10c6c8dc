"""The process that a training job's script runs in."""
