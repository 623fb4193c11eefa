// What every unit test includes besides prelude/standard.h, parsed once for all of them.
#pragma once

#include "prelude/standard.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
