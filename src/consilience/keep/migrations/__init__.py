"""How the tables of a case came about, one file a revision; written by hand, forward only."""
