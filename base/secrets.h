// Keeps passwords out of messages. What is shown to somebody (a config's line, a sentence with a
// value in it, every line of the log) goes through without_secrets() first: it masks the values of
// settings whose names say that they are secret, however the text writes them down (=>, =, :, in
// quotes, in brackets, over several lines, without an end), and the user and password of URLs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace logboom {

/// Whether a setting, a property or a header of this name holds a secret: password, passphrase,
/// secret, token, api_key, jaas ... anywhere in it, the long ones with a slip or two.
bool is_secret_name(std::string_view name);

/// A part of a text, from begin up to end.
struct text_range {
    std::size_t begin;
    std::size_t end;
};

/// Where secrets lie in `text`: ascending, not overlapping.
std::vector<text_range> find_secrets(std::string_view text);

/// From now on without_secrets() masks `value` wherever it stands in this process's messages: for
/// what came from elsewhere than a text, such as an environment variable. Values of less than six
/// bytes are left alone: they would be met in words. Thread-safe.
void keep_secret(std::string value);

/// `text` with "***" in the place of each secret. Of a text that has been through it nothing more
/// is masked.
std::string without_secrets(std::string_view text);

} // namespace logboom
