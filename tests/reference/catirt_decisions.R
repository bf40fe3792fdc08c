# Classifications by catIrt's sequential tests: Rscript catirt_decisions.R > catirt_decisions.json
#
# Random items of the three-parameter and the graded model, answers of persons at and between three
# cuts. `SPRT`, `GLR` and `CI` are the categories (0 to 3, or null where nothing is decided yet) that
# catIrt's termSPRT, termGLR and termCI return; `ratio` and `generalised` the statistics they are
# made of, from its log-likelihoods.
suppressMessages({
  library(catIrt)
  library(jsonlite)
})

set.seed(20260)
N <- 60
CUTS <- c(-0.7, 0.1, 0.9)
THETA <- c(-2, -0.7, -0.3, 0.1, 0.5, 0.9, 2)
RANGE <- c(-6, 6)
NODES <- seq(-6, 6, by = 0.01)
BANKS <- list(
  brm = round(cbind(a = runif(N, 1, 2.5), b = rnorm(N), c = runif(N, 0, 0.25)), 3),
  grm = round(cbind(a = runif(N, 1, 2.2), t(apply(matrix(rnorm(3 * N), N), 1, sort))), 3)
)
colnames(BANKS$grm) <- c("a", "b1", "b2", "b3")

decided <- function(method, ...) {
  switch(method, SPRT = catIrt:::termSPRT, GLR = catIrt:::termGLR, CI = catIrt:::termCI)(...)
}

pattern <- function(model, theta, length) {
  items <- sample(N, length)
  params <- BANKS[[model]][items, , drop = FALSE]
  capture.output(x <- as.integer(simIrt(theta = theta, params = params, mod = model)$resp))
  estimate <- mleEst(resp = rbind(x), params = params, range = RANGE, mod = model)
  logL <- get(paste0("logLik.", model), asNamespace("catIrt"))
  u <- structure(x, class = c(model, "numeric"))
  settings <- function(...) list(c.term = list(bounds = CUTS, categ = 0:3, ...))
  found <- list(items = items, answers = if (model == "grm") x - 1L else x, ML = c(estimate$theta, estimate$sem))
  for (level in c(0.68, 0.95)) {
    found[[paste0("CI_", level)]] <- decided("CI", params, u, estimate$theta, rep(estimate$sem, length), settings(conf.lev = level))
  }
  for (delta in c(0.2, 0.35)) {
    at <- logL(u = u, params = params, theta = NODES)
    found[[paste0("ratio_", delta)]] <- sapply(CUTS, function(cut) {
      logL(u = u, params = params, theta = cut + delta) - logL(u = u, params = params, theta = cut - delta)
    })
    found[[paste0("generalised_", delta)]] <- sapply(CUTS, function(cut) {
      max(at[NODES > cut + delta]) - max(at[NODES < cut - delta])
    })
    for (error in c(0.05, 0.2)) {
      rule <- settings(delta = delta, alpha = error, beta = error)
      found[[paste("SPRT", delta, error, sep = "_")]] <- decided("SPRT", params, u, NA, rule)
      found[[paste("GLR", delta, error, sep = "_")]] <- decided("GLR", params, u, NA, list(range = RANGE), rule)
    }
  }
  toJSON(found, digits = I(12), auto_unbox = TRUE, na = "null")
}

json <- function(value) toJSON(value, digits = I(12), auto_unbox = TRUE)
lines <- sapply(names(BANKS), function(model) {
  cases <- unlist(lapply(c(6, 20, 60), function(length) sapply(THETA, function(theta) pattern(model, theta, length))))
  paste0('"', model, '": {"bank": ', json(unname(BANKS[[model]])), ', "patterns": [\n', paste(cases, collapse = ",\n"), "]}")
})
about <- list(catIrt = as.character(packageVersion("catIrt")), R = R.version.string, script = "catirt_decisions.R")
cat("{\"about\": ", json(about), ",\n\"cuts\": ", json(CUTS), ",\n", paste(lines, collapse = ",\n"), "}\n", sep = "")
