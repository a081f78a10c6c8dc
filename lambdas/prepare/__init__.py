"""Puts the candidate beside live, without traffic."""
