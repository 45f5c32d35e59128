"""How Rasid is run: the local stack, the demo, and the configuration files both share with compose."""
