// SPDX-License-Identifier: Apache-2.0
// What the fields of a command mean together, rule by rule: lines of assembly that keep a rule, and
// lines that break exactly it. check_command and every device must tell them apart.
//
// Lines refer to kFieldBindings; those that keep the rules raise no fault in any configuration.
#pragma once

#include <array>
#include <string_view>

namespace weft::test {

inline constexpr std::string_view kFieldBindings =
    ".binding r read 65536\n.binding w write 65536\n.binding rw read+write 65536\n";

struct FieldRule {
  const char* line;
  bool ok;
};

inline constexpr FieldRule kFieldRules[] = {
    // A load finds its matrix in memory or in V; fields of the other place are zero.
    {"load target=a format=fp32 rows=2 cols=4 row_stride=16", true},
    {"load target=a format=fp32 rows=2 cols=4 row_stride=16 src=1", false},
    {"load target=a format=fp32 rows=2 cols=4 row_stride=16 src_pitch=1", false},
    {"load target=a format=fp32 source=v rows=2 cols=4", true},
    {"load target=b format=fp32 source=v rows=2 cols=4 src=3 src_pitch=1", true},
    {"load target=a format=fp32 source=v binding=rw rows=2 cols=4", false},
    {"load target=a format=fp32 source=v rows=2 cols=4 offset=4", false},
    {"load target=a format=fp32 source=v rows=2 cols=4 row_stride=4", false},
    {"load target=a format=bf16 source=v rows=2 cols=4", false},
    {"load target=a format=int8 source=v rows=2 cols=4", false},
    {"load target=a format=mxint8 source=v rows=2 cols=4", false},
    {"load target=v format=fp32 source=v rows=2 cols=4 dst_pitch=1", false},
    {"load target=a format=fp32 source=3 rows=2 cols=4", false},
    // What is quantised can be transposed.
    {"load target=a format=fp32 transpose=yes rows=2 cols=4 row_stride=16", true},
    {"load target=b format=bf16 transpose=yes rows=2 cols=4 row_stride=8", true},
    {"load target=b format=fp32 transpose=yes source=v rows=2 cols=4 src_pitch=1", true},
    {"load target=a format=int8 transpose=yes rows=2 cols=4 row_stride=4", false},
    {"load target=a format=mxint8 transpose=yes rows=2 cols=4", false},
    {"load target=v format=fp32 transpose=yes rows=2 cols=4 row_stride=16 dst_pitch=1", false},
    {"load target=a format=fp32 transpose=2 rows=2 cols=4", false},
    // The pitch is that of the operand: 16 rows (columns of a transposed source) to the next 16.
    {"load target=a format=fp32 transpose=yes rows=65 cols=16", true},
    {"load target=a format=fp32 transpose=yes rows=65 cols=17 dst_pitch=2", true},
    {"load target=a format=fp32 transpose=yes rows=65 cols=17 dst_pitch=1", false},
    {"load target=a format=fp32 transpose=yes rows=64 cols=17 dst_pitch=1", true},
    {"load target=a format=fp32 rows=16 cols=65", true},
    {"load target=a format=fp32 rows=17 cols=65 dst_pitch=1", false},
    // ... and rounded stochastically, by a seed that is given or a scalar.
    {"load target=a format=fp32 rounding=stochastic rows=1 cols=4", true},
    {"load target=a format=bf16 rounding=stochastic rows=1 cols=4 seed=9 tensor=8", true},
    {"load target=a format=fp32 rounding=stochastic rows=1 cols=4 seed_scalar=16 tensor=65535",
     true},
    {"load target=a format=fp32 rounding=stochastic rows=1 cols=4 seed_scalar=17", false},
    {"load target=a format=fp32 rounding=stochastic rows=1 cols=4 seed_scalar=1 seed=1", false},
    {"load target=a format=int8 rounding=stochastic rows=1 cols=4", false},
    {"load target=a format=mxint8 rounding=stochastic rows=1 cols=4", false},
    {"load target=v format=fp32 rounding=stochastic rows=1 cols=4", false},
    {"load target=a format=fp32 rounding=2 rows=1 cols=4", false},
    {"load target=a format=fp32 rows=1 cols=4 seed=1", false},
    {"load target=a format=fp32 rows=1 cols=4 seed_scalar=1", false},
    {"load target=a format=fp32 rows=1 cols=4 tensor=1", false},
    // From V, offset and stride place the elements in the tensor.
    {"load target=a format=fp32 source=v rounding=stochastic rows=2 cols=4 offset=4 row_stride=8",
     true},
    {"load target=a format=fp32 source=v rounding=stochastic rows=2 cols=4"
     " offset=0xfffffffffffffffc row_stride=0xfffffffc",
     true},
    {"load target=a format=fp32 source=v rounding=stochastic rows=2 cols=4 offset=2", false},
    {"load target=a format=fp32 source=v rounding=stochastic rows=2 cols=4 row_stride=2", false},
    // Groups lie in memory, not in packed panels or in V.
    {"load target=a format=fp32 rows=2 cols=4 row_stride=16 extra_groups=2 group_stride=64", true},
    {"load target=v format=bf16 rows=2 cols=4 dst_pitch=1 extra_groups=1 group_stride=6", true},
    {"load target=b format=int8 rows=2 cols=4 extra_groups=1 group_stride=3", true},
    {"load target=a format=fp32 rows=2 cols=4 extra_groups=1", true},
    {"load target=a format=fp32 rows=2 cols=4 group_stride=64", false},
    {"load target=a format=fp32 rows=2 cols=4 extra_groups=1 group_stride=2", false},
    {"load target=a format=bf16 rows=2 cols=4 extra_groups=1 group_stride=1", false},
    {"load target=a format=mxint8 rows=2 cols=4 extra_groups=1", false},
    {"load target=a format=mxint8 rows=2 cols=4 extra_groups=1 group_stride=64", false},
    {"load target=a format=mxint8 rows=2 cols=4 group_stride=64", false},
    {"load target=a format=fp32 source=v rows=2 cols=4 extra_groups=1", false},
    {"load target=a format=fp32 source=v rows=2 cols=4 group_stride=4", false},
    {"load target=a format=fp32 source=v rounding=stochastic rows=2 cols=4 extra_groups=1"
     " group_stride=4",
     false},
    {"store format=word32 binding=w rows=2 cols=4 row_stride=16 extra_groups=1 group_stride=32",
     true},
    {"store format=bf16 binding=w rows=1 cols=4 extra_groups=1 group_stride=10", true},
    {"store format=int8 binding=w rows=1 cols=4 extra_groups=1 group_stride=5", true},
    {"store format=int8 binding=w rows=1 cols=4 group_stride=4", false},
    {"store format=bf16 binding=w rows=1 cols=4 extra_groups=1 group_stride=9", false},
    {"store format=word32 binding=w rows=1 cols=4 extra_groups=1 group_stride=18", false},
    // Rows of all groups are rows of the operand, or its contraction, or rows of V.
    {"load target=a format=fp32 rows=4 cols=65 extra_groups=3", true},
    {"load target=a format=fp32 rows=4 cols=65 extra_groups=4 dst_pitch=1", false},
    {"load target=a format=fp32 rows=4 cols=65 extra_groups=4 dst_pitch=2", true},
    {"load target=a format=fp32 transpose=yes rows=16 cols=17 extra_groups=3 dst_pitch=1", true},
    {"load target=a format=fp32 transpose=yes rows=13 cols=17 extra_groups=4 dst_pitch=1", false},
    {"load target=a format=fp32 transpose=yes rows=65535 cols=17 extra_groups=65535"
     " dst_pitch=65535",
     false},
    {"load target=v format=fp32 rows=1 cols=17 extra_groups=1 dst_pitch=1", false},
    {"load target=v format=fp32 rows=1 cols=17 extra_groups=1 dst_pitch=2", true},
    // Rows are gathered into V from a table of at least one row, by one vector of indices.
    {"load target=v source=gather format=fp32 rows=1 cols=4 table_rows=1", true},
    {"load target=v source=gather format=fp32 rows=1 cols=4", false},
    {"load target=v source=gather format=fp32 rows=1 cols=4 table_rows=0x80000000", false},
    {"load target=v format=fp32 rows=1 cols=4 table_rows=1", false},
    {"load target=a format=fp32 source=v rows=1 cols=4 table_rows=1", false},
    {"load target=v source=gather format=bf16 rows=16 cols=4 dst=1 dst_pitch=1 src=40 offset=2"
     " row_stride=6 table_rows=9",
     true},
    {"load target=v source=gather format=fp32 rows=1 cols=4 table_rows=7", true},
    {"load target=v source=gather format=fp32 rows=1 cols=4 row_stride=2 table_rows=7", false},
    {"load target=v source=gather format=fp32 rows=2 cols=17 dst_pitch=1 table_rows=1", false},
    {"load target=v source=gather format=int8 rows=1 cols=4 table_rows=1", false},
    {"load target=v source=gather format=mxint8 rows=1 cols=4 table_rows=1", false},
    {"load target=a source=gather format=fp32 rows=1 cols=4 table_rows=1", false},
    {"load target=b source=gather format=bf16 rows=1 cols=4 table_rows=1", false},
    {"load target=v source=gather format=fp32 transpose=yes rows=1 cols=4 table_rows=1", false},
    {"load target=v source=gather format=fp32 rounding=stochastic rows=1 cols=4 table_rows=1",
     false},
    {"load target=v source=gather format=fp32 rows=1 cols=4 src_pitch=1 table_rows=1", false},
    {"load target=v source=gather format=fp32 rows=1 cols=4 extra_groups=1 dst_pitch=1"
     " table_rows=1",
     false},
    {"load target=v source=gather format=fp32 rows=1 cols=4 group_stride=4 table_rows=1", false},
    // A vector command names the second stream, column and row where an operand is one.
    {"vector rows=2 cols=16 src_pitch=1 dst_pitch=1", true},
    {"vector rows=2 cols=16 dst_pitch=1 second=1", false},
    {"vector rows=2 cols=16 dst_pitch=1 second_pitch=1", false},
    {"vector rows=2 cols=16 dst_pitch=1 column=1", false},
    {"vector rows=2 cols=16 dst_pitch=1 row=1", false},
    {"vector rows=2 cols=16 dst_pitch=1 addend=second second=40 second_pitch=1", true},
    {"vector rows=2 cols=16 dst_pitch=1 addend=column column=40", true},
    {"vector rows=2 cols=16 dst_pitch=1 addend=row row=40", true},
    {"vector rows=2 cols=16 dst_pitch=1 compare=max compare_with=row row=40", true},
    {"vector rows=2 cols=16 dst_pitch=1 function=divide divisor=row row=40", true},
    {"vector rows=2 cols=16 dst_pitch=1 multiplicand2=second second=40 second_pitch=1", true},
    {"vector rows=2 cols=16 dst_pitch=1 addend2=column column=40", true},
    {"vector rows=1 cols=4096 addend2=column column=256 dst=512", true},
    {"vector rows=1 cols=4097 addend2=column column=257 dst=514", false},
    {"vector rows=512 cols=1 multiplicand=row row=600 dst_pitch=1", true},
    {"vector rows=4097 cols=1 multiplicand=row reduce=sum convert_out=discard", false},
    // Values are zero where no operand is one, or where it is a scalar.
    {"vector rows=1 cols=1 value0=1", false},
    {"vector rows=1 cols=1 value1=1 multiplicand=value0", false},
    {"vector rows=1 cols=1 value2=1 multiplicand=value1", false},
    {"vector rows=1 cols=1 value3=1 multiplicand=value2", false},
    {"vector rows=1 cols=1 value0_scalar=1", false},
    {"vector rows=1 cols=1 value1_scalar=1 addend=value0", false},
    {"vector rows=1 cols=1 value2_scalar=1 addend=value1", false},
    {"vector rows=1 cols=1 value3_scalar=1 addend=value2", false},
    {"vector rows=1 cols=1 value0=1 multiplicand=value0", true},
    {"vector rows=1 cols=1 value1=1 addend=value1", true},
    {"vector rows=1 cols=1 value2=1 compare=equal compare_with=value2", true},
    {"vector rows=1 cols=1 value3=1 function=divide divisor=value3", true},
    {"vector rows=1 cols=1 value3_scalar=16 multiplicand2=value3", true},
    {"vector rows=1 cols=1 value0_scalar=1 addend2=value0", true},
    {"vector rows=1 cols=1 value0_scalar=17 addend2=value0", false},
    {"vector rows=1 cols=1 value0_scalar=1 value0=1 addend2=value0", false},
    {"vector rows=1 cols=1 value1_scalar=1 value1=1 addend2=value1", false},
    {"vector rows=1 cols=1 value2_scalar=1 value2=1 addend2=value2", false},
    {"vector rows=1 cols=1 value3_scalar=1 value3=1 addend2=value3", false},
    {"vector rows=1 cols=1 multiplicand=input addend=input", true},
    {"vector rows=1 cols=1 multiplicand=9", false},
    {"vector rows=1 cols=1 addend=9", false},
    {"vector rows=1 cols=1 multiplicand2=9", false},
    {"vector rows=1 cols=1 addend2=9", false},
    // A comparison has an operand, and so has a division; nothing else.
    {"vector rows=1 cols=1 compare=gate compare_with=input", true},
    {"vector rows=1 cols=1 compare=equal", false},
    {"vector rows=1 cols=1 compare_with=input", false},
    {"vector rows=1 cols=1 compare=5 compare_with=input", false},
    {"vector rows=1 cols=1 compare=max compare_with=9", false},
    {"vector rows=1 cols=1 function=divide divisor=input", true},
    {"vector rows=1 cols=1 function=divide", false},
    {"vector rows=1 cols=1 divisor=input", false},
    {"vector rows=1 cols=1 function=sqrt divisor=input", false},
    {"vector rows=1 cols=1 function=divide divisor=9", false},
    {"vector rows=1 cols=1 function=gelu_gradient", true},
    {"vector rows=1 cols=1 function=9", false},
    // A reduction has a place of its own, and alone allows that nothing else is written.
    {"vector rows=1 cols=1 reduce_dst=1", false},
    {"vector rows=1 cols=1 reduce_axis=column", false},
    {"vector rows=1 cols=1 reduce=sum reduce_dst=1", true},
    {"vector rows=1 cols=1 reduce=max reduce_axis=column reduce_dst=1", true},
    {"vector rows=1 cols=1 reduce=argmax reduce_dst=1 convert_out=discard", true},
    {"vector rows=1 cols=1 reduce=5 reduce_dst=1", false},
    {"vector rows=1 cols=1 reduce=sum reduce_dst=1 reduce_axis=2", false},
    {"vector rows=1 cols=1 convert_out=discard", false},
    {"vector rows=1 cols=1 reduce=sum_squares reduce_dst=1 convert_out=discard dst=1", false},
    {"vector rows=1 cols=1 reduce=sum_squares reduce_dst=1 convert_out=discard dst_pitch=1", false},
    {"vector rows=2 cols=17 src_pitch=2 reduce=sum reduce_dst=9 convert_out=discard", true},
    {"vector rows=2 cols=17 src_pitch=2 reduce=sum reduce_dst=9 dst_pitch=1", false},
    {"vector rows=2 cols=17 src_pitch=2 reduce=sum reduce_dst=9 dst_pitch=2", true},
    {"vector rows=1 cols=1 convert_out=3", false},
    {"vector rows=1 cols=1 convert_in=2", false},
};

}  // namespace weft::test
