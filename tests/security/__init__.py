"""Proof that the gate opens what a known institution signed, and nothing else."""
