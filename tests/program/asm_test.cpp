// SPDX-License-Identifier: Apache-2.0
// Text to program and back; errors with line, column and advice.
#include "runtime/program/asm.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>

#include "tests/conformance/random.h"
#include "tests/conformance/random_program.h"
#include "tests/program/sample.h"
#include "weft/spec_fields.h"

namespace weft::test {
namespace {

TEST(Assembler, ReadsEveryKindOfValue) {
  const auto image = assembled(
      ".binding x read+write 0x1000 ; comment\n"
      "\n"
      "   ; only a comment\n"
      ".scalar lr\n.scalar step\n"
      "\tvector rows=0x10 compare_with=value2 compare=gate multiplicand=value0 cols=7 "
      "value2=0f-1.5 value0_scalar=step value1=0x7fc00000 "
      "after=store:2,load:3\r\n"
      "store binding=x offset=0xffffffffffffffff format=bf16");
  ASSERT_EQ(image.commands.size(), 2u);
  EXPECT_EQ(image.bindings[0], (DeclaredBinding{"x", 4096, kRightRead | kRightWrite}));
  EXPECT_EQ(image.scalars, (std::vector<std::string>{"lr", "step"}));
  spec::Vector vector;
  vector.rows = 16;
  vector.cols = 7;
  vector.compare = spec::Compare::kGate;
  vector.compare_with = spec::Operand::kValue2;
  vector.multiplicand = spec::Operand::kValue0;
  vector.value0_scalar = 2;
  vector.value2 = std::bit_cast<std::uint32_t>(-1.5f);
  vector.value1 = 0x7fc00000;
  vector.after_load = 3;
  vector.after_store = 2;
  EXPECT_EQ(spec::unpack_vector(image.commands[0]), vector);
  spec::Store store;
  store.offset = ~std::uint64_t{0};
  store.format = spec::StoreFormat::kBf16;
  EXPECT_EQ(spec::unpack_store(image.commands[1]), store);
}

TEST(Assembler, SaysOfLoadsAndVectorsOnlyWhatIsNotUsual) {
  constexpr std::string_view text =
      ".binding x read 4096\n"
      ".scalar seed\n"
      ".scalar rate\n"
      "load target=a binding=x format=fp32 rows=16 cols=16 row_stride=64 transpose=yes"
      " rounding=stochastic seed_scalar=seed tensor=7  ; 0\n"
      "load target=b binding=x format=fp32 rows=16 cols=16 source=v rounding=stochastic seed=9"
      "  ; 1\n"
      "vector multiplicand=value3 addend=row rows=16 cols=16 src_pitch=1 convert_out=discard"
      " function=divide divisor=value2 value2=0f0.5 value3_scalar=rate reduce=argmax reduce_dst=20"
      " row=30 reduce_axis=column  ; 2\n";
  const auto image = assembled(text);
  EXPECT_EQ(disassemble(image), text);
  const auto load = spec::unpack_load(image.commands.at(0));
  EXPECT_EQ(load.transpose, spec::Transpose::kYes);
  EXPECT_EQ(load.rounding, spec::Rounding::kStochastic);
  EXPECT_EQ(load.seed_scalar, 1);
  const auto vector = spec::unpack_vector(image.commands.at(2));
  EXPECT_EQ(vector.value3_scalar, 2);
  EXPECT_EQ(vector.value2, std::bit_cast<std::uint32_t>(0.5f));
  EXPECT_EQ(vector.reduce_axis, spec::ReduceAxis::kColumn);
}

TEST(Assembler, TextItWroteItselfComesBackUnchanged) {
  EXPECT_EQ(disassemble(assembled(kSample)), kSample);
}

TEST(Assembler, RandomProgramsSurviveTextAndBack) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto image = random_program(spec::kConfigs[seed % 2], seed).image;
    const auto text = disassemble(image);
    ASSERT_EQ(assembled(text), image) << "seed " << seed;
    ASSERT_EQ(disassemble(assembled(text)), text) << "seed " << seed;
  }
}

TEST(Assembler, AnyCommandBytesSurviveTextAndBack) {
  Dice dice(1);
  for (int i = 0; i < 5000; ++i) {
    ProgramImage image = assembled(kSample);
    for (auto& command : image.commands) {
      command = {};
      command[0] = static_cast<std::byte>(dice.between(0, 5));
      for (auto n = dice.between(0, 12); n > 0; --n) {
        command[dice.between(1, 63)] = static_cast<std::byte>(dice.bits());
      }
    }
    ASSERT_EQ(assembled(disassemble(image)), image) << disassemble(image);
  }
}

TEST(Assembler, EveryFp32ValueSurvivesTextAndBack) {
  Dice dice(2);
  spec::Vector vector;
  for (int i = 0; i < 20000; ++i) {
    vector.value2 = static_cast<std::uint32_t>(dice.bits());
    ProgramImage image;
    image.commands.push_back(spec::pack(vector));
    ASSERT_EQ(assembled(disassemble(image)), image) << disassemble(image);
  }
}

struct Refused {
  const char* text;
  const char* what;
  const char* advice;
};

TEST(Assembler, ErrorsNameThePlaceAndWhatToDo) {
  const Refused cases[] = {
      {"jump rows=1", "line 1, column 1: unknown command 'jump'", "load, matmul, vector, store"},
      {"\n  load rows", "line 2, column 8: 'rows' is no field", "name=value"},
      {"load =3", "line 1, column 6: a load has no field ''", "target"},
      {"load row=3", "column 6: a load has no field 'row'", "rows"},
      {"load opcode=3", "column 6: a load has no field 'opcode'", "rows"},
      {"load after_load=3", "column 6: a load has no field 'after_load'", "rows"},
      {"load rows=1 rows=2", "column 13: field 'rows' is given twice", "keep one"},
      {"load rows=", "column 11: '' is no value of 'rows'", "decimal"},
      {"load rows=-1", "column 11: '-1' is no value of 'rows'", "decimal"},
      {"load rows=0x", "column 11: '0x' is no value", "decimal"},
      {"load rows=65536", "column 11: '65536' does not fit in 'rows'", "16 bits"},
      {"load offset=18446744073709551616", "column 13", "decimal"},
      {"load target=c", "column 13: 'c' is no value of 'target'", "a, b, v"},
      {"load binding=x", "column 14: 'x' is no value of 'binding'", ".binding"},
      {"vector value1_scalar=lr", "'lr' is no value of 'value1_scalar'", ".scalar"},
      {"vector value1=0f1.5x", "'0f1.5x' is no value", "0f1.5"},
      {"vector value1=0finf", "'0finf' is no value", "0x"},
      {"vector value1=0f1e99", "'0f1e99' is no value", "0x"},
      {"store after=load", "column 13: 'load' is no unit and count", "after=load:3"},
      {"store after=load:1,,", "column 20: '' is no unit and count", "after=load:3"},
      {"store after=load:1,dma:2", "column 20: 'dma:2' is no unit", "after=load:3"},
      {"store after=load:70000", "column 13", "at most 65535"},
      {"store after=load:1,load:2", "names 'load' twice", "larger"},
      {".binding x read", "column 12: a binding has 3 parts", ".binding NAME"},
      {".binding 9x read 4", "column 10: '9x' is no name", "start with a letter"},
      {".binding x exec 4", "column 12: unknown rights 'exec'", ".binding NAME"},
      {".binding x read 4k", "column 17: '4k' is no size", ".binding NAME"},
      {".binding x read 0x1000000000000", "column 17", "BYTES"},
      {".binding x read 4\n.binding x read 4", "line 2, column 10: 'x' is declared twice", "other"},
      {".scalar", "a scalar has a name", ".scalar NAME"},
      {".scalar a\n.scalar a", "line 2, column 9: 'a' is declared twice", "other"},
      {"raw 00", "column 5: raw takes one word of 128", "64 bytes"},
  };
  for (const auto& test : cases) {
    const auto image = assemble(test.text);
    ASSERT_FALSE(image) << test.text;
    EXPECT_NE(image.error().what.find(test.what), std::string::npos)
        << test.text << "\n  " << image.error().what;
    EXPECT_NE(image.error().advice.find(test.advice), std::string::npos)
        << test.text << "\n  " << image.error().advice;
  }
}

TEST(Assembler, RefusesMoreDeclarationsThanALaunchHolds) {
  std::string text;
  for (std::uint32_t i = 0; i <= spec::kMaxBindings; ++i) {
    text += ".binding b" + std::to_string(i) + " read 4\n";
  }
  EXPECT_NE(assemble(text).error().what.find("line 33"), std::string::npos);
  text.clear();
  for (std::uint32_t i = 0; i <= spec::kScalars; ++i)
    text += ".scalar s" + std::to_string(i) + "\n";
  EXPECT_NE(assemble(text).error().what.find("line 17"), std::string::npos);
}

TEST(Assembler, DamagedTextIsReadOrRefusedWithAPlace) {
  constexpr std::uint64_t kSeed = 3;
  std::cout << "seed " << kSeed << '\n';
  Dice dice(kSeed);
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text(kSample);
    for (auto n = dice.between(1, 4); n > 0; --n) {
      const auto at = dice.between(0, text.size() - 1);
      switch (dice.between(0, 3)) {
        case 0:
          text[at] = static_cast<char>(dice.bits());
          break;
        case 1:
          text.erase(at, dice.between(1, 20));
          break;
        case 2:
          text.insert(at, text.substr(dice.between(0, text.size() - 1), 12));
          break;
        default:
          text[at] = "=:,.; \n0x"[dice.between(0, 8)];
      }
      if (text.empty()) text = " ";
    }
    const auto image = assemble(text);
    if (image) continue;
    ++refused;
    ASSERT_EQ(image.error().code, Code::kInvalidArgument);
    ASSERT_TRUE(image.error().what.starts_with("line ")) << image.error().what;
    ASSERT_FALSE(image.error().advice.empty()) << image.error().what;
  }
  EXPECT_GT(refused, 10000);
}

}  // namespace
}  // namespace weft::test
