"""Starts the promotion of an approved version, and takes back what was made from a rejected one."""
