"""Ends A/B tests at their deadline, and expires variants that nobody calls."""
