// DescribeLogDirs (key 35): what lies in each directory of log.dirs. Versions 0-4: 3 adds an error
// for all of it, 4 the size of the file system.
#pragma once

#include "codecs/kafka/description.h"

namespace logboom::kafka {

struct describe_log_dirs_api {
    static constexpr api_spec spec{35, "DescribeLogDirs", 0, 4, 2};

    struct request {
        struct topic {
            std::string_view name;
            std::vector<partition_id> partitions;
            static constexpr auto fields() {
                return field_list(
                    field<&topic::name>("topic"), field<&topic::partitions>("partitions")
                );
            }
        };
        /// Nothing: all topics.
        std::optional<std::vector<topic>> topics;
        static constexpr auto fields() {
            return field_list(field<&request::topics>("topics", nullable()));
        }
    };

    struct response {
        struct directory {
            struct topic {
                struct partition {
                    partition_id index{0};
                    std::int64_t size = 0;
                    std::int64_t offset_lag = 0;
                    bool is_future = false;
                    static constexpr auto fields() {
                        return field_list(
                            field<&partition::index>("partition_index"),
                            field<&partition::size>("partition_size"),
                            field<&partition::offset_lag>("offset_lag"),
                            field<&partition::is_future>("is_future_key")
                        );
                    }
                };
                std::string name;
                std::vector<partition> partitions;
                static constexpr auto fields() {
                    return field_list(
                        field<&topic::name>("name"), field<&topic::partitions>("partitions")
                    );
                }
            };
            std::int16_t error = 0;
            std::string path;
            std::vector<topic> topics;
            std::int64_t total_bytes = -1;
            std::int64_t usable_bytes = -1;
            static constexpr auto fields() {
                return field_list(
                    field<&directory::error>("error_code"),
                    field<&directory::path>("log_dir"),
                    field<&directory::topics>("topics"),
                    field<&directory::total_bytes>("total_bytes", since(4)),
                    field<&directory::usable_bytes>("usable_bytes", since(4))
                );
            }
        };
        std::int32_t throttle_time_ms = 0;
        std::int16_t error = 0;
        std::vector<directory> directories;
        static constexpr auto fields() {
            return field_list(
                field<&response::throttle_time_ms>("throttle_time_ms"),
                field<&response::error>("error_code", since(3)),
                field<&response::directories>("results")
            );
        }
    };
};

} // namespace logboom::kafka
