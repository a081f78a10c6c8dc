"""The local cloud: the AWS services a rollout touches, on one machine and one accelerated clock."""
