"""What is asked of a submission: plain functions `probe(beras, **inputs)` that return arrays and know no answer."""
