// What can be wrong with the settings of an elasticsearch output, besides their types.
#pragma once

#include "base/result.h"

namespace logboom::sinks {

enum class elasticsearch_errc {
    bad_host = 1,
    bad_cloud_id,
    bad_setting,
};

inline const char* describe(elasticsearch_errc value) {
    switch (value) {
    case elasticsearch_errc::bad_host:
        return "hosts takes names such as \"es1\", \"es1:9200\" or \"https://es1:9200/path\"";
    case elasticsearch_errc::bad_cloud_id:
        return "cloud_id must be \"name:base64\" as copied from the console";
    case elasticsearch_errc::bad_setting:
        return "correct the settings of this output";
    }
    return "unknown";
}
LB_ERROR_ENUM(elasticsearch_errc, "elasticsearch")

} // namespace logboom::sinks

template <>
struct std::is_error_code_enum<logboom::sinks::elasticsearch_errc> : std::true_type {};
