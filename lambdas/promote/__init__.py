"""Makes the candidate live through the hosting stack."""
