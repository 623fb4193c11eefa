// Steps of mutate on the text in fields: gsub, letter case, strip, split, join.
#include "event/utf8.h"
#include "event/value_text.h"
#include "pipelines/filters/letter_case.h"
#include "pipelines/filters/mutate_step.h"
#include "pipelines/filters/substitution.h"

namespace logboom {
namespace {

constexpr std::string_view white_space("\0\t\n\v\f\r ", 7);

/// A step that rewrites the string in a field, or each string of the array in it.
class text_step : public mutate_step {
  public:
    explicit text_step(field_reference at) : at_(std::move(at)) {}

    bool apply(event& in) const override {
        const value* held = in.get(at_);
        if (held == nullptr) {
            return true;
        }
        if (held->is(value_kind::string)) {
            value item = *held;
            return rewrite(item, in) && in.set(at_, item);
        }
        if (!held->is(value_kind::array)) {
            return true;
        }
        const value list = value::new_array(in.memory());
        for (const value& each : held->as_array()) {
            value item = each;
            const bool fine = item.is(value_kind::string) ? rewrite(item, in) : keeps(item);
            if (!fine) {
                return false;
            }
            list.as_array().push_back(in.memory(), item);
        }
        return in.set(at_, list);
    }

  private:
    /// Gives `item`, a string, its new value.
    virtual bool rewrite(value& item, event& in) const = 0;
    /// Is an element that is no string left alone (else the step fails)?
    [[nodiscard]] virtual bool keeps(const value& /*item*/) const { return true; }

    field_reference at_;
};

class case_step final : public text_step {
  public:
    case_step(field_reference at, letter_case to) : text_step(std::move(at)), to_(to) {}

  private:
    bool rewrite(value& item, event& in) const override {
        std::string text;
        append_in_case(item.as_string(), to_, text);
        item = value::of(in.memory().copy(text));
        return true;
    }

    letter_case to_;
};

class strip_step final : public text_step {
  public:
    using text_step::text_step;

  private:
    bool rewrite(value& item, event& /*in*/) const override {
        std::string_view text = item.as_string();
        const std::size_t first = text.find_first_not_of(white_space);
        text = first == std::string_view::npos
                   ? std::string_view()
                   : text.substr(first, text.find_last_not_of(white_space) - first + 1);
        item = value::of(text);
        return true;
    }
    // Logstash calls strip on every element, which a number has not.
    [[nodiscard]] bool keeps(const value& /*item*/) const override { return false; }
};

class gsub_step final : public text_step {
  public:
    gsub_step(field_reference at, const option_text& pattern, sprintf_template replacement)
        : text_step(std::move(at))
        , needle_(pattern.pattern())
        , pattern_(needle_ ? sprintf_template() : pattern.form())
        , replacement_(std::move(replacement)) {}

  private:
    bool rewrite(value& item, event& in) const override {
        if (needle_) {
            return replace(*needle_, item, in);
        }
        const auto needle = regex::compile(pattern_.rendered(in));
        return needle.has_value() && replace(*needle, item, in);
    }
    bool replace(const regex& needle, value& item, event& in) const {
        std::string out;
        const auto outcome =
            replacement_.is_constant()
                ? substitute(needle, item.as_string(), replacement_.text(), out)
                : substitute(needle, item.as_string(), replacement_.rendered(in), out);
        if (outcome == substitution_outcome::changed) {
            item = value::of(in.memory().copy(out));
        }
        return outcome != substitution_outcome::too_costly;
    }

    /// Null when the pattern is a template, which is compiled for each event.
    std::shared_ptr<const regex> needle_;
    sprintf_template pattern_;
    sprintf_template replacement_;
};

/// Ruby's String#split with a string: " " means runs of white space, "" means every character, and
/// empty strings at the end are left out.
class split_step final : public mutate_step {
  public:
    split_step(field_reference at, std::string separator)
        : at_(std::move(at)), separator_(std::move(separator)) {}

    bool apply(event& in) const override {
        const value* held = in.get(at_);
        if (held == nullptr || !held->is(value_kind::string)) {
            return true;
        }
        const value list = value::new_array(in.memory());
        split(held->as_string(), list.as_array(), in.memory());
        value_array& items = list.as_array();
        while (items.size > 0 && items.items[items.size - 1].as_string().empty()) {
            --items.size;
        }
        return in.set(at_, list);
    }

  private:
    void split(std::string_view text, value_array& into, arena& memory) const {
        if (separator_ == " ") {
            split_words(text, into, memory);
            return;
        }
        while (separator_.empty() && !text.empty()) {
            const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
            into.push_back(memory, value::of(text.substr(0, length)));
            text.remove_prefix(length);
        }
        for (std::size_t at = 0; !separator_.empty() && at != std::string_view::npos;) {
            at = text.find(separator_);
            into.push_back(memory, value::of(text.substr(0, at)));
            if (at != std::string_view::npos) {
                text.remove_prefix(at + separator_.size());
            }
        }
    }
    static void split_words(std::string_view text, value_array& into, arena& memory) {
        for (;;) {
            const std::size_t begin = text.find_first_not_of(white_space);
            if (begin == std::string_view::npos) {
                return;
            }
            text.remove_prefix(begin);
            const std::size_t size = std::min(text.find_first_of(white_space), text.size());
            into.push_back(memory, value::of(text.substr(0, size)));
            text.remove_prefix(size);
        }
    }

    field_reference at_;
    std::string separator_;
};

/// Ruby's Array#join: arrays inside are joined too.
class join_step final : public mutate_step {
  public:
    join_step(field_reference at, std::string separator)
        : at_(std::move(at)), separator_(std::move(separator)) {}

    bool apply(event& in) const override {
        const value* held = in.get(at_);
        if (held == nullptr || !held->is(value_kind::array)) {
            return true;
        }
        std::string text;
        bool is_first = true;
        join(held->as_array(), is_first, text);
        return in.set(at_, value::of(in.memory().copy(text)));
    }

  private:
    void join(const value_array& list, bool& is_first, std::string& out) const {
        for (const value& item : list) {
            if (item.is(value_kind::array)) {
                join(item.as_array(), is_first, out);
                continue;
            }
            out.append(is_first ? std::string_view() : std::string_view(separator_));
            is_first = false;
            append_ruby_text(item, out);
        }
    }

    field_reference at_;
    std::string separator_;
};

result<void>
add_case(const plugin_options& from, std::string_view name, letter_case to, mutate_steps& into) {
    for (const option_text& each : from.each(name)) {
        into.push_back({each.text(), std::make_unique<case_step>(each.reference(), to)});
    }
    return {};
}

template <class Step>
result<void>
add_with_separator(const plugin_options& from, std::string_view name, mutate_steps& into) {
    for (const option_entry& each : from.entries(name)) {
        LB_TRY(const option_text* separator, from.only_value(name, each));
        into.push_back(
            {each.key.text(), std::make_unique<Step>(each.key.reference(), separator->text())}
        );
    }
    return {};
}

} // namespace

result<void> add_gsub(const plugin_options& from, mutate_steps& into) {
    const std::vector<option_text>& texts = from.each("gsub");
    for (std::size_t i = 0; i + 2 < texts.size(); i += 3) {
        into.push_back(
            {texts[i].text(),
             std::make_unique<gsub_step>(texts[i].reference(), texts[i + 1], texts[i + 2].form())}
        );
    }
    return {};
}

result<void> add_uppercase(const plugin_options& from, mutate_steps& into) {
    return add_case(from, "uppercase", letter_case::upper, into);
}
result<void> add_capitalize(const plugin_options& from, mutate_steps& into) {
    return add_case(from, "capitalize", letter_case::capital, into);
}
result<void> add_lowercase(const plugin_options& from, mutate_steps& into) {
    return add_case(from, "lowercase", letter_case::lower, into);
}

result<void> add_strip(const plugin_options& from, mutate_steps& into) {
    for (const option_text& each : from.each("strip")) {
        into.push_back({each.text(), std::make_unique<strip_step>(each.reference())});
    }
    return {};
}

result<void> add_split(const plugin_options& from, mutate_steps& into) {
    return add_with_separator<split_step>(from, "split", into);
}
result<void> add_join(const plugin_options& from, mutate_steps& into) {
    return add_with_separator<join_step>(from, "join", into);
}

} // namespace logboom
