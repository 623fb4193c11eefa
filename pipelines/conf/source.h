// The text of a pipeline config, put together from the files it was asked for in the order Logstash
// takes them, and the way back from a place in that text to file, line and column. Immutable after
// reading; positions refer to it by offset.
#pragma once

#include "base/env.h"
#include "pipelines/conf/problem.h"

#include <span>
#include <string_view>

namespace logboom::conf {

class source {
  public:
    static constexpr std::size_t file_size_max = std::size_t{16} * 1024 * 1024;
    static constexpr std::size_t total_size_max = std::size_t{64} * 1024 * 1024;

    source() = default;

    /// Files, directories (all that is in them) and globs; each expanded in alphabetical order,
    /// names ending in ~ left out. What cannot be read is told to `into`, and false returned.
    bool read(env& files, std::span<const std::string> paths, problems& into);
    /// A config given in place, such as with -e; `name` stands for the file in messages.
    bool add(std::string name, std::string_view text, problems& into);

    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    /// The files it was made of, in order.
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] bool empty() const noexcept { return parts_.empty(); }
    /// `offset` up to and including the size of text().
    [[nodiscard]] source_position at(std::size_t offset) const;
    /// The whole line around `offset`; empty when it holds a secret, or a part of one, that only the
    /// lines before it tell to be one: nobody shows that.
    [[nodiscard]] std::string line_at(std::size_t offset) const;
    /// The same for a position made by at(); empty when it is not of this source.
    [[nodiscard]] std::string line_of(const source_position& where) const;

  private:
    struct part {
        std::size_t begin;
        std::string name;
    };
    std::string text_;
    std::vector<part> parts_;
    std::vector<std::size_t> line_begins_;
};

/// The files that `path` stands for, in order; empty when there is none.
std::vector<std::string> expand_path(env& files, const std::string& path);

} // namespace logboom::conf
