"""The attack suite: what hostile submissions try, and what was observed when they tried it."""
