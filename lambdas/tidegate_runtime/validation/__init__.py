"""The validation gate: a candidate's answers to a fixed, labelled set, beside those of the live version."""
