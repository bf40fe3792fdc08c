# The same answers through R's mirt and, if it is installed, TAM. In this folder:
#
#     Rscript crosscheck.R
#     samatthana crosscheck --compare r_output.csv
#
# Reads   responses.csv   a row a person, a column an item; categories from 0, NA = not known
#         persons.csv     group and weight of each row
#         settings.csv    model, number of categories and prior of each item; nodes; latent variance
# Writes  r_output.csv    package, group, item, parameter, estimate, se
#
# install.packages(c("mirt", "TAM")) if need be.

here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
if (length(here) == 1) setwd(dirname(normalizePath(here)))

answers <- read.csv("responses.csv", check.names = FALSE, na.strings = c("NA", ""))
persons <- read.csv("persons.csv", colClasses = c(group = "character", weight = "numeric"))
settings <- read.csv("settings.csv", colClasses = c(item = "character", model = "character"))
stopifnot(identical(names(answers), settings$item), nrow(answers) == nrow(persons))

model <- settings$model
n_categories <- settings$n_categories
nodes <- seq(settings$lo[1], settings$hi[1], length.out = settings$n_nodes[1])
free_variance <- settings$free_variance[1] == 1
groups <- unique(persons$group)
several_groups <- length(groups) > 1
weights <- if (all(persons$weight == 1)) NULL else persons$weight

rows <- function(package, group, item, parameter, estimate, se = NA) {
    data.frame(package = package, group = group, item = item, parameter = parameter,
               estimate = as.numeric(estimate), se = as.numeric(se), row.names = NULL)
}

# Slopes and intercepts of log(P_k / P_0) give any model whose categories divide by their total.
line_rows <- function(package, place, slope, intercept) {
    item <- settings$item[place]
    k <- seq_along(slope)
    if (model[place] == "nominal") {
        return(rbind(rows(package, "", item, paste0("a", k), slope),
                     rows(package, "", item, paste0("c", k), intercept)))
    }
    a <- slope[1]
    steps <- -diff(c(0, intercept)) / a
    names <- if (model[place] %in% c("rasch", "1pl", "2pl")) "b" else paste0("b", k)
    rbind(rows(package, "", item, "a", a), rows(package, "", item, names, steps))
}

# ---- mirt -----------------------------------------------------------------------------------------

itemtypes <- function() {
    types <- c("rasch" = "Rasch", "1pl" = "2PL", "2pl" = "2PL", "3pl" = "3PL", "4pl" = "4PL",
               "grm" = "graded", "pcm" = "Rasch", "gpcm" = "gpcm", "rsm" = "rsm",
               "nominal" = "nominal")
    type <- unname(types[model])
    # With two categories these are all the logistic model.
    type[n_categories == 2 & model %in% c("grm", "gpcm", "nominal")] <- "2PL"
    type[n_categories == 2 & model == "rsm"] <- "Rasch"
    type
}

beta_priors <- function(name, alpha, beta) {
    given <- which(!is.na(alpha))
    if (!length(given)) return(character())
    paste0("(", given, ",", name, ",expbeta,", alpha[given], ",", beta[given], ")")
}

mirt_syntax <- function() {
    places <- function(chosen) paste(which(chosen), collapse = ",")
    lines <- paste0("F = 1-", ncol(answers))
    if (free_variance) lines <- c(lines, "COV = F*F")
    if (sum(model == "1pl") > 1) lines <- c(lines, paste0("CONSTRAIN = (", places(model == "1pl"), ",a1)"))
    # A Beta density on the asymptote itself is what mirt calls expbeta; c is its g, d its u.
    priors <- c(beta_priors("g", settings$c_alpha, settings$c_beta),
                beta_priors("u", settings$d_alpha, settings$d_beta))
    if (length(priors)) lines <- c(lines, paste0("PRIOR = ", paste(priors, collapse = ",")))
    mirt.model(paste(lines, collapse = "\n"))
}

fit_mirt <- function() {
    technical <- list(NCYCLES = 20000, theta_lim = range(nodes))
    shared <- list(data = answers, model = mirt_syntax(), itemtype = itemtypes(), SE = TRUE,
                   SE.type = "Oakes", TOL = 1e-8, quadpts = length(nodes), verbose = FALSE,
                   technical = technical)
    if (!is.null(weights)) shared$survey.weights <- weights
    if (several_groups) {
        # The group that stands first is the reference, as in samatthana.
        shared$group <- factor(persons$group, levels = groups)
        shared$invariance <- c(colnames(answers), "free_means", "free_var")
        return(do.call(multipleGroup, shared))
    }
    do.call(mirt, shared)
}

mirt_item_rows <- function(fit, place, coefficients) {
    if (model[place] %in% c("rsm", "nominal")) {
        item <- if (several_groups) extract.item(fit, place, group = 1)
                else extract.item(fit, place)
        p <- probtrace(item, matrix(c(0, 1)))
        odds <- log(p[, -1, drop = FALSE] / p[, 1])
        return(line_rows("mirt", place, odds[2, ] - odds[1, ], odds[1, ]))
    }
    table <- coefficients[[settings$item[place]]]
    names <- c(a = "a", b = "b", g = "c", u = "d")[colnames(table)]
    names[is.na(names)] <- colnames(table)[is.na(names)]
    if (model[place] %in% c("grm", "gpcm", "pcm")) names[names == "b"] <- "b1"
    se <- if ("SE" %in% rownames(table)) table["SE", ] else rep(NA, ncol(table))
    found <- rows("mirt", "", settings$item[place], names, table["par", ], se)
    wanted <- switch(model[place], "3pl" = c("a", "b", "c"), "4pl" = c("a", "b", "c", "d"),
                     grep("^[ab]", names, value = TRUE))
    found[found$parameter %in% wanted, ]
}

mirt_latent_rows <- function(coefficients, group) {
    table <- coefficients$GroupPars
    se <- if ("SE" %in% rownames(table)) table["SE", ] else rep(NA, ncol(table))
    sd <- sqrt(table["par", 2])
    rbind(rows("mirt", group, "", "mean", table["par", 1], se[1]),
          rows("mirt", group, "", "sd", sd, se[2] / (2 * sd)))
}

run_mirt <- function() {
    fit <- fit_mirt()
    found <- coef(fit, IRTpars = TRUE, printSE = TRUE)
    if (!several_groups) found <- setNames(list(found), groups)
    rbind(
        do.call(rbind, lapply(seq_along(model), function(i) mirt_item_rows(fit, i, found[[1]]))),
        do.call(rbind, lapply(groups, function(g) mirt_latent_rows(found[[g]], g))),
        rows("mirt", "", "", "log_likelihood", extract.mirt(fit, "logLik")),
        rows("mirt", "", "", "converged", extract.mirt(fit, "converged"))
    )
}

# ---- TAM ------------------------------------------------------------------------------------------

LONGEST <- 5000

fit_tam <- function() {
    control <- list(nodes = nodes, conv = 1e-6, convD = 1e-6, maxiter = LONGEST)
    shared <- list(resp = answers, control = control, verbose = FALSE)
    if (!is.null(weights)) shared$pweights <- weights
    if (several_groups) shared$group <- match(persons$group, groups)
    if (all(model %in% c("rasch", "1pl"))) {
        return(do.call(tam.mml, c(shared, irtmodel = "1PL")))
    }
    if (all(model == "pcm")) return(do.call(tam.mml, c(shared, irtmodel = "PCM")))
    if (all(model == "rsm")) return(do.call(tam.mml, c(shared, irtmodel = "RSM")))
    if (all(model %in% c("2pl", "gpcm"))) {
        return(do.call(tam.mml.2pl, c(shared, irtmodel = "GPCM")))
    }
    if (all(model == "nominal")) {
        return(do.call(tam.mml.2pl, c(shared, irtmodel = "2PL")))
    }
    NULL
}

run_tam <- function() {
    fit <- fit_tam()
    if (is.null(fit)) {
        message("TAM is not asked: it has no ", paste(unique(model), collapse = " with "), " here.")
        return(NULL)
    }
    # log(P_k / P_0) = (B[, k, 1] - B[, 1, 1]) theta + AXsi[, k] - AXsi[, 1]
    sd <- sqrt(as.numeric(fit$variance))
    unit <- if (all(model == "1pl")) sd[1] else 1
    item_rows <- function(i) {
        k <- 2:n_categories[i]
        line_rows("TAM", i, (fit$B[i, k, 1] - fit$B[i, 1, 1]) * unit, fit$AXsi[i, k] - fit$AXsi[i, 1])
    }
    mean <- as.numeric(fit$beta)
    rbind(
        do.call(rbind, lapply(seq_along(model), item_rows)),
        if (length(mean) == length(groups)) rows("TAM", groups, "", "mean", mean / unit),
        if (length(sd) == length(groups)) rows("TAM", groups, "", "sd", sd / unit),
        rows("TAM", "", "", "log_likelihood", -fit$deviance / 2),
        rows("TAM", "", "", "converged", nrow(fit$deviance.history) < LONGEST)
    )
}

# ---- both -----------------------------------------------------------------------------------------

asked <- function(package, run) {
    if (!suppressPackageStartupMessages(require(package, character.only = TRUE, quietly = TRUE))) {
        message(package, " is not installed: left out.")
        return(NULL)
    }
    message("Asking ", package, " ", as.character(packageVersion(package)), " ...")
    tryCatch(run(), error = function(e) {
        message(package, " failed: ", conditionMessage(e))
        NULL
    })
}

output <- rbind(asked("mirt", run_mirt), asked("TAM", run_tam))
if (is.null(output)) stop("Neither mirt nor TAM gave a result.")
# 15 digits, so that nothing is lost on the way back.
output$estimate <- format(output$estimate, digits = 15, trim = TRUE)
output$se <- ifelse(is.na(output$se), "", format(output$se, digits = 15, trim = TRUE))
write.csv(output, "r_output.csv", row.names = FALSE, na = "")
message("Wrote r_output.csv: samatthana crosscheck --compare r_output.csv")
