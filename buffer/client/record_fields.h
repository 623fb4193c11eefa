// The fields of one record in the form rd_kafka_produceva takes. Views: whoever fills it keeps what
// it points to until produce() returns.
//
// Headers always go as a list that is ours until the record is taken: of headers that come one by
// one (RD_KAFKA_VTYPE_HEADER) librdkafka before 2.4 frees its own list twice when the partitioner
// refuses the record.
#pragma once

#include "buffer/client/handle.h"

#include <boost/container/small_vector.hpp>

#include <span>
#include <string_view>

namespace logboom::client {

class record_fields {
  public:
    explicit record_fields(rd_kafka_topic_t* topic) {
        next(RD_KAFKA_VTYPE_RKT).u.rkt = topic;
        next(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
    }
    record_fields(const record_fields&) = delete;
    record_fields& operator=(const record_fields&) = delete;

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
    /// Copied.
    void header(std::string_view name, std::string_view value) {
        constexpr std::size_t usual_headers = 8;
        if (own_headers_ == nullptr) {
            own_headers_.reset(rd_kafka_headers_new(usual_headers));
            headers(own_headers_);
        }
        rd_kafka_header_add(
            own_headers_.get(),
            name.data(),
            static_cast<ssize_t>(name.size()),
            value.data(),
            static_cast<ssize_t>(value.size())
        );
    }
    /// All headers at once, instead of header(). Empty after produce() has taken the record, as it
    /// was when it is refused.
    void headers(headers_handle& all) {
        next(RD_KAFKA_VTYPE_HEADERS).u.headers = all.get();
        headers_ = &all;
    }

    [[nodiscard]] std::span<const rd_kafka_vu_t> fields() const noexcept { return fields_; }
    /// Somebody owns the headers now.
    void give_away_headers() noexcept {
        if (headers_ != nullptr) {
            static_cast<void>(headers_->release());
        }
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
    headers_handle own_headers_;
    /// What the record is sent with; null: none.
    headers_handle* headers_ = nullptr;
};

/// Copies payload and key.
inline rd_kafka_resp_err_t produce(rd_kafka_t* through, record_fields& record) {
    const auto fields = record.fields();
    rd_kafka_error_t* const failed = rd_kafka_produceva(through, fields.data(), fields.size());
    if (failed == nullptr) [[likely]] {
        record.give_away_headers();
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    const error_handle error(failed);
    // Once the client is dead every call is answered with what killed it.
    return rd_kafka_error_is_fatal(failed) != 0 ? RD_KAFKA_RESP_ERR__FATAL
                                                : rd_kafka_error_code(failed);
}

} // namespace logboom::client
