// SPDX-License-Identifier: Apache-2.0
// What firmware and driver see, compiled as C; called by c_header_test.cpp.
#include "weft/spec_c.h"
#include "weft/weft_regs.h"

uint64_t weft_c_launch_list(const struct weft_launch *launch)
{
	return launch->list;
}

uint32_t weft_c_last_retired(const struct weft_completion *completion)
{
	return completion->retired[3];
}

uint32_t weft_c_fault_stalled(void)
{
	return WEFT_FAULT_STALLED;
}

uint64_t weft_c_spec_hash(void)
{
	return WEFT_SPEC_HASH;
}

size_t weft_c_record_register(void)
{
	return offsetof(weft_regs_t, record_lo);
}
