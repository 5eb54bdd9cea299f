"""The SOAP edge: a request in, a signed message out. Spyne lives here and nowhere else."""
