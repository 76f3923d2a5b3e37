"""The compiled loop of batch flight, in a folder of its own: a change beside it compiles nothing anew."""
