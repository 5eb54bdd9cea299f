"""The SOAP edge: HTTP in, signed messages out. Spyne and waitress live here and nowhere else."""
