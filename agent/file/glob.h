// Ruby's file globs, as Logstash's path and exclude options mean them: `*`, `?`, `[a-z]`, `[^a]`,
// `{a,b}`, `**/` and backslash. `*` and `?` do not match a leading dot; `**/` goes into neither
// hidden nor symbolically linked directories. A pattern is immutable; walk() reads the file system.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace logboom::agent {

/// One name against one pattern without slashes or braces.
bool matches_name(std::string_view pattern, std::string_view name) noexcept;

/// Told what a walk comes across.
class glob_visitor {
  public:
    virtual ~glob_visitor() = default;
    /// Called before the directory is listed, so that it can be watched without a gap.
    /// `holds_files`: files that match may lie directly in it; otherwise only its subdirectories
    /// matter.
    virtual void directory(const std::string& path, bool holds_files) = 0;
    /// Something that is no directory and whose path matches. May come more than once.
    virtual void match(const std::string& path, bool is_link) = 0;
};

class glob {
  public:
    static constexpr std::size_t expansions_max = 1024;

    /// The patterns that the braces of `text` expand to.
    static result<std::vector<glob>> compile(std::string_view text);

    /// Whether the whole path matches, without looking at the disk.
    [[nodiscard]] bool matches(std::string_view path) const;
    void walk(glob_visitor& visitor) const;
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    enum class kind { literal, pattern, any_depth };
    struct component {
        kind how = kind::literal;
        std::string text;
    };

    void walk_from(const std::string& directory, std::size_t at, int depth, glob_visitor& to) const;
    void
    walk_literal(const std::string& directory, std::size_t at, int depth, glob_visitor& to) const;
    void
    walk_listed(const std::string& directory, std::size_t at, int depth, glob_visitor& to) const;
    [[nodiscard]] bool matches_from(
        const std::vector<std::string_view>& names, std::size_t name, std::size_t at
    ) const;

    std::string text_;
    std::vector<component> components_;
};

} // namespace logboom::agent
