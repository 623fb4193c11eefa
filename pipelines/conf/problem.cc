#include "pipelines/conf/problem.h"

namespace logboom::conf {

std::string problem::text() const {
    std::string out = where.text();
    out += out.empty() ? sentence : ": " + sentence;
    if (line.empty() || where.column < 1) {
        return out;
    }
    out += "\n    " + line;
    std::string before;
    // Columns count characters; tabs are repeated so that the caret stands right.
    int column = 1;
    for (const char each : line) {
        if (column >= where.column) {
            break;
        }
        const bool is_continuation = (static_cast<unsigned char>(each) & 0xC0U) == 0x80;
        if (!is_continuation) {
            before.push_back(each == '\t' ? '\t' : ' ');
            ++column;
        }
    }
    // Of a very long line only the front is shown.
    return column < where.column ? out : out + "\n    " + before + "^";
}

} // namespace logboom::conf
