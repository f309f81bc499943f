"""The metrics that a function has written into its log."""

import json


def metrics(capsys) -> list[dict]:
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(line) for line in lines if "_aws" in line]
