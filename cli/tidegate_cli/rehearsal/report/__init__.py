"""The report of a rehearsal: one HTML file with everything in it."""
