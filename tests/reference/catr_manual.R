# The examples of catR's help pages on its bank `tcals`, run: Rscript catr_manual.R > catr_manual.json
#
# Calls are those of the pages, with two changes: the seeds that random answers need are stated, and
# a uniform prior's bounds are also the ends of the nodes (`lower`, `upper`, `parInt`), as they are
# in this package; one call keeps the page's wider nodes. Added: `counts`, how often chance chooses.
suppressMessages({
  library(catR)
  library(jsonlite)
})

data(tcals)
bank <- as.matrix(tcals[, 1:4])
x <- as.integer(genPattern(0, bank, seed = 1))

estimate <- function(method, ..., y = x) {
  theta <- thetaEst(bank, y, method = method, ...)
  c(theta, semTheta(theta, bank, y, method = method, ...))
}
two_missing <- replace(x, 1:2, NA)
estimates <- list(
  ML = estimate("ML"),
  ML_two_missing = estimate("ML", y = two_missing),
  BM = estimate("BM"),
  BM_uniform = estimate("BM", priorDist = "unif", priorPar = c(-2, 2)),
  BM_Jeffreys = estimate("BM", priorDist = "Jeffreys"),
  EAP = estimate("EAP"),
  EAP_uniform = estimate("EAP", priorDist = "unif", priorPar = c(-2, 2), parInt = c(-2, 2, 33)),
  EAP_uniform_wider_nodes = estimate("EAP", priorDist = "unif", priorPar = c(-2, 2)),
  EAP_Jeffreys = estimate("EAP", priorDist = "Jeffreys"),
  EAP_100 = estimate("EAP", parInt = c(-4, 4, 100)),
  WL = estimate("WL"),
  Huber_1 = estimate("ROB"),
  Huber_2 = estimate("ROB", tuCo = 2),
  Tukey_4 = estimate("ROB", weight = "Tukey", tuCo = 4),
  WL_all_wrong = estimate("WL", y = 0 * x),
  WL_all_right = estimate("WL", y = 0 * x + 1)
)

curves <- list(
  P = Pi(0, bank, D = 1.702)$Pi, I = Ii(0, bank, D = 1.702)$Ii, J = Ji(0, bank, D = 1.702)$Ji,
  observed_0 = OIi(0, bank, x = 0, D = 1.702), observed_1 = OIi(0, bank, x = 1, D = 1.702)
)

given <- bank[c(15, 20), ]
y <- c(0, 1)
ML <- thetaEst(given, y, method = "ML")
WL <- thetaEst(given, y, method = "WL")
item_1 <- list(
  theta_ML = ML,
  theta_WL = WL,
  MLWI = MWI(bank, 1, y, given),
  MPWI = MWI(bank, 1, y, given, type = "MPWI"),
  MLWI_2_20 = MWI(bank, 1, y, given, lower = -2, upper = 2, nqp = 20),
  MPWI_uniform = MWI(bank, 1, y, given, type = "MPWI", priorDist = "unif", priorPar = c(-2, 2), lower = -2, upper = 2),
  KL_at_ML = KL(bank, 1, y, given),
  KL_at_WL = KL(bank, 1, y, given, theta = WL),
  KLP_at_WL = KL(bank, 1, y, given, theta = WL, type = "KLP"),
  KLP_at_WL_2_20 = KL(bank, 1, y, given, theta = WL, type = "KLP", lower = -2, upper = 2, nqp = 20),
  GDI = GDI(bank, 1, y, given),
  GDIP = GDI(bank, 1, y, given, type = "GDIP"),
  GDIP_2_20 = GDI(bank, 1, y, given, type = "GDIP", lower = -2, upper = 2, nqp = 20),
  GDIP_uniform = GDI(bank, 1, y, given, type = "GDIP", priorDist = "unif", priorPar = c(-2, 2), lower = -2, upper = 2),
  MEI_at_0 = MEI(bank, 1, y, 0, given),
  MEI_Fisher_at_0 = MEI(bank, 1, y, 0, given, infoType = "Fisher"),
  EPV_at_0 = EPV(bank, 1, y, 0, given),
  EPV_at_0_sd_2 = EPV(bank, 1, y, 0, given, priorPar = c(0, 2))
)

nextOf <- function(...) {
  pick <- nextItem(bank, ..., random.seed = 1)
  c(pick$item, pick$info)
}
th <- thetaEst(rbind(bank[63, ]), 0, method = "WL")
balance <- list(names = c("Audio1", "Audio2", "Written1", "Written2", "Written3"), props = c(0.1, 0.2, 0.2, 0.2, 0.3))
next_item <- list(
  MFI = nextOf(theta = 0),
  MFI_63 = nextOf(theta = 0, out = 63),
  MFI_63_10 = nextOf(theta = 0, out = c(63, 10)),
  bOpt = nextOf(theta = 0, criterion = "bOpt"),
  bOpt_24 = nextOf(theta = 0, out = 24, criterion = "bOpt"),
  thOpt = nextOf(theta = 0, criterion = "thOpt"),
  thOpt_76 = nextOf(theta = 0, out = 76, criterion = "thOpt"),
  MLWI = nextOf(x = 0, out = 63, criterion = "MLWI"),
  MPWI = nextOf(x = 0, out = 63, criterion = "MPWI"),
  MEI = nextOf(x = 0, out = 63, theta = th, criterion = "MEI"),
  MEI_Fisher = nextOf(x = 0, out = 63, theta = th, criterion = "MEI", infoType = "Fisher"),
  MEPV = nextOf(x = 0, out = 63, theta = th, criterion = "MEPV"),
  KL = nextOf(x = 0, out = 63, theta = th, criterion = "KL"),
  KLP = nextOf(x = 0, out = 63, theta = th, criterion = "KLP"),
  GDI = nextOf(x = 0, out = 63, criterion = "GDI"),
  GDIP = nextOf(x = 0, out = 63, criterion = "GDIP"),
  MLWI_63_19 = nextOf(x = c(0, 1), out = c(63, 19), criterion = "MLWI"),
  MPWI_63_19 = nextOf(x = c(0, 1), out = c(63, 19), criterion = "MPWI"),
  content_balance = nextOf(theta = 0, out = c(12, 33, 46, 63), cbControl = balance, cbGroup = as.character(tcals$Group))
)

start_items <- list(
  MFI = startItems(bank, theta = c(-1, 0, 2))$items,
  bOpt = startItems(bank, theta = c(-1, 0, 2), startSelect = "bOpt")$items,
  first_ten = startItems(bank, theta = c(-1, 0, 2), nAvailable = c(rep(1, 10), rep(0, 75)))$items
)

sitting <- function(test, stop) {
  found <- randomCAT(0, bank, start = list(theta = -2:2), test = test, stop = stop, final = list(method = "EAP"),
    responses = x, allTheta = TRUE)
  list(items = found$testItems, answers = as.integer(found$pattern), theta = found$thetaProv, se = found$seProv)
}
sittings <- list(
  WL_until_se_0.3 = sitting(list(method = "WL", itemSelect = "MFI"), list(rule = "precision", thr = 0.3)),
  BM_until_classified_at_0.5 = sitting(list(method = "BM", itemSelect = "MFI"), list(rule = "classification", thr = 0.5, alpha = 0.05)),
  EAP_by_KLP = sitting(list(method = "EAP", itemSelect = "KLP"), list(rule = "length", thr = 12)),
  EAP_by_MEPV = sitting(list(method = "EAP", itemSelect = "MEPV"), list(rule = "length", thr = 12)),
  BM_by_MEI = sitting(list(method = "BM", itemSelect = "MEI"), list(rule = "length", thr = 9))
)

rasch <- as.matrix(round(genDichoMatrix(10, model = "1PL"), 4))
distribution <- list(bank = unname(rasch), ML = unname(fullDist(0, rasch, method = "ML")), WL = unname(fullDist(0, rasch, method = "WL")))

# Eight items for exams of eight; after items 3, 5 and 2, chance and information share the choice.
few <- as.matrix(round(genDichoMatrix(8, model = "4PL", seed = 3), 4))
DRAWS <- 4000
counts <- list(bank = unname(few), out = c(3, 5, 2), length = 8, theta = 0.3, draws = DRAWS)
for (rule in c("progressive", "proportional")) {
  for (power in 1:2) {
    picks <- integer(DRAWS)
    # nextItem() ends with set.seed(NULL), so each draw is given a seed.
    for (draw in seq_len(DRAWS)) {
      set.seed(draw)
      picks[draw] <- nextItem(few, theta = counts$theta, out = counts$out, criterion = rule, rule = "length", thr = 8, AP = power)$item
    }
    counts[[paste0(rule, "_", power)]] <- tabulate(picks, 8)
  }
}

json <- function(value) toJSON(value, digits = I(13), auto_unbox = TRUE, na = "null")
parts <- list(
  about = list(catR = as.character(packageVersion("catR")), R = R.version.string, script = "catr_manual.R"),
  pattern = x, estimates = estimates, curves = curves, item_1 = item_1, next_item = next_item, start_items = start_items,
  strata = as.integer(sub("Group", "", aStratified(bank, 5))), sittings = sittings, distribution = distribution, counts = counts
)
cat("{", paste0('"', names(parts), '": ', sapply(parts, json), collapse = ",\n"), "}\n", sep = "")
