"""Five runtimes, one hash: the flight code's arithmetic in CPython, numba, bytecode, native and viper."""
