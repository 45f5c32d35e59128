"""Enrich: from a raw article to one with its language, names, dates and relevance to Libya."""
