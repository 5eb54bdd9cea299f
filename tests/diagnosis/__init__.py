"""Tests of the diagnosis of messages and signatures."""
