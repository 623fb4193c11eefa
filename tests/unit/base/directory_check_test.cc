#include "base/directory_check.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace logboom;
namespace fs = std::filesystem;

TEST_CASE("base/directory_check: what is in the way of a directory is named, and nothing is made") {
    const fs::path root =
        fs::temp_directory_path() / ("logboom-directory-check-" + std::to_string(::getpid()));
    fs::create_directories(root);
    std::ofstream(root / "file") << "x";
    fs::create_symlink("loop", root / "loop");
    CHECK(check_writable(root).has_value());
    CHECK(check_writable(root / "a" / "b").has_value());
    CHECK(!fs::exists(root / "a"));
    CHECK(
        check_writable(root / "file").error().text() ==
        (root / "file").string() + ": Not a directory"
    );
    CHECK(check_writable(root / "file" / "a").error().text().ends_with("file/a: Not a directory"));
    CHECK(check_writable(root / "loop" / "a")
              .error()
              .text()
              .ends_with("loop/a: Too many levels of symbolic links"));
    if (::geteuid() != 0) {
        fs::permissions(root, fs::perms::owner_read | fs::perms::owner_exec);
        CHECK(check_writable(root / "a").error().text() == root.string() + ": Permission denied");
        fs::permissions(root, fs::perms::owner_all);
    }
    fs::remove_all(root);
}
