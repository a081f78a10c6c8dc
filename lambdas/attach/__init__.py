"""Attaches the automatic scaling of the hosting stack, and takes it away again."""
