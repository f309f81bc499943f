"""docs/data.md says what the tables say."""

from tools import datadoc


def test_the_page_of_tables_is_what_the_tables_say():
    assert datadoc.PAGE.read_text(encoding="utf-8") == datadoc.page(), (
        "run `python -m tools.datadoc`"
    )
