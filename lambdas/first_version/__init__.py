"""Makes the first approved version live, or passes on."""
