"""The ground's side of a link: what is generated from the dictionary, and what reads and writes frames."""
