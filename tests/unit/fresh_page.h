// Pages of docs/ that the program's own tables make, whole or from one marker line to the next:
//
//     <!-- made from NAME -->
//     ...
//     <!-- end -->
//
// A test holds them: it fails when the page says something else, and writes the page when it is run
// with LOGBOOM_RENEW_PAGES=1. LB_SOURCE_ROOT is the source's root.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace logboom {

inline void check_page(const std::string& page, const std::string& wanted) {
    const std::string path = std::string(LB_SOURCE_ROOT) + "/" + page;
    if (std::getenv("LOGBOOM_RENEW_PAGES") != nullptr) {
        std::ofstream(path) << wanted;
    }
    std::stringstream found;
    found << std::ifstream(path).rdbuf();
    const bool is_fresh = found.str() == wanted;
    CHECK_MESSAGE(is_fresh, page << " is not what the tables say: run with LOGBOOM_RENEW_PAGES=1");
}

inline void
check_page_part(const std::string& page, const std::string& name, const std::string& wanted) {
    std::stringstream text;
    text << std::ifstream(std::string(LB_SOURCE_ROOT) + "/" + page).rdbuf();
    std::string whole = text.str();
    const std::string marker = "<!-- made from " + name + " -->\n";
    const std::size_t begin = whole.find(marker);
    REQUIRE(begin != std::string::npos);
    const std::size_t end = whole.find("<!-- end -->", begin);
    REQUIRE(end != std::string::npos);
    const std::size_t first = begin + marker.size();
    whole.replace(first, end - first, wanted);
    check_page(page, whole);
}

} // namespace logboom
