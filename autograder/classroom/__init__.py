"""A class: where submissions come from, grading them all, grades, the report. Imports `grading` and what lies below."""
