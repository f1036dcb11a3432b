"""Grading the grader: wheats, chaffs, mutants, solutions. Imports `grading` and what lies below."""
