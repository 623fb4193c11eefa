"""Files straight into the servers of today: Elasticsearch 8 and OpenSearch 2 beside the 7.17 of the other
tests."""

import lab
import pytest

LINES = 5000
PIPELINE = """
input {
  file {
    path => "%(directory)s/*.log" mode => "read" exit_after_read => true
    sincedb_path => "%(directory)s/%(sincedb)s"
    file_completed_action => "log" file_completed_log_path => "%(directory)s/completed"
  }
}
output { elasticsearch { hosts => ["%(url)s"] %(options)s } }
"""


@pytest.mark.parametrize("flavour", ["es8", "os2"])
def test_every_line_is_indexed_once_even_when_read_again(flavour, tmp_path):
    lines = {f"Nov 21 10:00:00 host app[1]: {flavour} line {i} äöü \\\"" for i in range(LINES)}
    (tmp_path / "a.log").write_text("".join(f"{line}\n" for line in sorted(lines)))
    values = {"directory": tmp_path}
    with lab.elasticsearch(flavour) as node:
        values["url"] = node.url
        # a data stream's name, and an index of one's own; each twice, as if the positions were lost
        for index, options in [
            ("logs-generic-default", ""),
            ("lines", 'index => "lines"'),
        ]:
            for turn in ["first", "second"]:
                text = PIPELINE % (values | {"options": options, "sincedb": f"{index}-{turn}"})
                lab.logboom("run", "--path.data", tmp_path / "data", "-e", text, seconds=120)
            assert node.count(index) == LINES
            found = {source["message"] for _, _, source in node.documents(index, ["message"])}
            assert found == lines
