"""Pure functions: counts and times in, decisions out."""
