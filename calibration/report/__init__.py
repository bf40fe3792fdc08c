"""Reports: what a run found, as pages that stand alone and as files for other programs.

`page` holds the pieces that any report is made of, `drawing` the look of its figures.
"""
