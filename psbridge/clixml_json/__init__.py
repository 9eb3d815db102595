"""Values in, JSON out; and back, without loss.

`null`, truth values, strings and Int32 numbers are JSON's own. Every other simple value is an object with one member, named as
its CLIXML element is: `{"I64": "5"}`, `{"DT": "2018-07-01T12:00:00.1234567+02:00"}` (scalars.py has the table).
An object is `{"id": 5, ...}` with what there is of `types`, `toString`, its content (`base`, `list`, `stack`, `queue`, `dict` or
`ordered`), `props`, `notes` and `shares`. `{"ref": 5}` is the object with that id which stands before it, `{"set": {...}}` a
named set of members, `{"PR": {...}}` a progress record.
`plain` gives names and values only, which cannot be read back.
"""

from psbridge.clixml_json.plain import plain
from psbridge.clixml_json.reading import JsonReader
from psbridge.clixml_json.text import Json, from_text, to_text
from psbridge.clixml_json.writing import JsonWriter

__all__ = ["Json", "JsonReader", "JsonWriter", "from_text", "plain", "to_text"]
