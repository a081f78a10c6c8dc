"""`tidegate review`: what a pull request would change in the deployed stacks, and what it must not."""
