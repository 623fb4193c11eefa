// ApiVersions (key 18): what the broker speaks. Versions 0-4. Its response header is always version
// 0 and a request too new for us is answered in version 0 (frame_header.h, buffer/broker/18_*).
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct api_versions_api {
    static constexpr api_spec spec{18, "ApiVersions", 0, 4, 3};

    struct request {
        std::string_view client_software_name;
        std::string_view client_software_version;
        static constexpr auto fields() {
            return field_list(
                field<&request::client_software_name>("client_software_name", since(3)),
                field<&request::client_software_version>("client_software_version", since(3))
            );
        }
    };

    struct response {
        struct range {
            std::int16_t key = 0;
            std::int16_t version_min = 0;
            std::int16_t version_max = 0;
            static constexpr auto fields() {
                return field_list(
                    field<&range::key>("api_key"),
                    field<&range::version_min>("min_version"),
                    field<&range::version_max>("max_version")
                );
            }
        };
        struct supported_feature {
            std::string name;
            std::int16_t version_min = 0;
            std::int16_t version_max = 0;
            static constexpr auto fields() {
                return field_list(
                    field<&supported_feature::name>("name"),
                    field<&supported_feature::version_min>("min_version"),
                    field<&supported_feature::version_max>("max_version")
                );
            }
        };
        struct finalized_feature {
            std::string name;
            std::int16_t level_max = 0;
            std::int16_t level_min = 0;
            static constexpr auto fields() {
                return field_list(
                    field<&finalized_feature::name>("name"),
                    field<&finalized_feature::level_max>("max_version_level"),
                    field<&finalized_feature::level_min>("min_version_level")
                );
            }
        };
        std::int16_t error = 0;
        std::vector<range> ranges;
        std::int32_t throttle_time_ms = 0;
        std::vector<supported_feature> supported_features;
        std::int64_t finalized_features_epoch = -1;
        std::vector<finalized_feature> finalized_features;
        bool zk_migration_ready = false;
        static constexpr auto fields() {
            return field_list(
                field<&response::error>("error_code"),
                field<&response::ranges>("api_keys"),
                field<&response::throttle_time_ms>("throttle_time_ms", since(1)),
                field<&response::supported_features>("supported_features", since(3), tagged(0)),
                field<&response::finalized_features_epoch>(
                    "finalized_features_epoch", since(3), tagged(1)
                ),
                field<&response::finalized_features>("finalized_features", since(3), tagged(2)),
                field<&response::zk_migration_ready>("zk_migration_ready", since(3), tagged(3))
            );
        }
    };
};

} // namespace logboom::kafka
