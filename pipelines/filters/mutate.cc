#include "pipelines/filters/mutate.h"

#include "pipelines/filters/mutate_step.h"

#include <array>

namespace logboom {
namespace {

constexpr std::array<setting, 15> table{{
    {.name = "coerce",
     .type = setting_type::hash,
     .doc = "Values for fields that are there and nil.",
     .is_template = true},
    {.name = "rename",
     .type = setting_type::hash,
     .doc = "Old names and new names; both may be templates.",
     .is_template = true},
    {.name = "update",
     .type = setting_type::hash,
     .doc = "New values (templates) for fields that are there.",
     .is_template = true},
    {.name = "replace",
     .type = setting_type::hash,
     .doc = "New values (templates) for fields, there or not.",
     .is_template = true},
    {"convert",
     setting_type::hash,
     "",
     "Fields and types: string, integer, float, boolean, integer_eu, float_eu."},
    {"gsub", setting_type::array, "", "Field, regular expression, replacement; again and again."},
    {"uppercase", setting_type::array, "", "Fields to write in upper case."},
    {"capitalize", setting_type::array, "", "Fields to write with a capital and lower case."},
    {"lowercase", setting_type::array, "", "Fields to write in lower case."},
    {"strip", setting_type::array, "", "Fields to take white space off at both ends."},
    {"split", setting_type::hash, "", "Fields to cut into arrays, and at what."},
    {"join", setting_type::hash, "", "Arrays to make strings of, and with what between."},
    {"merge", setting_type::hash, "", "Fields, and the fields whose values to add to them."},
    {"copy", setting_type::hash, "", "Fields, and where to copy them."},
    {"tag_on_failure",
     setting_type::text,
     "_mutate_error",
     "The tag for an event that an operation failed on."},
}};

class mutate final : public filter {
  public:
    mutate(mutate_steps steps, const plugin_context& context)
        : steps_(std::move(steps))
        , failure_tag_(context.options.text("tag_on_failure"))
        , failures_(context.counters.get(
              "logboom_filter_failures_total", "plugin=\"mutate\",id=\"" + context.plugin_id + "\""
          )) {}

    void apply(event_batch& batch, selection& chosen, selection& matched) override {
        for (const std::uint32_t index : chosen) {
            event& each = batch.events[index];
            if (each.is_cancelled()) {
                continue;
            }
            if (work_on(each)) {
                matched.push_back(index);
            } else {
                failures_.add();
                each.tag(failure_tag_);
            }
        }
    }

  private:
    bool work_on(event& each) const {
        for (const auto& step : steps_) {
            if (!step->apply(each)) {
                return false;
            }
        }
        return true;
    }

    mutate_steps steps_;
    std::string failure_tag_;
    counter& failures_;
};

result<std::unique_ptr<filter>> make(const plugin_context& context) {
    const settings& given = context.options;
    mutate_steps steps;
    LB_CHECK(add_coerce(given.hash("coerce"), steps));
    LB_CHECK(add_rename(given.hash("rename"), steps));
    LB_CHECK(add_update(given.hash("update"), steps));
    LB_CHECK(add_replace(given.hash("replace"), steps));
    LB_CHECK(add_convert(given.hash("convert"), steps));
    LB_CHECK(add_gsub(given.list("gsub"), steps));
    LB_CHECK(add_uppercase(given.list("uppercase"), steps));
    LB_CHECK(add_capitalize(given.list("capitalize"), steps));
    LB_CHECK(add_lowercase(given.list("lowercase"), steps));
    LB_CHECK(add_strip(given.list("strip"), steps));
    LB_CHECK(add_split(given.hash("split"), steps));
    LB_CHECK(add_join(given.hash("join"), steps));
    LB_CHECK(add_merge(given.hash("merge"), steps));
    LB_CHECK(add_copy(given.hash("copy"), steps));
    return std::make_unique<mutate>(std::move(steps), context);
}

} // namespace

const filter_row mutate_filter{"mutate", table, make};

} // namespace logboom
