// Filter mutate: its table, and its operations in Logstash's fixed order; the steps are in
// mutate_*.cc.
#include "pipelines/filters/mutate.h"

#include "pipelines/filters/mutate_step.h"
#include "plugin/event_filter.h"

namespace logboom {
namespace {

constexpr setting_content gsub_record[] = {
    setting_content::reference,
    setting_content::pattern,
    setting_content::form,
};

constexpr setting
hash_of(std::string_view name, setting_content key, setting_content content, std::string_view doc) {
    return {
        .name = name,
        .type = setting_type::hash,
        .doc = doc,
        .content = content,
        .key_content = key};
}
constexpr setting fields(std::string_view name, std::string_view doc) {
    return {
        .name = name,
        .type = setting_type::array,
        .doc = doc,
        .content = setting_content::reference};
}

constexpr setting mutate_table[] = {
    hash_of(
        "coerce",
        setting_content::reference,
        setting_content::form,
        "Values for fields that are there and nil."
    ),
    hash_of(
        "rename",
        setting_content::field_name,
        setting_content::field_name,
        "Old names and new names; both may be templates."
    ),
    hash_of(
        "update",
        setting_content::reference,
        setting_content::form,
        "New values for fields that are there."
    ),
    hash_of(
        "replace",
        setting_content::reference,
        setting_content::form,
        "New values for fields, there or not."
    ),
    hash_of(
        "convert",
        setting_content::reference,
        setting_content::plain,
        "Fields and types: string, integer, float, boolean, integer_eu, float_eu."
    ),
    {.name = "gsub",
     .type = setting_type::array,
     .doc = "Field, regular expression, replacement; again and again.",
     .record = gsub_record},
    fields("uppercase", "Fields to write in upper case."),
    fields("capitalize", "Fields to write with a capital and lower case."),
    fields("lowercase", "Fields to write in lower case."),
    fields("strip", "Fields to take white space off at both ends."),
    hash_of(
        "split",
        setting_content::reference,
        setting_content::plain,
        "Fields to cut into arrays, and at what."
    ),
    hash_of(
        "join",
        setting_content::reference,
        setting_content::plain,
        "Arrays to make strings of, and with what between."
    ),
    hash_of(
        "merge",
        setting_content::reference,
        setting_content::reference,
        "Fields, and the fields whose values to add to them."
    ),
    hash_of(
        "copy",
        setting_content::reference,
        setting_content::reference,
        "Fields, and where to copy them."
    ),
    {"tag_on_failure",
     setting_type::text,
     "_mutate_error",
     "The tag for an event that an operation failed on."},
};

/// The steps of one operation.
struct operation_steps {
    std::string_view name;
    mutate_steps steps;
};

/// An option and what makes its steps, in the order in which they run.
struct operation {
    const char* name;
    result<void> (*add)(const plugin_options& from, mutate_steps& into);
};
constexpr operation operations[] = {
    {"coerce", add_coerce},
    {"rename", add_rename},
    {"update", add_update},
    {"replace", add_replace},
    {"convert", add_convert},
    {"gsub", add_gsub},
    {"uppercase", add_uppercase},
    {"capitalize", add_capitalize},
    {"lowercase", add_lowercase},
    {"strip", add_strip},
    {"split", add_split},
    {"join", add_join},
    {"merge", add_merge},
    {"copy", add_copy},
};

class mutate final : public event_filter {
  public:
    mutate(const plugin_context& context, std::vector<operation_steps> steps)
        : event_filter(context), steps_(std::move(steps)) {}

  private:
    verdict work_on(event& each) override {
        for (const auto& [name, steps] : steps_) {
            for (const auto& [subject, step] : steps) {
                if (!step->apply(each)) {
                    return verdict::failed(
                        std::string(name) + " of " + subject + " cannot be done"
                    );
                }
            }
        }
        return verdict::matched();
    }

    std::vector<operation_steps> steps_;
};

result<std::unique_ptr<filter>> make_mutate(const plugin_context& context) {
    std::vector<operation_steps> all;
    for (const operation& each : operations) {
        operation_steps made{each.name, {}};
        LB_CHECK(each.add(context.options, made.steps));
        if (!made.steps.empty()) {
            all.push_back(std::move(made));
        }
    }
    return std::make_unique<mutate>(context, std::move(all));
}

} // namespace

const filter_row mutate_filter{"mutate", mutate_table, make_mutate};

} // namespace logboom
