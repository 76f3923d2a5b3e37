"""Tests on the board: the runner of tests_device, on real boards and on emulated ones."""
