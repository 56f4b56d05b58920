// SPDX-License-Identifier: Apache-2.0
#include "weft/gemm.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "runtime/kernels/gemm/cost.h"
#include "runtime/kernels/gemm/plan.h"
#include "runtime/kernels/gemm/schedule.h"
#include "weft/pack.h"

namespace weft {
namespace {

std::uint32_t element_bytes(spec::LoadFormat format) {
  switch (format) {
    case spec::LoadFormat::kFp32:
      return 4;
    case spec::LoadFormat::kBf16:
      return 2;
    case spec::LoadFormat::kInt8:
    case spec::LoadFormat::kMxint8:
      return 1;
  }
  return 1;
}

std::uint32_t element_bytes(GemmOutput output) {
  switch (output) {
    case GemmOutput::kAccumulator:
    case GemmOutput::kFp32:
      return 4;
    case GemmOutput::kBf16:
      return 2;
    case GemmOutput::kInt8:
      return 1;
  }
  return 4;
}

std::string describe(const GemmShape& shape) {
  return fmt::format("gemm-{}x{}x{}-{}", shape.m, shape.n, shape.k, spec::name(shape.arithmetic));
}

// Fills in the stride of a matrix, or says why the one given cannot be.
Result<std::uint32_t> stride_of(std::string_view matrix, std::uint32_t given, std::uint64_t columns,
                                std::uint32_t size) {
  const std::uint64_t least = columns * size;
  const std::uint64_t stride = given == 0 ? least : given;
  if (stride >> 32 == 0 && stride >= least && stride % size == 0) {
    return static_cast<std::uint32_t>(stride);
  }
  return fail(Code::kInvalidArgument,
              fmt::format("{}: a row stride of {} bytes for rows of {} elements of {} bytes",
                          matrix, stride, columns, size),
              "a stride is at least a row, a multiple of the element, below 2^32");
}

// One operand's part of a shape; `rows` is M or N.
struct OperandFields {
  std::string_view name;
  std::uint32_t rows;
  spec::LoadFormat format;
  GemmLayout layout;
  std::uint16_t tensor;
  std::uint32_t& stride;

  [[nodiscard]] bool quantised() const {
    return format == spec::LoadFormat::kFp32 || format == spec::LoadFormat::kBf16;
  }
};

// Fills in the stride of an operand, or says what makes no sense about it.
Result<void> complete(const OperandFields& operand, const GemmShape& shape) {
  const bool int8 = operand.format == spec::LoadFormat::kInt8;
  if (int8 != (shape.arithmetic == spec::Arithmetic::kInt8)) {
    return fail(Code::kInvalidArgument,
                fmt::format("{} in {} cannot be used in {} arithmetic", operand.name,
                            spec::name(operand.format), spec::name(shape.arithmetic)),
                "int8 arithmetic takes int8, mxint8 takes mxint8, fp32 or bf16");
  }
  const bool strided = operand.layout == GemmLayout::kContractionStrided;
  if (strided && !operand.quantised()) {
    return fail(
        Code::kInvalidArgument,
        fmt::format("{} in {} cannot be transposed", operand.name, spec::name(operand.format)),
        "only fp32 and bf16 are transposed as they are loaded");
  }
  const bool stochastic = shape.rounding == spec::Rounding::kStochastic && operand.quantised();
  if (operand.tensor != 0 && !stochastic) {
    return fail(
        Code::kInvalidArgument,
        fmt::format("{} is not rounded stochastically and has no tensor number", operand.name));
  }
  if (operand.format == spec::LoadFormat::kMxint8) {
    if (operand.stride == 0) return {};
    return fail(Code::kInvalidArgument,
                fmt::format("{} is packed and has no row stride", operand.name));
  }
  const auto stride = stride_of(operand.name, operand.stride, strided ? operand.rows : shape.k,
                                element_bytes(operand.format));
  if (!stride) return tl::unexpected(stride.error());
  operand.stride = *stride;
  return {};
}

// The shape with every stride filled in.
Result<GemmShape> complete(GemmShape shape) {
  if (shape.m == 0 || shape.n == 0 || shape.k == 0) {
    return fail(Code::kInvalidArgument,
                fmt::format("a gemm of {} x {} x {}", shape.m, shape.n, shape.k),
                "M, N and K are at least 1");
  }
  const OperandFields a{
      "A", shape.m, shape.a_format, shape.a_layout, shape.a_tensor, shape.a_row_stride};
  const OperandFields b{
      "B", shape.n, shape.b_format, shape.b_layout, shape.b_tensor, shape.b_row_stride};
  for (const OperandFields& operand : {a, b}) {
    if (auto done = complete(operand, shape); !done) return tl::unexpected(done.error());
  }
  if (shape.rounding == spec::Rounding::kStochastic && !a.quantised() && !b.quantised()) {
    return fail(Code::kInvalidArgument, "stochastic rounding, and no operand that is rounded",
                "choose fp32 or bf16 for A or B");
  }
  const bool integers =
      shape.arithmetic == spec::Arithmetic::kInt8 && shape.output == GemmOutput::kAccumulator;
  if (integers && (shape.relu || shape.scale)) {
    return fail(Code::kInvalidArgument, "int32 output takes no ReLU and no scale",
                "choose fp32, bf16 or int8 output");
  }
  const auto stride = stride_of("C", shape.c_row_stride, shape.n, element_bytes(shape.output));
  if (!stride) return tl::unexpected(stride.error());
  shape.c_row_stride = *stride;
  return shape;
}

std::uint64_t operand_bytes(spec::LoadFormat format, GemmLayout layout, std::uint32_t rows,
                            std::uint32_t depth, std::uint32_t stride) {
  if (format == spec::LoadFormat::kMxint8) return packed_bytes(rows, depth);
  if (layout == GemmLayout::kContractionStrided) std::swap(rows, depth);
  return (rows - std::uint64_t{1}) * stride + std::uint64_t{depth} * element_bytes(format);
}

}  // namespace

class GemmCompiler {
 public:
  GemmCompiler(const spec::Config& config, const GemmShape& shape)
      : config_(config), shape_(shape) {}

  Result<GemmKernel> run() {
    kernel_.shape_ = shape_;
    kernel_.a_bytes_ =
        operand_bytes(shape_.a_format, shape_.a_layout, shape_.m, shape_.k, shape_.a_row_stride);
    kernel_.b_bytes_ =
        operand_bytes(shape_.b_format, shape_.b_layout, shape_.n, shape_.k, shape_.b_row_stride);
    kernel_.c_bytes_ = (shape_.m - std::uint64_t{1}) * shape_.c_row_stride +
                       std::uint64_t{shape_.n} * element_bytes(shape_.output);
    const auto tiling = kernels::plan(shape_, config_);
    if (!tiling) return too_small();
    std::deque<kernels::Part> parts{{.m = {0, shape_.m}, .n = {0, shape_.n}}};
    while (!parts.empty()) {
      const kernels::Part part = parts.front();
      parts.pop_front();
      // Few commands per block of C, so that a part this large need not be tried.
      const auto commands = blocks(*tiling, part) > spec::kMaxCommands
                                ? std::optional<std::vector<kernels::Command>>{}
                                : kernels::schedule(shape_, config_, *tiling, part);
      if (commands && commands->size() <= spec::kMaxCommands) {
        if (auto added = add(*commands); !added) return tl::unexpected(added.error());
        continue;
      }
      if (part.m.size <= tiling->m_block && part.n.size <= tiling->n_block) return too_small();
      split(part, *tiling, parts);
    }
    return std::move(kernel_);
  }

 private:
  tl::unexpected<Error> too_small() const {
    return fail(Code::kUnsupported,
                fmt::format("{} has no tiling for scratchpads of {}, {} and {} bytes",
                            describe(shape_), config_.a_bytes, config_.b_bytes, config_.v_bytes));
  }

  [[nodiscard]] std::uint64_t blocks(const kernels::Tiling& tiling,
                                     const kernels::Part& part) const {
    return std::uint64_t{kernels::ceil_div(part.m.size, tiling.m_block)} *
           kernels::ceil_div(part.n.size, tiling.n_block) *
           kernels::ceil_div(shape_.k, tiling.k_panel);
  }

  // Halves the dimension with more blocks, in whole blocks; the halves go to the front in order.
  static void split(const kernels::Part& part, const kernels::Tiling& tiling,
                    std::deque<kernels::Part>& parts) {
    const auto half = [](std::uint32_t size, std::uint32_t block) {
      return kernels::ceil_div(size, 2 * block) * block;
    };
    kernels::Part first = part;
    kernels::Part second = part;
    const std::uint32_t rows = kernels::ceil_div(part.m.size, tiling.m_block);
    const std::uint32_t columns = kernels::ceil_div(part.n.size, tiling.n_block);
    const auto divide = [&](kernels::Piece& low, kernels::Piece& high, std::uint32_t block) {
      low.size = half(low.size, block);
      high.start += low.size;
      high.size -= low.size;
    };
    if (rows >= columns) {
      divide(first.m, second.m, tiling.m_block);
    } else {
      divide(first.n, second.n, tiling.n_block);
    }
    parts.push_front(second);
    parts.push_front(first);
  }

  Result<void> add(const std::vector<kernels::Command>& commands) {
    ProgramBuilder builder(describe(shape_));
    builder.bind("a", kernel_.a_bytes_, Rights::kRead);
    builder.bind("b", kernel_.b_bytes_, Rights::kRead);
    builder.bind("c", kernel_.c_bytes_, Rights::kWrite);
    if (shape_.bias) builder.bind("bias", std::uint64_t{shape_.n} * 4, Rights::kRead);
    if (shape_.rounding == spec::Rounding::kStochastic) builder.scalar("seed");
    if (shape_.scale) builder.scalar("scale");
    for (const kernels::Command& command : commands) {
      std::visit([&](const auto& each) { builder.append(each); }, command);
    }
    auto program = std::move(builder).finalise();
    if (!program) return tl::unexpected(program.error());
    kernel_.programs_.push_back(std::move(*program));
    kernel_.estimated_cycles_ += kernels::estimate(commands, config_).cycles;
    return {};
  }

  const spec::Config& config_;
  const GemmShape& shape_;
  GemmKernel kernel_;
};

Result<std::vector<Step>> GemmKernel::steps(const GemmArguments& arguments) const {
  if (arguments.bias.has_value() != shape_.bias) {
    return fail(
        Code::kInvalidArgument,
        fmt::format("{} {} a bias, and {} was passed", describe(shape_),
                    shape_.bias ? "adds" : "does not add", arguments.bias ? "one" : "none"));
  }
  std::vector<Step> steps;
  for (const Program& program : programs_) {
    Step step{.program = program, .bindings = {arguments.a, arguments.b, arguments.c}};
    if (arguments.bias) step.bindings.push_back(*arguments.bias);
    step.scalars[kernels::kScalarSeed] = arguments.seed;
    step.scalars[kernels::scalar_scale(shape_)] = std::bit_cast<std::uint32_t>(arguments.scale);
    steps.push_back(std::move(step));
  }
  return steps;
}

Result<GemmKernel> gemm(const DeviceInfo& device, const GemmShape& shape) {
  auto completed = complete(shape);
  if (!completed) return tl::unexpected(completed.error());

  const spec::Config& config = device.config;
  using Sizes = std::array<std::uint32_t, 7>;
  using Key = std::pair<Sizes, GemmShape>;
  static std::mutex mutex;
  static std::map<Key, GemmKernel> cache;
  const Key key{{config.array_rows, config.array_columns, config.array_depth, config.axi_bytes,
                 config.a_bytes, config.b_bytes, config.v_bytes},
                *completed};
  const std::lock_guard lock(mutex);
  if (const auto known = cache.find(key); known != cache.end()) return known->second;
  auto kernel = GemmCompiler(config, *completed).run();
  if (kernel) cache.emplace(key, *kernel);
  return kernel;
}

}  // namespace weft
