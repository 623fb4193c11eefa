// Fills any described message with values that differ from each other and from the defaults, so
// that a field that is dropped, doubled or swapped in some version shows up as different bytes.
#pragma once

#include "codecs/kafka/description.h"

#include <deque>

namespace logboom::kafka {

class message_filler {
  public:
    explicit message_filler(api_version version) : version_(version.value()) {}

    /// Fields that the version does not have stay as they are.
    template <described T>
    void fill(T& message) {
        for_each_field<T>([&](const auto& spec) {
            if (spec.rule.in(version_)) {
                value(spec.of(message));
            }
        });
    }

  private:
    template <class T>
    void value(T& into) {
        if constexpr (std::is_same_v<T, bool>) {
            into = !into;
        } else if constexpr (std::is_arithmetic_v<T>) {
            into = static_cast<T>(++next_);
        } else if constexpr (detail::is_strong<T>::value) {
            into = T(static_cast<typename T::value_type>(++next_));
        } else if constexpr (std::is_same_v<T, uuid>) {
            into.octets[0] = static_cast<std::uint8_t>(++next_);
            into.octets[15] = 0xEE;
        } else if constexpr (detail::is_text<T>) {
            into = T(text());
        } else if constexpr (std::is_same_v<T, bytes_view>) {
            into = as_bytes(text());
        } else if constexpr (std::is_same_v<T, bytes>) {
            into = bytes::copy_of(text());
        } else if constexpr (std::is_same_v<T, record_data>) {
            into = {.view = as_bytes(text())};
        } else if constexpr (detail::is_optional<T>::value) {
            into.emplace();
            value(*into);
        } else if constexpr (detail::is_vector<T>::value) {
            into.resize(2);
            for (auto& each : into) {
                value(each);
            }
        } else {
            fill(into);
        }
    }

    const std::string& text() { return texts_.emplace_back("value-" + std::to_string(++next_)); }

    std::int16_t version_;
    int next_ = 0;
    std::deque<std::string> texts_;
};

} // namespace logboom::kafka
