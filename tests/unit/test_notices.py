from modules.i18n import N_, use_language
from modules.i18n.notices import notice, recorded_warnings, warning_sentences
from modules.kmz_products.result import KmzResult

LEFT_OUT = N_("No GeoPackage was written, it would have {count} cells; the Parquet files have them all.")


def test_counts_are_written_in_the_language_of_who_reads():
    told = [notice(LEFT_OUT, count=1_200_000)]
    with use_language("es"):
        assert "1.200.000 celdas" in warning_sentences(told)[0]
    with use_language("en"):
        assert "1,200,000 cells" in warning_sentences(told)[0]


def test_records_that_name_other_values_are_left_out_and_the_others_said():
    other_version = {"warnings": [{"template": LEFT_OUT, "values": {"rows": 3}}, notice(LEFT_OUT, count=7)]}
    said = recorded_warnings([*KmzResult.from_dict(other_version).warnings, {}])
    assert len(said) == 1
    assert "7" in said[0]
