"""`diff`: which objects are gone, new or changed between two exports."""

from __future__ import annotations

from pathlib import Path

from tests.cli.clixml.exports import clixml, document, mailbox, mailboxes, saved


def _two(folder: Path, old: bytes, new: bytes, *options: str) -> tuple[int, list[str], str]:
    done = clixml("diff", saved(folder, old, "old.xml"), saved(folder, new, "new.xml"), *options)
    return done.returncode, done.stdout.replace(f"{folder}/", "").splitlines(), done.stderr


def test_equal_exports_are_the_same_whatever_their_ids_order_and_encoding(tmp_path: Path) -> None:
    old = document(*(mailbox(number, f"Mailbox {number}", first=not number) for number in range(5)))
    order = (3, 1, 4, 0, 2)
    new = document(*(mailbox(number, f"Mailbox {number}", first=number == order[0]) for number in order))
    told = _two(tmp_path, old, new.decode().encode("utf-16"))
    assert told == (0, ["5 the same, 0 changed, 0 only in old.xml, 0 only in new.xml"], "")


def test_what_is_gone_new_and_changed_is_told_property_by_property(tmp_path: Path) -> None:
    old = document(mailbox(0, "a", first=True), mailbox(1, "b"), mailbox(2, "c"))
    new = document(
        mailbox(0, "a", first=True).replace("smtp:u0@fabrikam.com", "smtp:new@fabrikam.com").replace(">0</I32>", ">5</I32>"),
        mailbox(2, "c").replace('<Nil N="Office" />', ""),
        mailbox(3, "d"),
    )
    assert _two(tmp_path, old, new) == (
        1,
        [
            "~ Name a",
            "    Items",
            "        - 0",
            "        + 5",
            "    Addresses",
            "        - smtp:u0@fabrikam.com",
            "        + smtp:new@fabrikam.com",
            "~ Name c",
            "    Office",
            "        -  (gone)",
            "+ Name d",
            "- Name b",
            "0 the same, 2 changed, 1 only in old.xml, 1 only in new.xml",
        ],
        "",
    )
    assert _two(tmp_path, old, old.replace(b">DB1<", b">DB7<"), "-p", "Name,Alias")[0] == 0


def test_a_type_that_changed_is_a_change_though_it_looks_the_same(tmp_path: Path) -> None:
    old = document(mailbox(1, "a", first=True))
    code, lines, _ = _two(tmp_path, old, old.replace(b'<I32 N="Items">7</I32>', b'<S N="Items">7</S>'))
    assert (code, lines[:4]) == (1, ["~ Name a", "    Items", "        - 7", '        + "7"'])


def test_objects_are_told_apart_by_the_key_that_is_named(tmp_path: Path) -> None:
    old, new = document(mailbox(1, "a", first=True)), document(mailbox(1, "renamed", first=True))
    assert _two(tmp_path, old, new)[1][-1] == "0 the same, 0 changed, 1 only in old.xml, 1 only in new.xml"
    assert _two(tmp_path, old, new, "--key", "Alias")[1][0] == "~ Alias user1 (renamed)"


def test_what_is_cut_off_is_compared_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = mailboxes(3)
    code, lines, errors = _two(tmp_path, whole, whole[:-100])
    assert code == 1
    unsure = "1 with a question mark: not in the part of the other file that could be read"
    assert lines == ["?- Name Mailbox 2", "2 the same, 0 changed, 0 only in old.xml, 0 only in new.xml", unsure]
    assert "the file ends here, in the middle of the document" in errors


def test_what_is_new_beside_a_file_that_is_cut_off_may_be_in_the_rest_of_it(tmp_path: Path) -> None:
    whole = mailboxes(3)
    code, lines, errors = _two(tmp_path, whole[:-100], whole)
    assert (code, lines[0]) == (1, "?+ Name Mailbox 2")
    assert "the file ends here" in errors


def test_a_mistyped_key_or_property_is_told_with_the_nearest_names(tmp_path: Path) -> None:
    whole = mailboxes(2)
    for option, meant in ((("--key", "Alais"), "Alias"), (("--property", "Itms,Name"), "Items")):
        code, _, errors = _two(tmp_path, whole, whole, *option)
        assert code == 0
        assert f"no object that was read has a property {option[1].partition(',')[0]}; did you mean {meant}" in errors


def test_standard_input_may_be_one_of_the_two(tmp_path: Path) -> None:
    export = saved(tmp_path, mailboxes(2))
    assert clixml("diff", export, "-", stdin=mailboxes(2)).returncode == 0
    assert clixml("diff", "-", "-").returncode == 2
