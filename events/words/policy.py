"""Words for the codes of ``events/policy.py``, by what happened and by field."""

WORDS = {
    "issued": {
        "gives": {
            "rural_dibao": "农村低保",
            "urban_dibao": "城市低保",
            "tekun": "特困供养",
            "temporary_relief": "临时救助",
            "single_person_dibao": "单人保 单人户",
        },
    },
}
