# R's numbers for the cases that survival_trial.py wrote into a folder: case_K.json and case_K.csv give answer_K.json.
suppressPackageStartupMessages({
  library(survival)
  library(rms)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
folder <- commandArgs(trailingOnly = TRUE)[1]
one <- function(x) {
  x <- unname(x)
  if (length(x) == 0 || !is.finite(x[1])) NA else unbox(x[1])
}
many <- function(x) lapply(seq_along(x), function(i) one(x[i]))
survival_of <- function(case, d) {
  e <- d[[case$event]]
  d$.e <- if (is.logical(e)) {
    1 * e
  } else if (is.factor(e)) {
    1 * (e == "dead")
  } else if (max(e, na.rm = TRUE) == 2) {
    e - 1
  } else {
    e
  }
  d
}
test <- function(t) list(statistic = one(t[[1]]), df = one(t[[2]]), p = one(t[[3]]))

cox <- function(case, d) {
  left <- if (is.null(case$entry)) "Surv(time, .e)" else paste0("Surv(", case$entry, ", time, .e)")
  warned <- FALSE
  fit <- withCallingHandlers(
    {
      arguments <- list(as.formula(paste(left, "~", case$formula)), data = d, ties = case$ties, model = TRUE)
      if (!is.null(case$weights)) {
        arguments$weights <- d[[case$weights]]
      }
      if (!is.null(case$cluster)) {
        arguments$cluster <- d[[case$cluster]]
      }
      if (isTRUE(case$robust)) {
        arguments$robust <- TRUE
      }
      do.call(coxph, arguments)
    },
    warning = function(w) {
      if (grepl("converge|infinite|iterations|singular", conditionMessage(w))) {
        warned <<- TRUE
      }
      invokeRestart("muffleWarning")
    }
  )
  b <- coef(fit)
  used <- sqrt(diag(fit$var))
  robust <- !is.null(fit$naive.var)
  se <- if (robust) sqrt(diag(fit$naive.var)) else used
  answer <- list(
    warned = unbox(warned),
    n = one(fit$n),
    events = one(fit$nevent),
    log_likelihood = list(null = one(fit$loglik[1]), fitted = one(tail(fit$loglik, 1))),
    coefficients = lapply(seq_along(b), function(i) {
      list(
        term = unbox(names(b)[i]),
        estimate = one(b[i]),
        se = if (is.na(b[i])) NA else one(se[i]),
        robust_se = if (robust && !is.na(b[i])) one(used[i]) else NA
      )
    })
  )
  s <- summary(fit)
  answer$tests <- list(
    likelihood_ratio = test(s$logtest),
    score = test(s$sctest),
    wald = list(statistic = one(fit$wald.test), df = one(s$waldtest[2]))
  )
  if (case$ties != "exact") {
    # Predictors of equal rows part by rounding in R's matrix product; to 13 digits they are equal again.
    even <- fit
    even$linear.predictors <- signif(fit$linear.predictors, 13)
    k <- tryCatch(concordance(even), error = function(e) NULL)
    if (!is.null(k)) {
      answer$concordance <- list(estimate = one(k$concordance), se = one(sqrt(k$var)))
    }
    r <- function(type) tryCatch(as.matrix(residuals(fit, type)), error = function(e) NULL)
    answer$residuals <- list(martingale = many(r("martingale")), deviance = many(r("deviance")))
    if (!any(is.na(b))) {
      dfb <- r("dfbeta")
      answer$residuals$dfbeta <- lapply(seq_len(ncol(dfb)), function(j) many(dfb[, j]))
    }
    if (!any(is.na(b))) {
      z <- tryCatch(cox.zph(fit, case$transform)$table, error = function(e) NULL)
      if (!is.null(z)) {
        answer$zph <- lapply(seq_len(nrow(z)), function(i) {
          list(term = unbox(rownames(z)[i]), chi_square = one(z[i, 1]), df = one(z[i, 2]))
        })
      }
    }
  }
  if (!any(is.na(b)) && case$predict) {
    new <- read.csv(file.path(folder, paste0("new_", case$id, ".csv")), stringsAsFactors = TRUE)
    answer$rows <- lapply(seq_len(nrow(new)), function(i) {
      tryCatch(
        {
          row <- new[i, , drop = FALSE]
          lp <- predict(fit, row, type = "lp", reference = "sample")
          f <- summary(survfit(fit, newdata = row), times = unlist(case$times), extend = TRUE)
          list(
            linear_predictor = one(lp),
            survival = many(c(f$surv)),
            lower = many(c(f$lower)),
            upper = many(c(f$upper))
          )
        },
        error = function(e) list(error = unbox(conditionMessage(e)))
      )
    })
  }
  answer
}
curves <- function(case, d) {
  left <- if (is.null(case$entry)) "Surv(time, .e)" else paste0("Surv(", case$entry, ", time, .e)")
  arguments <- list(as.formula(paste(left, "~", case$group)), data = d, conf.type = case$conf)
  if (!is.null(case$weights)) {
    arguments$weights <- d[[case$weights]]
  }
  s <- do.call(survfit, arguments)
  if (isFALSE(s$logse)) {
    s$std.err <- s$std.err / s$surv
  }
  q <- quantile(s, 0.5)
  ends <- cumsum(s$strata)
  starts <- c(1, head(ends, -1) + 1)
  out <- list(
    groups = lapply(seq_along(ends), function(g) {
      i <- starts[g]:ends[g]
      list(
        n = one(s$n[g]),
        median = one(q$quantile[g]),
        median_lower = one(q$lower[g]),
        median_upper = one(q$upper[g]),
        time = many(s$time[i]),
        n_risk = many(s$n.risk[i]),
        survival = many(s$surv[i]),
        std_error = many(s$std.err[i]),
        lower = many(s$lower[i]),
        upper = many(s$upper[i]),
        cumulative_hazard = many(s$cumhaz[i])
      )
    })
  )
  if (is.null(case$entry) && is.null(case$weights)) {
    f <- tryCatch(
      survdiff(
        as.formula(paste(
          "Surv(time, .e) ~",
          case$group,
          if (is.null(case$strata)) "" else paste0("+ strata(", case$strata, ")")
        )),
        data = d,
        rho = case$rho
      ),
      error = function(e) NULL
    )
    if (!is.null(f)) {
      out$logrank <- list(chi_square = one(f$chisq), expected = many(if (is.matrix(f$exp)) rowSums(f$exp) else f$exp))
    }
  }
  out
}
scores <- function(case, d) {
  keep <- complete.cases(d[, c("time", ".e", case$score, case$against)])
  d <- d[keep, ]
  fits <- lapply(c(case$score, case$against), function(s) {
    eval(substitute(
      coxph(as.formula(paste("Surv(time, .e) ~", v)), d, init = 1, control = coxph.control(iter.max = 0)),
      list(v = s)
    ))
  })
  k <- do.call(concordance, c(fits, list(timewt = if (case$method == "uno") "n/G2" else "n")))
  v <- as.matrix(k$var)
  list(
    estimate = one(k$concordance[1]),
    se = one(sqrt(v[1, 1])),
    difference = one(k$concordance[1] - k$concordance[2]),
    difference_se = one(sqrt(max(0, v[1, 1] + v[2, 2] - 2 * v[1, 2])))
  )
}
nomograms <- function(case, d) {
  dd <<- datadist(d)
  options(datadist = "dd")
  fit <- cph(
    as.formula(paste("Surv(time, .e) ~", case$formula)),
    data = d,
    x = TRUE,
    y = TRUE,
    surv = TRUE,
    eps = 1e-12,
    time.inc = case$times[[1]]
  )
  S <- Survival(fit)
  g <- nomogram(
    fit,
    fun = lapply(case$times, function(t) eval(substitute(function(x) S(t, x), list(t = t)))),
    funlabel = paste0("T", unlist(case$times)),
    lp = TRUE
  )
  axes <- g[setdiff(names(g), c("total.points", "lp", paste0("T", unlist(case$times))))]
  points <- function(a) if (is.list(a$Xbeta)) many(a$points[[1]]) else many(a$points)
  list(total = many(g$total.points$x), axes = lapply(axes, points), lp = many(g$lp$x.real))
}
for (file in list.files(folder, "^case_[0-9]+.json$", full.names = TRUE)) {
  case <- fromJSON(file, simplifyVector = FALSE)
  d <- survival_of(case, read.csv(sub("json$", "csv", file), stringsAsFactors = TRUE, na.strings = c("", "NA")))
  answer <- tryCatch(
    switch(
      case$kind,
      cox = cox(case, d),
      km = curves(case, d),
      cindex = scores(case, d),
      nomogram = nomograms(case, d)
    ),
    error = function(e) list(error = unbox(conditionMessage(e)))
  )
  write(
    toJSON(answer, digits = I(17), na = "null", null = "null"),
    file.path(folder, sub("case", "answer", basename(file)))
  )
}
