// The file input against a model, on real files: writers write whole and half lines, rotate by
// rename, truncate and delete; the agent is stopped and killed; batches are delivered, delayed and
// lost. What must hold whatever happens is checked at the end of each run. LOGBOOM_SEED repeats a
// run, LOGBOOM_SECONDS makes it longer.
#include "tests/unit/agent/file/support.h"
#include "tests/unit/wait.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

TEST_SUITE_BEGIN("agent/property");

using namespace logboom;
using namespace logboom::agent::test;

namespace {

constexpr int rotations_kept = 3;

/// Knows every line and what has become of it.
class ledger {
  public:
    void wrote(const std::string& text) {
        const std::lock_guard lock(mutex_);
        must_arrive_.insert(text);
    }
    /// The file that held these lines is gone or empty: whatever has not arrived never will.
    void excuse(const std::vector<std::string>& texts) {
        const std::lock_guard lock(mutex_);
        for (const std::string& each : texts) {
            if (!delivered_.contains(each)) {
                must_arrive_.erase(each);
            }
        }
    }
    void saw(const event& from) {
        const std::lock_guard lock(mutex_);
        std::string origin;
        from.origin.append_text(origin);
        const std::string text(from.get(field::message)->as_string());
        const auto by_origin = text_of_.try_emplace(origin, text);
        const auto by_text = origin_of_.try_emplace(text, origin);
        if (by_origin.first->second != text) {
            problem(
                "one name for two lines: " + origin + " \"" + by_origin.first->second +
                "\" and \"" + text + '"'
            );
        }
        if (by_text.first->second != origin) {
            problem("two names for \"" + text + "\": " + by_text.first->second + " and " + origin);
        }
        if (by_origin.second) {
            std::int64_t& last =
                last_position_.try_emplace(std::string(from.origin.stream), -1).first->second;
            if (from.origin.position <= last) {
                problem("out of order: " + origin);
            }
            last = from.origin.position;
        }
    }
    void delivered(const std::vector<std::string>& texts) {
        const std::lock_guard lock(mutex_);
        delivered_.insert(texts.begin(), texts.end());
    }
    std::vector<std::string> missing() const {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> out;
        std::set_difference(
            must_arrive_.begin(),
            must_arrive_.end(),
            delivered_.begin(),
            delivered_.end(),
            std::back_inserter(out)
        );
        return out;
    }
    std::vector<std::string> problems() const {
        const std::lock_guard lock(mutex_);
        return problems_;
    }
    /// Whether the agent has read all of these.
    bool saw_all(const std::vector<std::string>& texts) const {
        const std::lock_guard lock(mutex_);
        return std::all_of(texts.begin(), texts.end(), [&](const std::string& each) {
            return origin_of_.contains(each);
        });
    }
    std::size_t delivered_count() const {
        const std::lock_guard lock(mutex_);
        return delivered_.size();
    }

  private:
    void problem(std::string text) { problems_.push_back(std::move(text)); }

    mutable std::mutex mutex_;
    std::set<std::string> must_arrive_;
    std::set<std::string> delivered_;
    std::map<std::string, std::string> text_of_;
    std::map<std::string, std::string> origin_of_;
    std::map<std::string, std::int64_t> last_position_;
    std::vector<std::string> problems_;
};

/// Delivers most batches, delays some, loses a few.
class model_sink final : public batch_sink {
  public:
    model_sink(ledger& lines, unsigned seed) : lines_(lines), random_(seed) {}

    bool push(batch_ptr batch) override { return offer(batch, nullptr) == offer_outcome::taken; }
    offer_outcome offer(batch_ptr& batch, const std::shared_ptr<room_listener>& listener) override {
        const std::lock_guard lock(mutex_);
        constexpr unsigned full_every = 8;
        if (!calm_ && listener && random_() % full_every == 0) {
            listener->on_room();
            return offer_outcome::full;
        }
        take(std::move(batch));
        return offer_outcome::taken;
    }
    /// From now on everything is delivered.
    void calm_down() {
        const std::lock_guard lock(mutex_);
        calm_ = true;
        while (!delayed_.empty()) {
            deliver_one();
        }
    }

    void settle_some() {
        const std::lock_guard lock(mutex_);
        while (!delayed_.empty() && random_() % 3 != 0) {
            deliver_one();
        }
    }
    void lose_delayed() {
        const std::lock_guard lock(mutex_);
        delayed_.clear();
    }

  private:
    void take(batch_ptr batch) {
        for (const event& each : batch->events) {
            lines_.saw(each);
        }
        const auto dice = calm_ ? 0U : random_() % 100;
        constexpr unsigned deliver_below = 80;
        constexpr unsigned delay_below = 96;
        if (dice < deliver_below) {
            deliver(std::move(batch));
        } else if (dice < delay_below) {
            delayed_.push_back(std::move(batch));
        }
        if (dice % 2 == 0 && !delayed_.empty()) {
            deliver_one();
        }
    }
    void deliver_one() {
        const std::size_t at = random_() % delayed_.size();
        batch_ptr batch = std::move(delayed_[at]);
        delayed_.erase(delayed_.begin() + static_cast<std::ptrdiff_t>(at));
        deliver(std::move(batch));
    }
    void deliver(batch_ptr batch) {
        std::vector<std::string> texts;
        for (const event& each : batch->events) {
            texts.emplace_back(each.get(field::message)->as_string());
        }
        lines_.delivered(texts);
        batch->ack.delivered();
    }

    ledger& lines_;
    std::mutex mutex_;
    std::mt19937 random_;
    std::vector<batch_ptr> delayed_;
    bool calm_ = false;
};

/// One application that logs.
class writer {
  public:
    writer(const temporary_directory& logs, int id, ledger& lines)
        : logs_(logs), name_("w" + std::to_string(id) + ".log"), lines_(lines) {
        reopen();
    }

    void write_lines(std::mt19937& random) {
        std::string text = std::exchange(rest_, {});
        for (auto count = 1 + random() % 20; count > 0; --count) {
            const std::string each =
                name_ + ' ' + std::to_string(next_++) + ' ' + std::string(random() % 120, 'x');
            lines_.wrote(each);
            content_.push_back(each);
            text += each + '\n';
        }
        if (random() % 4 == 0) {
            const std::size_t kept = random() % std::min<std::size_t>(text.size(), 40);
            rest_ = text.substr(text.size() - kept);
            text.resize(text.size() - kept);
        }
        out_ << text << std::flush;
    }
    void complete_line() { out_ << std::exchange(rest_, {}) << std::flush; }
    void rotate() {
        complete_line();
        for (int i = rotations_kept; i > 0; --i) {
            const std::string from = i == 1 ? name_ : name_ + '.' + std::to_string(i - 1);
            if (std::filesystem::exists(logs_ / from)) {
                logs_.rename(from, name_ + '.' + std::to_string(i));
            }
        }
        older_.insert(older_.begin(), std::move(content_));
        if (older_.size() > rotations_kept) {
            lines_.excuse(older_.back());
            older_.pop_back();
        }
        content_.clear();
        reopen();
    }
    void truncate() {
        complete_line();
        lines_.excuse(content_);
        content_.clear();
        std::filesystem::resize_file(logs_ / name_, 0);
    }
    [[nodiscard]] const std::vector<std::string>& content() const { return content_; }
    [[nodiscard]] bool is_empty() const { return std::filesystem::file_size(logs_ / name_) == 0; }

  private:
    void reopen() {
        out_.close();
        out_.clear();
        out_.open(logs_ / name_, std::ios::app | std::ios::binary);
    }

    const temporary_directory& logs_;
    std::string name_;
    ledger& lines_;
    std::ofstream out_;
    std::string rest_;
    int next_ = 0;
    std::vector<std::string> content_;
    std::vector<std::vector<std::string>> older_;
};

class story {
  public:
    explicit story(unsigned seed) : random_(seed), sink_(lines_, seed + 1) {
        for (int i = 0; i < 3; ++i) {
            writers_.push_back(std::make_unique<writer>(logs_, i, lines_));
        }
        start();
    }

    void step() {
        writer& one = *writers_[random_() % writers_.size()];
        switch (random_() % 24) {
        case 0:
            one.rotate();
            break;
        case 1:
            truncate(one);
            break;
        case 2:
            restart(false);
            break;
        case 3:
            restart(true);
            break;
        case 4:
            // The agent catches up, or not quite.
            eventually(
                [&] { return lines_.missing().empty(); }, std::chrono::milliseconds(random_() % 10)
            );
            break;
        case 5:
            sink_.settle_some();
            break;
        default:
            one.write_lines(random_);
            break;
        }
    }
    /// True when everything arrives in the end.
    bool ends_well() {
        for (const auto& each : writers_) {
            each->complete_line();
        }
        sink_.calm_down();
        if (!agent_) {
            start();
        }
        eventually([&] { return lines_.missing().empty(); });
        agent_->stop();
        return lines_.missing().empty();
    }
    ledger& lines() { return lines_; }

  private:
    void start() {
        running_input::given what;
        what.paths = {logs_ / "*.log*"};
        what.data_directory = data_.path();
        what.options = {
            {"start_position", "beginning"},
            {"stat_interval", "0.05"},
            {"sincedb_path", data_ / "db"},
        };
        what.batch_size_max = 16;
        agent_ = std::make_unique<running_input>(what, sink_);
    }
    void restart(bool by_kill) {
        if (!agent_) {
            start();
            return;
        }
        if (by_kill) {
            agent_->kill();
            sink_.lose_delayed();
        } else {
            sink_.settle_some();
            agent_->stop();
        }
        agent_.reset();
        if (random_() % 2 == 0) {
            start();
        }
    }
    /// Only while the agent can see it: a file that grows past its old size first looks untouched.
    void truncate(writer& one) {
        if (!agent_ || one.is_empty()) {
            return;
        }
        const auto count = [&] { return agent_->counters.sum("logboom_agent_truncations_total"); };
        // Not before the agent has seen the file.
        if (!eventually([&] { return lines_.saw_all(one.content()); }, 1s)) {
            return;
        }
        const auto before = count();
        const std::string positions = read_file(data_ / "db");
        one.truncate();
        eventually([&] { return count() != before; }, 20s);
        // A kill before it is on disk cannot be told from no truncation once the file has grown
        // again.
        eventually([&] { return read_file(data_ / "db") != positions; }, 20s);
    }
    static std::string read_file(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::mt19937 random_;
    temporary_directory data_;
    temporary_directory logs_;
    ledger lines_;
    model_sink sink_;
    std::vector<std::unique_ptr<writer>> writers_;
    std::unique_ptr<running_input> agent_;
};

unsigned long from_environment(const char* name, unsigned long otherwise) {
    const char* const given = std::getenv(name);
    return given == nullptr ? otherwise : std::strtoul(given, nullptr, 10);
}

} // namespace

TEST_CASE("every line arrives, under one name, in order, whatever happens to files and agent") {
    constexpr int steps = 150;
    const auto limit = std::chrono::seconds(from_environment("LOGBOOM_SECONDS", 5));
    const auto end = std::chrono::steady_clock::now() + limit;
    auto seed = static_cast<unsigned>(from_environment("LOGBOOM_SEED", std::random_device{}()));
    std::size_t delivered = 0;
    int runs = 0;
    do {
        INFO("LOGBOOM_SEED=", seed);
        story told(seed);
        for (int i = 0; i < steps; ++i) {
            told.step();
        }
        const bool arrived = told.ends_well();
        const auto missing = told.lines().missing();
        INFO("missing ", missing.size(), " first ", missing.empty() ? "" : missing.front());
        CHECK(arrived);
        const auto problems = told.lines().problems();
        INFO("problems ", problems.size(), " first ", problems.empty() ? "" : problems.front());
        REQUIRE(problems.empty());
        REQUIRE(arrived);
        delivered += told.lines().delivered_count();
        ++seed;
        ++runs;
    } while (std::chrono::steady_clock::now() < end);
    MESSAGE(runs, " runs, ", delivered, " lines, last seed ", seed - 1);
}

TEST_SUITE_END();
