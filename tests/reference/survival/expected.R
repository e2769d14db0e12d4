# Writes expected.json: commands of gliocast on the tables of tables.R, and R's numbers for each.
#   Rscript tables.R /tmp/tables && Rscript expected.R /tmp/tables expected.json
# Needs r-cran-survival, r-cran-jsonlite.
suppressPackageStartupMessages({
  library(survival)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
cases <- list()
table_of <- function(name) {
  read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = TRUE, na.strings = c("", "NA"))
}
add <- function(name, table, arguments, expected) {
  cases[[length(cases) + 1]] <<- list(name = name, table = table, arguments = as.list(arguments), expected = expected)
}
one <- unbox
number <- function(x) if (is.null(x) || length(x) == 0 || !is.finite(x)) NULL else one(unname(x))
numbers <- function(x) I(lapply(x, function(v) if (is.finite(v)) one(v) else NA))

# --- Cox -----------------------------------------------------------------------------------------------------------
cox <- function(
  name,
  table,
  time,
  event,
  formula,
  ...,
  ties = "efron",
  extra = c(),
  data = table_of(table),
  status = data[[event]],
  prefix = "",
  with_c = ties != "exact"
) {
  if (is.factor(status)) {
    status <- status == "yes"
  }
  data$.t <- data[[time]]
  data$.e <- status
  fit <- eval(substitute(coxph(
    as.formula(paste0("Surv(", prefix, ".t, .e) ~ ", formula)),
    data = data,
    ties = ties,
    ...
  )))
  s <- summary(fit)
  b <- coef(fit)
  robust <- !is.null(fit$naive.var)
  se <- sqrt(diag(if (robust) fit$naive.var else fit$var))
  used <- sqrt(diag(fit$var))
  rows <- lapply(seq_along(b), function(i) {
    if (is.na(b[i])) {
      list(term = one(names(b)[i]))
    } else {
      list(
        term = one(names(b)[i]),
        estimate = one(b[[i]]),
        se = one(se[i]),
        robust_se = if (robust) one(used[i]) else NA,
        z = one(b[[i]] / used[i]),
        p = one(pchisq((b[[i]] / used[i])^2, 1, lower.tail = FALSE)),
        hazard_ratio = one(exp(b[[i]])),
        lower = one(exp(b[[i]] - qnorm(.975) * used[i])),
        upper = one(exp(b[[i]] + qnorm(.975) * used[i]))
      )
    }
  })
  test <- function(t) list(statistic = one(t[[1]]), df = one(t[[2]]), p = one(t[[3]]))
  c_index <- if (!with_c) NULL else concordance(fit)
  expected <- list(
    n = one(fit$n),
    events = one(fit$nevent),
    log_likelihood = list(null = one(fit$loglik[1]), fitted = one(tail(fit$loglik, 1))),
    tests = list(likelihood_ratio = test(s$logtest), wald = test(s$waldtest), score = test(s$sctest)),
    coefficients = rows
  )
  # summary.coxph rounds Wald's statistic to two decimals.
  expected$tests$wald$statistic <- one(unname(fit$wald.test))
  if (!is.null(c_index)) {
    expected$concordance <- list(estimate = one(unname(c_index$concordance)), se = one(sqrt(c_index$var)))
  }
  add(
    name,
    table,
    c("survival", "cox", "--time", time, "--event", event, "--formula", formula, "--ties", ties, extra),
    expected
  )
  invisible(fit)
}
for (ties in c("efron", "breslow", "exact")) {
  cox(paste("lung", ties), "lung", "time", "status", "age + sex + ph.ecog", ties = ties)
}
for (ties in c("efron", "breslow")) {
  cox(paste("simulated with many ties", ties), "glioma", "months", "dead", "age + sex + histology + grade", ties = ties)
}
cox("exact ties, factors", "glioma", "months", "dead", "age + histology", ties = "exact")
cox("exact ties, strata", "veteran", "time", "status", "karno + celltype + strata(trt)", ties = "exact")
cox(
  "interactions and missing values",
  "glioma",
  "months",
  "dead",
  "age + sex * factor(grade) + log(volume) + histology"
)
cox("interaction without a main effect", "glioma", "months", "dead", "age + sex + grade:age")
cox("factor interactions without main effects", "glioma", "months", "dead", "age + sex:histology")
cox("power and I()", "glioma", "months", "dead", "(age + sex + grade)^2 + I(age^2/100)")
cox("minus a term", "glioma", "months", "dead", "age * sex * grade - age:sex:grade")
cox("strata", "glioma", "months", "dead", "age + histology + strata(centre)")
cox("two strata", "glioma", "months", "dead", "age + histology + strata(centre, sex)")
cox("strata in two terms", "glioma", "months", "dead", "age + strata(centre) + strata(sex)")
cox("offset", "veteran_more", "time", "status", "karno + celltype + offset(shift)")
cox(
  "offset with strata, breslow",
  "veteran_more",
  "time",
  "status",
  "karno + offset(shift) + strata(trt)",
  ties = "breslow"
)
for (ties in c("efron", "breslow")) {
  cox(
    paste("case weights", ties),
    "veteran_more",
    "time",
    "status",
    "karno + celltype",
    weights = data$weight,
    ties = ties,
    extra = c("--weights", "weight")
  )
}
cox(
  "case weights, robust",
  "veteran_more",
  "time",
  "status",
  "karno + celltype",
  weights = data$weight,
  robust = TRUE,
  extra = c("--weights", "weight", "--robust")
)
cox("robust", "lung", "time", "status", "age + sex", robust = TRUE, extra = "--robust")
# Rounding parts two equal predictors in R here, so its concordance is left out.
cox(
  "robust, breslow, strata",
  "lung",
  "time",
  "status",
  "age + sex + strata(ph.ecog)",
  with_c = FALSE,
  robust = TRUE,
  ties = "breslow",
  extra = "--robust"
)
cox("clusters", "kidney", "time", "status", "age + sex + disease", cluster = data$id, extra = c("--cluster", "id"))
cox("clusters in the formula", "kidney", "time", "status", "age + sex + cluster(id)")
cox("clusters and strata", "bladder", "stop", "event", "rx + size + number + strata(enum) + cluster(id)")
cox(
  "start and stop",
  "heart",
  "stop",
  "event",
  "age + year + transplant",
  prefix = "data$start, ",
  extra = c("--entry", "start")
)
cox(
  "start and stop, breslow, surgery",
  "heart",
  "stop",
  "event",
  "(age + surgery) * transplant",
  prefix = "data$start, ",
  ties = "breslow",
  extra = c("--entry", "start")
)
cox(
  "start and stop, clusters",
  "heart",
  "stop",
  "event",
  "age + surgery + transplant + cluster(id)",
  prefix = "data$start, ",
  extra = c("--entry", "start")
)
cox(
  "late entry, strata, weights",
  "veteran_more",
  "time",
  "status",
  "karno + strata(celltype)",
  weights = data$weight,
  prefix = "data$late, ",
  extra = c("--entry", "late", "--weights", "weight")
)
cox(
  "pbc",
  "pbc",
  "time",
  "status",
  "age + log(bili) + edema + log(protime) + log(albumin)",
  status = table_of("pbc")$status == 2,
  extra = c("--event-value", "2")
)
cox(
  "pbc, factors of numbers",
  "pbc",
  "time",
  "status",
  "factor(stage) + sex + log(bili, 2)",
  status = table_of("pbc")$status == 2,
  extra = c("--event-value", "2")
)
cox("colon", "colon", "time", "status", "rx + sex + nodes + factor(extent) + cluster(id)")
cox("ovarian", "ovarian", "futime", "fustat", "age + rx + resid.ds")
cox("mgus", "mgus", "futime", "death", "age + sex + hgb + creat")
cox("rats", "rats", "time", "status", "rx + sex + cluster(litter)")

# --- Kaplan-Meier, log-rank ---------------------------------------------------------------------------------------
# std_error is that of log survival; survfit keeps that of survival itself where its variance is robust (logse = FALSE).
curve_of <- function(s, from, to) {
  if (isFALSE(s$logse)) {
    s$std.err <- s$std.err / s$surv
  }
  lapply(from:to, function(i) {
    list(
      time = one(s$time[i]),
      n_risk = one(s$n.risk[i]),
      n_event = one(s$n.event[i]),
      n_censor = one(s$n.censor[i]),
      survival = one(s$surv[i]),
      std_error = if (is.finite(s$std.err[i])) one(s$std.err[i]) else NA,
      lower = if (is.na(s$lower[i])) NA else one(s$lower[i]),
      upper = if (is.na(s$upper[i])) NA else one(s$upper[i]),
      cumulative_hazard = one(s$cumhaz[i]),
      cumulative_hazard_se = one(s$std.chaz[i])
    )
  })
}
value_or_na <- function(x) if (is.na(x)) NA else one(unname(x))
km <- function(
  name,
  table,
  time,
  event,
  group = NULL,
  type = "log",
  extra = c(),
  data = table_of(table),
  status = data[[event]],
  ...,
  prefix = ""
) {
  if (is.factor(status)) {
    status <- status == "yes"
  }
  data$.t <- data[[time]]
  data$.e <- status
  if (!is.null(group)) {
    data$.g <- data[[group]]
  }
  fit <- eval(substitute(survfit(
    as.formula(paste0("Surv(", prefix, ".t, .e) ~ ", if (is.null(group)) "1" else ".g")),
    data = data,
    conf.type = type,
    ...
  )))
  ends <- if (is.null(fit$strata)) length(fit$time) else cumsum(fit$strata)
  starts <- c(1, head(ends, -1) + 1)
  q <- quantile(fit, 0.5)
  tau <- NULL
  groups <- lapply(seq_along(ends), function(g) {
    label <- if (is.null(group)) "all" else sub("^.g=", "", names(fit$strata)[g])
    pick <- function(m) value_or_na(if (is.matrix(m)) m[g, 1] else m[1])
    list(
      group = one(trimws(label)),
      n = one(fit$n[g]),
      median = pick(q$quantile),
      median_lower = pick(q$lower),
      median_upper = pick(q$upper),
      curve = curve_of(fit, starts[g], ends[g])
    )
  })
  add(
    name,
    table,
    c(
      "survival",
      "km",
      "--time",
      time,
      "--event",
      event,
      if (!is.null(group)) c("--group", group),
      "--conf-type",
      type,
      extra
    ),
    list(groups = groups)
  )
}
for (type in c("plain", "log", "log-log")) {
  km(paste("curve", type), "lung", "time", "status", "sex", type)
  km(paste("curve", type, "ovarian"), "ovarian", "futime", "fustat", "rx", type)
  km(paste("curve to zero", type), "veteran", "time", "status", "celltype", type)
}
km("one curve", "glioma", "months", "dead")
km("ties of events and censorings", "glioma", "months", "dead", "histology")
km("weighted curve", "veteran_more", "time", "status", "trt", weights = data$weight, extra = c("--weights", "weight"))
km("late entry", "veteran_more", "time", "status", "trt", prefix = "data$late, ", extra = c("--entry", "late"))
km("90 % intervals", "mgus", "futime", "death", "sex", conf.int = 0.9, extra = c("--level", "0.9"))
mean_case <- function(table, time, event, tau) {
  data <- table_of(table)
  m <- summary(survfit(Surv(data[[time]], data[[event]]) ~ 1), rmean = tau)$table
  add(
    paste("restricted mean until", tau, table),
    table,
    c("survival", "km", "--time", time, "--event", event, "--rmst", tau),
    list(groups = list(list(restricted_mean = list(estimate = one(m[["rmean"]]), se = one(m[["se(rmean)"]])))))
  )
}
mean_case("lung", "time", "status", 365)
mean_case("lung", "time", "status", 1000)
mean_case("ovarian", "futime", "fustat", 600)
mean_case("veteran", "time", "status", 999)

logrank <- function(name, table, time, event, group, strata = c(), rho = 0) {
  data <- table_of(table)
  status <- data[[event]]
  if (is.factor(status)) {
    status <- status == "yes"
  }
  data$.t <- data[[time]]
  data$.e <- status
  fit <- survdiff(
    as.formula(paste0(
      "Surv(.t, .e) ~ ",
      group,
      if (length(strata)) paste0(" + strata(", paste(strata, collapse = ", "), ")")
    )),
    data = data,
    rho = rho
  )
  total <- function(x) if (is.matrix(x)) rowSums(x) else x
  o <- total(fit$obs)
  e <- total(fit$exp)
  labels <- sub(paste0("^", group, "="), "", names(fit$n))
  add(
    name,
    table,
    c(
      "survival",
      "logrank",
      "--time",
      time,
      "--event",
      event,
      "--group",
      group,
      if (length(strata)) c("--strata", strata),
      "--rho",
      rho
    ),
    list(
      chi_square = one(fit$chisq),
      df = one(length(o) - 1),
      p = one(pchisq(fit$chisq, length(o) - 1, lower.tail = FALSE)),
      groups = lapply(seq_along(o), function(g) {
        list(group = one(trimws(labels[g])), n = one(fit$n[[g]]), observed = one(o[[g]]), expected = one(e[[g]]))
      })
    )
  )
}
logrank("log-rank", "lung", "time", "status", "sex")
logrank("Peto", "lung", "time", "status", "sex", rho = 1)
logrank("weights", "veteran", "time", "status", "celltype", rho = 0.5)
logrank("four groups", "veteran", "time", "status", "celltype")
logrank("stratified", "lung", "time", "status", "sex", strata = "ph.ecog")
logrank("two strata", "glioma", "months", "dead", "histology", strata = c("centre", "sex"))
logrank("ties", "glioma", "months", "dead", "centre")
logrank("colon", "colon", "time", "status", "rx")

# --- Proportional hazards, concordance -----------------------------------------------------------------------------
zph <- function(name, table, time, event, formula, transform = "km", ...) {
  data <- table_of(table)
  status <- data[[event]]
  if (is.factor(status)) {
    status <- status == "yes"
  }
  data$.t <- data[[time]]
  data$.e <- status
  fit <- coxph(as.formula(paste("Surv(.t, .e) ~", formula)), data = data, ...)
  z <- cox.zph(fit, transform)$table
  add(
    name,
    table,
    c("survival", "zph", "--time", time, "--event", event, "--formula", formula, "--transform", transform),
    list(
      tests = lapply(seq_len(nrow(z)), function(i) {
        list(term = one(rownames(z)[i]), chi_square = one(z[i, 1]), df = one(z[i, 2]), p = one(z[i, 3]))
      })
    )
  )
}
for (t in c("km", "identity", "log", "rank")) {
  zph(paste("zph", t), "veteran", "time", "status", "trt + celltype + karno + diagtime + age + prior", t)
}
zph("zph ties", "glioma", "months", "dead", "age + sex + histology")
zph("zph strata", "glioma", "months", "dead", "age + histology + strata(centre)")
zph("zph interaction", "glioma", "months", "dead", "age * sex")

cindex <- function(
  name,
  table,
  time,
  event,
  score,
  against = NULL,
  method = "harrell",
  extra = c(),
  weights = NULL,
  cluster = NULL,
  ymax = NULL
) {
  data <- table_of(table)
  status <- data[[event]]
  if (is.factor(status)) {
    status <- status == "yes"
  }
  data$.t <- data[[time]]
  data$.e <- status
  keep <- complete.cases(data[, c(".t", ".e", score, against)])
  data <- data[keep, ]
  weight <- if (method == "uno") "n/G2" else "n"
  z <- qnorm(0.975)
  # A Cox model held at coefficient 1 has the score as its predictor; higher score, higher risk.
  fits <- lapply(c(score, against), function(s) {
    eval(substitute(
      coxph(
        as.formula(paste("Surv(.t, .e) ~", name_of)),
        data = data,
        init = 1,
        control = coxph.control(iter.max = 0),
        weights = w,
        cluster = g
      ),
      list(name_of = s, w = weights, g = cluster)
    ))
  })
  k <- do.call(concordance, c(fits, list(timewt = weight), if (!is.null(ymax)) list(ymax = ymax)))
  v <- as.matrix(k$var)
  describe <- function(i) {
    se <- sqrt(v[i, i])
    list(
      estimate = one(unname(k$concordance[i])),
      se = one(se),
      lower = one(max(0, unname(k$concordance[i]) - z * se)),
      upper = one(min(1, unname(k$concordance[i]) + z * se))
    )
  }
  expected <- describe(1)
  if (!is.null(against)) {
    d <- unname(k$concordance[1] - k$concordance[2])
    se <- sqrt(v[1, 1] + v[2, 2] - 2 * v[1, 2])
    expected <- c(
      expected,
      list(against = describe(2), difference = one(d), difference_se = one(se), p = one(2 * pnorm(-abs(d / se))))
    )
  }
  add(
    name,
    table,
    c(
      "survival",
      "cindex",
      "--time",
      time,
      "--event",
      event,
      "--score",
      score,
      if (!is.null(against)) c("--against", against),
      "--method",
      method,
      extra
    ),
    expected
  )
}
for (m in c("harrell", "uno")) {
  cindex(paste("C", m), "lung", "time", "status", "age", method = m)
  cindex(paste("C of tied scores", m), "lung", "time", "status", "ph.ecog", method = m)
  cindex(paste("C with tied times", m), "glioma", "months", "dead", "age", method = m)
}
cindex("two scores", "lung", "time", "status", "age", "ph.ecog")
cindex("two scores, Uno", "veteran_more", "time", "status", "age", "diagtime", method = "uno")
cindex("C until 300", "lung", "time", "status", "age", extra = c("--until", "300"), ymax = 300)
cindex(
  "weighted C",
  "veteran_more",
  "time",
  "status",
  "age",
  weights = table_of("veteran_more")$weight,
  extra = c("--weights", "weight")
)
cindex("clustered C", "kidney", "time", "status", "age", cluster = table_of("kidney")$id, extra = c("--cluster", "id"))

compare <- function(name, table, time, event, first, second) {
  data <- table_of(table)
  status <- data[[event]]
  if (is.factor(status)) {
    status <- status == "yes"
  }
  data$.t <- data[[time]]
  data$.e <- status
  data <- data[complete.cases(data), ]
  f1 <- coxph(as.formula(paste("Surv(.t, .e) ~", first)), data = data)
  f2 <- coxph(as.formula(paste("Surv(.t, .e) ~", second)), data = data)
  k <- concordance(f1, f2)
  v <- k$var
  d <- unname(k$concordance[1] - k$concordance[2])
  se <- sqrt(v[1, 1] + v[2, 2] - 2 * v[1, 2])
  add(
    name,
    table,
    c("survival", "compare", "--time", time, "--event", event, "--formula", first, "--against", second),
    list(
      estimate = one(unname(k$concordance[1])),
      se = one(sqrt(v[1, 1])),
      against = list(estimate = one(unname(k$concordance[2])), se = one(sqrt(v[2, 2]))),
      difference = one(d),
      difference_se = one(se),
      p = one(2 * pnorm(-abs(d / se)))
    )
  )
}
compare("two models", "veteran", "time", "status", "karno + celltype", "age + prior + celltype")
compare("nested models", "ovarian", "futime", "fustat", "age + rx + resid.ds", "age")

write(
  toJSON(
    list(r = one(R.version$version.string), survival = one(as.character(packageVersion("survival"))), cases = cases),
    digits = I(17),
    na = "null",
    null = "null",
    auto_unbox = TRUE,
    pretty = FALSE
  ),
  arguments[2]
)
