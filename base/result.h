// Expected failure. A function that can fail for a reason outside the program returns result<T>:
// either the value or an `error`, which is a code (for the program) and a sentence (for a person).
// Each library declares its codes in an errc.h of its own with LB_ERROR_ENUM and one sentence a
// value. The program's own mistakes are LB_ASSERT, never a result.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <iosfwd>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace logboom {

struct error {
    std::error_code code;
    /// What the code does not say: the path, option, topic, offset or peer. May be empty.
    std::string context;

    error() = default;
    error(std::error_code why, std::string where = {}) : code(why), context(std::move(where)) {}
    template <class Enum>
        requires std::is_error_code_enum_v<Enum>
    error(Enum why, std::string where = {})
        : code(make_error_code(why)), context(std::move(where)) {}

    /// "context: sentence of the code", or just the sentence.
    [[nodiscard]] std::string text() const {
        return context.empty() ? code.message() : context + ": " + code.message();
    }
    friend bool operator==(const error& left, const error& right) {
        return left.code == right.code;
    }
    friend std::ostream& operator<<(std::ostream& out, const error& why);
};

/// Thrown when value() is asked of a result that holds an error, and by start-up code that cannot
/// go on; caught in main, which prints what() and exits 1.
class error_exception : public std::runtime_error {
  public:
    explicit error_exception(error why) : std::runtime_error(why.text()), why_(std::move(why)) {}
    [[nodiscard]] const error& why() const noexcept { return why_; }

  private:
    error why_;
};

[[noreturn]] inline void
throw_exception_from_error(const error& why, const boost::source_location& /*where*/) {
    throw error_exception(why);
}

template <class T>
using result = boost::system::result<T, error>;

/// The errno of the call that just failed, as an error.
error last_os_error(std::string context);

/// std::error_category for an enum whose sentences come from `const char* describe(Enum)` (ADL).
template <class Enum>
class enum_category final : public std::error_category {
  public:
    explicit constexpr enum_category(const char* name) noexcept : name_(name) {}
    [[nodiscard]] const char* name() const noexcept override { return name_; }
    [[nodiscard]] std::string message(int value) const override {
        return describe(static_cast<Enum>(value));
    }

  private:
    const char* name_;
};

} // namespace logboom

/// In namespace scope of `Enum`, after `const char* describe(Enum)`: makes it a std::error_code.
#define LB_ERROR_ENUM(Enum, category_name)                                                         \
    inline std::error_code make_error_code(Enum value) noexcept {                                  \
        static const ::logboom::enum_category<Enum> category{category_name};                       \
        return {static_cast<int>(value), category};                                                \
    }

#define LB_CONCAT_INNER(a, b) a##b
#define LB_CONCAT(a, b) LB_CONCAT_INNER(a, b)
/// `LB_TRY(auto x, f());` declares x from the value of f(), or returns f()'s error.
#define LB_TRY(declaration, expression)                                                            \
    auto LB_CONCAT(lb_result_, __LINE__) = (expression);                                           \
    if (LB_CONCAT(lb_result_, __LINE__).has_error()) {                                             \
        return std::move(LB_CONCAT(lb_result_, __LINE__)).error();                                 \
    }                                                                                              \
    declaration = *std::move(LB_CONCAT(lb_result_, __LINE__))
/// `LB_CHECK(f());` returns f()'s error if there is one.
#define LB_CHECK(expression)                                                                       \
    do {                                                                                           \
        if (auto lb_result = (expression); lb_result.has_error()) {                                \
            return std::move(lb_result).error();                                                   \
        }                                                                                          \
    } while (false)
