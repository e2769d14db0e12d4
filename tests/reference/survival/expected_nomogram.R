# Writes expected_nomogram.json: rms::nomogram's axes, and rms' predicted survival, for models on the tables of
# tables.R.
#   Rscript tables.R /tmp/tables && Rscript expected_nomogram.R /tmp/tables expected_nomogram.json
# Needs r-cran-rms, r-cran-jsonlite.
suppressPackageStartupMessages({
  library(rms)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
arguments <- commandArgs(trailingOnly = TRUE)
cases <- list()
one <- unbox
nomogram_case <- function(
  name,
  table,
  time,
  event,
  formula,
  times,
  r_formula = formula,
  ties = "efron",
  event_value = NULL,
  ...
) {
  data <- read.csv(file.path(arguments[1], paste0(table, ".csv")), stringsAsFactors = TRUE, na.strings = c("", "NA"))
  status <- data[[event]]
  if (is.factor(status)) {
    status <- status == "yes"
  }
  if (!is.null(event_value)) {
    status <- status == event_value
  }
  data$.t <- data[[time]]
  data$.e <- status
  dd <<- datadist(data)
  options(datadist = "dd")
  fit <- cph(
    as.formula(paste("Surv(.t, .e) ~", r_formula)),
    data = data,
    surv = TRUE,
    x = TRUE,
    y = TRUE,
    method = ties,
    eps = 1e-11
  ) # rms stops at 1e-4 by default
  survival_at <- lapply(times, function(t) {
    force(t)
    function(lp) Survival(fit)(t, lp)
  })
  n <- nomogram(fit, fun = survival_at, funlabel = paste0("s", times), ...)
  last <- which(names(n) == "total.points")
  axes <- lapply(n[seq_len(last - 1)], function(a) {
    list(
      variable = one(names(a)[1]),
      ticks = lapply(seq_along(a$points), function(i) {
        list(
          value = one(
            if (is.numeric(data[[names(a)[1]]])) as.numeric(as.character(a[[1]][i])) else as.character(a[[1]][i])
          ),
          points = one(a$points[i])
        )
      })
    )
  })
  info <- attr(n, "info")
  total <- n$total.points$x
  at <- total / info$sc + info$Intercept
  marks <- function(a) {
    list(ticks = lapply(seq_along(a$x), function(i) list(value = one(as.numeric(a$x.real[i])), points = one(a$x[i]))))
  }
  expected <- list(
    axes = unname(axes),
    total = c(
      list(points = total),
      setNames(lapply(survival_at, function(f) unname(f(at))), paste0("survival_", times))
    ),
    linear_predictor = marks(n$lp),
    functions = lapply(n[paste0("s", times)], marks)
  )
  expected$functions <- unname(expected$functions)
  cases[[length(cases) + 1]] <<- list(
    name = name,
    table = table,
    cox = c(
      "--time",
      time,
      "--event",
      event,
      "--formula",
      formula,
      "--ties",
      ties,
      if (!is.null(event_value)) c("--event-value", event_value)
    ),
    nomogram = list("--times", paste(times, collapse = ",")),
    expected = expected
  )
}
nomogram_case("numbers and few values", "lung", "time", "status", "age + sex + ph.ecog", c(180, 365))
nomogram_case("splines", "lung", "time", "status", "rcs(age, 4) + sex + wt.loss", c(180, 365, 700))
nomogram_case("factors", "veteran", "time", "status", "karno + celltype + trt", c(30, 90, 365), ties = "breslow")
nomogram_case(
  "interaction of a factor and a spline",
  "glioma",
  "months",
  "dead",
  "rcs(age, 3) * sex + histology",
  c(12, 36)
)
nomogram_case(
  "interaction of a factor and a number",
  "glioma",
  "months",
  "dead",
  "age * histology + sex",
  c(12, 24),
  interact = NULL
)
nomogram_case(
  "factors of numbers, logarithm",
  "glioma",
  "months",
  "dead",
  "sqrt(volume) + factor(grade)",
  c(12, 24),
  r_formula = "sqrt(volume) + catg(grade)"
)
nomogram_case("one predictor", "ovarian", "futime", "fustat", "age", c(365))
nomogram_case(
  "pbc",
  "pbc",
  "time",
  "status",
  "rcs(albumin, 5) + age + edema + sex",
  c(365, 1825, 3650),
  event_value = 2
)
write(
  toJSON(
    list(rms = one(as.character(packageVersion("rms"))), cases = cases),
    digits = I(15),
    na = "null",
    auto_unbox = TRUE
  ),
  arguments[2]
)
