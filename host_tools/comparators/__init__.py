"""Voters that others flew or describe, re-implemented to be compared with ours; never on a board."""
