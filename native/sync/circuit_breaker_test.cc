// The states of a circuit breaker.
#include "sync/circuit_breaker.h"

#include <initializer_list>

#undef CHECK  // from here on the test library's
#include <doctest/doctest.h>

namespace sloth::testing {
namespace {

using Answer = CircuitBreaker::Answer;
using Ending = CircuitBreaker::Ending;
using State = CircuitBreaker::State;

void Call(CircuitBreaker& breaker, Ending ending, int64_t now = 0) {
  CHECK(breaker.Ask(now) == Answer::kPass);
  breaker.Ended(breaker.Begin(), ending, now);
}

TEST_CASE("failures in a row open a circuit; a success between them starts the count anew") {
  CircuitBreaker breaker({3, kSecond, 1});
  for (int i = 0; i < 5; i++) {
    Call(breaker, Ending::kFailed);
    Call(breaker, Ending::kFailed);
    Call(breaker, Ending::kNeither);
    Call(breaker, Ending::kSucceeded);
  }
  Call(breaker, Ending::kFailed);
  Call(breaker, Ending::kFailed);
  CHECK(breaker.state(0) == State::kClosed);
  Call(breaker, Ending::kFailed);
  CHECK(breaker.state(0) == State::kOpen);
  CHECK(breaker.Ask(kSecond - 1) == Answer::kRefuse);
}

TEST_CASE("half open, so many may try; all good closes it, one bad opens it again") {
  for (bool good : {true, false}) {
    CircuitBreaker breaker({1, kSecond, 2});
    Call(breaker, Ending::kFailed);
    CHECK(breaker.state(kSecond) == State::kHalfOpen);
    uint64_t first = breaker.Begin(), second = breaker.Begin();
    CHECK(breaker.Ask(kSecond) == Answer::kWait);
    breaker.Ended(first, Ending::kSucceeded, kSecond);
    CHECK(breaker.Ask(kSecond) == Answer::kWait);
    breaker.Ended(second, good ? Ending::kSucceeded : Ending::kFailed, kSecond);
    CHECK(breaker.Ask(kSecond) == (good ? Answer::kPass : Answer::kRefuse));
    CHECK(breaker.Ask(2 * kSecond) == Answer::kPass);
  }
}

TEST_CASE("one that was cancelled while it tried makes place for another one") {
  CircuitBreaker breaker({1, kSecond, 1});
  Call(breaker, Ending::kFailed);
  Call(breaker, Ending::kNeither, kSecond);
  CHECK(breaker.state(kSecond) == State::kHalfOpen);
  Call(breaker, Ending::kSucceeded, kSecond);
  CHECK(breaker.state(kSecond) == State::kClosed);
}

TEST_CASE("calls that began before the circuit changed its mind say nothing about it") {
  CircuitBreaker breaker({1, kSecond, 1});
  uint64_t late_failure = breaker.Begin(), late_success = breaker.Begin();
  Call(breaker, Ending::kFailed);
  CHECK(breaker.state(kSecond) == State::kHalfOpen);
  breaker.Ended(late_success, Ending::kSucceeded, kSecond);
  CHECK(breaker.state(kSecond) == State::kHalfOpen);
  Call(breaker, Ending::kSucceeded, kSecond);
  breaker.Ended(late_failure, Ending::kFailed, kSecond);
  CHECK(breaker.state(kSecond) == State::kClosed);
}

}  // namespace
}  // namespace sloth::testing
