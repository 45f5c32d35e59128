"""Names in Latin letters that the knowledge base lacks."""
