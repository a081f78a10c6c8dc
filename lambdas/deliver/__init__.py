"""Does a delivery pipeline's jobs in the environments, and answers CodePipeline."""
