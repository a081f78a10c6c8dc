"""The report of a rehearsal of a pipeline: one page of HTML."""
