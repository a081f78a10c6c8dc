"""What a service file may say, one concept a module."""
