// What is said of a patient is read in people's spellings, named after WHO 2021, and decides where survival is told.
#include <gliocast/core/error.hpp>
#include <gliocast/findings/clinical.hpp>
#include <gliocast/findings/survival.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace gliocast::findings {
namespace {

using D = ClinicalDoubt;
using F = ClinicalField;

const Grade kRefused = NoReliableGrade{};

Grade stated(double probability) {
  return GradeEstimate{.probability = probability, .low = probability, .high = probability};
}

std::string error_of(F field, const std::string& text) {
  ClinicalRecord record;
  try {
    read_field(record, field, text, ExitCode::WrongUse, "--option");
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::WrongUse);
    return e.what();
  }
  return {};
}

TEST(Clinical, SpellingsAsPeopleWriteThem) {
  for (const char* text : {"2", "2.0", "II", "ii", "WHO 2", "WHO grade II", "G2", "grade 2", "CNS WHO grade 2"})
    EXPECT_EQ(parse_who_grade(text), WhoGrade::Two) << text;
  for (const char* text : {"3", "III", "G3", "WHO III"}) EXPECT_EQ(parse_who_grade(text), WhoGrade::Three) << text;
  EXPECT_EQ(parse_who_grade("LGG"), WhoGrade::Low);
  EXPECT_EQ(parse_who_grade("HGG"), WhoGrade::High);
  EXPECT_EQ(parse_who_grade("IV"), WhoGrade::Four);
  for (const char* text : {"1", "5", "2.5", "-2", "22", "I", "grade", "II-III", "1e9"})
    EXPECT_FALSE(parse_who_grade(text)) << text;
  for (const char* text : {"O", "oligo", "Oligodendroglioma", "anaplastic oligodendroglioma", "Oligodendroglioma, NOS"})
    EXPECT_EQ(parse_histology(text), Histology::Oligodendroglioma) << text;
  for (const char* text : {"A", "astrocytoma", "Diffuse astrocytoma"})
    EXPECT_EQ(parse_histology(text), Histology::Astrocytoma) << text;
  for (const char* text : {"OA", "oligoastrocytoma", "oligo-astrocytoma", "mixed", "mixed glioma"})
    EXPECT_EQ(parse_histology(text), Histology::Oligoastrocytoma) << text;
  for (const char* text : {"pilocytic astrocytoma", "ependymoma", "no astrocytoma", "x"})
    EXPECT_FALSE(parse_histology(text)) << text;
  for (const char* text : {"F", "female", "Female"}) EXPECT_EQ(parse_sex(text), Sex::Female) << text;
  for (const char* text : {"m", "Male"}) EXPECT_EQ(parse_sex(text), Sex::Male) << text;
  EXPECT_FALSE(parse_sex("1"));
  for (const char* text : {"mutant", "IDH-mutant", "mut", "Mutated"}) EXPECT_EQ(parse_idh(text), Idh::Mutant) << text;
  for (const char* text : {"wildtype", "wild-type", "WT", "IDH-wildtype"})
    EXPECT_EQ(parse_idh(text), Idh::Wildtype) << text;
  for (const char* text : {"codeleted", "co-deleted", "codel", "1p/19q-codeleted"})
    EXPECT_EQ(parse_codeletion(text), Codeletion::Codeleted) << text;
  for (const char* text : {"intact", "non-codel", "not codeleted"})
    EXPECT_EQ(parse_codeletion(text), Codeletion::Intact) << text;
}

TEST(Clinical, ColumnsAreFoundByTheirNames) {
  EXPECT_EQ(field_of_column("Age (years at diagnosis)"), F::Age);
  EXPECT_EQ(field_of_column("who_grade"), F::Grade);
  EXPECT_EQ(field_of_column("Gender"), F::Sex);
  EXPECT_EQ(field_of_column("1p/19q codeletion"), F::Codeletion);
  EXPECT_FALSE(field_of_column("percentage"));
  EXPECT_FALSE(field_of_column("histology_date"));
}

TEST(Clinical, WhatCannotBeIsRefusedWithPlaceAndHelp) {
  for (const char* text : {"0", "-3", "121", "412", "inf", "forty"}) {
    const auto said = error_of(F::Age, text);
    EXPECT_NE(said.find("--option"), std::string::npos) << text;
    EXPECT_NE(said.find("above 0 and up to 120"), std::string::npos) << said;
  }
  EXPECT_NE(error_of(F::Grade, "1").find("2, 3 or 4"), std::string::npos);
  EXPECT_NE(error_of(F::Histology, "ependymoma").find("oligodendroglioma"), std::string::npos);
  for (const char* text : {"", "NA", "n/a", "unknown", "-", "?"}) EXPECT_EQ(error_of(F::Age, text), "") << text;
  EXPECT_EQ(error_of(F::Age, "120"), "");
}

TEST(Clinical, ASecondColumnMakesAGradeSharperAndNeverAnother) {
  ClinicalRecord record;
  const auto read = [&](const char* text) { read_field(record, F::Grade, text, ExitCode::UnusableInput, "line 2"); };
  read("LGG");
  EXPECT_EQ(record.grade, WhoGrade::Low);
  read("3");
  EXPECT_EQ(record.grade, WhoGrade::Three);
  read("LGG");
  EXPECT_EQ(record.grade, WhoGrade::Three);
  for (const char* other : {"HGG", "4", "2"}) EXPECT_THROW(read(other), Error) << other;
}

TEST(Clinical, TypesAndDoubtsOfWho2021) {
  const auto doubts = [](const ClinicalRecord& r, const Grade& grade = kRefused) { return clinical_doubts(r, grade); };
  const ClinicalRecord oligo{.histology = Histology::Oligodendroglioma,
                             .grade = WhoGrade::Two,
                             .idh = Idh::Mutant,
                             .codeletion = Codeletion::Codeleted};
  EXPECT_EQ(molecular_type(oligo), MolecularType::Oligodendroglioma);
  EXPECT_TRUE(doubts(oligo).empty());
  auto r = oligo;
  r.codeletion = Codeletion::Intact;
  EXPECT_EQ(molecular_type(r), MolecularType::Astrocytoma);
  EXPECT_EQ(doubts(r), std::vector{D::OligodendrogliomaIntact});
  r.codeletion.reset();
  EXPECT_EQ(molecular_type(r), MolecularType::MutantWithoutCodel);
  r = {.histology = Histology::Astrocytoma, .grade = WhoGrade::Three, .idh = Idh::Wildtype};
  EXPECT_EQ(molecular_type(r), MolecularType::WildtypeGlioblastoma);
  EXPECT_EQ(doubts(r), std::vector{D::WildtypeLowerGrade});
  r.codeletion = Codeletion::Codeleted;
  EXPECT_FALSE(molecular_type(r));
  EXPECT_EQ(doubts(r), (std::vector{D::WildtypeCodeleted, D::AstrocytomaCodeleted}));
  r = oligo;
  r.grade = WhoGrade::Four;
  EXPECT_EQ(doubts(r), std::vector{D::OligodendrogliomaGrade4});
  r = oligo;
  r.histology = Histology::Oligoastrocytoma;
  EXPECT_EQ(doubts(r), std::vector{D::Oligoastrocytoma});
  EXPECT_EQ(doubts(oligo, stated(0.9)), std::vector{D::GradeAgainstImages});
  EXPECT_TRUE(doubts(oligo, stated(0.1)).empty());
  EXPECT_FALSE(molecular_type({}));
}

TEST(Clinical, SurvivalIsOfALowerGradeThatWasGivenOrIsStated) {
  using Reason = NoSurvival::Reason;
  const auto grades = [](const ClinicalRecord& r, const Grade& g) {
    const auto admitted = lower_grade(r, g);
    const auto* lower = std::get_if<LowerGrade>(&admitted);
    return lower ? lower->grades : std::vector<int>{};
  };
  const auto reason = [](const ClinicalRecord& r, const Grade& g) {
    return std::get<NoSurvival>(lower_grade(r, g)).reason;
  };
  EXPECT_EQ(grades({.grade = WhoGrade::Two}, kRefused), std::vector{2});
  EXPECT_EQ(grades({.grade = WhoGrade::Three}, stated(0.9)), std::vector{3}) << "given wins";
  EXPECT_EQ(grades({.grade = WhoGrade::Low}, kRefused), (std::vector{2, 3}));
  EXPECT_EQ(grades({}, stated(0.2)), (std::vector{2, 3}));
  EXPECT_TRUE(std::get<LowerGrade>(lower_grade({}, stated(0.2))).of_images);
  EXPECT_EQ(reason({}, kRefused), Reason::GradeUnknown);
  EXPECT_EQ(reason({}, stated(0.8)), Reason::HighGradeStated);
  EXPECT_EQ(reason({}, stated(0.5)), Reason::HighGradeStated);
  EXPECT_EQ(reason({.grade = WhoGrade::Four}, stated(0.1)), Reason::HighGradeGiven);
  EXPECT_EQ(reason({.grade = WhoGrade::High}, stated(0.1)), Reason::HighGradeGiven);
  EXPECT_EQ(reason({.histology = Histology::Glioblastoma, .grade = WhoGrade::Two}, stated(0.1)), Reason::Glioblastoma);
}

}  // namespace
}  // namespace gliocast::findings
