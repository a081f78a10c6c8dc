"""What the rollout controller's handlers share: ports, adapters, state, plan and errors."""
