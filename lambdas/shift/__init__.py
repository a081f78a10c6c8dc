"""Gives the candidate its share of the traffic."""
