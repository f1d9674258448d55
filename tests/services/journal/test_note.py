"""Signed notes as other implementations write them; keys that do not sign, and lines that are none."""

import pytest

from services.journal.checkpoint import Checkpoint, opened
from services.journal.note import Key, Kind, Note, NoteError, Signer, signed_note

# The example of golang.org/x/mod/sumdb/note.
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    f"{TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
    "otpRZb6KE6RyyBwJnAM=\n"
)

WITNESS = Signer.of("audit.example", Kind.COSIGNATURE, bytes(range(32)))


def test_a_known_key_signs_a_known_text_as_known() -> None:
    signer = Signer.parse(PRIVATE)
    assert str(signer) == PRIVATE
    assert str(signer.key) == PUBLIC
    assert signed_note(TEXT, signer) == SIGNED


def test_a_known_note_is_checked() -> None:
    Note.parse(SIGNED).check(Key.parse(PUBLIC))


@pytest.mark.parametrize(
    "wrong",
    [
        SIGNED.replace("problem is", "problem was"),
        SIGNED.replace("PeterNeumann", "Peter"),
        SIGNED.replace("x08go/Z", "x08go/Y"),
        SIGNED.replace("\n\n", "\n"),
        SIGNED.rstrip("\n"),
        SIGNED.replace("—", "-"),
        SIGNED + "— x AAA=\n",
        "",
    ],
)
def test_a_note_that_was_changed_is_none(wrong: str) -> None:
    with pytest.raises(NoteError):
        Note.parse(wrong).check(Key.parse(PUBLIC))


@pytest.mark.parametrize(
    "wrong",
    [
        PUBLIC.replace("c74f20a3", "c74f20a4"),
        PUBLIC.replace("PeterNeumann", "Peter"),
        PUBLIC.replace("+AR", "+Ah"),
        PUBLIC[:-4],
        "",
    ],
)
def test_a_key_that_was_changed_is_none(wrong: str) -> None:
    with pytest.raises(NoteError):
        Key.parse(wrong)


def test_a_second_office_adds_its_line_with_a_time() -> None:
    once = signed_note(TEXT, Signer.parse(PRIVATE))
    twice = Note.parse(once + WITNESS.line(TEXT, 1_700_000_000))
    twice.check(Key.parse(PUBLIC))
    twice.check(WITNESS.key)
    with pytest.raises(NoteError, match="has not signed"):
        Note.parse(once).check(WITNESS.key)
    late = bytearray(twice.signatures[1].content)
    late[7] ^= 1
    assert not WITNESS.key.signed(TEXT, bytes(late)), "the time is signed as well"


def test_a_checkpoint_says_what_it_is_of() -> None:
    checkpoint = Checkpoint("dibao.journal/dibao.payments/3", 7, bytes(32))
    signer = Signer.of("dibao.journal", Kind.NOTE, bytes(32))
    assert opened(signed_note(checkpoint.text, signer), signer.key) == checkpoint
    assert checkpoint.place == ("dibao.payments", 3)
    for wrong in ("a\n1\n", "a\nx\nAAAA\n", "\n1\n" + checkpoint.text.split("\n")[2], "a\n1\nAAAA\n"):
        with pytest.raises(NoteError):
            Checkpoint.parse(wrong)
