// The fields of one record in the form rd_kafka_produceva takes. Views: whoever fills it keeps what
// it points to until produce() returns.
#pragma once

#include "buffer/client/handle.h"

#include <boost/container/small_vector.hpp>

#include <string_view>

namespace logboom::client {

class record_fields {
  public:
    explicit record_fields(rd_kafka_topic_t* topic) { next(RD_KAFKA_VTYPE_RKT).u.rkt = topic; }

    void payload(std::string_view text) { bytes(RD_KAFKA_VTYPE_VALUE, text); }
    /// An empty key is not the same as none.
    void key(std::string_view text) {
        bytes(RD_KAFKA_VTYPE_KEY, text.data() == nullptr ? std::string_view("", 0) : text);
    }
    void opaque(void* pointer) { next(RD_KAFKA_VTYPE_OPAQUE).u.ptr = pointer; }
    /// Not positive: the time of sending.
    void timestamp(std::int64_t milliseconds) {
        next(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = milliseconds > 0 ? milliseconds : 0;
    }
    /// `name` ends in a zero byte.
    void header(std::string_view name, std::string_view value) {
        auto& into = next(RD_KAFKA_VTYPE_HEADER).u.header;
        into.name = name.data();
        into.val = value.data();
        into.size = static_cast<ssize_t>(value.size());
    }
    /// Taken over when produce() succeeds.
    void headers(rd_kafka_headers_t* all) { next(RD_KAFKA_VTYPE_HEADERS).u.headers = all; }

    /// Copies payload, key and headers.
    rd_kafka_resp_err_t produce(rd_kafka_t* through) {
        next(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
        rd_kafka_error_t* const failed =
            rd_kafka_produceva(through, fields_.data(), fields_.size());
        if (failed == nullptr) [[likely]] {
            return RD_KAFKA_RESP_ERR_NO_ERROR;
        }
        const error_handle error(failed);
        // Once the client is dead every call is answered with what killed it.
        return rd_kafka_error_is_fatal(failed) != 0 ? RD_KAFKA_RESP_ERR__FATAL
                                                    : rd_kafka_error_code(failed);
    }

  private:
    rd_kafka_vu_t& next(rd_kafka_vtype_t type) {
        fields_.emplace_back();
        fields_.back().vtype = type;
        return fields_.back();
    }
    void bytes(rd_kafka_vtype_t type, std::string_view text) {
        auto& into = next(type).u.mem;
        into.ptr = const_cast<char*>(text.data());
        into.size = text.size();
    }

    static constexpr std::size_t usual_count = 10;
    boost::container::small_vector<rd_kafka_vu_t, usual_count> fields_;
};

} // namespace logboom::client
