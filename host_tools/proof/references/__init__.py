"""What the kernels ought to compute, written from the mathematics and not from their code.

A reference has the kernel's parameters: memories as int64 (slots, vectors), numbers as int64 (vectors).
It changes its copies where the specification is exact, and answers with `Answer` (harness/check.py)
what is only approximately known, as a real number and how far from it a kernel may lie.
"""
