"""What a foreign file means: the mapping people write, and what its rows come to. Pure."""
