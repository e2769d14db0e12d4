# Writes expected_models.json: predicted survival with intervals, residuals, univariate screening and selection.
#   Rscript tables.R /tmp/tables && Rscript expected_models.R /tmp/tables expected_models.json
# Needs r-cran-survival, r-cran-jsonlite.
suppressPackageStartupMessages({
  library(survival)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
arguments <- commandArgs(trailingOnly = TRUE)
one <- function(x) unbox(unname(x))
table_of <- function(name, time, event) {
  d <- read.csv(file.path(arguments[1], paste0(name, ".csv")), stringsAsFactors = TRUE, na.strings = c("", "NA"))
  d$.t <- d[[time]]
  d$.e <- if (is.factor(d[[event]])) 1 * (d[[event]] == "yes") else d[[event]]
  if (max(d$.e) == 2) {
    d$.e <- d$.e - 1
  }
  d
}
model_of <- function(d, formula, ties, entry, ...) {
  left <- if (is.null(entry)) {
    "Surv(.t, .e) ~"
  } else {
    d$.entry <- d[[entry]]
    "Surv(.entry, .t, .e) ~"
  }
  coxph(as.formula(paste(left, formula)), d, ties = ties, x = TRUE, model = TRUE, ...)
}
options_of <- function(time, event, formula, ties, entry) {
  c("--time", time, "--event", event, "--formula", formula, "--ties", ties, if (!is.null(entry)) c("--entry", entry))
}

predictions <- list()
predicted <- function(name, table, time, event, formula, times, ties = "efron", entry = NULL, rows = 1:25) {
  d <- table_of(table, time, event)
  fit <- model_of(d, formula, ties, entry)
  new <- d[rows, ]
  new <- new[complete.cases(new[, all.vars(as.formula(paste("~", formula)))]), ]
  curves <- lapply(seq_len(nrow(new)), function(i) {
    s <- survfit(fit, newdata = new[i, ])
    summary(s, times = times, extend = TRUE)
  })
  predictions[[length(predictions) + 1]] <<- list(
    name = name,
    table = table,
    cox = options_of(time, event, formula, ties, entry),
    times = times,
    rows = lapply(seq_len(nrow(new)), function(i) {
      s <- curves[[i]]
      c(
        list(row = one(as.integer(rownames(new)[i]))),
        unlist(
          lapply(seq_along(times), function(k) {
            setNames(
              list(one(s$surv[k]), one(s$lower[k]), one(s$upper[k])),
              paste0(c("survival_", "lower_", "upper_"), times[k])
            )
          }),
          recursive = FALSE
        )
      )
    })
  )
}
predicted("lung", "lung", "time", "status", "age + sex + ph.ecog", c(100, 365, 700))
predicted("factors and interaction", "glioma", "months", "dead", "age * grade + histology", c(6, 24, 48))
predicted("strata", "glioma", "months", "dead", "age + grade + strata(centre)", c(6, 24))
predicted("Breslow", "veteran", "time", "status", "karno + celltype", c(30, 200), ties = "breslow")
predicted("start and stop", "heart", "stop", "event", "age + year + surgery", c(30, 200), entry = "start")
predicted("transformed", "lung", "time", "status", "log(age) + I(wt.loss^2/100) + factor(ph.ecog)", c(100, 365))

residuals_list <- list()
residual <- function(name, table, time, event, formula, ties = "efron", entry = NULL) {
  d <- table_of(table, time, event)
  fit <- model_of(d, formula, ties, entry)
  columns <- list(martingale = unname(residuals(fit, "martingale")), deviance = unname(residuals(fit, "deviance")))
  terms <- names(coef(fit))
  db <- as.matrix(residuals(fit, "dfbeta"))
  sc <- as.matrix(residuals(fit, "schoenfeld"))
  used <- as.integer(rownames(fit$x))
  strata <- if (is.null(fit$strata)) NULL else fit$model[[grep("^strata", names(fit$model))]]
  events <- which(d$.e[used] == 1)
  order_of_events <- events[order(
    if (is.null(strata)) rep(0, length(events)) else as.integer(strata)[events],
    d$.t[used][events]
  )]
  schoenfeld <- matrix(NA_real_, length(used), length(terms))
  schoenfeld[order_of_events, ] <- sc
  # Rows that die together are told apart by their own values only; their residuals are compared
  # sorted by row as R keeps them.
  for (k in seq_along(terms)) {
    columns[[paste0("dfbeta_", terms[k])]] <- unname(db[, k])
    columns[[paste0("schoenfeld_", terms[k])]] <- schoenfeld[, k]
  }
  residuals_list[[length(residuals_list) + 1]] <<- list(
    name = name,
    table = table,
    cox = options_of(time, event, formula, ties, entry),
    row = used,
    columns = columns
  )
}
residual("lung", "lung", "time", "status", "age + sex + ph.ecog")
residual("ties and factors", "glioma", "months", "dead", "age + histology + grade")
residual("ties by Breslow", "glioma", "months", "dead", "age + sex", ties = "breslow")
residual("strata", "glioma", "months", "dead", "age + grade + strata(centre)")
residual("start and stop", "heart", "stop", "event", "age + year + surgery", entry = "start")

selections <- list()
selection <- function(name, table, time, event, terms) {
  d <- table_of(table, time, event)
  lr <- function(fit) unname(summary(fit)$logtest["pvalue"])
  fit_of <- function(t) model_of(d, paste(t, collapse = " + "), "efron", NULL)
  alone <- sapply(terms, function(t) lr(fit_of(t)))
  after <- terms[alone <= 0.05]
  together <- fit_of(after)
  used <- as.integer(rownames(together$x))
  p <- sapply(after, function(t) {
    rest <- setdiff(after, t)
    small <- if (length(rest) > 0) {
      coxph(as.formula(paste("Surv(.t, .e) ~", paste(rest, collapse = " + "))), d[used, ])$loglik[2]
    } else {
      together$loglik[1]
    }
    pchisq(2 * (together$loglik[2] - small), length(together$assign[[t]]), lower.tail = FALSE)
  })
  final <- fit_of(after[p <= 0.05])
  # The paper's rule: a factor stays if any of its levels has P <= 0.05.
  level <- function(fit, t) min(summary(fit)$coefficients[fit$assign[[t]], 5])
  paper_after <- terms[sapply(terms, function(t) level(fit_of(t), t)) <= 0.05]
  paper_together <- fit_of(paper_after)
  paper <- paper_after[sapply(paper_after, function(t) level(paper_together, t)) <= 0.05]
  selections[[length(selections) + 1]] <<- list(
    name = name,
    table = table,
    cox = options_of(time, event, paste(terms, collapse = " + "), "efron", NULL),
    univariate = unname(alone),
    after = paste(after, collapse = " + "),
    formula = paste(after[p <= 0.05], collapse = " + "),
    estimates = unname(coef(final)),
    se = unname(sqrt(diag(vcov(final)))),
    paper_after = paste(paper_after, collapse = " + "),
    paper = paste(paper, collapse = " + "),
    paper_estimates = unname(coef(fit_of(paper)))
  )
}
selection("lung", "lung", "time", "status", c("age", "sex", "factor(ph.ecog)", "wt.loss", "ph.karno"))
selection("veteran", "veteran", "time", "status", c("trt", "celltype", "karno", "diagtime", "age", "prior"))
selection("glioma", "glioma", "months", "dead", c("age", "sex", "histology", "grade", "volume", "centre"))
write(
  toJSON(
    list(predictions = predictions, residuals = residuals_list, selections = selections),
    digits = I(17),
    na = "null",
    null = "null",
    auto_unbox = TRUE
  ),
  arguments[2]
)
