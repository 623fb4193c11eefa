// Which handler answers which address, in one table. Read-only: everything takes GET and HEAD.
#pragma once

#include "web/http_request.h"
#include "web/http_response.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace logboom::web {

struct route {
    /// "/_node/pipelines/*": the star stands for the rest, which is handed over.
    std::string pattern;
    std::function<http_response(const http_request& request, const std::string& rest)> answer;
};

class router {
  public:
    /// `each_second` is for what the answers need besides requests.
    explicit router(std::vector<route> routes, std::function<void()> each_second = {})
        : routes_(std::move(routes)), each_second_(std::move(each_second)) {}

    void add(std::vector<route> more) {
        std::move(more.begin(), more.end(), std::back_inserter(routes_));
    }
    /// 404 in Logstash's shape for what no route knows, 405 for other methods.
    [[nodiscard]] http_response answer(const http_request& request) const;
    /// To be called once a second, by the thread that calls answer().
    void on_second() const {
        if (each_second_) {
            each_second_();
        }
    }

  private:
    std::vector<route> routes_;
    std::function<void()> each_second_;
};

/// An error as Logstash's API says it.
http_response failure(int status, const std::string& path, const std::string& why = {});

} // namespace logboom::web
