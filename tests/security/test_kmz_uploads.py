"""Cases 33 and 35: uploads that attack. What is unsafe is refused before it is unpacked, and text is nothing but text.

Every archive here is a real one, made small; memory is measured, not assumed.
"""

from __future__ import annotations

import stat
import tracemalloc
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import pytest

from modules.errors import RequestError
from modules.i18n import use_language
from modules.kmz.reading.limits import LIMITS, Limits
from modules.kmz.reading.reader import read_kmz
from modules.kmz.reading.refusals import KmlRefused, KmlUnreadable
from tests.listening import listening
from tests.unit.kmz_reading.made_up import kml, kmz, only_feature, placemark, polygon, read

GOOD = kml(placemark())
MB = 1_000_000


def edited(members: dict[str | ZipInfo, bytes], edit: Callable[[list[ZipInfo]], None]) -> bytes:
    """A KMZ whose directory says something else than its members."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        edit(archive.filelist)
    return content.getvalue()


def special(name: str, kind: int) -> ZipInfo:
    info = ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    return info


def share_bytes(entries: list[ZipInfo]) -> None:
    """Let all members be the first one: a small file that holds much."""
    for entry in entries[1:]:
        for name in ("header_offset", "compress_size", "file_size", "CRC"):
            setattr(entry, name, getattr(entries[0], name))


def claim_size(size: int) -> Callable[[list[ZipInfo]], None]:
    def edit(entries: list[ZipInfo]) -> None:
        entries[0].file_size = size

    return edit


def set_flag(bit: int) -> Callable[[list[ZipInfo]], None]:
    def edit(entries: list[ZipInfo]) -> None:
        entries[0].flag_bits |= bit

    return edit


def with_nul(entries: list[ZipInfo]) -> None:
    entries[1].filename = "a.png\0.kml"


def without_name(entries: list[ZipInfo]) -> None:
    entries[1].filename = ""


ZEROS = bytes(30 * MB)
MANY = {f"{number}.kml": b"" for number in range(50)}
BILLION_LAUGHS = (
    '<!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><kml><Document><name>&i;</name></Document></kml>"
)

#: Made when it is tried: some take long, and every process would wait for all of them before its first test.
ATTACKS: dict[str, Callable[[], bytes]] = {
    "a bomb": lambda: kmz({"doc.kml": ZEROS}),
    "a bomb beside the KML": lambda: kmz({"doc.kml": GOOD, "files/a.png": ZEROS}),
    "members that share their bytes": lambda: edited({"doc.kml": GOOD, **MANY}, share_bytes),
    "too many members": lambda: kmz({f"{number}.txt": b"" for number in range(LIMITS.members + 1)}, ZIP_STORED),
    "a path upwards": lambda: kmz({"doc.kml": GOOD, "../../etc/cron.d/x": b"x"}),
    "a path upwards inside": lambda: kmz({"doc.kml": GOOD, "files/../../x": b"x"}),
    "a path upwards of Windows": lambda: kmz({"doc.kml": GOOD, "files\\..\\..\\x": b"x"}),
    "an absolute path": lambda: kmz({"doc.kml": GOOD, "/etc/passwd": b"x"}),
    "an absolute path of Windows": lambda: kmz({"doc.kml": GOOD, "C:\\Windows\\win.ini": b"x"}),
    "a share of Windows": lambda: kmz({"doc.kml": GOOD, "\\\\server\\share\\x": b"x"}),
    "a drive of Windows": lambda: kmz({"doc.kml": GOOD, "C:x": b"x"}),
    "a name with NUL": lambda: edited({"doc.kml": GOOD, "a.png__kml": b"x"}, with_nul),
    "a root KML that leads out": lambda: kmz({"../doc.kml": GOOD}),
    "a symlink": lambda: kmz({"doc.kml": GOOD, special("files/a.png", stat.S_IFLNK): b"/etc/passwd"}),
    "a symlink as the KML": lambda: kmz({special("doc.kml", stat.S_IFLNK): b"/etc/passwd"}),
    "a device": lambda: kmz({"doc.kml": GOOD, special("files/a.png", stat.S_IFCHR): b""}),
    "a password": lambda: edited({"doc.kml": GOOD}, set_flag(0x1)),
    "strong encryption": lambda: edited({"doc.kml": GOOD}, set_flag(0x41)),
    "bzip2": lambda: kmz({"doc.kml": GOOD}, ZIP_BZIP2),
    "lzma": lambda: kmz({"doc.kml": GOOD}, ZIP_LZMA),
    "a size that is a lie": lambda: edited({"doc.kml": kml(placemark(name="x" * 30 * MB))}, claim_size(2_000)),
    "a DOCTYPE": lambda: b"<?xml version='1.0'?><!DOCTYPE kml><kml/>",
    "a DOCTYPE from elsewhere": lambda: b"<!DOCTYPE kml SYSTEM 'http://127.0.0.1:9/kml.dtd'><kml/>",
    "a DOCTYPE behind a long comment": lambda: b"<!--%b-->\n<!DOCTYPE kml [<!ENTITY a 'b'>]><kml/>" % (b"x" * 100_000),
    "a DOCTYPE in UTF-16": lambda: "<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE kml><kml/>".encode("utf-16"),
    "a DOCTYPE in UTF-16 without mark": lambda: "<?xml version='1.0'?><!DOCTYPE kml><kml/>".encode("utf-16-le"),
    "a DOCTYPE in letters of Windows": lambda: "<!DOCTYPE kml><kml>ñ</kml>".encode("cp1252"),
    "a DOCTYPE in an archive": lambda: kmz({"doc.kml": b"<!DOCTYPE kml [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><kml>&a;</kml>"}),
    "a billion laughs": BILLION_LAUGHS.encode,
    "elements without end": lambda: kml("<a>" * 5000 + "</a>" * 5000),
    "folders without end": lambda: kml("<Folder>" * 100 + "</Folder>" * 100),
    "a text without end": lambda: kml(placemark(name="x" * 11 * MB)),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_f35_an_attack_is_refused_in_a_sentence_and_costs_no_memory(attack: Callable[[], bytes]):
    content = attack()
    tracemalloc.start()
    try:
        with pytest.raises((KmlRefused, KmlUnreadable)) as caught:
            read_kmz(content, "lotes.kmz")
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # zipfile makes objects of the members it lists; nothing of 30 MB was ever there.
    assert peak < 12 * MB
    assert caught.value.code == RequestError.__name__
    sentences = []
    for code in ("es", "en"):
        with use_language(code):
            sentences.append(caught.value.sentence())
    assert all(sentence.startswith("“lotes.kmz” ") and sentence.endswith(".") for sentence in sentences)
    assert sentences[0] != sentences[1]


UNREADABLE = {"a size that is a lie"}


@pytest.mark.parametrize("name", sorted(ATTACKS.keys() - UNREADABLE))
def test_f35_an_attack_is_told_from_damage(name: str):
    with pytest.raises(KmlRefused):
        read_kmz(ATTACKS[name](), "lotes.kmz")


@pytest.mark.parametrize(
    ("content", "limits"),
    [
        (GOOD, Limits(file=len(GOOD) - 1)),
        (GOOD, Limits(kml=len(GOOD) - 1)),
        (kmz({"doc.kml": GOOD}), Limits(file=100)),
        (kmz({"doc.kml": GOOD}), Limits(kml=len(GOOD) - 1)),
        (kmz({"doc.kml": GOOD, "a": b"12"}), Limits(unpacked=len(GOOD) + 1)),
        (kml(placemark() * 3), Limits(features=2)),
        (kml("<Folder/>" * 3), Limits(folders=2)),
        (kml("<Folder><Folder/></Folder>"), Limits(depth=2)),
        (kml(placemark(polygon("0,0 1,0 1,1 0,0"))), Limits(positions=3)),
        (GOOD, Limits(tags=5)),
        (kml("<Placemark>" + "<a/>" * 100 + "</Placemark>"), Limits(tags_in_feature=100)),
        (kml("<Placemark " + " ".join(f"a{number}=''" for number in range(100)) + "/>"), Limits(tags_in_feature=100)),
    ],
    # Not by the bytes: a zip holds the second it was made in, and processes that collect at two seconds would disagree.
    ids=[
        "file",
        "kml",
        "zipped file",
        "zipped kml",
        "unpacked",
        "features",
        "folders",
        "depth",
        "positions",
        "tags",
        "tags in a feature",
        "attributes in a feature",
    ],
)
def test_f35_each_limit_is_held_by_the_byte(content: bytes, limits: Limits, tmp_path: Path):
    with pytest.raises(KmlRefused):
        read_kmz(content, "lotes.kmz", limits)
    path = tmp_path / "lotes.kmz"
    path.write_bytes(content)
    with pytest.raises(KmlRefused):
        read_kmz(path, "lotes.kmz", limits)
    assert read_kmz(path, "lotes.kmz").rejected == ()


def test_f35_an_archive_in_the_archive_is_counted_and_not_opened():
    inner = kmz({"doc.kml": b"<!DOCTYPE kml><kml/>"})
    document = read(kmz({"doc.kml": GOOD, "más.kmz": inner, "b.zip": inner}))
    assert document.skipped == {"kmz": 2}
    assert len(document.features) == 1


def test_f35_a_member_without_a_name_is_harmless():
    assert len(read(edited({"doc.kml": GOOD, "a.png": b"x"}, without_name)).features) == 1


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    with listening() as heard:
        yield heard


def test_f35_links_are_listed_and_nothing_is_called(listener: tuple[str, list[str]]):
    url, calls = listener
    body = f"""
        <NetworkLink><name>n</name><Link><href>{url}/a.kml</href><refreshMode>onInterval</refreshMode></Link></NetworkLink>
        <GroundOverlay><Icon><href>{url}/a.png</href></Icon>
        <LatLonBox><north>1</north><south>0</south><east>1</east><west>0</west></LatLonBox></GroundOverlay>
        <Style id="s"><IconStyle><Icon><href>{url}/i.png</href></Icon></IconStyle></Style>
        {placemark(f"<styleUrl>{url}/s.kml#s</styleUrl><Model><Link><href>{url}/m.dae</href></Link></Model>")}
        {placemark(f"<styleUrl>#s</styleUrl><description><![CDATA[<img src='{url}/d.png'>]]></description>")}
        <xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}/x.kml"/>"""
    schema = f'xsi:schemaLocation="http://www.opengis.net/kml/2.2 {url}/kml.xsd"'
    content = kml(body).replace(b"<kml ", f'<?xml-stylesheet href="{url}/s.xsl"?><kml {schema} '.encode())
    for upload in (content, kmz({"doc.kml": content})):
        document = read(upload)
        assert [link.href for link in document.links] == [f"{url}/a.kml"]
        assert [overlay.image for overlay in document.overlays] == [None]
        assert document.features[1].style.icon_href == f"{url}/i.png"
    for declaration in (f"<!DOCTYPE kml SYSTEM '{url}/kml.dtd'>", f"<!DOCTYPE k [<!ENTITY % a SYSTEM '{url}/e'> %a;]>"):
        with pytest.raises(KmlRefused):
            read(f"{declaration}<kml/>".encode())
    assert calls == []


def test_f35_nothing_is_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    read(kmz({"doc.kml": GOOD, "files/a.png": b"\x89PNG\r\n\x1a\n"}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "Lote `7`",
        "]]>",
        "a\u0085b",
        "<img src=x onerror=alert(1)>",
        "\u202eetol",
        "'\"&amp;",
    ],
)
def test_f33_a_name_comes_back_as_the_letters_it_is(name: str):
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    data = f'<ExtendedData><Data name="n"><value>{escaped}</value></Data></ExtendedData>'
    feature = only_feature(f"<Folder><name>{escaped}</name>{placemark(data, escaped)}</Folder>")
    assert (feature.name, feature.folder, feature.data) == (name, (name,), {"n": name})


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>Soja",
        "<SCRIPT SRC=//example.com/x.js></SCRIPT>Soja",
        "<b onmouseover='alert(1)'>Soja</b>",
        "<img src=x onerror=alert(1)>Soja",
        "<style>body{background:url(javascript:alert(1))}</style>Soja",
        "<iframe src='javascript:alert(1)'>alert(1)</iframe>Soja",
        "<svg><script>alert(1)</script></svg>Soja",
        "<a href='javascript:alert(1)'>Soja</a>",
        "<object data='x'>alert(1)</object><embed src='x'>Soja",
        "<template><script>alert(1)</script></template>Soja",
        "<!--[if IE]><script>alert(1)</script><![endif]-->Soja",
        "<scr<script>ipt>alert(1)</script>Soja",
    ],
)
@pytest.mark.parametrize("element", ["description", "Snippet"])
def test_f33_html_of_a_balloon_becomes_text_without_what_acts(html: str, element: str):
    feature = only_feature(placemark(f"<{element}><![CDATA[{html}]]></{element}>"))
    text = feature.description or feature.snippet
    assert text.endswith("Soja")
    assert "alert" not in text.replace("ipt>alert(1)", "")
    assert "<" not in text


def test_f33_what_was_escaped_twice_is_the_text_of_a_tag_not_a_tag():
    feature = only_feature(
        placemark("<description>&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;</description>")
    )
    assert feature.description == "<script>alert(1)</script>"


def test_f33_control_characters_are_no_kml():
    with pytest.raises(KmlUnreadable):
        read(kml(placemark(name="a\x01b")))
    with pytest.raises(KmlUnreadable):
        read(kml(placemark(name="a&#1;b")))


def test_f33_names_inside_a_sentence_are_short_and_printable():
    with pytest.raises(KmlRefused) as caught:
        read(kmz({"doc.kml": GOOD, "../\x1b[31m" + "x" * 300: b""}))
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 300
