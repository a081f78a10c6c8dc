"""The `tidegate` command: watch and abort rollouts, and rehearse one without an AWS account."""
