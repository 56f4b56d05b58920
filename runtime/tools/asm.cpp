// SPDX-License-Identifier: Apache-2.0
// weft asm: a program's text to its file (.weftp) and back, and the programs in a bundle as text.
#include "runtime/program/asm.h"

#include <fmt/format.h>

#include <string_view>

#include "runtime/bundle/bundle.h"
#include "runtime/io/file.h"
#include "runtime/program/verifier.h"
#include "runtime/tools/command.h"

namespace weft::tools {
namespace {

struct Options {
  std::string input;
  std::string output;
  std::string verify;  // configuration
};

std::string_view text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string disassemble_bundle(const bundle::Bundle& bundle) {
  std::string text;
  for (std::size_t i = 0; i < bundle.launches.size(); ++i) {
    for (std::size_t j = 0; j < bundle.launches[i].steps.size(); ++j) {
      const bundle::RecordedStep& step = bundle.launches[i].steps[j];
      text += fmt::format("; launch {}, step {}: {}\n{}", i, j, step.name, disassemble(step.image));
    }
  }
  return text;
}

Result<void> verify_for(const ProgramImage& image, const std::string& config_name) {
  for (const spec::Config& config : spec::kConfigs) {
    if (config.name == config_name) return verify(image, config);
  }
  return fail(Code::kInvalidArgument, "no configuration " + config_name, "default or small");
}

// Text goes to the output file, or to stdout; with --json into the object.
Exit emit_text(const Output& out, const Options& options, const std::string& text) {
  if (options.output.empty()) {
    if (!out.json()) fmt::print("{}", text);
    out.result({{"assembly", text}});
    return Exit::kOk;
  }
  auto written = io::write_file(options.output, std::as_bytes(std::span(text)));
  if (!written) return out.failed(written.error());
  out.result({{"output", options.output}});
  return Exit::kOk;
}

Exit run_asm(const Output& out, const Options& options) {
  const auto bytes = io::read_file(options.input);
  if (!bytes) return out.failed(bytes.error());
  const std::string_view text = text_of(*bytes);
  if (text.starts_with("WEFTBNDL")) {
    const auto bundle = bundle::parse_bundle(*bytes, options.input);
    if (!bundle) return out.failed(bundle.error());
    return emit_text(out, options, disassemble_bundle(*bundle));
  }
  const bool binary = text.starts_with("WEFTPROG");
  const auto image = binary ? parse_image(*bytes) : assemble(text);
  if (!image) return out.failed(image.error());
  if (!options.verify.empty()) {
    if (auto proved = verify_for(*image, options.verify); !proved)
      return out.failed(proved.error());
    out.note("verified for configuration " + options.verify);
  }
  if (binary) return emit_text(out, options, disassemble(*image));
  if (!options.output.empty()) {
    if (auto written = io::write_file(options.output, serialize(*image)); !written) {
      return out.failed(written.error());
    }
  }
  out.line(fmt::format("{} commands, {} bindings", image->commands.size(), image->bindings.size()));
  out.result({{"commands", image->commands.size()},
              {"bindings", image->bindings.size()},
              {"output", options.output.empty() ? Json(nullptr) : Json(options.output)}});
  return Exit::kOk;
}

}  // namespace

void add_asm(CLI::App& app, Choice& choice) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, choice, "asm", "Assemble a program, or disassemble one",
                                  [options](const Output& out) { return run_asm(out, *options); });
  command
      ->add_option("input", options->input,
                   "assembly text, a program (.weftp) or a bundle (.weft); told apart by content")
      ->required();
  command->add_option("-o,--output", options->output,
                      "where the result goes; without it text goes to stdout");
  command->add_option("--verify", options->verify, "prove the program for default or small");
}

}  // namespace weft::tools
