// A log directory: what is found in it, who may use it, what is removed from it.
#include "tests/unit/buffer/log/log_fixture.h"

using namespace logboom;
using namespace logboom::log;
using namespace std::chrono_literals;

namespace {

struct directory_fixture : log_fixture {
    log_directory_options where{
        .path = "/data", .node = broker_id(1), .config_of = [](std::string_view) {
            return default_log_config();
        }};
    std::unique_ptr<log_directory> directory;

    result<void> try_open_directory() {
        directory.reset();
        auto opened = log_directory::open(context(), where);
        if (opened.has_error()) {
            return opened.error();
        }
        directory = *std::move(opened);
        return {};
    }
    void open_directory() {
        const auto opened = try_open_directory();
        INFO((opened ? std::string() : opened.error().text()));
        REQUIRE(opened);
    }
    partition_log& create(const std::string& topic, int partition) {
        auto made =
            directory->create({topic, partition_id(partition)}, uuid::random(), options.config);
        REQUIRE(made.has_value());
        return **made;
    }
    std::string text(const std::string& name) {
        auto found = read_file(disk, "/data/" + name, 1U << 20U);
        return found ? *found : std::string("(missing)");
    }
};

} // namespace

TEST_SUITE("buffer/log/log_directory") {
    TEST_CASE_FIXTURE(directory_fixture, "partitions and identity are found again") {
        open_directory();
        CHECK_FALSE(directory->was_clean());
        const std::string cluster = directory->cluster_id();
        CHECK(cluster.size() == 22);
        auto& made = create("web-logs", 2);
        const uuid id = directory->topic_id({"web-logs", partition_id(2)});
        auto records = batch(3);
        REQUIRE(made.append(records, {}).has_value());
        REQUIRE(directory->close());
        CHECK(text(".kafka_cleanshutdown") == R"({"version":0,"brokerEpoch":-1})");
        CHECK(text("recovery-point-offset-checkpoint") == "0\n1\nweb-logs 2 3\n");
        CHECK(text("replication-offset-checkpoint") == "0\n1\nweb-logs 2 3\n");
        disk.crash();
        open_directory();
        CHECK(directory->was_clean());
        CHECK(text(".kafka_cleanshutdown") == "(missing)");
        CHECK(directory->cluster_id() == cluster);
        CHECK(directory->topic_id({"web-logs", partition_id(2)}) == id);
        REQUIRE(directory->find({"web-logs", partition_id(2)}) != nullptr);
        CHECK(directory->find({"web-logs", partition_id(2)})->bounds().end() == offset(3));
        CHECK(directory->find({"web-logs", partition_id(1)}) == nullptr);
    }

    TEST_CASE_FIXTURE(directory_fixture, "two processes cannot share it, nor two clusters") {
        open_directory();
        CHECK(log_directory::open(context(), where).error().code == errc::locked);
        REQUIRE(directory->close());
        where.cluster_id = "another";
        CHECK(try_open_directory().error().code == errc::wrong_cluster);
        where.cluster_id.clear();
        where.node = broker_id(9);
        CHECK(try_open_directory().error().code == errc::wrong_cluster);
    }

    TEST_CASE_FIXTURE(
        directory_fixture, "what is in the way of a partition is named as what it is"
    ) {
        open_directory();
        REQUIRE(disk.open("/data/t-0", open_mode::read_write).has_value());
        const auto refused = directory->create({"t", partition_id(0)}, uuid(), {});
        REQUIRE(refused.has_error());
        CHECK(refused.error().text() == "/data/t-0: Not a directory");
    }

    TEST_CASE_FIXTURE(directory_fixture, "a damaged partition is offline, the others serve") {
        open_directory();
        auto records = batch(3);
        REQUIRE(create("good", 0).append(records, {}).has_value());
        records = batch(3);
        REQUIRE(create("bad", 0).append(records, {}).has_value());
        REQUIRE(directory->close());
        {
            auto file = *disk.open("/data/bad-0/00000000000000000000.log", open_mode::read_write);
            REQUIRE(file->pwrite(as_bytes("x"), 30));
        }
        open_directory();
        CHECK(directory->find({"good", partition_id(0)}) != nullptr);
        CHECK(directory->find({"bad", partition_id(0)}) == nullptr);
        REQUIRE(directory->offline().size() == 1);
        CHECK(directory->offline()[0].why.code == errc::corrupt);
        CHECK(text("recovery-point-offset-checkpoint") == "0\n2\nbad 0 3\ngood 0 3\n");
    }

    TEST_CASE_FIXTURE(
        directory_fixture, "a removed topic leaves nothing to a new one of its name"
    ) {
        open_directory();
        auto records = batch(3);
        auto& made = create("t", 0);
        REQUIRE(made.append(records, {}).has_value());
        REQUIRE(made.finish_flush(made.begin_flush(flush_kind::checkpoint)->run()));
        REQUIRE(directory->write_checkpoints());
        CHECK(text("recovery-point-offset-checkpoint") == "0\n1\nt 0 3\n");
        REQUIRE(directory->remove({"t", partition_id(0)}));
        CHECK(directory->remove({"t", partition_id(0)}).error().code == errc::not_found);
        create("t", 0);
        directory.reset();
        disk.crash();
        open_directory();
        CHECK(directory->offline().empty());
        REQUIRE(directory->find({"t", partition_id(0)}) != nullptr);
        CHECK(directory->find({"t", partition_id(0)})->bounds().end() == offset(0));
        for (const std::string& name : *disk.list("/data")) {
            CHECK_FALSE(name.ends_with("-delete"));
        }
    }

    TEST_CASE_FIXTURE(directory_fixture, "removed directories go after the delay") {
        open_directory();
        create("t", 0);
        REQUIRE(directory->remove({"t", partition_id(0)}));
        const auto left = [this] {
            std::size_t count = 0;
            for (const std::string& name : *disk.list("/data")) {
                count += name.ends_with("-delete") ? 1 : 0;
            }
            return count;
        };
        CHECK(left() == 1);
        time.advance(61s);
        directory->begin_removals()();
        CHECK(left() == 0);
    }

    TEST_CASE_FIXTURE(directory_fixture, "a start on a full disk opens what is there") {
        open_directory();
        auto& made = create("t", 0);
        REQUIRE(made.become_leader(leader_epoch(0)));
        auto records = batch(3);
        REQUIRE(made.append(records, {}).has_value());
        directory.reset();
        // What the start would like to write: checkpoints, and an epoch that it learns of.
        REQUIRE(disk.remove("/data/t-0/leader-epoch-checkpoint"));
        disk.set_fault([](std::string_view operation, const std::string&) -> result<void> {
            return operation == "create" || operation == "write"
                       ? error(std::make_error_code(std::errc::no_space_on_device))
                       : result<void>();
        });
        open_directory();
        auto* const log = directory->find({"t", partition_id(0)});
        REQUIRE(log != nullptr);
        CHECK(log->read({.from = offset(0)})->next_offset == offset(3));
        disk.set_fault({});
        records = batch(3);
        CHECK(log->append(records, {})->base_offset == offset(3));
    }

    TEST_CASE_FIXTURE(directory_fixture, "the empty checkpoints of a young Kafka say nothing") {
        open_directory();
        auto& made = create("t", 0);
        auto records = batch(3);
        REQUIRE(made.append(records, {}).has_value());
        directory.reset();
        for (const char* const name :
             {"recovery-point-offset-checkpoint",
              "replication-offset-checkpoint",
              "log-start-offset-checkpoint",
              "cleaner-offset-checkpoint",
              "t-0/leader-epoch-checkpoint"}) {
            REQUIRE(replace_file(disk, join_path("/data", name), ""));
        }
        open_directory();
        REQUIRE(directory->find({"t", partition_id(0)}) != nullptr);
        CHECK(directory->find({"t", partition_id(0)})->bounds().end() == offset(3));
    }

    TEST_CASE_FIXTURE(directory_fixture, "the directory of a removed topic has a name that fits") {
        open_directory();
        const std::string longest(249, 'n');
        create(longest, 0);
        REQUIRE(directory->remove({longest, partition_id(0)}));
        for (const std::string& name : *disk.list("/data")) {
            CHECK(name.size() <= 255);
        }
    }

    TEST_CASE("directory names are taken apart at the last dash") {
        CHECK(parse_partition_directory("a-b-3") == topic_partition{"a-b", partition_id(3)});
        for (const char* const name :
             {"a", "-3", "a-", "a-x", "a-3.abc-delete", "a--1x", "a-00", "a-03"}) {
            CHECK_FALSE(parse_partition_directory(name).has_value());
        }
    }

    TEST_CASE_FIXTURE(directory_fixture, "only checkpoints that say something new are written") {
        open_directory();
        // Nothing is known of no partition: a start does not wait for the disk to say so.
        CHECK(text("recovery-point-offset-checkpoint") == "(missing)");
        auto& made = create("t", 0);
        auto records = batch(3);
        REQUIRE(made.append(records, {}).has_value());
        REQUIRE(made.finish_flush(made.begin_flush(flush_kind::checkpoint)->run()));
        REQUIRE(directory->write_checkpoints());
        CHECK(text("recovery-point-offset-checkpoint") == "0\n1\nt 0 3\n");
        CHECK(text("log-start-offset-checkpoint") == "(missing)");
        int renames = 0;
        disk.set_fault([&](std::string_view operation, const std::string&) -> result<void> {
            renames += operation == "rename" ? 1 : 0;
            return {};
        });
        REQUIRE(directory->write_checkpoints());
        CHECK(renames == 0);
        REQUIRE(made.delete_records_before(offset(1)).has_value());
        REQUIRE(directory->write_checkpoints());
        CHECK(renames == 1);
        CHECK(text("log-start-offset-checkpoint") == "0\n1\nt 0 1\n");
        // After a failure nothing is known of the file.
        disk.set_fault([](std::string_view, const std::string&) {
            return result<void>(error(std::error_code(EIO, std::system_category())));
        });
        REQUIRE(made.delete_records_before(offset(2)).has_value());
        CHECK(directory->write_checkpoints().has_error());
        disk.set_fault({});
        REQUIRE(directory->write_checkpoints());
        CHECK(text("log-start-offset-checkpoint") == "0\n1\nt 0 2\n");
    }

    TEST_CASE_FIXTURE(directory_fixture, "a checkpoint that a deletion overtook is not written") {
        open_directory();
        auto& made = create("t", 0);
        auto records = batch(3);
        REQUIRE(made.append(records, {}).has_value());
        REQUIRE(made.finish_flush(made.begin_flush(flush_kind::checkpoint)->run()));
        REQUIRE(directory->write_checkpoints());
        const auto slow = directory->begin_checkpoints();
        REQUIRE(directory->remove({"t", partition_id(0)}));
        CHECK(text("recovery-point-offset-checkpoint") == "0\n0\n");
        REQUIRE(slow());
        CHECK(text("recovery-point-offset-checkpoint") == "0\n0\n");
    }
}
