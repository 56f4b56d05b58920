// SPDX-License-Identifier: Apache-2.0
// weft_sequencer with units and memory that the bench plays: order, records, every way to end.
#include <functional>
#include <numeric>

#include "tests/rtl/fake_units.h"

namespace weft::test {
namespace {

using spec::Fault;

class Sequencer : public FakeUnits {
 protected:
  // The completion record of a launch that must end with this fault.
  spec::Completion run_to(Fault expected) {
    const auto completion = run();
    EXPECT_EQ(fault(), expected) << spec::name(fault());
    EXPECT_TRUE(completion);
    if (!completion) return {};
    EXPECT_EQ(completion->magic, spec::kMagic);
    EXPECT_EQ(completion->spec_hash, spec::kSpecHash);
    EXPECT_EQ(completion->status,
              expected == Fault::kNone ? spec::Status::kDone : spec::Status::kFault);
    EXPECT_EQ(completion->fault, static_cast<std::uint32_t>(expected));
    return *completion;
  }
};

TEST_F(Sequencer, LaunchListsRunInOrderAndTheCompletionRecordAddsUp) {
  for (int round = 0; round < 25 && !HasFailure(); ++round) {
    timing.latency = static_cast<std::uint32_t>(dice.between(1, 100));
    auto launch = random_launch();
    place(launch);
    const auto completion = run_to(Fault::kNone);
    std::uint64_t commands = 0;
    for (const auto& program : launch.programs) commands += program.commands.size();
    EXPECT_EQ(std::accumulate(completion.retired.begin(), completion.retired.end(), 0u), commands);
    EXPECT_EQ(completion.retired, retired_in_launch);
    EXPECT_EQ(completion.bytes_read, read_beats * kBytes);
    EXPECT_EQ(completion.bytes_written, 0u);
    EXPECT_EQ(completion.fault_unit, 0u);
    EXPECT_GT(completion.cycles, 0u);
    for (std::size_t u = 0; u < 4; ++u) {
      const auto* first = &completion.counter[u * spec::kNumStates];
      EXPECT_EQ(std::accumulate(first, first + spec::kNumStates, std::uint64_t{0}),
                completion.cycles);
    }
  }
}

TEST_F(Sequencer, IdentifyTellsTheConfigurationWhateverTheSpecVersion) {
  TestLaunch launch;
  launch.launch = {.magic = spec::kMagic,
                   .mode = spec::LaunchMode::kIdentify,
                   .spec_hash = dice.bits(),
                   .completion = kCompletion};
  place(launch);
  const auto completion = run_to(Fault::kNone);
  EXPECT_EQ(completion.array_rows, kConfig.array_rows);
  EXPECT_EQ(completion.array_columns, kConfig.array_columns);
  EXPECT_EQ(completion.array_depth, kConfig.array_depth);
  EXPECT_EQ(completion.lanes, kLanes);
  EXPECT_EQ(completion.axi_bytes, kConfig.axi_bytes);
  EXPECT_EQ(completion.a_bytes, kConfig.a_bytes);
  EXPECT_EQ(completion.b_bytes, kConfig.b_bytes);
  EXPECT_EQ(completion.v_bytes, kConfig.v_bytes);
  EXPECT_EQ(clears, 0u);
  expect_sound();
}

TEST_F(Sequencer, ResetClearsTheUnits) {
  TestLaunch launch;
  launch.launch = {
      .magic = spec::kMagic, .mode = spec::LaunchMode::kReset, .completion = kCompletion};
  place(launch);
  run_to(Fault::kNone);
  EXPECT_GT(clears, 0u);
  expect_sound();
}

TEST_F(Sequencer, BadLaunchRecords) {
  using Change = std::function<void(spec::Launch&)>;
  const std::vector<std::pair<Fault, Change>> changes{
      {Fault::kBadRecord, [](auto& l) { l.mode = spec::LaunchMode::kNone; }},
      {Fault::kBadRecord, [](auto& l) { l.mode = static_cast<spec::LaunchMode>(4); }},
      {Fault::kBadRecord, [](auto& l) { l.list += 32; }},
      {Fault::kBadRecord, [](auto& l) { l.list += std::uint64_t{1} << 48; }},
      {Fault::kBadRecord, [](auto& l) { l.entries = 0; }},
      {Fault::kBadRecord, [](auto& l) { l.entries = 65536; }},
      {Fault::kBadSpec, [](auto& l) { l.spec_hash ^= 1; }}};
  for (const auto& [expected, change] : changes) {
    auto launch = random_launch();
    change(launch.launch);
    place(launch);
    const auto completion = run_to(expected);
    EXPECT_EQ(completion.fault_unit, spec::kNumUnits);
  }
  expect_sound();
}

TEST_F(Sequencer, ARecordThatNamesNoPlaceForTheAnswerGetsNone) {
  using Change = std::function<void(spec::Launch&)>;
  for (const Change& change :
       {Change([](auto& l) { l.magic ^= 1; }), Change([](auto& l) { l.completion += 64; }),
        Change([](auto& l) { l.completion |= std::uint64_t{1} << 63; })}) {
    auto launch = random_launch();
    change(launch.launch);
    place(launch);
    EXPECT_FALSE(run());
    EXPECT_EQ(fault(), Fault::kBadRecord);
  }
  auto misplaced = random_launch();
  place(misplaced);
  dut->record_i = kRecord + 32;
  EXPECT_FALSE(run());
  EXPECT_EQ(fault(), Fault::kBadRecord);
  dut->record_i = kRecord;
  expect_sound();
}

TEST_F(Sequencer, BadEntriesAndBindingsNameTheirProgram) {
  struct Change {
    bool of_table;  // else of the entry
    std::uint64_t at;
    std::uint8_t value;
  };
  const std::vector<Change> changes{{false, 0, 32},   // program not aligned
                                    {false, 6, 1},    // program beyond 2^48
                                    {false, 10, 1},   // 65536 commands or more
                                    {false, 12, 33},  // bindings
                                    {false, 16, 4},   // table not aligned
                                    {false, 24, 1},   // reserved
                                    {true, 0, 1},     // offset not aligned
                                    {true, 14, 1},    // size beyond 2^48
                                    {true, 16, 4},    // no such right
                                    {true, 31, 1}};   // reserved
  for (const Change& change : changes) {
    auto launch = random_launch();
    place(launch);
    const auto program = dice.between(0, launch.programs.size() - 1);
    const auto start =
        change.of_table ? launch.programs[program].entry.binding_table : kList + 128 * program;
    bytes[start + change.at] = change.value;
    const auto completion = run_to(Fault::kBadRecord);
    EXPECT_EQ(completion.fault_program, program);
    EXPECT_EQ(completion.fault_unit, spec::kNumUnits);
  }
  expect_sound();
}

TEST_F(Sequencer, AFaultyCommandEndsTheLaunchBehindTheCommandsBeforeIt) {
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    auto launch = random_launch();
    const auto program = dice.between(0, launch.programs.size() - 1);
    auto& commands = launch.programs[program].commands;
    const auto index = dice.between(0, commands.size() - 1);
    commands[index][0] = std::byte{9};
    place(launch);
    const auto completion = run_to(Fault::kBadOpcode);
    EXPECT_EQ(completion.fault_program, program);
    EXPECT_EQ(completion.fault_command, index);
    EXPECT_EQ(completion.fault_unit, spec::kNumUnits);
    std::uint64_t before = index;
    for (std::size_t p = 0; p < program; ++p) before += launch.programs[p].commands.size();
    EXPECT_EQ(std::accumulate(completion.retired.begin(), completion.retired.end(), 0u), before);
    expect_sound();
  }
}

TEST_F(Sequencer, AMemoryErrorOfTheSequencersOwnTrafficIsItsFault) {
  for (int round = 0; round < 9 && !HasFailure(); ++round) {
    auto launch = random_launch();
    place(launch);
    const auto program = dice.between(0, launch.programs.size() - 1);
    const auto& entry = launch.programs[program].entry;
    const std::array<std::uint64_t, 3> places{kList + 128 * program + 64, entry.binding_table,
                                              entry.program};
    timing.error_address = kArena + places[static_cast<std::size_t>(round) % 3];
    const auto completion = run_to(Fault::kReadError);
    EXPECT_EQ(completion.fault_unit, spec::kNumUnits);
    // The first line of the burst that failed.
    EXPECT_LE(completion.fault_address, timing.error_address);
    EXPECT_GT(completion.fault_address + 512, timing.error_address);
    timing.error_address = 0;
    expect_sound();
  }
  // Of the completion record: only the fault register can tell.
  auto unanswered = random_launch();
  place(unanswered);
  timing.error_address = kArena + kCompletion;
  EXPECT_FALSE(run());
  EXPECT_EQ(fault(), Fault::kWriteError);
  timing.error_address = 0;
  expect_sound();
  // Of the launch record: nobody knows where the answer should go.
  auto launch = random_launch();
  place(launch);
  timing.error_address = kArena + kRecord;
  EXPECT_FALSE(run());
  EXPECT_EQ(fault(), Fault::kReadError);
  timing.error_address = 0;
  expect_sound();
}

TEST_F(Sequencer, ErrorsOfLoadAndStoreNameUnitCommandAndAddress) {
  for (const std::size_t unit : {0u, 3u}) {
    auto launch = random_launch();
    auto& commands = launch.programs[0].commands;
    commands.assign(9, command(2));
    const auto index = dice.between(0, commands.size() - 1);
    commands[index] = command(unit);
    place(launch);
    (unit == 0 ? read_error_next : write_error_next) = true;
    const auto completion = run_to(unit == 0 ? Fault::kReadError : Fault::kWriteError);
    EXPECT_EQ(completion.fault_unit, unit);
    EXPECT_EQ(completion.fault_program, 0u);
    EXPECT_EQ(completion.fault_command, index);
    EXPECT_EQ(completion.fault_address, 0xabcd00 + unit);
    expect_sound();
  }
}

// A bad index shows while later commands are checked, dispatched or known to be wrong.
TEST_F(Sequencer, OfAllFaultsThatOfTheEarliestCommandCounts) {
  for (const bool wrong : {false, true}) {
    for (const bool stored : {false, true}) {
      auto launch = random_launch();
      auto& commands = launch.programs[0].commands;
      commands = {command(2), command(0), command(3), command(3), command(3)};
      if (wrong) commands.back()[0] = std::byte{9};
      place(launch);
      index_error_next = true;
      write_error_next = stored;
      const auto completion = run_to(Fault::kIndexOutOfRange);
      EXPECT_EQ(completion.fault_unit, 0u);
      EXPECT_EQ(completion.fault_program, 0u);
      EXPECT_EQ(completion.fault_command, 1u);
      EXPECT_EQ(completion.fault_address, 0xabcd00u);
      EXPECT_FALSE(index_error_next);
      write_error_next = false;
      expect_sound();
    }
  }
}

TEST_F(Sequencer, AUnitThatForgetsItsCommandWhileAnotherWaitsIsADeadlock) {
  for (std::size_t unit = 0; unit < 4; ++unit) {
    auto launch = random_launch();
    launch.programs.resize(1);
    launch.launch.entries = 1;
    std::array<std::uint16_t, 4> after{};
    after[unit] = 1;
    launch.programs[0].commands = {command(unit), command((unit + 1) % 4, after)};
    place(launch);
    dead_unit = unit;
    const auto completion = run_to(Fault::kDeadlock);
    EXPECT_EQ(completion.fault_unit, spec::kNumUnits);
    EXPECT_EQ(completion.fault_program, 0u);
    EXPECT_GT(clears, 0u);
    dead_unit.reset();
    expect_sound();
  }
}

TEST_F(Sequencer, AStallIsFoundAtItsLimitAndTheCardRefusesLaunchesUntilReset) {
  for (std::size_t unit = 0; unit < 4; ++unit) {
    auto launch = random_launch();
    launch.programs.resize(1);
    launch.launch.entries = 1;
    launch.launch.stall_limit = static_cast<std::uint32_t>(dice.between(300, 2000));
    launch.programs[0].commands = {command(unit)};
    place(launch);
    dead_unit = unit;  // nobody waits for it: no deadlock
    const auto start = cycle;
    run_to(Fault::kStalled);
    EXPECT_GE(cycle - start, launch.launch.stall_limit);
    EXPECT_LT(cycle - start, launch.launch.stall_limit + 1500u);
    dead_unit.reset();

    auto next = random_launch();
    place(next);
    EXPECT_FALSE(run(100));
    EXPECT_EQ(fault(), Fault::kStalled);
    reset_all();
    expect_sound();
  }
}

TEST_F(Sequencer, AMemoryThatNeverAnswersIsAStall) {
  auto launch = random_launch();
  place(launch);
  memory_silent = true;
  // The record itself does not arrive, so the limit is the default.
  EXPECT_FALSE(run(spec::kStallLimit + 1000));
  EXPECT_EQ(fault(), Fault::kStalled);
  EXPECT_EQ(dut->fault_unit_o, spec::kNumUnits);
  memory_silent = false;
  EXPECT_FALSE(run(100));
  reset_all();
  expect_sound();
}

TEST_F(Sequencer, ARecordThatMemoryDoesNotTakeHoldsThroughAStallAndRefusedStarts) {
  auto launch = random_launch();
  launch.launch.stall_limit = 500;
  place(launch);
  silent_at_record = true;
  EXPECT_FALSE(run());
  EXPECT_EQ(fault(), Fault::kStalled);
  ASSERT_TRUE(dut->aw_valid_o && dut->w_valid_o);
  const auto address = dut->aw_address_o;
  const auto data = bytes_of(dut->w_data_o);
  dut->arena_i = kArena + 0x10000;  // another program's
  EXPECT_FALSE(run(100));
  EXPECT_EQ(fault(), Fault::kStalled);
  EXPECT_TRUE(dut->aw_valid_o && dut->w_valid_o);
  EXPECT_EQ(dut->aw_address_o, address);
  EXPECT_EQ(bytes_of(dut->w_data_o), data);
  dut->arena_i = kArena;
  silent_at_record = memory_silent = false;
  reset_all();
  expect_sound();
}

TEST_F(Sequencer, ResetInTheMiddleOfALaunchLeavesNothingBehind) {
  for (int round = 0; round < 10 && !HasFailure(); ++round) {
    auto launch = random_launch();
    place(launch);
    run_some(dice.between(1, 600));
    reset_all();
    EXPECT_TRUE(dut->idle_o);
    expect_sound();
  }
}

}  // namespace
}  // namespace weft::test
