// SPDX-License-Identifier: Apache-2.0
// A host of OpenCL 1.2 that knows nothing of XRT or of Weft's runtime: runs recorded launches and
// compares what they write.  usage: opencl_host XCLBIN BUNDLE
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include <cstdio>
#include <cstring>
#include <exception>

#include "recorded_launch.h"

namespace {

void check(cl_int error, const char* what) {
  if (error != CL_SUCCESS) {
    throw std::runtime_error(std::string(what) + ": OpenCL error " + std::to_string(error));
  }
}

cl_device_id find_device() {
  cl_uint count = 0;
  check(clGetPlatformIDs(0, nullptr, &count), "clGetPlatformIDs");
  std::vector<cl_platform_id> platforms(count);
  check(clGetPlatformIDs(count, platforms.data(), nullptr), "clGetPlatformIDs");
  for (cl_platform_id platform : platforms) {
    char vendor[100] = "";
    clGetPlatformInfo(platform, CL_PLATFORM_VENDOR, sizeof vendor - 1, vendor, nullptr);
    if (std::strcmp(vendor, "Xilinx") != 0) continue;
    cl_device_id device = nullptr;
    check(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ACCELERATOR, 1, &device, nullptr),
          "clGetDeviceIDs");
    return device;
  }
  throw std::runtime_error("no platform of Xilinx");
}

std::size_t run(cl_context context, cl_command_queue queue, cl_kernel kernel,
                const example::RecordedLaunch& launch) {
  std::vector<char> arena = launch.arena;
  cl_int error = 0;
  cl_mem buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, arena.size(), nullptr, &error);
  check(error, "clCreateBuffer");
  const cl_ulong record = launch.launch;
  check(clSetKernelArg(kernel, 0, sizeof buffer, &buffer), "argument arena");
  check(clSetKernelArg(kernel, 1, sizeof record, &record), "argument launch");
  check(clEnqueueWriteBuffer(queue, buffer, CL_TRUE, 0, arena.size(), arena.data(), 0, nullptr,
                             nullptr),
        "clEnqueueWriteBuffer");
  check(clEnqueueTask(queue, kernel, 0, nullptr, nullptr), "clEnqueueTask");
  check(clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, arena.size(), arena.data(), 0, nullptr,
                            nullptr),
        "clEnqueueReadBuffer");
  check(clReleaseMemObject(buffer), "clReleaseMemObject");
  return example::check(launch, arena);
}

std::vector<unsigned char> read_file(const char* path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s XCLBIN BUNDLE\n", argv[0]);
    return 2;
  }
  try {
    const auto launches = example::read_bundle(argv[2]);
    cl_device_id device = find_device();
    cl_int error = 0;
    cl_context context = clCreateContext(nullptr, 1, &device, nullptr, nullptr, &error);
    check(error, "clCreateContext");
    cl_command_queue queue = clCreateCommandQueue(context, device, 0, &error);
    check(error, "clCreateCommandQueue");
    const auto binary = read_file(argv[1]);
    const unsigned char* bytes = binary.data();
    const std::size_t size = binary.size();
    cl_program program =
        clCreateProgramWithBinary(context, 1, &device, &size, &bytes, nullptr, &error);
    check(error, "clCreateProgramWithBinary");
    check(clBuildProgram(program, 0, nullptr, nullptr, nullptr, nullptr), "clBuildProgram");
    cl_kernel kernel = clCreateKernel(program, "weft", &error);
    check(error, "clCreateKernel");

    std::size_t compared = 0;
    for (const auto& launch : launches) compared += run(context, queue, kernel, launch);
    std::printf("%zu launches, %zu bytes of output as recorded\n", launches.size(), compared);

    clReleaseKernel(kernel);
    clReleaseProgram(program);
    clReleaseCommandQueue(queue);
    clReleaseContext(context);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
