"""What visitors are told, and data protection officers: made from the configuration."""
