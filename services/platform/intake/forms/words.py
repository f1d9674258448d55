"""Chinese words for codes that several forms have; the first word of each is the one that templates offer."""

PROGRAMMES = {
    "urban_dibao": "城市低保",
    "rural_dibao": "农村低保",
    "tekun": "特困供养 特困",
    "temporary_relief": "临时救助",
}

SELF_CARE = {"full": "能自理 完全自理", "partial": "半失能 部分自理", "none": "全失能 不能自理"}
