"""`specmodel run`: what is wrong is said of its input and file, with exit 1, and nothing is written."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.run.conftest import WEIGHTS, Run, X

F4 = np.float32
LEFT, RIGHT = np.zeros((2, 3, 2), F4), np.zeros((2, 3, 2), np.int32)


def header(shape: str, descr: str = "'<f4'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def saved(array: object, **options: bool) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(array), **options)
    return file.getvalue()


BYTES = {
    "text.npy": b"1.0, 2.0\n",
    "empty.npy": b"",
    "pickle.npy": b"\x80\x04N.",
    "objects.npy": saved(np.array([{}], object), allow_pickle=True),
    "structured.npy": saved(np.zeros(2, [("a", "f4")])),
    "complex.npy": saved(np.zeros((2, 4), complex)),
    "dates.npy": saved(np.zeros((2, 4), "M8[s]")),
    "short.npy": saved(X)[:-1],
    "long.npy": saved(X) + b"\0",
    "huge.npy": header("(2000000000, 2000000000)"),
    "beyond.npy": header("(99999999999999, 4)"),
    "calls.npy": header("(__import__('os').getpid(), 4)"),
    "zip.npy": b"PK\x03\x04 and so on",
    "rank.npy": saved(np.zeros((5, 4, 1), F4)),
    "single.npy": saved(np.zeros(4, F4)),
    "number.npy": saved(np.zeros((), F4)),
    "size.npy": saved(np.zeros((5, 3), F4)),
    "words.npy": saved(np.array([["a"] * 4])),
    "no_rows.npy": saved(np.zeros((0, 4), F4)),
    "no_columns.npy": saved(np.zeros((5, 0), F4)),
    "x.npz": b"not a zip",
}

ONE = [
    ("missing.npy", "E501", "there is no such file"),
    (".", "E501", "this is a directory, not a file"),
    ("fifo", "E501", "this is a FIFO (named pipe), not a file"),
    ("/dev/zero", "E501", "this is a device, not a file"),
    ("text.npy", "E501", "this is not an .npy file: it starts with `1.0, 2.0"),
    ("empty.npy", "E501", "it is empty"),
    ("pickle.npy", "E501", "a pickle"),
    ("objects.npy", "E501", "Python objects, which are stored as a pickle"),
    ("structured.npy", "E501", "structured arrays"),
    ("complex.npy", "E501", "complex numbers"),
    ("dates.npy", "E501", "dates"),
    ("short.npy", "E501", "cut short"),
    ("long.npy", "E501", "longer than it says"),
    ("huge.npy", "E501", "larger than any memory"),
    ("beyond.npy", "E501", "above the limit"),
    ("calls.npy", "E501", "its header"),
    ("zip.npy", "E501", "a zip archive"),
    ("x.npz", "E501", "this is not an .npz file"),
    ("bad_crc.npz", "E501", "checksum"),
    ("twice.npz", "E501", "two members of the name `input.npy`"),
    ("climbing.npz", "E501", "a name that arrays cannot have"),
    ("other.npz", "E502", "the model has no input `inputs`"),
    ("rank.npy", "E502", "input `input` has 2 axes with the batch, (None, 4); found 3, (5, 4, 1)"),
    ("single.npy", "E502", "input `input` has 2 axes with the batch, (None, 4); found 1, (4,)"),
    ("number.npy", "E502", "found a single number of shape ()"),
    ("size.npy", "E502", "axis 1 of input `input` must be 4; found 3 in (5, 3)"),
    ("words.npy", "E502", "input `input` must be float32, found string"),
    ("no_rows.npy", "E503", "input `input` has no samples: the batch of its data is empty, found (0, 4)"),
    ("no_columns.npy", "E503", "input `input` is empty: axis 1 of its data has the size 0, found (5, 0)"),
]


@pytest.fixture
def files(folder: Path) -> None:
    for name, data in BYTES.items():
        Path(name).write_bytes(data)
    os.mkfifo("fifo")
    np.savez("other.npz", inputs=X)
    np.savez("fine.npz", input=X)
    data = bytearray(Path("fine.npz").read_bytes())
    data[data.index(b"\n", 100) + 8] ^= 1
    Path("bad_crc.npz").write_bytes(data)
    with zipfile.ZipFile("climbing.npz", "w") as archive:
        archive.writestr("../input.npy", saved(X))
    with zipfile.ZipFile("twice.npz", "w") as archive:
        archive.writestr("input.npy", saved(X))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("input.npy", saved(X))


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(("given", "code", "message"), ONE, ids=[row[0] for row in ONE])
def test_a_bad_file_is_refused(run: Run, given: str, code: str, message: str) -> None:
    before = sorted(os.listdir())
    status, output, errors = run("dense.yaml", given, "-o", "y.npy")
    assert (status, output) == (1, "")
    assert errors.startswith(f"{given}: error[{code}] ")
    assert message in errors
    assert sorted(os.listdir()) == before


PAIRS = [
    (["left.npy"], "E502", "there is no data for the input `right`"),
    (["left.npy", "left=left.npy", "right.npy"], "E502", "this is one array too many"),
    (["left.npy", "lefd=right.npy"], "E502", "the model has no input `lefd`"),
    (["left.npy", "lefd=right.npy"], "E502", "did you mean `left`?"),
    (["left=left.npy", "left=right.npy"], "E502", "there are two arrays for the input `left`"),
    (["left.npy", "float.npy"], "E502", "input `right` must be int32, found float32"),
    (["left.npy", "more_rows.npy"], "E502", "axis 0 of input `right` must be 2, since `batch` is 2 in input `left`"),
    (["left.npy", "longer.npy"], "E502", "axis 1 of input `right` must be 3, since `seq` is 3 in input `left`"),
    (["left.npy", "large.npy"], "E507", "is int32, from -2147483648 to 2147483647; found 3000000000 at [1, 2, 0]"),
    (["left.npy", "unsigned.npy"], "E507", "found 18446744073709551615 at [0, 0, 0]"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "code", "message"), PAIRS)
def test_what_does_not_go_together_is_refused(run: Run, given: list[str], code: str, message: str) -> None:
    large = RIGHT.astype(np.int64)
    large[1, 2, 0] = 3_000_000_000
    arrays = {
        "left": LEFT, "right": RIGHT, "float": LEFT, "large": large, "more_rows": np.zeros((3, 3, 2), np.int32),
        "longer": np.zeros((2, 4, 2), np.int32), "unsigned": np.full((2, 3, 2), 2**64 - 1, np.uint64),
    }  # fmt: skip
    for name, array in arrays.items():
        np.save(f"{name}.npy", array)
    before = sorted(os.listdir())
    for size in ([], ["--batch-size", "1"]):
        status, output, errors = run("two.yaml", *given, "-o", "y.npz", *size)
        assert (status, output) == (1, "")
        assert f"error[{code}] " in errors
        assert message in errors
        assert sorted(os.listdir()) == before


def test_every_wrong_input_is_named_in_one_run(run: Run) -> None:
    np.save("left.npy", np.zeros((2, 3), F4))
    np.save("right.npy", np.zeros((2, 3, 5), F4))
    errors = run("two.yaml", "left.npy", "right.npy")[2]
    heads = [line.partition("]")[0] for line in errors.splitlines() if "error[" in line]
    assert heads == ["left.npy: error[E502", "right.npy: error[E502", "right.npy: error[E502"]


OPTIONS = [
    (["-o", "no/y.npy"], "no/y.npy: error[E006] the output cannot be written: the folder `no` does not exist"),
    (["-o", "."], ".: error[E006] the output cannot be written: this is a directory"),
    (["-o", "/dev/full"], "/dev/full: error[E006] the output cannot be written: no space left on device"),
    (["-o", "y.txt"], "y.txt: error[E006] results are written as .npy or .npz, and this name ends in `.txt`"),
    (["-o", "y"], "y: error[E006] results are written as .npy or .npz, and this name has no suffix"),
    (["-o", "x.npy"], "x.npy: error[E506] the output would overwrite the input `x.npy`"),
    (["-o", "link.npy"], "link.npy: error[E506] the output would overwrite the input `x.npy`"),
    (["-o", "w.npz"], "w.npz: error[E506] the output would overwrite the input `w.npz`"),
    (["-o", "other.npz", "--weights", "other.npz"], "other.npz: error[E506]"),
    (["-o", "spec.npy"], "spec.npy: error[E506] the output would overwrite the input `dense.yaml`"),
    (["--weights", "no.npz"], "no.npz: error[E401] there is no such file"),
    (["--weights", "x.npy"], "x.npy: error[E403]"),
    (["--weights", "few.npz"], "few.npz: error[E402] the weights do not fit the spec: 3 are missing"),
    (["--until", "haed"], "dense.yaml: error[E212] the spec has no layer `haed`"),
    (["--until", "haed"], "help: did you mean `head`?"),
    (["--max-memory", "1"], "error[E504] one sample takes "),
    (["--max-memory", "1", "--batch-size", "2"], "error[E504] a piece of 2 samples takes "),
]


@pytest.mark.parametrize(("options", "message"), OPTIONS, ids=[" ".join(row[0]) for row in OPTIONS])
def test_what_cannot_be_done_is_refused(run: Run, options: list[str], message: str) -> None:
    Path("link.npy").symlink_to("x.npy")
    os.link("dense.yaml", "spec.npy")
    np.savez("other.npz", **WEIGHTS)
    np.savez("few.npz", **{"body/kernel": np.zeros((4, 3), F4)})
    before = {name: Path(name).read_bytes() for name in os.listdir()}
    if "-o" not in options:
        options = [*options, "-o", "y.npy"]
    status, output, errors = run("dense.yaml", "x.npy", *options)
    assert (status, output) == (1, "")
    assert message in errors
    assert {name: Path(name).read_bytes() for name in os.listdir()} == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dense.yaml"], "Missing argument 'INPUT...'"),
        (["-", "-"], "`-` is the standard input, which can be only one thing"),
        (["two.yaml", "left=-", "-"], "`-` is the standard input, which can be only one thing"),
        (["dense.yaml", "input=x.npz"], "'x.npz' names its arrays itself: leave out `input=`"),
        (["dense.yaml", "x.npy", "--max-memory", "much"], "'much' is no amount of memory"),
        (["dense.yaml", "x.npy", "--max-memory", "0"], "'0' is no amount of memory"),
        (["dense.yaml", "x.npy", "--batch-size", "0"], "--batch-size"),
        (["dense.yaml", "x.npy", "--threads", "0"], "--threads"),
    ],
)
def test_wrong_usage_exits_with_two(run: Run, arguments: list[str], message: str) -> None:
    status, output, errors = run(*arguments)
    assert (status, output) == (2, "")
    assert message in errors


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is empty"),
        (saved(X)[:-4], "the stream ends too early"),
        (saved(X) + b"more", "the stream goes on"),
        (saved(np.zeros((5, 3), F4)), "axis 1 of input `input` must be 4; found 3"),
    ],
)
def test_a_bad_stream_is_refused(run: Run, data: bytes, message: str) -> None:
    status, output, errors = run("dense.yaml", "-", "-o", "y.npy", stdin=data)
    assert (status, output) == (1, "")
    assert errors.startswith("<stdin>: error[E50")
    assert message in errors
    assert not Path("y.npy").exists()


def test_a_stream_that_declares_too_much_is_not_read(run: Run) -> None:
    status, _, errors = run("dense.yaml", "-", "--max-memory", "1M", stdin=header("(1000000, 4)") + b"few")
    assert status == 1
    assert "error[E504] one sample takes " in errors
    assert "data that cannot be mapped 15.26 MB" in errors


def test_a_wrong_spec_is_told_before_its_data_is_looked_at(run: Run) -> None:
    Path("bad.yaml").write_text("inputs: [4]\nlayers: [{Dens: 2}]\n")
    status, _, errors = run("bad.yaml", "missing.npy")
    assert status == 1
    assert "E206" in errors
    assert "missing.npy" not in errors


def test_several_outputs_do_not_fit_into_an_npy(run: Run) -> None:
    np.savez("pair.npz", left=LEFT, right=RIGHT)
    status, _, errors = run("two.yaml", "pair.npz", "-o", "y.npy")
    assert status == 1
    assert "y.npy: error[E006] an .npy file holds one array, and there are 2 outputs: `sum`, `flipped`" in errors
    assert "help: name it `y.npz`" in errors


def test_an_index_outside_the_table_is_said_of_the_layer_and_nothing_is_written(run: Run) -> None:
    Path("ids.yaml").write_text(
        "inputs: {ids: {shape: [3], dtype: int32}}\nlayers: [{Embedding: {input_dim: 10, output_dim: 2}}]\n"
    )
    ids = np.zeros((6, 3), np.int32)
    ids[4, 1] = 10
    np.save("ids.npy", ids)
    status, _, errors = run("ids.yaml", "ids.npy", "-o", "y.npy", "--batch-size", "2", "-q")
    assert status == 1
    assert "error[E507] Embedding `embedding`: the value 10 is outside the table of 10 rows" in errors
    assert not Path("y.npy").exists()


def test_a_fixed_batch_must_match(run: Run) -> None:
    Path("fixed.yaml").write_text("inputs: {x: {shape: [4], batch: 3}}\nlayers: [{ReLU: }]\n")
    status, _, errors = run("fixed.yaml", "x.npy")
    assert status == 1
    assert "x.npy: error[E502] axis 0 of input `x` must be 3; found 5 in (5, 4)" in errors


def test_weights_that_cannot_fit_are_refused_before_they_are_made(run: Run) -> None:
    Path("large.yaml").write_text("inputs: [4]\nlayers: [{Dense: 2000000000}, {Dense: 2000000}]\n")
    status, _, errors = run("large.yaml", "x.npy")
    assert status == 1
    assert "error[E504] " in errors
    assert "weights 14.21 PB" in errors


def test_a_zip_bomb_is_refused_by_what_it_declares(run: Run) -> None:
    with zipfile.ZipFile("bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("input.npy", "w") as member:
        member.write(header("(4000000, 4)"))
        for _ in range(64):
            member.write(bytes(1_000_000))
    status, _, errors = run("dense.yaml", "bomb.npz", "--max-memory", "16M")
    assert status == 1
    assert "bomb.npz: error[E003] its arrays unpack to 64,000,128 bytes, and the limit is 16,777,216" in errors
