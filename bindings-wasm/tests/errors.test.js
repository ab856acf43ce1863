// What is refused: typed errors with codes that are the same in every language, and nothing lost by them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CODES, DriftError, Monitor } from "drift-sre";

import { everything } from "./files.js";

const refused = (code, message) => (error) => {
  assert.ok(error instanceof DriftError, `${error}`);
  assert.equal(error.code, code);
  if (message) assert.equal(error.message, message);
  return true;
};

assert.throws(() => new Monitor(), refused("not_initialised"));
const { Adaptive, Cusum, Fleet, PageHinkley, Scenario, ZScore, explain } = await everything();

test("every code", () => {
  assert.deepEqual(CODES, [
    "out_of_range", "snapshot_corrupt", "snapshot_version", "snapshot_mismatch", "not_calibrated", "unknown_detection",
    "bad_config", "freed", "not_initialised", "out_of_memory", "trapped",
  ]);
});

test("settings that cannot be", () => {
  const alpha = { baseline: { exponential: { alpha: 2 } } };
  assert.throws(() => new Monitor(alpha), refused("out_of_range", "alpha must be in (0, 1], got 2"));
  assert.throws(() => new Adaptive({ arl0: NaN }), refused("out_of_range"));
  assert.throws(() => new Monitor("nightly"), refused("out_of_range"));
  assert.throws(() => new Monitor({ alhpa: 1 }), refused("bad_config"));
  assert.throws(() => new PageHinkley({ delta: "1" }), refused("bad_config", 'config.detector.page_hinkley.delta must be a number, got "1"'));
  assert.throws(() => new Cusum({ baseline: { rolling: { size: 1.5 } } }), refused("bad_config"));
  assert.throws(() => new Scenario("step", -1), refused("out_of_range"));
  assert.throws(() => new Fleet({}, 0), refused("out_of_range"));
  assert.throws(() => new Monitor(7), TypeError);
});

test("numbers in messages are written as core writes them", () => {
  const told = { 2: "2", 1.5: "1.5", 1e21: "1000000000000000000000", "-1e-7": "-0.0000001", Infinity: "inf", NaN: "NaN" };
  for (const [alpha, text] of Object.entries(told)) {
    const config = { baseline: { exponential: { alpha: Number(alpha) } } };
    assert.throws(() => new Monitor(config), refused("out_of_range", `alpha must be in (0, 1], got ${text}`));
  }
});

test("snapshots of something else, and no snapshots", () => {
  const saved = new ZScore().toBytes();
  assert.throws(() => Cusum.fromBytes(saved), refused("snapshot_mismatch"));
  assert.throws(() => Monitor.resume({}, saved), refused("snapshot_mismatch"));
  assert.throws(() => ZScore.fromBytes(saved.subarray(1)), refused("snapshot_corrupt"));
  assert.throws(() => ZScore.fromBytes(saved.with(2, 9)), refused("snapshot_version", "snapshot version must be 1, got 9"));
  assert.throws(() => ZScore.fromBytes("DS"), TypeError);
});

test("wrong types are TypeErrors and change nothing", () => {
  const monitor = new Monitor();
  monitor.update(1, 0);
  const before = monitor.snapshot();
  for (const wrong of [undefined, null, "1", 1n, {}, [], Symbol("1")]) {
    assert.throws(() => monitor.update(wrong), TypeError);
    assert.throws(() => monitor.updateMany(wrong), TypeError);
    assert.throws(() => explain(wrong, "x", ""), (error) => error instanceof TypeError || error instanceof DriftError);
  }
  assert.throws(() => monitor.updateMany(new Float64Array(2), new Float64Array(3)), refused("out_of_range"));
  assert.deepEqual(monitor.snapshot(), before);
});

test("a freed object says so, and may be freed again", () => {
  for (const object of [new Monitor(), new Adaptive(), new PageHinkley(), new Fleet({}, 2), new Scenario("step", 1)]) {
    object.free();
    object.free();
    object[Symbol.dispose ?? "free"]();
    const use = { Fleet: () => object.tick(new Float64Array(2)), Scenario: () => object.take(1) }[object.constructor.name];
    assert.throws(use ?? (() => object.update(1)), refused("freed"));
  }
});

test("events survive cloning, and are explained all the same", () => {
  const { values, times } = new Scenario("step", 1).take(Infinity);
  const [{ event }] = new Monitor().updateMany(values, times).events;
  assert.match(event.id, /^[0-9a-f]{16}$/);
  assert.equal(explain(structuredClone(event), "cpu", "%"), event.explain("cpu", "%"));
  assert.match(event.explain("cpu", "%"), /^cpu rose from/);
});

test("whole numbers in the upper half of their range cross as they are", () => {
  const samples = 4_000_000_000;
  const endless = new Scenario({ samples, interval_secs: 1, law: { normal: { mean: 100, sd: 1 } } }, 2n ** 64n - 1n);
  assert.equal(endless.left, samples);
  assert.equal(endless.take(9000).values.length, 9000);
  assert.equal(endless.left, samples - 9000);
  assert.equal(new Adaptive({ adopt_after: samples }).config.adopt_after, samples);
});
