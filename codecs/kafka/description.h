// Kafka messages, declared once. A message is a plain struct with a list of its fields in wire
// order and the versions each belongs to:
//
//     struct request {
//         std::optional<std::string_view> transactional_id;
//         std::int16_t acks = 0;
//         static constexpr auto fields() {
//             return field_list(
//                 field<&request::transactional_id>("transactional_id", since(3), nullable(3)),
//                 field<&request::acks>("acks"));
//         }
//     };
//
// and an api is a struct with `spec` (key, name, versions, first flexible version), `request` and
// `response`. From that come decode, encode, encoded_size and to_text for every version. A field
// that a version does not have keeps the default that the struct gives it; a tagged field is left
// out when it equals that default. Requests hold views into the frame; responses own what they say.
//
// Field types: bool, integers, double, uuid, strong ids, std::string(_view), bytes_view, bytes,
// record_data, structs with fields(), std::vector of those, and std::optional of strings, bytes and
// vectors (needs nullable()).
#pragma once

#include "codecs/kafka/wire_reader.h"
#include "codecs/kafka/wire_writer.h"

#include <limits>
#include <vector>

namespace logboom::kafka {

constexpr std::int16_t version_never = std::numeric_limits<std::int16_t>::max();

/// What an api is called and which of its versions this program speaks.
struct api_spec {
    std::int16_t key = 0;
    const char* name = "";
    std::int16_t version_min = 0;
    std::int16_t version_max = 0;
    /// The first version with compact encoding and tagged fields.
    std::int16_t flexible_since = version_never;

    [[nodiscard]] constexpr bool flexible(api_version version) const noexcept {
        return version.value() >= flexible_since;
    }
    [[nodiscard]] constexpr bool speaks(api_version version) const noexcept {
        return version.value() >= version_min && version.value() <= version_max;
    }
};

/// Record batches of one partition: either here, or (gap) put in place by the sender.
struct record_data {
    bytes_view view;
    bool is_gap = false;
    std::size_t gap_size = 0;
    std::size_t gap_token = 0;

    [[nodiscard]] std::size_t size() const noexcept { return is_gap ? gap_size : view.size(); }
};

struct field_rule {
    std::int16_t first = 0;
    std::int16_t last = version_never;
    std::int16_t null_first = version_never;
    /// -1: an ordinary field.
    std::int32_t tag = -1;

    [[nodiscard]] constexpr bool in(std::int16_t version) const noexcept {
        return version >= first && version <= last;
    }
    [[nodiscard]] constexpr nullability nulls(std::int16_t version) const noexcept {
        return version >= null_first ? nullability::nullable : nullability::required;
    }
};

struct since {
    std::int16_t version;
    constexpr explicit since(std::int16_t from) noexcept : version(from) {}
    constexpr void apply(field_rule& to) const noexcept { to.first = version; }
};
struct until {
    std::int16_t version;
    constexpr explicit until(std::int16_t to) noexcept : version(to) {}
    constexpr void apply(field_rule& to) const noexcept { to.last = version; }
};
struct nullable {
    std::int16_t version;
    constexpr explicit nullable(std::int16_t from = 0) noexcept : version(from) {}
    constexpr void apply(field_rule& to) const noexcept { to.null_first = version; }
};
/// Only in flexible versions, in the section of tagged fields. Write tags in ascending order.
struct tagged {
    std::int32_t tag;
    constexpr explicit tagged(std::int32_t number) noexcept : tag(number) {}
    constexpr void apply(field_rule& to) const noexcept { to.tag = tag; }
};

template <auto Member>
struct field_spec {
    const char* name;
    field_rule rule;

    template <class T>
    static constexpr auto& of(T& message) noexcept {
        return message.*Member;
    }
};

template <auto Member, class... Rules>
constexpr field_spec<Member> field(const char* name, Rules... rules) noexcept {
    field_spec<Member> made{name, {}};
    (rules.apply(made.rule), ...);
    return made;
}

/// What fields() returns: a std::tuple without its conversions, which cost each message a tenth of
/// a second of compiling.
template <class... Specs>
class field_list : Specs... {
  public:
    constexpr explicit field_list(Specs... specs) noexcept : Specs(specs)... {}

    template <class Visit>
    constexpr void visit(Visit& each) const {
        (each(static_cast<const Specs&>(*this)), ...);
    }
};

template <class T>
concept described = requires { T::fields(); };

struct wire_context {
    std::int16_t version = 0;
    bool flexible = false;

    [[nodiscard]] constexpr encoding form() const noexcept {
        return flexible ? encoding::compact : encoding::classic;
    }
};

/// Calls `visit(spec)` for each field of T in written order.
template <described T, class Visit>
constexpr void for_each_field(Visit&& visit) {
    T::fields().visit(visit);
}

/// Few messages have any.
template <described T>
constexpr bool has_tagged_fields() {
    bool found = false;
    for_each_field<T>([&](const auto& spec) { found = found || spec.rule.tag >= 0; });
    return found;
}

namespace detail {

template <class T>
struct is_strong : std::false_type {};
template <class Value, class Tag>
struct is_strong<strong<Value, Tag>> : std::true_type {};
template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
constexpr bool is_text = std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>;
template <class T>
constexpr bool is_blob = std::is_same_v<T, bytes> || std::is_same_v<T, bytes_view>;
template <class T>
constexpr bool always_false = false;

/// The least number of bytes a T takes.
template <class T>
constexpr std::size_t size_min(wire_context in) {
    if constexpr (std::is_same_v<T, bool>) {
        return 1;
    } else if constexpr (std::is_arithmetic_v<T>) {
        return sizeof(T);
    } else if constexpr (is_strong<T>::value) {
        return sizeof(typename T::value_type);
    } else if constexpr (std::is_same_v<T, uuid>) {
        return sizeof(uuid);
    } else if constexpr (described<T>) {
        std::size_t sum = in.flexible ? 1 : 0;
        for_each_field<T>([&](const auto& spec) {
            if (spec.rule.tag < 0 && spec.rule.in(in.version)) {
                using member = std::remove_cvref_t<decltype(spec.of(std::declval<T&>()))>;
                sum += size_min<member>(in);
            }
        });
        return sum;
    } else if constexpr (is_optional<T>::value) {
        return size_min<typename T::value_type>(in);
    } else if constexpr (is_text<T>) {
        return in.flexible ? 1 : 2;
    } else {
        return in.flexible ? 1 : 4;
    }
}

struct decoder {
    wire_reader& from;
    wire_context in;

    template <class T>
    void read(T& into, nullability nulls) {
        if constexpr (std::is_same_v<T, bool>) {
            into = from.boolean();
        } else if constexpr (std::is_same_v<T, double>) {
            into = from.real();
        } else if constexpr (std::is_integral_v<T>) {
            into = from.integer<T>();
        } else if constexpr (is_strong<T>::value) {
            into = T(from.integer<typename T::value_type>());
        } else if constexpr (std::is_same_v<T, uuid>) {
            into = from.id();
        } else if constexpr (is_text<T>) {
            into = T(from.string(in.form(), nullability::required).value_or(std::string_view{}));
        } else if constexpr (std::is_same_v<T, bytes_view>) {
            into = from.byte_string(in.form(), nullability::required).value_or(bytes_view{});
        } else if constexpr (std::is_same_v<T, bytes>) {
            into = bytes::copy_of(
                from.byte_string(in.form(), nullability::required).value_or(bytes_view{})
            );
        } else if constexpr (std::is_same_v<T, record_data>) {
            into = {.view = from.byte_string(in.form(), nulls).value_or(bytes_view{})};
        } else if constexpr (is_vector<T>::value) {
            read_elements(into, nullability::required);
        } else if constexpr (is_optional<T>::value) {
            read_optional(into, nulls);
        } else {
            static_assert(described<T>, "no such type on the wire");
            read_struct(into);
        }
    }

    template <class T>
    bool read_elements(std::vector<T>& into, nullability nulls) {
        const std::size_t least = std::max<std::size_t>(size_min<T>(in), 1);
        const auto count = from.count(in.form(), nulls, least);
        into.clear();
        if (!from.allow(count.value_or(0) * sizeof(T))) {
            return true;
        }
        into.resize(count.value_or(0));
        for (T& each : into) {
            if (from.failed()) {
                break;
            }
            read(each, nullability::required);
        }
        return count.has_value();
    }

    template <class T>
    void read_optional(std::optional<T>& into, nullability nulls) {
        if constexpr (is_vector<T>::value) {
            into.emplace();
            if (!read_elements(*into, nulls)) {
                into.reset();
            }
        } else if constexpr (is_text<T>) {
            const auto value = from.string(in.form(), nulls);
            value ? void(into.emplace(*value)) : into.reset();
        } else if constexpr (is_blob<T>) {
            const auto value = from.byte_string(in.form(), nulls);
            if (!value) {
                into.reset();
            } else if constexpr (std::is_same_v<T, bytes>) {
                into = bytes::copy_of(*value);
            } else {
                into = *value;
            }
        } else {
            static_assert(always_false<T>, "no such nullable type on the wire");
        }
    }

    template <described T>
    void read_struct(T& into) {
        for_each_field<T>([&](const auto& spec) {
            if (spec.rule.tag < 0 && spec.rule.in(in.version)) {
                read(spec.of(into), spec.rule.nulls(in.version));
            }
        });
        if constexpr (has_tagged_fields<T>()) {
            if (in.flexible) {
                read_tagged(into);
            }
        } else if (in.flexible) {
            from.skip_tagged_fields();
        }
    }

    template <described T>
    void read_tagged(T& into) {
        const std::uint32_t count = from.unsigned_varint();
        for (std::uint32_t i = 0; i < count && !from.failed(); ++i) {
            const std::uint32_t tag = from.unsigned_varint();
            wire_reader inner = from.enter_tagged_field();
            for_each_field<T>([&](const auto& spec) {
                if (!from.failed() && spec.rule.in(in.version) &&
                    spec.rule.tag == static_cast<std::int64_t>(tag)) {
                    decoder{inner, in}.read(spec.of(into), spec.rule.nulls(in.version));
                    from.leave(inner);
                }
            });
        }
    }
};

struct encoder {
    wire_writer& to;
    wire_context in;

    template <class T>
    void write(const T& value, nullability nulls) {
        if constexpr (std::is_same_v<T, bool>) {
            to.boolean(value);
        } else if constexpr (std::is_same_v<T, double>) {
            to.real(value);
        } else if constexpr (std::is_integral_v<T>) {
            to.integer(value);
        } else if constexpr (is_strong<T>::value) {
            to.integer(value.value());
        } else if constexpr (std::is_same_v<T, uuid>) {
            to.id(value);
        } else if constexpr (is_text<T>) {
            to.string(value, in.form());
        } else if constexpr (std::is_same_v<T, bytes_view>) {
            to.byte_string(value, in.form());
        } else if constexpr (std::is_same_v<T, bytes>) {
            to.byte_string(value.view(), in.form());
        } else if constexpr (std::is_same_v<T, record_data>) {
            value.is_gap ? to.gap_string(value.gap_size, value.gap_token, in.form())
                         : to.byte_string(value.view, in.form());
        } else if constexpr (is_vector<T>::value) {
            to.count(value.size(), in.form());
            for (const auto& each : value) {
                write<typename T::value_type>(each, nullability::required);
            }
        } else if constexpr (is_optional<T>::value) {
            write_optional(value, nulls);
        } else {
            static_assert(described<T>, "no such type on the wire");
            write_struct(value);
        }
    }

    /// A null where the version has none is written as empty.
    template <class T>
    void write_optional(const std::optional<T>& value, nullability nulls) {
        if (value) {
            write(*value, nullability::required);
        } else if (nulls == nullability::required) {
            write(T{}, nullability::required);
        } else if constexpr (is_text<T>) {
            to.null_string(in.form());
        } else {
            to.null_bytes(in.form());
        }
    }

    template <described T>
    void write_struct(const T& value) {
        for_each_field<T>([&](const auto& spec) {
            if (spec.rule.tag < 0 && spec.rule.in(in.version)) {
                write(spec.of(value), spec.rule.nulls(in.version));
            }
        });
        if constexpr (has_tagged_fields<T>()) {
            if (in.flexible) {
                write_tagged(value);
            }
        } else if (in.flexible) {
            to.unsigned_varint(0);
        }
    }

    template <class Member>
    std::string encoded(const Member& value, nullability nulls) const {
        wire_writer inner;
        encoder{inner, in}.write(value, nulls);
        return inner.take_buffer();
    }

    template <described T>
    void write_tagged(const T& value) {
        std::uint32_t count = 0;
        std::string section;
        for_each_field<T>([&](const auto& spec) {
            if (spec.rule.tag < 0 || !spec.rule.in(in.version)) {
                return;
            }
            const nullability nulls = spec.rule.nulls(in.version);
            const std::string given = encoded(spec.of(value), nulls);
            const T defaults{};
            if (given == encoded(spec.of(defaults), nulls)) {
                return;
            }
            ++count;
            wire_writer entry;
            entry.unsigned_varint(static_cast<std::uint32_t>(spec.rule.tag));
            entry.unsigned_varint(static_cast<std::uint32_t>(given.size()));
            section += entry.buffer();
            section += given;
        });
        to.unsigned_varint(count);
        to.append(as_bytes(section));
    }
};

struct text_printer {
    std::string& out;
    std::int16_t version;

    void quoted(std::string_view text);
    void blob(std::size_t size);
    void name(const char* field, bool first);
    void number(std::int64_t value);
    void real(double value);

    template <class T>
    void print(const T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            out += value ? "true" : "false";
        } else if constexpr (std::is_same_v<T, double>) {
            real(value);
        } else if constexpr (std::is_integral_v<T>) {
            number(static_cast<std::int64_t>(value));
        } else if constexpr (is_strong<T>::value) {
            number(value.value());
        } else if constexpr (std::is_same_v<T, uuid>) {
            quoted(value.text());
        } else if constexpr (is_text<T>) {
            quoted(value);
        } else if constexpr (is_blob<T> || std::is_same_v<T, record_data>) {
            blob(value.size());
        } else if constexpr (is_optional<T>::value) {
            value ? print(*value) : void(out += "null");
        } else if constexpr (is_vector<T>::value) {
            out += '[';
            for (std::size_t i = 0; i < value.size(); ++i) {
                out += i == 0 ? "" : ",";
                print<typename T::value_type>(value[i]);
            }
            out += ']';
        } else {
            print_struct(value);
        }
    }

    template <described T>
    void print_struct(const T& value) {
        bool first = true;
        out += '{';
        for_each_field<T>([&](const auto& spec) {
            if (spec.rule.in(version)) {
                name(spec.name, first);
                print(spec.of(value));
                first = false;
            }
        });
        out += '}';
    }
};

} // namespace detail

/// Reads a T that begins at `from`; check from.status() or from.finish().
template <described T>
void decode(wire_reader& from, wire_context in, T& into) {
    detail::decoder{from, in}.read_struct(into);
}

/// The body of a message; an error also when bytes are left behind it.
template <described T>
result<T> decode(bytes_view body, wire_context in) {
    wire_reader reader(body);
    T value{};
    decode(reader, in, value);
    LB_CHECK(reader.finish());
    return value;
}

template <described T>
void encode(const T& value, wire_context in, wire_writer& to) {
    detail::encoder{to, in}.write_struct(value);
}

template <described T>
std::size_t encoded_size(const T& value, wire_context in) {
    wire_writer counter = wire_writer::counting_only();
    encode(value, in, counter);
    return counter.total_size();
}

/// For the debug log: like JSON, with the size in place of byte strings.
template <described T>
std::string to_text(const T& value, api_version version) {
    std::string out;
    detail::text_printer{out, version.value()}.print_struct(value);
    return out;
}

/// How `Api` is encoded at `version`.
template <class Api>
constexpr wire_context context_of(api_version version) noexcept {
    return {version.value(), Api::spec.flexible(version)};
}

} // namespace logboom::kafka
