"""What runs in all five runtimes, so in the language that CPython and MicroPython share.

A program's `step` reads its inputs from a stream, calls flight code and writes every array that the
code may have changed. `layout` says what was written: (kernel, array, slots, bytes a slot), in order.
"""
