"""The ``rasid`` command: a module a subcommand, nothing but arguments and calls elsewhere."""
