"""The flight recorder read out: from a board, from an image of its flash, into a table."""
