"""`tidegate check-model`: a model served on this machine, asked, and held against what SageMaker takes."""
