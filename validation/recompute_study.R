# What recompute_study.py asks R: tests of characteristics, Cox models, nomograms fitted again with what they say of
# each row, C, log-rank tests. Usage: recompute_study.R STUDY OPTIONS.json; writes JSON to the standard output.
suppressPackageStartupMessages({
  library(survival)
  library(jsonlite)
})
arguments <- commandArgs(TRUE)
study <- arguments[1]
o <- fromJSON(arguments[2])
P <- 0.05

table_of <- function(...) {
  file <- file.path(study, "stages", ...)
  if (!file.exists(file)) {
    return(NULL)
  }
  rows <- read.delim(file, check.names = FALSE, na.strings = c("", "NA"), quote = "", stringsAsFactors = FALSE)
  names(rows)[names(rows) == "repeat"] <- "repeat." # a word of R
  rows
}
quiet <- function(expression) suppressWarnings(expression)

# --- Characteristics: quartiles, counts and the tests by their names.
test_of <- function(values, group) {
  known <- !is.na(values)
  values <- values[known]
  group <- group[known]
  if (length(unique(group)) < 2) {
    return(list(name = "", p = NA))
  }
  if (is.numeric(values)) {
    a <- values[group == 1]
    b <- values[group == 2]
    exact <- length(a) < 50 && length(b) < 50 && !anyDuplicated(values)
    return(list(name = "Mann-Whitney", p = quiet(wilcox.test(a, b, exact = exact)$p.value)))
  }
  counts <- table(values, group)
  if (nrow(counts) < 2) {
    return(list(name = "", p = NA))
  }
  expected <- outer(rowSums(counts), colSums(counts)) / sum(counts)
  if (min(expected) >= 5) {
    return(list(name = "chi-square", p = quiet(chisq.test(counts)$p.value)))
  }
  list(name = "Fisher", p = fisher.test(counts, workspace = 2e7)$p.value)
}
characteristics <- function(rows, group) {
  out <- list()
  for (column in intersect(o$described, names(rows))) {
    values <- rows[[column]]
    few <- length(unique(na.omit(values))) <= 2
    is_number <- is.numeric(values) && !few
    if (!is_number) {
      values <- ifelse(is.na(values), NA, as.character(values))
    }
    out[[column]] <- c(list(number = is_number), test_of(values, group))
  }
  out
}

# --- Cox models and nomograms.
columns_of <- function(term) all.vars(as.formula(paste("~", term)))
cox <- function(terms, data) {
  warned <- character()
  fit <- withCallingHandlers(
    coxph(
      as.formula(paste("Surv(time, event) ~", paste(terms, collapse = " + "))),
      data,
      ties = "efron",
      control = coxph.control(iter.max = 100, eps = 1e-10),
      x = TRUE,
      model = TRUE
    ),
    warning = function(w) {
      warned <<- c(warned, conditionMessage(w))
      invokeRestart("muffleWarning")
    }
  )
  fit$warned <- warned
  fit
}
rank_of <- function(fit) sum(!is.na(coef(fit)))
p_of_term <- function(fit, terms, term, data) {
  columns <- fit$assign[[term]]
  if (o$rule == "paper") {
    b <- coef(fit)[columns]
    return(min(2 * pnorm(-abs(b / sqrt(diag(vcov(fit))[columns]))), na.rm = TRUE))
  }
  rest <- setdiff(terms, term)
  if (length(rest) == 0) {
    less <- fit$loglik[1]
    lost <- rank_of(fit)
  } else {
    smaller <- cox(rest, data)
    less <- smaller$loglik[2]
    lost <- rank_of(fit) - rank_of(smaller)
  }
  if (lost > 0) pchisq(2 * (fit$loglik[2] - less), lost, lower.tail = FALSE) else NA
}
# A row a coefficient: what it means, hazard ratio with its interval, P, whether it runs away.
ratios <- function(fit, p, kept) {
  out <- list()
  for (term in names(fit$assign)) {
    for (k in fit$assign[[term]]) {
      name <- names(coef(fit))[k]
      if (term %in% names(fit$xlevels)) {
        level <- substring(name, nchar(term) + 1)
        name <- paste0(term, ": ", level, " against ", fit$xlevels[[term]][1])
      }
      b <- coef(fit)[[k]]
      se <- sqrt(vcov(fit)[k, k])
      z <- qnorm(0.5 + o$level / 2)
      out[[length(out) + 1]] <- list(
        factor = name,
        hr = exp(b),
        lower = exp(b - z * se),
        upper = exp(b + z * se),
        p = 2 * pnorm(-abs(b / se)),
        infinite = is.na(b) || (abs(b) > 8 && se > 10),
        p_factor = p[[term]],
        kept = term %in% kept
      )
    }
  }
  out
}
nomogram <- function(data, candidates) {
  vary <- Filter(function(t) all(sapply(columns_of(t), function(c) length(unique(data[[c]])) > 1)), candidates)
  n <- list(univariate = list(), table = list(), factors = character(), screened = character(), fit = NULL)
  n$null <- survfit(Surv(time, event) ~ 1, data)
  for (term in vary) {
    fit <- cox(term, data)
    p <- setNames(list(p_of_term(fit, term, term, data)), term)
    keep <- !is.na(p[[1]]) && p[[1]] <= P
    if (keep) {
      n$screened <- c(n$screened, term)
    }
    n$univariate <- c(n$univariate, ratios(fit, p, if (keep) term else character()))
  }
  if (length(n$screened) == 0) {
    return(n)
  }
  terms <- n$screened
  fit <- cox(terms, data)
  aliased <- Filter(function(t) all(is.na(coef(fit)[fit$assign[[t]]])), terms)
  if (length(aliased) > 0) {
    terms <- setdiff(terms, aliased)
    fit <- cox(terms, data)
  }
  p <- sapply(terms, function(t) p_of_term(fit, terms, t, data), simplify = FALSE)
  n$factors <- Filter(function(t) !is.na(p[[t]]) && p[[t]] <= P, terms)
  n$table <- ratios(fit, p, n$factors)
  if (length(n$factors) > 0) {
    n$fit <- cox(n$factors, data)
  }
  n
}
known_levels <- function(n, rows) {
  known <- rep(TRUE, nrow(rows))
  if (!is.null(n$fit)) {
    for (column in names(n$fit$xlevels)) {
      known <- known & rows[[column]] %in% n$fit$xlevels[[column]]
    }
  }
  known
}
separates <- function(fit) any(is.na(coef(fit))) || any(abs(coef(fit)) > 8 & sqrt(diag(vcov(fit))) > 10)
say <- function(n, rows, times) {
  sorted <- sort(unique(times)) # as summary() has them
  place <- match(times, sorted)
  if (is.null(n$fit)) {
    s <- summary(n$null, times = sorted, extend = TRUE)$surv[place]
    return(list(risk = rep(0, nrow(rows)), survival = matrix(s, nrow(rows), length(times), byrow = TRUE), runs = FALSE))
  }
  s <- summary(survfit(n$fit, newdata = rows), times = sorted, extend = TRUE)$surv
  list(
    risk = as.numeric(predict(n$fit, newdata = rows, type = "lp")),
    survival = t(matrix(s, nrow = length(sorted)))[, place, drop = FALSE],
    runs = separates(n$fit)
  )
}

# Mean |observed - predicted|: a Cox model of a spline of the complementary log-log, or of few values each group's own
# curve (Austin 2020).
distance <- function(rows, predicted, time) {
  if (time > max(rows$time)) {
    return(NA)
  }
  x <- log(-log(pmin(pmax(predicted, 1e-12), 1 - 1e-12)))
  values <- unique(signif(predicted, 10))
  knots <- NULL
  if (length(values) > 2) {
    capture.output(
      # it prints what it refuses
      knots <- quiet(tryCatch(Hmisc::rcspline.eval(x, nk = 3, knots.only = TRUE), error = function(e) NULL))
    )
    if (!is.null(knots) && length(unique(knots)) < 3) knots <- NULL
  }
  if (!is.null(knots)) {
    basis <- Hmisc::rcspline.eval(x, knots = knots, inclx = TRUE)
    fit <- quiet(coxph(Surv(rows$time, rows$event) ~ basis, control = coxph.control(iter.max = 100)))
    if (all(abs(coef(fit)[!is.na(coef(fit))]) < 1e3)) {
      hazard <- basehaz(fit, centered = TRUE)
      h <- max(0, hazard$hazard[hazard$time <= time])
      b <- ifelse(is.na(coef(fit)), 0, coef(fit))
      lp <- as.numeric(sweep(basis, 2, fit$means) %*% b)
      return(mean(abs(exp(-h * exp(lp)) - predicted)))
    }
  }
  if (length(values) > 4) {
    return(NA)
  }
  sum <- 0
  for (v in values) {
    of <- signif(predicted, 10) == v
    if (time > max(rows$time[of])) {
      return(NA)
    }
    s <- summary(survfit(Surv(time, event) ~ 1, rows[of, ]), times = time, extend = TRUE)$surv
    sum <- sum + sum(of) * abs(s - predicted[of][1])
  }
  sum / nrow(rows)
}

comparison <- function(rows, clinical, integrated, times, fold) {
  strata <- length(unique(fold)) > 1
  c_of <- function(risk) {
    found <- if (strata) {
      concordance(Surv(rows$time, rows$event) ~ risk + strata(fold), reverse = TRUE, influence = 1)
    } else {
      concordance(Surv(rows$time, rows$event) ~ risk, reverse = TRUE, influence = 1)
    }
    list(value = found$concordance, influence = as.numeric(found$dfbeta))
  }
  slope_of <- function(risk) {
    if (length(unique(signif(risk, 10))) < 2) {
      return(list(value = NA, se = NA))
    }
    fit <- quiet(
      if (strata) {
        coxph(Surv(rows$time, rows$event) ~ risk + strata(fold))
      } else {
        coxph(Surv(rows$time, rows$event) ~ risk)
      }
    )
    b <- coef(fit)[[1]]
    se <- sqrt(vcov(fit)[1, 1])
    if (is.na(b) || (abs(b) > 8 && se > 10)) {
      return(list(value = NA, se = NA))
    }
    list(value = b, se = se)
  }
  keep <- seq_along(o$times)
  describe <- function(said) {
    list(
      c = c_of(said$risk),
      slope = slope_of(said$risk),
      risk = said$risk,
      survival = said$survival[, keep, drop = FALSE],
      grid = said$survival[, -keep, drop = FALSE],
      runs = any(said$runs),
      distance = sapply(keep, function(t) distance(rows, said$survival[, t], o$times[t]))
    )
  }
  list(
    id = rows$patient,
    time = rows$time,
    event = rows$event,
    fold = fold,
    times = times[-keep],
    clinical = describe(clinical),
    integrated = describe(integrated)
  )
}
times_for <- function(rows) {
  until <- max(c(-Inf, o$times[o$times <= max(rows$time)]))
  c(o$times, if (is.finite(until)) until * (0:100) / 100)
}
one_fit <- function(training, tested) {
  clinical <- nomogram(training, candidates)
  integrated <- nomogram(training, c(candidates, "risk_group"))
  times <- times_for(tested)
  tested <- tested[known_levels(clinical, tested) & known_levels(integrated, tested), ]
  comparison(tested, say(clinical, tested, times), say(integrated, tested, times), times, rep(1, nrow(tested)))
}
as_group <- function(text) factor(sub(" risk$", "", text), levels = c("low", "high"))
complete <- function(rows, columns) rows[complete.cases(rows[, unique(unlist(lapply(columns, columns_of)))]), ]

survival_of <- function() {
  out <- list()
  rows <- table_of("signature", "clinical.tsv")
  names(rows)[grepl("^time_", names(rows))] <- "time"
  external <- table_of("signature", "clinical_external.tsv")
  if (!is.null(external)) {
    names(external)[grepl("^time_", names(external))] <- "time"
  }
  said <- table_of("signature", "predictions.tsv")
  first <- said[said$repeat. == 1, ]
  group_test <- function(time, event, high) {
    if (length(unique(high)) < 2) {
      return(NULL)
    }
    fit <- quiet(coxph(Surv(time, event) ~ high))
    list(
      b = coef(fit)[[1]],
      se = sqrt(vcov(fit)[1, 1]),
      infinite = separates(fit),
      chisq = survdiff(Surv(time, event) ~ high)$chisq
    )
  }
  out$groups <- group_test(first$time, first$event, as.numeric(first$group == "high risk"))
  other <- table_of("signature", "external_predictions.tsv")
  if (!is.null(other)) {
    out$external_groups <- group_test(other$time, other$event, as.numeric(other$group == "high risk"))
  }
  ways <- table_of("signature", "comparison_predictions.tsv")
  for (column in grep(": group$", names(ways), value = TRUE)) {
    out$ways[[column]] <- group_test(ways$time, ways$event, as.numeric(ways[[column]] == "high risk"))
  }
  fitted <- table_of("signature", "nomograms", "fitted_groups.tsv")
  if (is.null(fitted)) {
    return(out)
  }
  candidates <<- o$candidates
  of_all <- fitted[fitted$fit == "all rows", ]
  rows$risk_group <- as_group(of_all$risk_group[match(rows$patient, of_all$id)])
  training <- complete(rows, c(candidates, "risk_group"))
  integrated <- nomogram(training, c(candidates, "risk_group"))
  clinical <- nomogram(training, candidates)
  out$univariate <- integrated$univariate
  out$table_3 <- integrated$table
  out$table_4 <- clinical$table
  out$comparisons$training <- one_fit(training, training)
  if (!is.null(other)) {
    external$risk_group <- as_group(other$group[match(external$patient, other$id)])
    tested <- complete(external, c(candidates, "risk_group"))
    refit <- function(n) {
      if (length(n$screened) == 0) {
        NULL
      } else {
        tryCatch(
          {
            fit <- cox(n$screened, tested)
            ratios(fit, setNames(rep(list(NA), length(n$screened)), n$screened), character())
          },
          error = function(e) NULL
        )
      }
    }
    out$validation_3 <- refit(integrated)
    out$validation_4 <- refit(clinical)
    out$comparisons$external <- one_fit(training, tested)
  }
  # Folds: each with the groups of its own fit.
  used <- complete(rows, candidates)
  tested <- used[used$patient %in% said$id, ]
  times <- times_for(tested)
  parts <- list()
  for (name in setdiff(unique(fitted$fit), "all rows")) {
    numbers <- as.numeric(regmatches(name, gregexpr("[0-9]+", name))[[1]])
    of_fit <- fitted[fitted$fit == name, ]
    held <- said[said$repeat. == numbers[1] & said$fold == numbers[2], ]
    train <- used[used$patient %in% of_fit$id, ]
    train$risk_group <- as_group(of_fit$risk_group[match(train$patient, of_fit$id)])
    test <- used[match(held$id[held$id %in% used$patient], used$patient), ]
    test$risk_group <- as_group(held$group[match(test$patient, held$id)])
    a <- nomogram(train, candidates)
    b <- nomogram(train, c(candidates, "risk_group"))
    test <- test[known_levels(a, test) & known_levels(b, test), ]
    if (nrow(test) > 0) {
      parts[[length(parts) + 1]] <- list(rows = test, clinical = say(a, test, times), integrated = say(b, test, times))
    }
  }
  pooled <- function(of) {
    list(
      risk = unlist(lapply(parts, function(p) p[[of]]$risk)),
      survival = do.call(rbind, lapply(parts, function(p) p[[of]]$survival)),
      runs = any(sapply(parts, function(p) p[[of]]$runs))
    )
  }
  if (length(parts) > 0 && o$repeats == 1) {
    all <- do.call(rbind, lapply(parts, function(p) p$rows))
    fold <- rep(seq_along(parts), sapply(parts, function(p) nrow(p$rows)))
    out$comparisons$`cross-validation` <- comparison(all, pooled("clinical"), pooled("integrated"), times, fold)
  }
  out
}

result <- list()
included <- table_of("patients", "included.tsv")
for (name in names(o$cohorts)) {
  first <- included[included$patient %in% o$cohorts[[name]][[1]], ]
  second <- included[included$patient %in% o$cohorts[[name]][[2]], ]
  result$characteristics[[name]] <- characteristics(rbind(first, second), rep(1:2, c(nrow(first), nrow(second))))
}
if (file.exists(file.path(study, "stages", "signature", "predictions.tsv"))) {
  result$survival <- survival_of()
}
if (length(o$icc_v) > 0) {
  q <- 0.5 + o$level / 2
  result$f_upper <- qf(q, o$icc_n - 1, o$icc_v)
  result$f_lower <- qf(q, o$icc_v, o$icc_n - 1)
}
cat(toJSON(result, auto_unbox = TRUE, digits = NA, na = "null", null = "null"))
