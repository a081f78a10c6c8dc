"""Every scanner over every template that the project makes (`make scan`)."""
