"""Records from Python: the same verdicts as in Rust, plain data, clear errors."""

import copy
import json
import math
import pickle
import random
import struct
import threading
import zlib
from pathlib import Path

import pytest

from drift_sre import (
    NoveltyIndex,
    PrimedZstd,
    RecordMonitor,
    SessionMonitor,
    compression_ratio,
    conditional,
    entropy,
    ncd,
)

PINNED = json.loads((Path(__file__).parents[2] / "vectors" / "pinned" / "records.json").read_text())


def usual(n):
    messages = ["user {} logged in", "item {} viewed", "item {} added to cart", "order {} placed"]
    return {"level": "info", "msg": messages[n % 4].format(n * 7919 % 1000), "ms": 20 + n * 7 % 11}


def warm(monitor, records=700):
    monitor.update_many([usual(n) for n in range(records)])
    return monitor


def bits(number):
    return None if number is None else struct.pack(">d", number).hex()


@pytest.mark.parametrize("case", PINNED["cases"], ids=lambda case: case["name"])
def test_verdicts_are_those_of_the_core_to_the_bit(case):
    monitor = RecordMonitor(case["config"])
    for position, (record, wanted) in enumerate(zip(PINNED["records"], case["verdicts"])):
        if position == case["anchored_at"]:
            monitor = RecordMonitor.resume(case["config"], monitor.snapshot())
            monitor.set_anchor()
        verdict = monitor.update(record)
        window = verdict.window
        told = {
            "score": bits(verdict.score),
            "p_value": bits(verdict.p_value),
            "detected": verdict.detected,
            "ncd": bits(verdict.metrics.ncd) if verdict.metrics else None,
            "isolated": bits(window.isolated["p_value"]) if window else None,
            "episode": bits(window.episode["p_value"]) if window else None,
            "drift": bits(verdict.anchor.drift_score) if verdict.anchor else None,
            "why": verdict.why,
        }
        assert told == wanted, position
    assert zlib.crc32(monitor.snapshot()) == case["snapshot_crc"]


def test_an_odd_event_is_found_and_explained():
    monitor = warm(RecordMonitor(numeric_outliers=True))
    verdict = monitor.update({"level": "fatal", "msg": "journal aborted on disk", "ms": 9000, "password": "hunter2"})
    assert verdict.detected
    assert verdict.score > 0
    assert verdict.p_value <= 0.01
    assert verdict.confidence == 1 - verdict.p_value
    assert "never seen in 700 records before" in verdict.why
    assert "ms is 9000, usually 25" in verdict.why
    assert "hunter2" not in verdict.text
    assert verdict.outliers[0]["field_path"] == "ms"
    metrics = verdict.metrics
    assert 0 <= metrics.ncd <= 1
    assert 0 < metrics.ncd_raw <= 1
    assert metrics.confidence_level == 1 - metrics.p_value
    assert metrics.baseline_compression_ratio > 1
    plain = json.loads(json.dumps(verdict.as_dict()))
    assert plain["metrics"]["entropy_change"] == metrics.entropy_change
    later = [monitor.update(usual(n)) for n in range(20)]
    windows = [verdict.window for verdict in later if verdict.window and verdict.window.detected]
    assert windows
    assert windows[0].culprits[0]["id"] == verdict.id
    assert windows[0].as_dict()["isolated"]["detected"]


def test_texts_bytes_and_dicts_are_the_same_record():
    event = {"b": 1, "a": {"msg": "x"}}
    monitors = [RecordMonitor() for _ in range(3)]
    text = json.dumps(event)
    forms = [event, text, text.encode()]
    for _ in range(3):
        parts = [monitor.update(form).parts for monitor, form in zip(monitors, forms)]
        assert parts[0] == parts[1] == parts[2]
    assert len({monitor.snapshot() for monitor in monitors}) == 1


def test_a_batch_is_so_many_updates():
    one, other = RecordMonitor("sensitive"), RecordMonitor("sensitive")
    records = [usual(n) for n in range(400)]
    verdicts = one.update_many(records)
    assert [verdict.as_dict() for verdict in verdicts] == [other.update(record).as_dict() for record in records]
    before = one.snapshot()
    with pytest.raises(TypeError, match=r"events\[1\] must be a text, bytes or a dict, got 5"):
        one.update_many([usual(1), 5])
    assert one.snapshot() == before


def test_a_batch_lets_other_threads_run():
    monitor, ticks, done = RecordMonitor(), [], threading.Event()

    def tick():
        while not done.wait(0.001):
            ticks.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    monitor.update_many([f"line {n} of many" for n in range(100_000)])
    seen = len(ticks)
    done.set()
    thread.join()
    assert seen > 3


@pytest.mark.parametrize("again", [copy.deepcopy, lambda monitor: pickle.loads(pickle.dumps(monitor))])
def test_copies_and_pickles_go_on_bit_for_bit(again):
    monitor = warm(RecordMonitor("sensitive", mask={"numbers": False}))
    monitor.set_anchor()
    other = again(monitor)
    assert other.config == monitor.config
    for n in range(60):
        assert other.update(usual(n)).as_dict() == monitor.update(usual(n)).as_dict()
    assert other.snapshot() == monitor.snapshot()
    sessions = SessionMonitor()
    sessions.update(["a", "b"])
    assert again(sessions).snapshot() == sessions.snapshot()


def test_profiles_and_overrides():
    sizes = {name: RecordMonitor(name).config for name in ("sensitive", "balanced", "strict")}
    told = {name: (config["ncd_threshold"], config["p_value_threshold"]) for name, config in sizes.items()}
    assert told == {"sensitive": (0.2, 0.1), "balanced": (0.3, 0.05), "strict": (0.45, 0.01)}
    monitor = RecordMonitor("strict", pvalue_threshold=0.02, compressor="zstd")
    assert monitor.config["p_value_threshold"] == 0.02
    assert monitor.config["baseline_size"] == 800
    assert monitor.thresholds == {"ncd_threshold": 0.45, "p_value_threshold": 0.02}
    assert warm(monitor, 1000).metrics().ncd_raw is not None


@pytest.mark.parametrize(
    ("refused", "error", "code", "message"),
    [
        (lambda: RecordMonitor("lax"), ValueError, "out_of_range", "profile must be one of sensitive, balanced"),
        (lambda: RecordMonitor(window_size=0), ValueError, "out_of_range", "window_size must be 1 to 1,000, got 0"),
        (lambda: RecordMonitor(baseline=9), ValueError, "bad_config", "config.baseline = 9: unknown field"),
        (lambda: RecordMonitor(hop_size="x"), ValueError, "bad_config", "config.hop_size = 'x'"),
        (lambda: RecordMonitor().update({1: 2}), ValueError, "bad_record", "event must be an event that JSON can hold"),
        (lambda: RecordMonitor().update(None), TypeError, None, "event must be a text, bytes or a dict, got None"),
        (lambda: RecordMonitor().update_many("text"), TypeError, None, "events must be a sequence of records"),
        (lambda: RecordMonitor().set_anchor(), ValueError, "not_calibrated", "takes 450 more records"),
        (lambda: RecordMonitor().feedback(7, "confirmed"), ValueError, "unknown_detection", "got 7"),
        (lambda: RecordMonitor().feedback(7, "maybe"), ValueError, "out_of_range", "kind must be one of"),
        (lambda: RecordMonitor.resume("balanced", b"x"), ValueError, "snapshot_corrupt", "snapshot must be whole"),
        (lambda: ncd("", "x"), ValueError, "out_of_range", "x must not be empty"),
        (lambda: ncd("x", "x", "rar"), ValueError, "out_of_range", "compressor must be one of deflate, lz4, zstd"),
        (lambda: ncd(1, "x"), TypeError, None, "x must be a text or bytes, got 1"),
    ],
)
def test_errors_name_what_was_wrong(refused, error, code, message):
    with pytest.raises(error, match=message.replace("[", r"\[")) as caught:
        refused()
    assert getattr(caught.value, "code", None) == code


def test_calibration_is_told():
    monitor = RecordMonitor()
    monitor.update("first")
    calibration = monitor.calibration
    assert (calibration.status, calibration.progress_percent, calibration.events_needed) == ("calibrating", 2, 49)
    assert (calibration.detection_ready, calibration.detection_events_needed) == (False, 449)
    assert calibration.as_dict()["detection_min_events"] == 450
    assert warm(monitor).calibration.detection_ready


def test_anchors_are_set_watched_and_dropped():
    monitor = warm(RecordMonitor())
    assert monitor.anchor is None
    details = monitor.set_anchor()
    assert details == monitor.anchor
    assert details["event_count"] == 450
    verdicts = [verdict.anchor for verdict in monitor.update_many([usual(n) for n in range(300)])]
    assert any(verdicts)
    assert not any(verdict.drift_detected for verdict in verdicts if verdict)
    strange = [f"segment {n} mirrored to tape library over fibre" for n in range(150)]
    drifted = [verdict.anchor for verdict in monitor.update_many(strange)]
    assert any(verdict.as_dict()["drift_detected"] for verdict in drifted if verdict)
    assert monitor.drop_anchor()
    assert monitor.anchor is None


def test_feedback_is_counted():
    monitor = warm(RecordMonitor())
    found = monitor.update("FATAL kernel panic")
    monitor.feedback(found.id, "false_positive")
    monitor.feedback(found.id, "confirmed")
    assert monitor.feedback_stats()["confirmed"] == monitor.feedback_stats()["total_feedback"] == 1
    assert monitor.tune_history == []


def test_sessions_that_lack_a_line_are_found():
    monitor = SessionMonitor()
    for n in range(600):
        monitor.update([f"open {n}", f"write {n}", f"close {n}"])
    assert monitor.sessions == 600
    verdict = monitor.update(["open 7", "write 7"])
    assert verdict.detected
    assert verdict.why == "1 kinds of lines that most sessions have are missing"
    assert verdict.as_dict()["missing"] == 1


def test_distances_have_the_laws_of_distances():
    words = random.Random(1)
    x = " ".join("".join(words.choices("abcdefgh", k=6)) for _ in range(300))
    y = " ".join(str(words.random()) for _ in range(100))
    for compressor in ("deflate", "lz4", "zstd", "direct"):
        assert ncd(x, x, compressor) < 0.3
        assert 0.7 < ncd(x, y, compressor) <= 1
        assert conditional(x, x, compressor) < conditional(x, y, compressor)
        assert compression_ratio("the same line\n" * 200, compressor) > 5 > compression_ratio(x, compressor)
    assert ncd(x.encode(), bytearray(x.encode())) == ncd(x, x)
    assert ncd("x" * 100_000, "x" * 100_000) < 0.7, "beyond the compressor's window"
    assert entropy(b"abcd") == 2
    assert math.isclose(entropy("aab"), 0.9182958340544896)


def test_an_index_knows_what_it_was_told():
    index = NoveltyIndex(texts=50)
    index.learn_many([f"session {n} opened for user" for n in range(80)])
    assert len(index) == 50
    known, new = index.novelty_many(["session 123 opened for user", b"BUG at mm/slub, tainted"])
    assert known < 0.4 < new <= 1
    assert index.novelty("session 123 opened for user") == known
    index.learn("BUG at mm/slub, tainted")
    assert index.bits("BUG at mm/slub, tainted") < 40


def test_a_primed_compressor_agrees_with_an_exact_one():
    dice = random.Random(3)
    lines = [f"user {dice.randrange(999)} {dice.choice(['opened', 'closed'])} item {n}\n" for n in range(500)]
    primed = PrimedZstd("".join(lines))
    known, new = "user 7 opened item 9\n", "BUG at mm/slub, tainted: G W 0xffe\n"
    assert primed.conditional(known) < conditional(new, "".join(lines), "zstd")
    assert primed.added_many([known, new]) == [primed.added(known), primed.added(new)]
    assert primed.added(known) < primed.added(new)
    with pytest.raises(ValueError, match="baseline must be at least one byte, got 0"):
        PrimedZstd("")
    with pytest.raises(ValueError, match="text must not be empty"):
        primed.conditional("")
