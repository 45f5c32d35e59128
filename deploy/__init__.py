"""How Rasid is run: the local stack, the demo, and the settings that compose shares with them."""
