// What every unit test includes besides base/prelude.h, parsed once for all of them.
#pragma once

#include "base/prelude.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
