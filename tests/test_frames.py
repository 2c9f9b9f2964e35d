import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fbviz.frames import DTYPES, Frame, pack, unpack

ARRAYS = st.dictionaries(
    st.text(max_size=10),
    st.sampled_from(sorted(DTYPES)).flatmap(
        lambda d: arrays.arrays(np.dtype(d), arrays.array_shapes(min_side=0, max_dims=3))
    ),
    max_size=5,
)
FACTS = st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text())


@given(FACTS, ARRAYS)
def test_a_frame_survives_the_wire_bit_for_bit(facts, named):
    back = unpack(pack(Frame(facts, named)))

    assert back.facts == facts
    assert list(back.arrays) == list(named)
    for name, array in named.items():
        assert (back.arrays[name].dtype, back.arrays[name].shape) == (array.dtype, array.shape)
        assert back.arrays[name].tobytes() == array.tobytes()


@given(st.binary(max_size=60))
def test_bytes_that_are_no_frame_are_a_value_error(data):
    with pytest.raises(ValueError, match="frame"):
        unpack(data)


def test_a_frame_cut_short_is_a_value_error():
    data = pack(Frame({}, {"a": np.arange(10.0)}))

    with pytest.raises(ValueError, match="frame"):
        unpack(data[:-9])


def test_what_no_browser_can_read_is_refused():
    with pytest.raises(TypeError, match="int64"):
        pack(Frame({}, {"a": np.arange(3)}))


def test_a_number_that_is_none_becomes_null():
    assert unpack(pack(Frame({"a": float("nan")}))).facts == {"a": None}
