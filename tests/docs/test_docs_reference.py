"""docs/reference has what comments cite."""

from __future__ import annotations

import pytest

from tests.docs.citations import ROOT, Citation, cited, leads_somewhere, modules, prose, rows


@pytest.mark.parametrize("module", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_comment_cites_is_there(module):
    found = cited(prose(module.read_text(encoding="utf-8")))
    assert [each for each in found if not leads_somewhere(each)] == []


@pytest.mark.parametrize(
    ("text", "citations"),
    [
        pytest.param("hosts-file.md 1.5: it truncates", [("hosts-file.md", "1.5")], id="a section"),
        pytest.param(
            "cluster-dns.md sections 2, 3 and 7.4-7.7",
            [("cluster-dns.md", each) for each in ("2", "3", "7.4", "7.7")],
            id="several, and a range",
        ),
        pytest.param(
            "hosts-file.md 6, cluster-dns.md 7.1",
            [("hosts-file.md", "6"), ("cluster-dns.md", "7.1")],
            id="two pages",
        ),
        pytest.param(
            'client-cost.md, "Many pods"', [("client-cost.md", "Many pods")], id="a heading"
        ),
        pytest.param(
            'hosts-file.md section 5, "CRLF"',
            [("hosts-file.md", "5"), ("hosts-file.md", "CRLF")],
            id="a section and words of it",
        ),
        pytest.param(
            "S3, S16: no header; C11b", [("", "S3"), ("", "S16"), ("", "C11b")], id="rows"
        ),
        pytest.param("questions 4 and 5", [("", "4"), ("", "5")], id="questions"),
        pytest.param("C0 but tab, C1; HTTP2; x.S12", [], id="what only looks like a row"),
    ],
)
def test_cited(text, citations):
    pages = [Citation(page) for page in dict.fromkeys(page for page, _ in citations) if page]
    found = [each for each in cited(text) if each not in pages]
    assert found == [Citation(*each) for each in citations]


@pytest.mark.parametrize(
    ("citation", "leads"),
    [
        pytest.param(("hosts-file.md", "1.5"), True, id="a section"),
        pytest.param(("hosts-file.md", "1.9"), False, id="a section that is not there"),
        pytest.param(("nowhere.md", ""), False, id="a page that is not there"),
        pytest.param(("CONTRIBUTING.md", ""), True, id="a page of the root"),
        pytest.param(("cluster-dns.md", "final error of a failed list"), True, id="words"),
        pytest.param(
            ("cluster-dns.md", "no such words there"), False, id="words that are not there"
        ),
        pytest.param(("", "S42"), True, id="a row"),
        pytest.param(("", "S99"), False, id="a row that is not there"),
        pytest.param(("", "26"), False, id="a question that is not there"),
    ],
)
def test_leads_somewhere(citation, leads):
    assert leads_somewhere(Citation(*citation)) is leads


def test_comments_and_docstrings_are_prose_and_code_is_not():
    code = '"""One\nline, S1."""\nx = "S2"  # S3\n# goes\n# on: S4  # noqa: S506\n'
    assert prose(code) == "S3 goes on: S4\nOne line, S1."


def test_rows_have_numbers_of_their_own():
    assert {"S1", "S63", "C01", "C60b", "1", "25"} <= rows()
