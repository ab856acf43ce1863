// Records: the shared vectors, and what the other functions answer.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DriftError, RecordMonitor, compressionRatio, conditional, entropy, init, ncd } from "drift-sre/records";

import { json } from "./files.js";
import { verifyRecords } from "./vectors.js";

await init();

test("every vector is answered to the bit", () => {
  assert.ok(verifyRecords({ RecordMonitor }, json("vectors/pinned/records.json")) >= 3);
});

test("distances", () => {
  assert.ok(ncd("abcabcabc ".repeat(50), "abcabcabc ".repeat(50)) < 0.2);
  assert.equal(ncd("", ""), null);
  assert.equal(conditional("", "x"), null);
  assert.equal(entropy("aabb"), 1);
  assert.ok(compressionRatio("a".repeat(1000)) > 10);
});

test("an event is what its JSON is, and verdicts have the keys that the types name", () => {
  const [one, other] = [new RecordMonitor("balanced"), new RecordMonitor("balanced")];
  const verdict = one.update({ level: "info", ms: 3 });
  assert.deepEqual(verdict, other.update('{"level":"info","ms":3}'));
  assert.deepEqual(Object.keys(verdict).sort(), [
    "anchor", "confidence", "detected", "familiarity", "id", "metrics", "outliers", "p_value", "p_value_threshold", "parts",
    "ready", "score", "text", "truncated", "why", "window",
  ]);
  assert.equal(one.calibration.events_ingested, 1);
  assert.equal(one.templates, 1);
});

test("what is refused has a code", () => {
  const code = (code) => (error) => error instanceof DriftError && error.code === code;
  const monitor = new RecordMonitor();
  assert.throws(() => new RecordMonitor({ hop_size: 0 }), code("out_of_range"));
  assert.throws(() => new RecordMonitor({ hop: 1 }), code("bad_config"));
  assert.throws(() => new RecordMonitor("loose"), code("bad_config"));
  assert.throws(() => monitor.setAnchor(), code("not_calibrated"));
  assert.throws(() => monitor.feedback(7, "confirmed", 0), code("unknown_detection"));
  assert.throws(() => RecordMonitor.resume("balanced", new Uint8Array(20)), code("snapshot_corrupt"));
  assert.throws(() => monitor.update(7), TypeError);
  assert.throws(() => ncd("x", null), TypeError);
});
