"""Dates in Arabic: from words to the days they mean, one step a file, in this order.

``vocabulary`` (the words, from tables) and ``numerals`` (digits) are what ``runs`` finds neighbours
of in a text; ``grammar`` (the rules, made from tables by ``compilation``) makes expressions of a
run: each a ``meaning``, a function with its parts, looked up by name in ``meanings``. The functions
are in ``days``, ``spans``, ``hijri``, ``ranges`` and ``unfixed``; they answer with ``periods``, and
ask ``cues`` what the words around an expression say.
``other_languages`` makes the grammars of English, French, Italian and Turkish.
``mentions`` asks each expression what it means on the day of the article.
"""
