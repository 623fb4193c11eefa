// What has become of the bytes of files: read = delivered + in flight + skipped + lost, for each
// file and for all files of an input, at any time. A byte counts once, however often it is read;
// one that was lost or skipped unread counts as read. Bytes that were delivered before others that
// stand before them are so only once those are too: until then they are in flight, and lost when
// their file is. Bookkeeping only; a file's is used by the input's thread, the sums can be looked
// at by any.
#pragma once

#include "base/assertion.h"
#include "base/metrics.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace logboom::agent {

/// Why bytes that are there become no line.
enum class skip_reason : std::uint8_t {
    /// They stood before the place where reading was to begin (start_position, ignore_older).
    start,
    /// They are of lines that are longer than a line may be.
    too_long,
    /// They are NULs, with blocks on disk or without.
    nul,
    hole,
};
inline constexpr std::array<std::string_view, 4> skip_reasons{"start", "long", "nul", "hole"};

/// Why bytes never arrived that should have.
enum class loss_reason : std::uint8_t {
    /// They were cut off or overwritten.
    truncated,
    /// Their file was gone.
    deleted,
    /// They were given up for max_pinned_bytes.
    pinned,
};
inline constexpr std::array<std::string_view, 3> loss_reasons{"truncated", "deleted", "pinned"};

/// Bytes by what has become of them for good.
struct byte_fates {
    std::int64_t delivered = 0;
    std::array<std::int64_t, skip_reasons.size()> skipped{};
    std::array<std::int64_t, loss_reasons.size()> lost{};

    std::int64_t& operator[](skip_reason why) { return skipped[static_cast<std::size_t>(why)]; }
    std::int64_t& operator[](loss_reason why) { return lost[static_cast<std::size_t>(why)]; }
    [[nodiscard]] std::int64_t sum() const noexcept;
    [[nodiscard]] std::int64_t lost_sum() const noexcept;
    byte_fates& operator+=(const byte_fates& other) noexcept;
};

/// The sums over all files of one input, as metrics.
struct ledger_series {
    ledger_series(metrics& registry, const label_values& labels);

    counter read;
    counter delivered;
    gauge in_flight;
    /// By the reasons' numbers.
    std::vector<counter> skipped;
    std::vector<counter> lost;
};

class byte_ledger {
  public:
    /// `all` outlives the ledger, and gets all that this one gets.
    explicit byte_ledger(const ledger_series& all) : all_(all) {}

    void add_read(std::int64_t size);
    /// Of the bytes in flight.
    void settle(const byte_fates& fates);

    [[nodiscard]] std::int64_t read() const noexcept { return read_; }
    [[nodiscard]] const byte_fates& fates() const noexcept { return fates_; }
    /// Read, and neither delivered nor given up.
    [[nodiscard]] std::int64_t in_flight() const noexcept { return read_ - fates_.sum(); }

  private:
    const ledger_series& all_;
    std::int64_t read_ = 0;
    byte_fates fates_;
};

} // namespace logboom::agent
