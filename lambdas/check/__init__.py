"""Takes the lease and checks what a rollout needs."""
