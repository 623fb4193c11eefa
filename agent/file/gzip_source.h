// The inflated bytes of a gzip file, of one member or several. Tells an end that has not come yet
// (somebody is still writing) from bytes that can never be inflated. Positions are of inflated
// bytes; going back means inflating again from the front. Goes on when the file has grown. Input's
// thread.
#pragma once

#include "agent/file/file_source.h"

#include <zlib.h>

#include <vector>

namespace logboom::agent {

class gzip_source final : public file_source {
  public:
    explicit gzip_source(std::unique_ptr<file_source> compressed);
    ~gzip_source() override;

    /// errc::damaged_archive: a header, a block or a checksum is wrong. The bytes before it have
    /// been given by then.
    result<std::size_t> read(char* into, std::size_t size, std::int64_t at) override;
    [[nodiscard]] bool is_cut_off() const noexcept override { return !is_between_members_; }
    [[nodiscard]] result<file_stat> stat() const override { return compressed_->stat(); }
    [[nodiscard]] writers find_writers() const override { return compressed_->find_writers(); }

  private:
    void restart();
    result<void> skip_to(std::int64_t at);
    result<std::size_t> inflate_into(char* into, std::size_t size);
    /// False at the end of what is there.
    result<bool> refill();
    /// Looks at what stands behind a member.
    void begin_member();

    std::unique_ptr<file_source> compressed_;
    z_stream stream_{};
    std::vector<unsigned char> buffer_;
    /// Of the next compressed byte to fetch, and of the next inflated byte to give.
    std::int64_t fetched_ = 0;
    std::int64_t given_ = 0;
    /// The trailer of the last member was right, and nothing of another one has come.
    bool is_between_members_ = false;
    /// Something else than a member stands behind the last one: as gzip does, it is passed over.
    bool is_over_ = false;
    bool is_damaged_ = false;
};

} // namespace logboom::agent
