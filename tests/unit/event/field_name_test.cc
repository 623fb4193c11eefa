#include "event/batch.h"
#include "event/field_name.h"

#include <doctest/doctest.h>

using namespace logboom;

namespace {

struct fixture {
    fixture() : it(batch.add(0)) {
        it.set("kind", value::of(std::string_view("web")));
        it.set("odd", value::of(std::string_view("[a")));
    }

    /// The reference that the name is for this event, as "a/b"; "" for none.
    std::string resolved(const field_name& name) const {
        std::optional<field_reference> scratch;
        const field_reference* const found = name.resolve(it, scratch);
        std::string out;
        for (std::size_t i = 0; found != nullptr && i < found->path().size(); ++i) {
            out += (i == 0 ? "" : "/") + found->path()[i];
        }
        return out;
    }

    event_batch batch;
    event& it;
};

} // namespace

TEST_SUITE("event/field_name") {
    TEST_CASE_FIXTURE(fixture, "a constant name is one reference for all events") {
        const field_name name("[a][b]");
        CHECK(resolved(name) == "a/b");
        CHECK(name.text(it) == "[a][b]");
        CHECK(name.problem().empty());
        // The pointer does not depend on the caller's scratch.
        std::optional<field_reference> scratch;
        CHECK(name.resolve(it, scratch) == name.resolve(it, scratch));
        CHECK_FALSE(scratch.has_value());
    }

    TEST_CASE_FIXTURE(fixture, "a template is another reference for each event") {
        const field_name name("[%{kind}][x]");
        CHECK(resolved(name) == "web/x");
        it.set("kind", value::of(std::string_view("mail")));
        CHECK(resolved(name) == "mail/x");
        CHECK(name.text(it) == "[mail][x]");
        CHECK(name.problem().empty());
    }

    TEST_CASE_FIXTURE(fixture, "what is no reference is told at load, or none for its event") {
        const field_name broken("[a");
        CHECK(resolved(broken).empty());
        CHECK(broken.problem() == "\"[a\" is no legal field reference");
        const field_name sometimes("%{odd}");
        CHECK(sometimes.problem().empty());
        CHECK(resolved(sometimes).empty());
    }
}
