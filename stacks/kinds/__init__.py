"""The hosting stack of each kind of service without a rollout."""
