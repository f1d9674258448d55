"""Places have names, where the data of divisions has one."""

import pytest

from projections.labels import place


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("500102008201", "荔枝街道鹅颈关村 500102008201"),
        ("500102008001", "荔枝街道顺江社区 500102008001"),
        ("500102008", "荔枝街道 500102008"),
        # 罗云乡 became 罗云镇 and its villages were numbered anew: the old code keeps the old name.
        ("500102204202", "罗云乡文昌宫村 500102204202"),
        ("500103001001", "500103001001"),
        ("500102", "500102"),
    ],
)
def test_a_place_is_its_name_and_its_code(code: str, shown: str) -> None:
    assert place(code) == shown
