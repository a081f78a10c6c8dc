"""Takes the traffic back and puts the endpoint back on the stack's configuration."""
