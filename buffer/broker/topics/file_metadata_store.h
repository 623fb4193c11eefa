// The metadata_store of a single node: a journal file of one line per committed change set, each
// with its CRC-32C, synced before `done` is called. A torn last line (a crash while writing) is cut
// off; damage before it is refused at open. Rewritten when it has grown to several times what is
// alive. Ephemeral nodes live in memory only: this broker's membership ends with its process.
#pragma once

#include "base/env.h"
#include "base/log.h"
#include "buffer/broker/topics/metadata_store.h"
#include "net/event_loop.h"

#include <deque>
#include <map>

namespace logboom::broker {

class file_metadata_store final : public metadata_store {
  public:
    static result<std::unique_ptr<file_metadata_store>>
    open(env& files, net::event_loop& loop, std::string path, logger messages);

    [[nodiscard]] std::optional<metadata_node> read(std::string_view path) const override;
    [[nodiscard]] std::vector<std::string> children(std::string_view path) const override;
    void
    commit(std::vector<metadata_change> changes, std::function<void(result<void>)> done) override;
    [[nodiscard]] std::unique_ptr<metadata_watch>
    watch(std::string path, std::function<void(const std::string&)> changed) override;

  private:
    struct held {
        metadata_node node;
        bool ephemeral = false;
    };
    struct pending {
        std::vector<metadata_change> changes;
        std::function<void(result<void>)> done;
    };
    struct watcher {
        std::string path;
        std::function<void(const std::string&)> changed;
    };
    class watch_handle;

    file_metadata_store(env& files, net::event_loop& loop, std::string path, logger messages)
        : files_(files), loop_(loop), path_(std::move(path)), messages_(std::move(messages)) {}

    result<void> load();
    result<void> load_line(std::string_view line);
    [[nodiscard]] result<void> check(const std::vector<metadata_change>& changes) const;
    void apply(const std::vector<metadata_change>& changes);
    void start_next();
    void close_unless(bool is_whole, const result<void>& written);
    void finish(const result<void>& written, std::size_t size);
    void notify(const std::vector<metadata_change>& changes);
    [[nodiscard]] std::string snapshot() const;

    env& files_;
    net::event_loop& loop_;
    std::string path_;
    logger messages_;
    std::map<std::string, held, std::less<>> nodes_;
    std::deque<pending> queue_;
    bool writing_ = false;
    bool failed_ = false;
    bool complained_ = false;
    std::shared_ptr<file> journal_;
    std::uint64_t journal_size_ = 0;
    std::shared_ptr<std::map<std::uint64_t, watcher>> watchers_ =
        std::make_shared<std::map<std::uint64_t, watcher>>();
    std::uint64_t next_watch_ = 0;
};

} // namespace logboom::broker
