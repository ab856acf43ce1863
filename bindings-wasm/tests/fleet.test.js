// Fleets: copied and uncopied rows answer alike, and as charts of their own would.

import assert from "node:assert/strict";
import { test } from "node:test";

import { everything } from "./files.js";

const { Fleet, PageHinkley, Scenario } = await everything();

const SERIES = 37;
const ROWS = 400;
const CONFIG = {
  baseline: { exponential: { alpha: 0.05, scale: { fixed: 10 } } },
  detector: { page_hinkley: { threshold: 20 } },
};

function rows() {
  const rows = new Float64Array(SERIES * ROWS);
  for (let series = 0; series < SERIES; series++) {
    const { values } = new Scenario("spike", series).take(1200);
    for (let row = 0; row < ROWS; row++) rows[row * SERIES + series] = values[row * 3];
  }
  return rows;
}

test("the buffer, copied rows, ticks and single charts agree", () => {
  const values = rows();
  const copied = new Fleet(CONFIG, SERIES).updateMany(values);
  assert.ok(copied.length > 0);

  const uncopied = new Fleet(CONFIG, SERIES);
  uncopied.buffer(ROWS).set(values);
  assert.deepEqual(uncopied.take(ROWS), copied);

  const ticked = new Fleet(CONFIG, SERIES);
  const pairs = [];
  for (let row = 0; row < ROWS; row++) {
    for (const series of ticked.tick(values.subarray(row * SERIES, (row + 1) * SERIES))) pairs.push(row, series);
  }
  assert.deepEqual(Uint32Array.from(pairs), copied);

  const charts = Array.from({ length: SERIES }, () => {
    const { baseline, detector } = CONFIG;
    return new PageHinkley({ ...detector.page_hinkley, baseline });
  });
  const alone = [];
  values.forEach((value, at) => {
    if (charts[at % SERIES].update(value)) alone.push(Math.floor(at / SERIES), at % SERIES);
  });
  assert.deepEqual(Uint32Array.from(alone), copied);
  assert.deepEqual(Fleet.fromBytes(uncopied.toBytes()).toBytes(), ticked.toBytes());
});

test("more rows than the buffer holds are refused and not taken", () => {
  const fleet = new Fleet(CONFIG, SERIES);
  const before = fleet.toBytes();
  fleet.buffer(2).fill(1);
  for (const rows of [3, -1, NaN, Infinity, 1.5]) assert.throws(() => fleet.take(rows), { code: "out_of_range" });
  assert.throws(() => fleet.buffer(2 ** 30), { code: "out_of_range" });
  assert.throws(() => fleet.tick(new Float64Array(2)), { code: "out_of_range" });
  assert.deepEqual(fleet.toBytes(), before);
});
