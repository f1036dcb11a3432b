"""The written part: its questions, the documents that answer them, and what a program can say about them."""
