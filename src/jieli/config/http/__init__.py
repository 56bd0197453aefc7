"""How the API meets the outside: who is there, how often, which answer was given before, and what a refusal looks like."""
