"""`tidegate lineage`: from a live endpoint back to data, code, build, checks and approvals."""
