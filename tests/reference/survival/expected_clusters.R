# Writes expected_clusters.json: what R says of curves, tests and choices of factors where subjects have several rows.
#   Rscript tables.R /tmp/tables && Rscript expected_clusters.R /tmp/tables expected_clusters.json
# Needs r-cran-survival (3.5-3 in Debian 12), r-cran-jsonlite.
suppressPackageStartupMessages({
  library(survival)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
arguments <- commandArgs(trailingOnly = TRUE)
one <- function(x) unbox(unname(x))
finite <- function(x) ifelse(is.finite(x), x, NA)
cases <- list()
add <- function(name, command, table, arguments, expected) {
  cases[[length(cases) + 1]] <<- list(
    name = name,
    command = command,
    table = table,
    arguments = as.list(arguments),
    expected = expected
  )
}
table_of <- function(name, time, event, group, cluster) {
  d <- read.csv(file.path(arguments[1], paste0(name, ".csv")), stringsAsFactors = TRUE, na.strings = c("", "NA"))
  d$.t <- d[[time]]
  d$.e <- d[[event]]
  d$.g <- d[[group]]
  d$.id <- d[[cluster]]
  d[complete.cases(d[, c(".t", ".e", ".g", ".id")]), ]
}

# The log-rank test by the spread of subjects: numerator as survdiff's (Breslow's ties), robust score test of coxph.
robust_log_rank <- function(d, groups) {
  fit <- coxph(Surv(.t, .e) ~ groups, d, cluster = .id, ties = "breslow")
  s <- summary(fit)$robscore
  list(chi_square = one(s[["test"]]), df = one(s[["df"]]), p = one(s[["pvalue"]]))
}

curves <- function(name, table, time, event, group, cluster, until) {
  d <- table_of(table, time, event, group, cluster)
  levels <- sort(unique(as.character(d$.g)))
  influence <- list()
  groups <- lapply(levels, function(g) {
    own <<- d[as.character(d$.g) == g, ] # residuals() looks for it
    fit <- survfit(Surv(.t, .e) ~ 1, own, cluster = .id)
    # Of log survival, as gliocast gives it.
    se <- if (fit$logse) fit$std.err else fit$std.err / fit$surv
    r <- tapply(residuals(fit, times = until, type = "auc"), own$.id, sum)
    influence[[g]] <<- r
    mean <- summary(fit, rmean = until)$table[["rmean"]]
    list(
      group = one(g),
      restricted_mean = list(until = one(until), estimate = one(mean), se = one(sqrt(sum(r^2)))),
      curve = lapply(seq_along(fit$time), function(k) {
        if (fit$surv[k] <= 0) {
          return(list(time = one(fit$time[k]), survival = one(fit$surv[k])))
        }
        list(
          time = one(fit$time[k]),
          survival = one(fit$surv[k]),
          std_error = one(se[k]),
          lower = one(fit$lower[k]),
          upper = one(fit$upper[k])
        )
      })
    )
  })
  first <- influence[[1]]
  differences <- lapply(seq_along(levels)[-1], function(k) {
    other <- influence[[k]]
    ids <- union(names(first), names(other))
    value <- function(x) ifelse(is.na(x[ids]), 0, x[ids])
    list(
      estimate = one(groups[[k]]$restricted_mean$estimate - groups[[1]]$restricted_mean$estimate),
      se = one(sqrt(sum((value(other) - value(first))^2)))
    )
  })
  expected <- list(
    subjects = one(length(unique(d$.id))),
    groups = groups,
    restricted_mean_differences = differences,
    logrank = robust_log_rank(d, factor(d$.g))
  )
  if (length(levels) > 2) {
    expected$logrank$trend <- robust_log_rank(d, as.integer(factor(as.character(d$.g), levels)))
    pairs <- combn(levels, 2, simplify = FALSE)
    expected$pairwise <- lapply(pairs, function(p) {
      own <- d[as.character(d$.g) %in% p, ]
      c(list(groups = unlist(p)), robust_log_rank(own, factor(as.character(own$.g))))
    })
  }
  add(
    name,
    c("survival", "km"),
    table,
    c("--time", time, "--event", event, "--group", group, "--cluster", cluster, "--rmst", until),
    expected
  )
}
curves("subjects with two rows", "kidney", "time", "status", "sex", "id", 300)
curves("four groups, litters", "kidney", "time", "status", "disease", "id", 150)
curves("litters", "rats", "time", "status", "rx", "litter", 100)

# P of each factor beside the others: the score test of its columns by the spread of subjects' scores.
robust_score <- function(d, formula, factor, cluster, event = "status") {
  full <- coxph(formula, d, x = TRUE)
  tested <- full$assign[[factor]]
  rest <- setdiff(seq_along(coef(full)), tested)
  smaller <- coxph(Surv(d$time, d[[event]]) ~ full$x[, rest, drop = FALSE])
  beta <- rep(0, length(coef(full)))
  beta[rest] <- coef(smaller)
  rows <<- d # residuals() looks for it
  held <- coxph(formula, rows, init = beta, control = coxph.control(iter.max = 0))
  scores <- rowsum(residuals(held, type = "score"), d[[cluster]])
  information <- solve(vcov(held))
  taken <- information[tested, rest, drop = FALSE] %*% solve(information[rest, rest])
  left <- scores[, tested, drop = FALSE] - scores[, rest, drop = FALSE] %*% t(taken)
  u <- colSums(left)
  test <- drop(t(u) %*% solve(crossprod(left)) %*% u)
  pchisq(test, length(tested), lower.tail = FALSE)
}
set.seed(11)
patients <- 45
of <- rep(seq_len(patients), sample(1:4, patients, replace = TRUE))
frailty <- rgamma(patients, 2, 2)
examined <- data.frame(
  patient = of,
  age = round(rnorm(patients, 45, 12))[of],
  grade = sample(c("II", "III", "IV"), patients, replace = TRUE)[of],
  score = round(rnorm(length(of)), 3)
)
death <- rexp(length(of), 0.02 * frailty[of] * exp(0.03 * (examined$age - 45) + 0.6 * (examined$grade == "IV")))
examined$time <- pmax(1, ceiling(pmin(death, 60)))
examined$status <- as.integer(death <= 60)
factors <- c("age", "grade", "score")
choice <- list(
  table = as.list(examined),
  p = sapply(factors, function(f) robust_score(examined, Surv(time, status) ~ age + grade + score, f, "patient")),
  alone = sapply(factors, function(f) {
    fit <- coxph(as.formula(paste("Surv(time, status) ~", f)), examined, cluster = patient)
    summary(fit)$robscore[["pvalue"]]
  })
)
write_json(
  list(
    r = one(R.version.string),
    survival = one(as.character(packageVersion("survival"))),
    cases = cases,
    choice = lapply(choice, function(x) if (is.list(x)) x else unname(x))
  ),
  arguments[2],
  digits = NA,
  null = "null",
  na = "null",
  pretty = FALSE,
  auto_unbox = TRUE
)
