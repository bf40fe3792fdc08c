"""Marginal maximum likelihood: from answers to parameters.

Read `calibrate` first: survey, screen, climb on a sample, climb on all, assemble. `options` says
what can be chosen, `result` what comes out, `comparison` puts two results side by side.

`encoding` packs answers, `expectation` turns them into `sums` that add; `target` is what is
climbed, `maximisation` one M-step of it, `loop` the one loop; `latent` holds the groups'
distributions, `quadrature` the nodes, `errors` the standard errors.
"""
