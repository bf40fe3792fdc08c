# The same answers through R's mirt and, if it is installed, TAM. In this folder:
#
#     Rscript crosscheck.R
#     samatthana crosscheck --compare r_output.csv
#
# Reads   responses.csv   a row a person, a column an item; categories from 0, NA = not known
#         persons.csv     group and weight of each row
#         settings.csv    model, number of categories and prior of each item; nodes; latent variance
# Writes  r_output.csv    package, version, group, item, parameter, estimate, se
#
# install.packages(c("mirt", "TAM")) if need be; one of them is enough. Run with mirt 1.45.1 and
# TAM 4.3-25 under R 4.2.2.

here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
if (length(here) == 1) setwd(dirname(normalizePath(here)))

# What an earlier run found must not be taken for this one's.
unlink("r_output.csv")

answers <- read.csv("responses.csv", check.names = FALSE, na.strings = c("NA", ""))
# An item or a group may be called NA.
persons <- read.csv("persons.csv", colClasses = c("character", "numeric"), na.strings = NULL)
settings <- read.csv("settings.csv", na.strings = "",
                     colClasses = c("character", "character", rep("numeric", 9)))
stopifnot(identical(names(answers), settings$item), nrow(answers) == nrow(persons))
# In R items and groups go by number, so that no name means anything to a package.
names(answers) <- paste0("i", seq_along(answers))

model <- settings$model
n_categories <- settings$n_categories
nodes <- seq(settings$lo[1], settings$hi[1], length.out = settings$n_nodes[1])
free_variance <- settings$free_variance[1] == 1
groups <- unique(persons$group)
group <- match(persons$group, groups)
several_groups <- length(groups) > 1
weights <- if (all(persons$weight == 1)) NULL else persons$weight

rows <- function(package, group, item, parameter, estimate, se = NA) {
    data.frame(package = package, group = group, item = item, parameter = parameter,
               estimate = as.numeric(estimate), se = as.numeric(se), row.names = NULL)
}

# Slopes and intercepts of log(P_k / P_0) give any model whose categories divide by their total.
line_parameters <- function(place, slope, intercept) {
    k <- seq_along(slope)
    if (model[place] == "nominal") {
        return(c(setNames(slope, paste0("a", k)), setNames(intercept, paste0("c", k))))
    }
    steps <- -diff(c(0, intercept)) / slope[1]
    names <- if (model[place] %in% c("rasch", "1pl", "2pl")) "b" else paste0("b", k)
    c(a = slope[[1]], setNames(as.numeric(steps), names))
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

# mirt's "expbeta" is a Beta density of the asymptote itself, but in mirt's own 3PL and 4PL its slope
# (d_priors in src/dpars.cpp of 1.45.1) is that by the asymptote where the search needs that by its
# log-odds: the result is no maximum of likelihood times prior. An item of one's own brings its own
# slope, prior included. It is slower, so items without priors are mirt's.
has_prior <- !is.na(settings$c_alpha) | !is.na(settings$d_alpha)

own_items <- function() {
    curve <- function(par, Theta, ncat) {
        lower <- plogis(par[3])
        p <- lower + (plogis(par[4]) - lower) * plogis(par[1] * (Theta[, 1] - par[2]))
        cbind(1 - p, p)
    }
    slope <- function(x, Theta) {
        a <- x@par[[1]]
        from_b <- Theta[, 1] - x@par[[2]]
        asymptote <- plogis(x@par[3:4])
        of_z <- asymptote * (1 - asymptote)
        s <- plogis(a * from_b)
        p <- asymptote[1] + (asymptote[2] - asymptote[1]) * s
        of_p <- x@dat[, 2] / p - x@dat[, 1] / (1 - p)
        of_s <- of_p * (asymptote[2] - asymptote[1]) * s * (1 - s)
        prior <- ifelse(x@prior.type == 4, x@prior_1 - 1 - (x@prior_1 + x@prior_2 - 2) * plogis(x@par), 0)
        c(sum(of_s * from_b), -sum(of_s) * a, sum(of_p * (1 - s)) * of_z[1], sum(of_p * s) * of_z[2]) + prior
    }
    item <- function(name, upper) {
        createItem(name, par = c(a = 1, b = 0, lower = -1.5, upper = upper),
                   est = c(TRUE, TRUE, TRUE, upper < 100), P = curve, gr = slope)
    }
    list(own3pl = item("own3pl", 999), own4pl = item("own4pl", 3))
}

beta_priors <- function(name, alpha, beta) {
    given <- which(!is.na(alpha))
    if (!length(given)) return(character())
    paste0("(", given, ",", name, ",expbeta,", alpha[given], ",", beta[given], ")")
}

mirt_syntax <- function() {
    lines <- paste0("F = 1-", ncol(answers))
    if (free_variance) lines <- c(lines, "COV = F*F")
    same <- which(model == "1pl")
    if (length(same) > 1) lines <- c(lines, paste0("CONSTRAIN = (", paste(same, collapse = ","), ",a1)"))
    priors <- c(beta_priors("lower", settings$c_alpha, settings$c_beta),
                beta_priors("upper", settings$d_alpha, settings$d_beta))
    if (length(priors)) lines <- c(lines, paste0("PRIOR = ", paste(priors, collapse = ",")))
    mirt.model(paste(lines, collapse = "\n"))
}

fit_mirt <- function() {
    technical <- list(NCYCLES = 20000, theta_lim = range(nodes))
    types <- itemtypes()
    types[has_prior] <- paste0("own", model[has_prior])
    shared <- list(data = answers, model = mirt_syntax(), itemtype = types, SE = TRUE,
                   SE.type = "Oakes", TOL = 1e-8, quadpts = length(nodes), verbose = FALSE,
                   technical = technical)
    if (any(has_prior)) shared$customItems <- own_items()
    if (!is.null(weights)) shared$survey.weights <- weights
    if (several_groups) {
        # The group that stands first is the reference, as in samatthana.
        shared$group <- factor(paste0("g", group), levels = paste0("g", seq_along(groups)))
        shared$invariance <- c(colnames(answers), "free_means", "free_var")
        return(do.call(multipleGroup, shared))
    }
    do.call(mirt, shared)
}

# What samatthana publishes of an item that has these parameters in mirt.
mirt_parameters <- function(item, place, par) {
    if (has_prior[place]) {
        return(c(a = par[[1]], b = par[[2]], c = plogis(par[[3]]), d = plogis(par[[4]])))
    }
    names(par) <- item@parnames
    k <- seq_len(n_categories[place] - 1)
    if ("d" %in% names(par)) {
        found <- c(a = par[["a1"]], b = -par[["d"]] / par[["a1"]])
        if (model[place] %in% c("grm", "gpcm", "pcm", "rsm")) names(found)[2] <- "b1"
        if (model[place] == "nominal") return(c(a1 = par[["a1"]], c1 = par[["d"]]))
        if (!model[place] %in% c("3pl", "4pl")) return(found)
        return(c(found, c = plogis(par[["g"]]), d = plogis(par[["u"]])))
    }
    if (model[place] == "grm") {
        b <- -unname(par[paste0("d", k)]) / par[["a1"]]
        return(c(a = par[["a1"]], setNames(b, paste0("b", k))))
    }
    if ("ak0" %in% names(par)) {
        slope <- par[["a1"]] * (par[paste0("ak", k)] - par[["ak0"]])
        return(line_parameters(place, unname(slope), unname(par[paste0("d", k)] - par[["d0"]])))
    }
    item@par <- par
    p <- probtrace(item, matrix(c(0, 1)))
    odds <- unname(log(p[, -1, drop = FALSE] / p[, 1]))
    line_parameters(place, odds[2, ] - odds[1, ], odds[1, ])
}

# Standard errors by the delta method. The names of mirt's covariances end in the numbers of the
# parameters that are one: "d.2.26" is the 2nd and the 26th.
mirt_item_rows <- function(fit, covariance, place) {
    item <- if (several_groups) extract.item(fit, place, group = 1) else extract.item(fit, place)
    published <- mirt_parameters(item, place, item@par)
    column <- rep(NA, length(item@par))
    numbers <- strsplit(sub("^[^.]*[.]", "", rownames(covariance)), ".", fixed = TRUE)
    for (k in seq_along(numbers)) column[item@parnum %in% as.numeric(numbers[[k]])] <- k
    free <- which(!is.na(column))
    slopes <- matrix(0, length(published), length(free))
    for (k in seq_along(free)) {
        step <- replace(numeric(length(item@par)), free[k], 1e-4)
        slopes[, k] <- (mirt_parameters(item, place, item@par + step) -
                            mirt_parameters(item, place, item@par - step)) / 2e-4
    }
    spread <- covariance[column[free], column[free], drop = FALSE]
    se <- sqrt(rowSums((slopes %*% spread) * slopes))
    rows("mirt", "", settings$item[place], names(published), published, ifelse(se > 1e-9, se, NA))
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
    found <- coef(fit, printSE = TRUE)
    if (!several_groups) found <- list(found)
    covariance <- vcov(fit)
    rbind(
        do.call(rbind, lapply(seq_along(model), function(i) mirt_item_rows(fit, covariance, i))),
        do.call(rbind, lapply(seq_along(groups), function(g) mirt_latent_rows(found[[g]], groups[g]))),
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
    if (several_groups) shared$group <- group
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
    # Estimates alone: TAM's standard errors leave out the covariances of parameters.
    # log(P_k / P_0) = (B[, k, 1] - B[, 1, 1]) theta + AXsi[, k] - AXsi[, 1]
    sd <- sqrt(as.numeric(fit$variance))
    unit <- if (all(model == "1pl")) sd[1] else 1
    item_rows <- function(i) {
        k <- 2:n_categories[i]
        found <- line_parameters(i, (fit$B[i, k, 1] - fit$B[i, 1, 1]) * unit,
                                 fit$AXsi[i, k] - fit$AXsi[i, 1])
        rows("TAM", "", settings$item[i], names(found), found)
    }
    means <- as.numeric(fit$beta)
    rbind(
        do.call(rbind, lapply(seq_along(model), item_rows)),
        if (length(means) == length(groups)) rows("TAM", groups, "", "mean", means / unit),
        if (length(sd) == length(groups)) rows("TAM", groups, "", "sd", sd / unit),
        # TAM scales weights so that they sum to the number of rows.
        rows("TAM", "", "", "log_likelihood", -fit$deviance / 2 * mean(persons$weight)),
        rows("TAM", "", "", "converged", nrow(fit$deviance.history) < LONGEST)
    )
}

# ---- both -----------------------------------------------------------------------------------------

version <- function(package) {
    paste0(package, " ", packageVersion(package), ", R ", getRversion())
}

asked <- function(package, run) {
    if (!requireNamespace(package, quietly = TRUE)) {
        message(package, " is not installed: left out.")
        return(NULL)
    }
    message("Asking ", version(package), " ...")
    tryCatch({
        suppressPackageStartupMessages(library(package, character.only = TRUE))
        found <- run()
        if (is.null(found)) NULL else cbind(version = version(package), found)
    }, error = function(e) {
        message(package, " failed: ", conditionMessage(e))
        NULL
    })
}

output <- rbind(asked("mirt", run_mirt), asked("TAM", run_tam))
if (is.null(output)) stop("No package gave a result: install mirt or TAM, or see above.", call. = FALSE)
# 15 digits, so that nothing is lost on the way back.
output$estimate <- format(output$estimate, digits = 15, trim = TRUE)
output$se <- ifelse(is.na(output$se), "", format(output$se, digits = 15, trim = TRUE))
write.csv(output, "r_output.csv", row.names = FALSE, na = "")
message("Wrote r_output.csv: samatthana crosscheck --compare r_output.csv")
