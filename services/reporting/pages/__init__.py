"""Pages to read: reporting's answers as plain HTML, drawn on the server, entered with a reader's key.

A page asks the same questions as the interface beside it and shows what they answer; it needs no script. Its
texts are in ``words.toml``, headings and the words of codes in the declarations of ledgers and views.
"""
