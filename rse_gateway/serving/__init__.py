"""The processes and the HTTP server of the gateway. Waitress lives here and nowhere else."""
