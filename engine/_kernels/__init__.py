"""Compiled loops for what is done millions of times: simulated exams, scores of whole patterns.

Nothing here decides anything of its own. Each kernel has a counterpart in plain numpy elsewhere in
`engine` that is the definition; tests compare the two. Numba is imported when a kernel is first
used, never by `import engine`.

Read `plan` first: which designs a kernel understands, and the arrays it is given. Then `exam` for
one candidate's course, `choice` for how an item is found without looking at all of them, and
`compiler` for where compiled code is kept.
"""
