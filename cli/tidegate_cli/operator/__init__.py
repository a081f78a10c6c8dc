"""What an operator asks of a rollout in flight; plain boto3, for any AWS account."""
