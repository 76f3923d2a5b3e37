"""Proofs about the flight code: what its source may say, and in time what its numbers may reach."""
