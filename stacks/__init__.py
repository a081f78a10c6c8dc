"""The deployable stacks and the service files they are made from."""
