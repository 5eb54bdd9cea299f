"""Formats of the files that operators register institutions and directory lines with: reading and checking.

Reads and checks; writes nothing. No text made here holds a value of the file: a value may be a NISS.
"""
