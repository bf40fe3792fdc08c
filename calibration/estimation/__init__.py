"""Marginal maximum likelihood: from answers to parameters.

Read `calibrate` first. `options` says what can be chosen, `result` what comes out; `expectation`
turns answers into sums that add, `loop` climbs, `latent` holds the groups' distributions.
"""
