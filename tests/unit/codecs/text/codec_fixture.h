// A codec by its row and settings as a user gives them, and what it does to a few bytes.
#pragma once

#include "event/json_writer.h"
#include "plugin/codec.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace logboom {

using given_settings = std::initializer_list<std::pair<std::string_view, config_value>>;

inline config_value config_text(std::string text) {
    return {std::move(text), {}};
}

class codec_fixture {
  public:
    void use(const codec_row& type, given_settings given = {}, ecs_mode ecs = ecs_mode::v8) {
        plugin_options options("test codec", type.table);
        for (const auto& [name, item] : given) {
            options.set(name, item);
        }
        options.finish({});
        options.parse();
        REQUIRE(options.problems().empty());
        made_ = std::shared_ptr<const codec>(type.make({options, ecs, {}, "host"}).value());
    }
    [[nodiscard]] const codec& used() const { return *made_; }

    /// Feeds each piece to one decoder, then flushes it; all events as JSON, one a line.
    std::string decoded(const std::vector<std::string>& pieces) {
        return run(*made_->make_decoder(), pieces);
    }
    std::string decoded_lines(const std::vector<std::string>& pieces) {
        return run(*made_->make_line_decoder(), pieces);
    }
    std::string encoded(const event& from) const {
        std::string out;
        made_->encode(from, out);
        return out;
    }

    std::unique_ptr<event_batch> batch;

  private:
    std::string run(decoder& with, const std::vector<std::string>& pieces) {
        batch = std::make_unique<event_batch>();
        for (const std::string& each : pieces) {
            // A copy that dies, so that a view into it would be noticed.
            const auto piece = std::make_unique<std::string>(each);
            with.decode(as_bytes(*piece), false, 0, *batch);
        }
        with.flush(0, *batch);
        std::string out;
        for (const event& each : batch->events) {
            append_json(each, out);
            out.push_back('\n');
        }
        return out;
    }

    std::shared_ptr<const codec> made_;
};

/// The JSON of an event made at time 0 with these further fields.
inline std::string event_line(std::string_view fields) {
    return R"({"@timestamp":"1970-01-01T00:00:00.000Z","@version":"1",)" + std::string(fields) +
           "}\n";
}

} // namespace logboom
