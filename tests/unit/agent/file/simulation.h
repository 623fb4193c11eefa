// What the simulations of the agent share: a model that knows where each line is and whether it
// must arrive, and the seeds. LOGBOOM_SEED plays one seed, LOGBOOM_SEEDS so many.
#pragma once

#include "tests/unit/agent/file/player.h"

#include <cstdlib>
#include <random>
#include <tuple>
#include <unordered_map>

namespace logboom::agent::test {

/// Where each line is, and whether it must arrive.
class model {
  public:
    void wrote(const std::string& text, const fake& into) {
        must_arrive_.emplace(text, true);
        holds_[into].push_back(text);
    }
    void moved(const fake& from, const fake& to) { holds_[to] = std::exchange(holds_[from], {}); }
    /// The lines of these files get other names when they are read again.
    template <class Files>
    void forget_names(Files&& are_meant) {
        for (const auto& [file, texts] : holds_) {
            if (are_meant(*file)) {
                for (const std::string& each : texts) {
                    origin_of_.erase(each);
                    is_done_.erase(each);
                }
            }
        }
    }
    /// Other lines may get this name.
    void forget_origin(const std::string& origin) { text_of_.erase(origin); }
    /// What the file held is gone: what has not arrived never has to.
    void gone(const fake& from) {
        has_losses = has_losses || !from->content.empty();
        for (const std::string& each : std::exchange(holds_[from], {})) {
            must_arrive_.at(each) = false;
        }
    }
    void delivered(const std::string& text) { delivered_.insert(text); }
    /// All that is there is delivered, and the agent will know it after a start.
    void done() { is_done_ = delivered_; }
    /// Lines are told by name and text as they are read.
    void saw(const std::string& origin, const std::string& text) {
        if (!must_arrive_.contains(text)) {
            problems.push_back("no such line: \"" + text + "\" at " + origin);
        }
        if (is_done_.contains(text)) {
            problems.push_back("read again: \"" + text + "\" at " + origin);
        }
        const auto by_origin = text_of_.try_emplace(origin, text).first;
        if (by_origin->second != text) {
            problems.push_back("one name for two lines: " + origin);
        }
        const auto by_text = origin_of_.try_emplace(text, origin).first;
        if (by_text->second != origin) {
            problems.push_back(
                "two names for \"" + text + "\": " + by_text->second + " and " + origin
            );
        }
    }
    [[nodiscard]] std::vector<std::string> missing() const {
        std::vector<std::string> out;
        for (const auto& [text, must] : must_arrive_) {
            if (must && !delivered_.contains(text)) {
                out.push_back(text);
            }
        }
        return out;
    }
    [[nodiscard]] std::size_t delivered_count() const { return delivered_.size(); }

    std::vector<std::string> problems;
    /// Something was taken away before it had to be read.
    bool has_losses = false;

  private:
    std::map<std::string, bool> must_arrive_;
    std::unordered_map<fake, std::vector<std::string>> holds_;
    std::set<std::string> delivered_;
    std::set<std::string> is_done_;
    std::unordered_map<std::string, std::string> text_of_;
    std::unordered_map<std::string, std::string> origin_of_;
};

inline unsigned from_environment(const char* name, unsigned otherwise) {
    const char* const given = std::getenv(name);
    return given == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
}

/// Calls `play` with one seed after the other.
template <class Play>
void for_seeds(Play&& play) {
    constexpr unsigned seeds_usual = 300;
    const bool is_replay = std::getenv("LOGBOOM_SEED") != nullptr;
    const unsigned first = from_environment("LOGBOOM_SEED", 1);
    const unsigned seeds = is_replay ? 1 : from_environment("LOGBOOM_SEEDS", seeds_usual);
    for (unsigned seed = first; seed < first + seeds; ++seed) {
        INFO("LOGBOOM_SEED=", seed);
        play(seed);
    }
}

inline void check(const model& lines) {
    const auto missing = lines.missing();
    INFO("missing ", missing.size(), " first ", missing.empty() ? "" : missing.front());
    INFO(
        "problems ",
        lines.problems.size(),
        " first ",
        lines.problems.empty() ? "" : lines.problems.front(),
        " last ",
        lines.problems.empty() ? "" : lines.problems.back()
    );
    REQUIRE(lines.problems.empty());
    REQUIRE(missing.empty());
}

} // namespace logboom::agent::test
