"""``python -m services.cli`` is ``rasid``."""

from services.cli.app import main

main()
