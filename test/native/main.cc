// The entry of every C++ test program; the cases lie beside what they test, in native/**/*_test.cc.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
