#include "pipelines/conf/problem.h"

namespace logboom::conf {

std::string problem::text() const {
    std::string out = where.text();
    out += out.empty() ? sentence : ": " + sentence;
    if (line.empty() || where.column < 1) {
        return out;
    }
    out += "\n    " + line + "\n    ";
    // Columns count characters; tabs are repeated so that the caret stands right.
    int column = 1;
    for (const char each : line) {
        if (column >= where.column) {
            break;
        }
        const bool is_continuation = (static_cast<unsigned char>(each) & 0xC0U) == 0x80;
        if (!is_continuation) {
            out.push_back(each == '\t' ? '\t' : ' ');
            ++column;
        }
    }
    out.push_back('^');
    return out;
}

} // namespace logboom::conf
