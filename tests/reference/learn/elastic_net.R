# Writes elastic_net.json: paths of elastic nets and their cross-validation, by R's glmnet (4.1-6 in Debian 12), on
# simulated tables that the file holds.
#   Rscript elastic_net.R elastic_net.json
# Needs r-cran-glmnet, r-cran-jsonlite.
suppressPackageStartupMessages({
  library(glmnet)
  library(jsonlite)
})
arguments <- commandArgs(trailingOnly = TRUE)
set.seed(7)
# Columns that share a factor, on scales from 1e-3 to 1e4, off zero; three have an effect.
simulate <- function(n, columns, correlation) {
  shared <- rnorm(n)
  z <- sqrt(correlation) * shared + sqrt(1 - correlation) * matrix(rnorm(n * columns), n)
  effect <- c(1, -1.5, 0.8, rep(0, columns - 3))
  risk <- drop(z %*% effect)
  scale <- 10^seq(-3, 4, length.out = columns)
  x <- t(t(z + 1) * scale)
  list(
    x = signif(x, 5),
    number = round(20 + 5 * (risk + rnorm(n)), 3),
    label = rbinom(n, 1, plogis(risk)),
    weights = round(runif(n, 0.2, 3), 2),
    offset = round(rnorm(n, 0, 0.5), 2),
    foldid = sample(rep(1:5, length.out = n))
  )
}
tables <- list(tall = simulate(90, 10, 0.5), wide = simulate(45, 70, 0.4))
tables$constant <- tables$tall
tables$constant$x[, 4] <- 12.5
tables$separated <- tables$tall
tables$separated$label <- 1 * (tables$tall$x[, 2] > median(tables$tall$x[, 2]))

cases <- list()
one <- function(x) unbox(unname(x))
add <- function(name, table, family, cv = NULL, ...) {
  t <- tables[[table]]
  y <- if (family == "gaussian") t$number else t$label
  extra <- list(...)
  if (isTRUE(extra$weights)) {
    extra$weights <- t$weights
  }
  if (isTRUE(extra$offset)) {
    extra$offset <- t$offset
  }
  call <- c(list(x = t$x, y = y, family = family, thresh = 1e-20, maxit = 1e7), extra)
  f <- do.call(glmnet, call)
  at <- unique(round(seq(1, length(f$lambda), length.out = 9)))
  expected <- list(
    lambda = f$lambda,
    deviance_ratio = f$dev.ratio,
    null_deviance = one(f$nulldev),
    at = at - 1,
    intercept = unname(f$a0[at]),
    coefficients = lapply(at, function(m) unname(f$beta[, m]))
  )
  if (!is.null(cv)) {
    call$lambda <- f$lambda # else each fold has λs of its own, and its predictions are interpolated
    k <- do.call(cv.glmnet, c(call, list(foldid = t$foldid, type.measure = cv)))
    expected$cv <- list(
      mean = unname(k$cvm),
      error = unname(k$cvsd),
      best = one(k$lambda.min),
      within_error = one(k$lambda.1se)
    )
  }
  shown <- lapply(list(...), function(v) if (isTRUE(v)) "the table's" else paste(v, collapse = " "))
  text <- sprintf(
    "glmnet(x, y, \"%s\", thresh = 1e-20%s)",
    family,
    paste0(", ", names(shown), " = ", shown, collapse = "")
  )
  if (length(shown) == 0) {
    text <- sprintf("glmnet(x, y, \"%s\", thresh = 1e-20)", family)
  }
  cases[[length(cases) + 1]] <<- list(
    name = one(name),
    call = one(text),
    table = one(table),
    family = one(family),
    measure = one(if (is.null(cv)) "" else cv),
    alpha = one(if (is.null(extra$alpha)) 1 else extra$alpha),
    lambda = if (is.null(extra$lambda)) list() else extra$lambda,
    penalties = if (is.null(extra$penalty.factor)) list() else extra$penalty.factor,
    weighted = one(!is.null(extra$weights)),
    shifted = one(!is.null(extra$offset)),
    expected = expected
  )
}

for (family in c("gaussian", "binomial")) {
  for (table in c("tall", "wide")) {
    add(paste(family, table), table, family, cv = "deviance")
    add(paste(family, table, "alpha 0.5"), table, family, cv = "mse", alpha = 0.5)
    add(paste(family, table, "alpha 0.1"), table, family, alpha = 0.1)
    add(paste(family, table, "weights"), table, family, cv = "deviance", weights = TRUE)
  }
  add(paste(family, "ridge"), "tall", family, alpha = 0)
  add(paste(family, "penalty factors"), "tall", family, penalty.factor = c(0, 1, 2, 0.5, 1, 1, 3, 1, 0.1, 1))
  add(paste(family, "offset"), "tall", family, offset = TRUE, alpha = 0.7)
  add(paste(family, "own lambda"), "wide", family, lambda = c(2, 0.5, 0.2, 0.1, 0.05))
  add(paste(family, "constant column"), "constant", family)
}
add("binomial auc", "tall", "binomial", cv = "auc")
add("binomial separated", "separated", "binomial", cv = "deviance")
write_json(
  list(
    tables = lapply(tables, function(t) {
      t$columns <- lapply(seq_len(ncol(t$x)), function(j) t$x[, j])
      t$x <- NULL
      t
    }),
    cases = cases
  ),
  arguments[1],
  digits = NA,
  auto_unbox = FALSE
)
