#include "pipelines/topology/dead_letter_log.h"

#include <fmt/format.h>

namespace logboom::pipelines {

dead_letter_log::dead_letter_log(metrics& counters, const std::string& pipeline_id)
    : written_(counters.get(
          "logboom_pipeline_dead_letters_total", fmt::format("pipeline=\"{}\"", pipeline_id)
      ))
    , log_(logger::named("dead letters")) {}

void dead_letter_log::write(const dead_letter& letter, ack_token ack) {
    written_.add();
    log_.warn(
        "An event could not be stored. output={} status={} reason={} target={} document={}",
        letter.output,
        letter.status,
        letter.reason,
        letter.target,
        letter.document
    );
    ack.delivered();
}

} // namespace logboom::pipelines
