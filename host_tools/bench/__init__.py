"""`plumbline bench`: the parts of a test bench, polled by its board and shown as they come."""
