# Writes expected_patient.json: survival of single patients by the model of models/nomogram-lgg, as survfit gives it.
#   Rscript expected_patient.R TABLE_S1A.csv expected_patient.json
# TABLE_S1A.csv is Ceccarelli et al. 2016 (Cell 164:550), table S1A. Needs r-cran-survival, r-cran-jsonlite.
suppressPackageStartupMessages({
  library(survival)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
arguments <- commandArgs(trailingOnly = TRUE)
read <- read.csv(arguments[1], check.names = FALSE, na.strings = c("", "NA"))
d <- data.frame(
  age = read[["Age (years at diagnosis)"]],
  grade = factor(read$Grade, c("G2", "G3")),
  histology = factor(read$Histology, c("astrocytoma", "oligoastrocytoma", "oligodendroglioma")),
  months = read[["Survival (months)"]],
  dead = read[["Vital status (1=dead)"]]
)
d <- d[complete.cases(d) & d$months >= 0, ]
fit <- coxph(Surv(months, dead) ~ age + grade + histology, d, ties = "efron", x = TRUE)
stopifnot(fit$n == 280, fit$nevent == 52)
times <- c(12, 36, 60)
patients <- rbind(
  expand.grid(age = 41, grade = c("G2", "G3"), histology = levels(d$histology)),
  data.frame(age = c(23.5, 71, 90), grade = c("G3", "G3", "G2"), histology = levels(d$histology)[c(1, 3, 2)])
)
one <- function(x) unbox(unname(x))
rows <- lapply(seq_len(nrow(patients)), function(i) {
  curve <- survfit(fit, newdata = patients[i, ])
  s <- summary(curve, times = times)
  median <- unname(quantile(curve, 0.5, conf.int = FALSE))
  list(
    age = one(patients$age[i]),
    grade = one(as.character(patients$grade[i])),
    histology = one(as.character(patients$histology[i])),
    linear_predictor = one(predict(fit, newdata = patients[i, ], type = "lp", reference = "sample")),
    survival = s$surv,
    low = s$lower,
    high = s$upper,
    median = one(median)
  )
})
write_json(list(times = times, patients = rows), arguments[2], digits = 15, pretty = TRUE, na = "null")
