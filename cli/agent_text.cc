// The tables of `logboom agent`: columns as wide as what stands in them, numbers to the right.
#include "cli/agent_text.h"

#include "sinks/http_client/errc.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <vector>

namespace logboom::cli {
namespace {

using json = rapidjson::Value;

std::string text_at(const json& in, const char* name) {
    const auto found = in.FindMember(name);
    return found == in.MemberEnd() || !found->value.IsString() ? "" : found->value.GetString();
}
std::int64_t number_at(const json& in, const char* name) {
    const auto found = in.FindMember(name);
    return found == in.MemberEnd() || !found->value.IsInt64() ? 0 : found->value.GetInt64();
}
bool flag_at(const json& in, const char* name) {
    const auto found = in.FindMember(name);
    return found != in.MemberEnd() && found->value.IsBool() && found->value.GetBool();
}
double seconds_at(const json& in, const char* name) {
    const auto found = in.FindMember(name);
    return found == in.MemberEnd() || !found->value.IsNumber() ? 0 : found->value.GetDouble();
}

class table {
  public:
    /// Columns whose name begins with ">" stand to the right.
    explicit table(std::vector<std::string> names) : rows_{std::move(names)} {}

    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    [[nodiscard]] std::string text() const {
        const std::vector<std::string>& names = rows_.front();
        std::vector<std::size_t> widths(names.size());
        for (const auto& row : rows_) {
            for (std::size_t i = 0; i < row.size(); ++i) {
                widths[i] = std::max(widths[i], shown(row[i]).size());
            }
        }
        std::string out;
        for (const auto& row : rows_) {
            std::string line;
            for (std::size_t i = 0; i < row.size(); ++i) {
                const std::string_view cell = shown(row[i]);
                const std::string blanks(widths[i] - cell.size(), ' ');
                line += i == 0 ? "" : "  ";
                line += names[i].front() == '>' ? blanks : "";
                line += cell;
                line += names[i].front() == '>' ? "" : blanks;
            }
            line.erase(line.find_last_not_of(' ') + 1);
            out += line + "\n";
        }
        return out;
    }

  private:
    static std::string_view shown(std::string_view cell) {
        return cell.starts_with('>') ? cell.substr(1) : cell;
    }

    std::vector<std::vector<std::string>> rows_;
};

/// "start=10,nul=3"; "0" when there are none.
std::string reasons_at(const json& bytes, const char* name) {
    std::string out;
    const auto found = bytes.FindMember(name);
    if (found != bytes.MemberEnd() && found->value.IsObject()) {
        for (const auto& each : found->value.GetObject()) {
            if (each.value.IsInt64() && each.value.GetInt64() != 0) {
                out += fmt::format(
                    "{}{}={}", out.empty() ? "" : ",", each.name.GetString(), each.value.GetInt64()
                );
            }
        }
    }
    return out.empty() ? "0" : out;
}

std::vector<std::string> ledger_row(std::string name, const json& of) {
    const auto found = of.FindMember("bytes");
    if (found == of.MemberEnd() || !found->value.IsObject()) {
        return {std::move(name)};
    }
    const json& bytes = found->value;
    return {
        std::move(name),
        std::to_string(number_at(bytes, "read")),
        std::to_string(number_at(bytes, "delivered")),
        std::to_string(number_at(bytes, "in_flight")),
        reasons_at(bytes, "skipped"),
        reasons_at(bytes, "lost")};
}

/// Calls `take(input)` for each input that has answered; the sentences for those that have not,
/// and for files that are left out.
template <class Take>
result<std::string> each_input(std::string_view document, Take take) {
    rapidjson::Document parsed;
    parsed.Parse(document.data(), document.size());
    const auto inputs = parsed.IsObject() ? parsed.FindMember("inputs") : json::MemberIterator();
    if (!parsed.IsObject() || inputs == parsed.MemberEnd() || !inputs->value.IsArray()) {
        return error(http::errc::failed, "the answer is none of logboom's");
    }
    std::string notes;
    for (const json& input : inputs->value.GetArray()) {
        const std::string name = text_at(input, "pipeline") + "/" + text_at(input, "id");
        const auto files = input.FindMember("files");
        if (!flag_at(input, "answered") || files == input.MemberEnd() || !files->value.IsArray()) {
            notes += fmt::format("input {} does not answer; it may be busy or ending\n", name);
            continue;
        }
        take(name, input, files->value);
        const auto left =
            number_at(input, "file_count") - static_cast<std::int64_t>(files->value.Size());
        if (left > 0) {
            notes += fmt::format(
                "input {} follows {} more files, which are less behind; --limit shows more\n",
                name,
                left
            );
        }
    }
    return notes;
}

} // namespace

result<std::string> agent_files_text(std::string_view document) {
    table rows({"NAME", ">OFFSET", ">SIZE", ">LAG", ">SECONDS", "STATE", "ID", "ERROR"});
    const auto add = [&](const std::string& /*input*/, const json& /*of*/, const json& files) {
        for (const json& each : files.GetArray()) {
            const std::string error = text_at(each, "last_error");
            rows.add(
                {text_at(each, "name"),
                 std::to_string(number_at(each, "offset")),
                 std::to_string(number_at(each, "size")),
                 std::to_string(number_at(each, "lag_bytes")),
                 fmt::format("{:.1f}", seconds_at(each, "lag_seconds")),
                 text_at(each, "state") + (flag_at(each, "deleted") ? ",deleted" : "") +
                     (flag_at(each, "open") ? ",open" : ""),
                 text_at(each, "id"),
                 error.empty() ? "-" : error}
            );
        }
    };
    LB_TRY(const std::string notes, each_input(document, add));
    return rows.text() + notes;
}

result<std::string> agent_ledger_text(std::string_view document) {
    table rows({"NAME", ">READ", ">DELIVERED", ">IN-FLIGHT", ">SKIPPED", ">LOST"});
    const auto add = [&](const std::string& input, const json& all, const json& files) {
        for (const json& each : files.GetArray()) {
            rows.add(ledger_row(text_at(each, "name"), each));
        }
        rows.add(ledger_row("all of " + input, all));
    };
    LB_TRY(const std::string notes, each_input(document, add));
    return rows.text() + notes;
}

} // namespace logboom::cli
