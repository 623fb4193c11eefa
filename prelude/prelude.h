// What most sources include, parsed once for the whole build (docs/adr-002-build.md) instead of in
// each: libraries, and the seams on which the folders stand. The compiler puts it before every
// source of the product, of whatever layer; no source names it, and each still includes what it
// uses, so that the tree builds without it and no layer learns of a higher one.
#pragma once

#include "base/bytes.h"
#include "base/env.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/settings.h"
#include "base/strong.h"
#include "event/batch.h"
#include "plugin/codec.h"
#include "plugin/filter.h"
#include "plugin/input.h"
#include "plugin/options.h"
#include "plugin/output.h"
#include "prelude/standard.h"
