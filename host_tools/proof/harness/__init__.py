"""What the cross-check is made of: vectors, drivers, judgement, tables. It knows no kernel."""
