"""The bundled sample news site: invented everyday news, served as real outlets serve theirs."""
