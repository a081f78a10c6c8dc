"""boto3 behind the ports: the only modules that talk to AWS."""
