"""A second look with R: the data and a script for mirt and TAM, and what they find beside ours.

`folder.write_crosscheck` writes a folder; `Rscript crosscheck.R` in it asks mirt and TAM for the
same model on the same answers, nodes and priors; `comparison.compare` reads what they found.
"""
