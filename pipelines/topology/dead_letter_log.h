// Where dead letters go when no input has a place for them: counted, and said in the log with the
// document, so that nothing goes without a trace. Thread-safe.
#pragma once

#include "base/log.h"
#include "base/metrics.h"
#include "codecs/event/dead_letter.h"

namespace logboom::pipelines {

class dead_letter_log final : public dead_letter_queue {
  public:
    dead_letter_log(metrics& counters, const std::string& pipeline_id);
    void write(const dead_letter& letter, ack_token ack) override;

  private:
    counter& written_;
    logger log_;
};

} // namespace logboom::pipelines
