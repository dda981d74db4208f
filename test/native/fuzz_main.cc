// What every fuzzer is linked with: doctest's assertions end the process, and where there is no libFuzzer (a compiler other
// than Clang) a driver with its most important flags, which tries random inputs and learns nothing from them:
//
//   pack_fuzz [-max_total_time=60] [-seed=1] [-artifact_prefix=folder/] [inputs to run again...]
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "base/random.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  static doctest::Context* const context = new doctest::Context();
  context->setAsDefaultForAssertsOutOfTestCases();
  context->setAssertHandler([](const doctest::AssertData& failed) {
    std::fprintf(stderr, "%s:%d: %s is false: %s\n", failed.m_file, failed.m_line, failed.m_expr, failed.m_decomp.c_str());
    std::abort();
  });
  return 0;
}

#ifdef SLOTH_RANDOM_FUZZER
namespace {

std::vector<uint8_t> input;
std::string artifact;

// Keeps the input that ends the process. Only calls what a signal handler may.
void KeepInput() {
  FILE* file = std::fopen(artifact.c_str(), "wb");
  if (!file) return;
  std::fwrite(input.data(), 1, input.size(), file);
  std::fclose(file);
  std::fprintf(stderr, "the input is in %s\n", artifact.c_str());
}

void OnSignal(int signal) {
  std::signal(signal, SIG_DFL);
  KeepInput();
  std::raise(signal);
}

// Bytes of one temper: all values, small ones, or few different ones.
void MakeInput(sloth::Random* random) {
  input.resize(random->Below(4) == 0 ? random->Below(2048) : random->Below(256));
  uint32_t bound = random->Below(3) == 0 ? 1 + random->Below(16) : 256;
  for (uint8_t& byte : input) byte = static_cast<uint8_t>(random->Below(bound));
}

bool ReadInput(const char* path) {
  FILE* file = std::fopen(path, "rb");
  if (!file) return false;
  input.clear();
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) input.push_back(static_cast<uint8_t>(c));
  std::fclose(file);
  return true;
}

}  // namespace

int main(int count, char** words) {
  LLVMFuzzerInitialize(&count, &words);
  long seconds = 60;
  unsigned long seed = static_cast<unsigned long>(std::time(nullptr));
  std::string prefix;
  std::vector<const char*> files;
  for (int i = 1; i < count; i++) {
    if (std::sscanf(words[i], "-max_total_time=%ld", &seconds) == 1) continue;
    if (std::sscanf(words[i], "-seed=%lu", &seed) == 1) continue;
    if (std::strncmp(words[i], "-artifact_prefix=", 17) == 0) prefix = words[i] + 17;
    if (words[i][0] != '-') files.push_back(words[i]);
  }
  for (const char* file : files) {
    if (!ReadInput(file)) return std::fprintf(stderr, "%s cannot be read\n", file), 2;
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  if (!files.empty()) return 0;
  artifact = prefix + "crash-" + std::to_string(seed);
  for (int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, OnSignal);
  std::fprintf(stderr, "seed %lu\n", seed);
  sloth::Random random(seed);
  long runs = 0;
  for (time_t end = std::time(nullptr) + seconds; std::time(nullptr) < end; runs++) {
    MakeInput(&random);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::fprintf(stderr, "Done %ld runs\n", runs);
  return 0;
}
#endif
