# Estimates and criteria of catR on random banks and answers: Rscript catr_runs.R > catr_runs.json
#
# Every number comes from catR's own functions. Where they solve an equation with R's uniroot, whose
# default tolerance is about 1e-4, a second number comes from the same function with `uniroot` called
# at a tolerance of 1e-14 ("tight"), so that more digits can be compared.
suppressMessages({
  library(catR)
  library(jsonlite)
})

SEED <- 11
N <- 8
DICHOTOMOUS <- c("1PL", "2PL", "3PL", "4PL")
POLYTOMOUS <- c("GRM", "GPCM", "PCM", "RSM", "NRM")
GRID <- seq(-4, 4, length = 33)

tight <- function(f, ...) {
  around <- new.env(parent = environment(f))
  around$uniroot <- function(f, interval) stats::uniroot(f, interval, tol = 1e-14, maxiter = 10000)
  for (name in names(list(...))) assign(name, list(...)[[name]], around)
  environment(f) <- around
  f
}
tightEst <- tight(thetaEst)
tightMEI <- tight(MEI, thetaEst = tightEst)

METHODS <- list(
  eap = list(method = "EAP"),
  eap_wide = list(method = "EAP", priorPar = c(0.5, 1.5)),
  eap_uniform = list(method = "EAP", priorDist = "unif", priorPar = c(-3, 3), parInt = c(-3, 3, 33)),
  eap_jeffreys = list(method = "EAP", priorDist = "Jeffreys"),
  map = list(method = "BM"),
  map_wide = list(method = "BM", priorPar = c(0.5, 1.5)),
  map_uniform = list(method = "BM", priorDist = "unif", priorPar = c(-3, 3)),
  map_jeffreys = list(method = "BM", priorDist = "Jeffreys"),
  mle = list(method = "ML"),
  wle = list(method = "WL"),
  huber = list(method = "ROB", weight = "Huber", tuCo = 1),
  tukey = list(method = "ROB", weight = "Tukey", tuCo = 4)
)
RULES <- c("MFI", "MLWI", "MPWI", "KL", "KLP", "MEI", "MEPV", "GDI", "GDIP", "bOpt", "thOpt")

model_of <- function(name) if (name %in% DICHOTOMOUS) NULL else name

bank_of <- function(name) {
  if (name %in% DICHOTOMOUS) {
    as.matrix(round(genDichoMatrix(N, model = name, aPrior = c("lnorm", 0.2, 0.35), seed = SEED), 4))
  } else {
    as.matrix(genPolyMatrix(N, 4, name, seed = SEED))
  }
}

# The highest category of each item.
highest <- function(name, bank) {
  numbers <- rowSums(!is.na(bank))
  switch(name, GRM = numbers - 1, GPCM = numbers - 1, PCM = numbers, RSM = numbers - 1,
    NRM = numbers / 2, rep(1, nrow(bank)))
}

estimates <- function(name, it, x) {
  model <- model_of(name)
  found <- list()
  for (label in names(METHODS)) {
    if (!is.null(model) && label %in% c("huber", "tukey")) next
    arguments <- c(list(it = it, x = x, model = model), METHODS[[label]])
    with_error <- function(theta) c(theta, suppressWarnings(do.call(semTheta, c(list(theta), arguments))))
    numbers <- with_error(do.call(thetaEst, arguments))
    if (METHODS[[label]]$method != "EAP") numbers <- c(numbers, with_error(do.call(tightEst, arguments)))
    found[[label]] <- numbers
  }
  found
}

criteria <- function(name, bank, items, x, theta) {
  model <- model_of(name)
  given <- bank[items, , drop = FALSE]
  unused <- setdiff(seq_len(N), items)
  likelihood <- sapply(GRID, function(t) {
    if (!length(items)) return(1)
    p <- Pi(t, given, model = model)$Pi
    if (is.null(model)) prod(p^x * (1 - p)^(1 - x)) else prod(p[cbind(seq_along(x), x + 1)])
  })
  each <- function(value) unname(sapply(unused, value))
  divergence <- function(type) function(i) {
    KL(bank, i, x, given, model = model, theta = theta, X = GRID, lik = likelihood, type = type)
  }
  discrimination <- function(type) function(i) GDI(bank, i, x, given, X = GRID, lik = likelihood, type = type)
  found <- list(
    MFI = each(function(i) Ii(theta, bank[i, ], model = model)$Ii),
    MLWI = each(function(i) MWI(bank, i, x, given, model = model)),
    MPWI = each(function(i) MWI(bank, i, x, given, model = model, type = "MPWI")),
    MEI = each(function(i) MEI(bank, i, x, theta, given, model = model)),
    MEI_tight = each(function(i) tightMEI(bank, i, x, theta, given, model = model)),
    MEI_Fisher_tight = each(function(i) tightMEI(bank, i, x, theta, given, model = model, infoType = "Fisher")),
    MEPV = each(function(i) EPV(bank, i, x, theta, given, model = model)),
    KL = each(divergence("KL")),
    KLP = each(divergence("KLP"))
  )
  # catR has GDI for answers right or wrong only: for others it stops with an error.
  if (is.null(model)) {
    found$GDI <- each(discrimination("GDI"))
    found$GDIP <- each(discrimination("GDIP"))
  }
  found
}

chosen <- function(name, bank, items, x, theta) {
  found <- list()
  for (rule in RULES) {
    if (name %in% POLYTOMOUS && rule %in% c("GDI", "GDIP", "bOpt", "thOpt")) next
    pick <- nextItem(bank, model = model_of(name), theta = theta, out = if (length(items)) items,
      x = if (length(items)) x, criterion = rule, random.seed = 1)
    found[[rule]] <- c(pick$item, pick$info)
  }
  found
}

pattern <- function(name, bank, items, x) {
  result <- list(items = I(items), answers = I(x))
  # The criteria are taken at the posterior mean, which catR and others compute to the last digits.
  theta <- 0
  if (length(items)) {
    result$estimates <- estimates(name, bank[items, , drop = FALSE], x)
    theta <- result$estimates$eap[1]
  }
  result$unused <- I(setdiff(seq_len(N), items))
  result$criteria <- criteria(name, bank, items, x, theta)
  result$chosen <- chosen(name, bank, items, x, theta)
  result
}

patterns <- function(name, bank) {
  set.seed(SEED + 17)
  cases <- list(list(integer(0), integer(0)))
  for (place in 1:2) {
    items <- sample(N, sample(2:5, 1))
    x <- genPattern(rnorm(1), bank[items, , drop = FALSE], model = model_of(name), seed = SEED + place)
    cases <- c(cases, list(list(items, as.integer(x))))
  }
  items <- sample(N, 4)
  c(cases, list(list(items, as.integer(highest(name, bank)[items])), list(items, rep(0L, 4))))
}

json <- function(value) toJSON(value, digits = I(13), auto_unbox = TRUE, na = "null")

lines <- sapply(c(DICHOTOMOUS, POLYTOMOUS), function(name) {
  bank <- bank_of(name)
  cases <- sapply(patterns(name, bank), function(case) json(pattern(name, bank, case[[1]], case[[2]])))
  paste0('"', name, '": {"bank": ', json(unname(bank)), ', "patterns": [\n', paste(cases, collapse = ",\n"), "]}")
})
about <- list(catR = as.character(packageVersion("catR")), R = R.version.string, script = "catr_runs.R", seed = SEED)
cat("{\"about\": ", json(about), ",\n", paste(lines, collapse = ",\n"), "}\n", sep = "")
