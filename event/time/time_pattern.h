// A date pattern as it stands in %{+YYYY.MM.dd} (Joda-Time's letters) or %{{yyyy.MM.dd}}
// (java.time's), parsed once at load. The two share most letters and differ where users trip: Y is
// the year in Joda and the week year in java.time, whose weeks begin on Sunday; x is the week year
// in Joda and an offset in java.time. Everything is printed in UTC, in English. Immutable,
// thread-safe.
#pragma once

#include "event/time/timestamp.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace logboom {

enum class time_dialect { joda, java };

class time_pattern {
  public:
    /// Anything not understood makes problem() non-empty; such a pattern prints nothing.
    time_pattern(time_dialect dialect, std::string_view pattern);

    /// What is wrong with the pattern, as a sentence; empty when it is good.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    /// True when the text is the same from midnight to midnight.
    [[nodiscard]] bool is_daily() const noexcept { return daily_; }
    void append(std::int64_t timestamp_ns, std::string& out) const;

    enum class part : std::uint8_t {
        literal,
        era,
        century,
        year,
        year_of_era,
        iso_week_year,
        us_week_year,
        iso_week,
        us_week,
        week_of_month,
        iso_weekday,
        us_weekday,
        weekday_name,
        day_of_year,
        month,
        month_name,
        quarter,
        quarter_name,
        day,
        half_day,
        hour_0_11,
        hour_1_12,
        hour_0_23,
        hour_1_24,
        minute,
        second,
        fraction,
        fraction_milli,
        milli_of_day,
        nanosecond,
        nano_of_day,
    };
    struct element {
        part what = part::literal;
        /// Least digits of a number; letters of a name (0 = all); digits of a fraction.
        int width = 1;
        /// The number modulo 100.
        bool two_digits = false;
        std::string text;
    };

  private:
    /// What the quote at `at` begins; where it ends.
    std::size_t add_quoted(time_dialect dialect, std::string_view pattern, std::size_t at);
    void add_sign(time_dialect dialect, char sign);
    void add_joda(char letter, int count);
    void add_java(char letter, int count);
    void add_java_name(char letter, int count);
    void add_java_zone(char letter, int count);
    void add(part what, int width, bool two_digits = false);
    void add_literal(std::string_view text);
    void refuse(char letter, int count);

    std::vector<element> elements_;
    std::string problem_;
    bool daily_ = true;
};

} // namespace logboom
