// Calls of every sort with arguments of every sort: only typed errors, no trap, and no memory lost.
//
// DRIFT_SRE_FUZZ is how many calls there are, 100,000 if it is not told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { everything } from "./files.js";

const CALLS = Number(process.env.DRIFT_SRE_FUZZ ?? 1e5);

// Most answers are errors, and most of what an error costs is its stack.
Error.stackTraceLimit = 4;

const memories = [];
const { instantiate } = WebAssembly;
// The memory is nobody's business but the package's, and this test's.
WebAssembly.instantiate = async (...given) => {
  const made = await instantiate(...given);
  memories.push((made.instance ?? made).exports.memory);
  return made;
};
const api = await everything();
const size = () => memories.reduce((total, { buffer }) => total + buffer.byteLength, 0);

/** The same numbers in every run. */
function dice(seed) {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const detached = () => {
  const array = new Float64Array(8);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
};

const VALUES = [
  0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity, 1e308, 5e-324, 1e150, 1e151, 2 ** 53, "1", "", "step", "driftwatch", null, undefined,
  true, 1n, -1n, 2n ** 64n, Symbol("x"), {}, [], [1, 2], () => 1, new Date(0), new Float32Array(3), new Float64Array(0),
  Float64Array.of(1, NaN, Infinity, 3), new Float64Array(20_000).fill(7), detached(), new Uint8Array(0),
  Uint8Array.from({ length: 64 }, (_, at) => at), { detector: { z_score: {} } }, { arl0: 100 }, { arl0: "many" },
  { baseline: { rolling: { size: 65_536, min_samples: 2 } } }, { threshold: 1e-7 }, { decision: { enter: [] } },
  { detector: { window_shift: {}, trend: {} } }, { season: { given: { period: 1e-300 } } },
];

const CLASSES = ["Monitor", "Adaptive", "PageHinkley", "ZScore", "Cusum", "Ewma", "WindowShift", "Trend", "Fleet", "Scenario"];
const METHODS = [
  "update", "update", "update", "updateMany", "scoreMany", "advance", "accept", "reset", "reconfigure", "snapshot", "toBytes", "tick",
  "buffer", "take", "truth", "free", "state", "samples", "score", "baseline", "band", "config", "period", "alarm", "direction",
];

/** Runs a call; whether it did not throw. Whatever else it throws than a typed error is a failure. */
function tolerated(call, about) {
  try {
    call();
  } catch (error) {
    const typed = error instanceof TypeError || (error instanceof api.DriftError && error.code !== "trapped");
    if (!typed) throw new Error(`${about()}: ${error?.stack ?? String(error)}`);
  }
}

test(`${CALLS} calls of every sort`, () => {
  const roll = dice(1);
  const pick = (list) => list[roll(list.length)];
  const objects = CLASSES.map((name) => fresh(name));
  function fresh(name) {
    return new api[name](...{ Fleet: [{}, 3], Scenario: ["gaps", 1], Monitor: ["pipeline"] }[name] ?? [{}]);
  }
  const bytes = [];
  for (let call = 0; call < CALLS; call++) {
    const at = roll(CLASSES.length);
    const [name, object, method] = [CLASSES[at], objects[at], pick(METHODS)];
    // As many values as these, or as many keys of a configuration, would take most of the time there is.
    const given = [pick(VALUES), pick(VALUES)].map((value) => (value?.length > 100 && call % 50 ? 1 : value));
    const about = () => `${name}.${method}(${given.map((value) => String(value?.constructor?.name ?? value))})`;
    if (method === "free" || call % 997 === 0) {
      object.free();
      tolerated(() => object[pick(METHODS)]?.(...given), about);
      objects[at] = fresh(name);
      tolerated(() => new api[name](...given), about);
    } else if (typeof object[method] === "function") {
      tolerated(() => object[method](...given), about);
    } else {
      tolerated(() => object[method], about);
    }
    if (call % 50 === 0) {
      const saved = (object.toBytes ?? object.snapshot)?.bind(object);
      tolerated(() => bytes[at] = saved?.(), about);
      const hostile = Uint8Array.from(bytes[at] ?? []);
      for (let flips = roll(4); flips >= 0 && hostile.length; flips--) hostile[roll(hostile.length)] ^= 1 << roll(8);
      tolerated(() => (api[name].fromBytes ?? api[name].resume)?.call(api[name], ...(name === "Monitor" ? ["pipeline"] : []), hostile).free(), about);
    }
  }
});

test("memory stays what it is over many objects and many samples", () => {
  const samples = new Float64Array(50_000).map((_, at) => at % 97);
  const kept = new api.Monitor();
  const use = (objects) => {
    for (let count = 0; count < objects; count++) {
      const monitor = new api.Monitor("driftwatch");
      monitor.update(count);
      monitor.free();
      const chart = new api.ZScore();
      chart.update(count);
      chart.free();
    }
    kept.updateMany(samples);
  };
  use(100);
  const before = size();
  use(Math.min(CALLS, 1e5) / 2);
  for (let round = 0; round < CALLS / 50_000; round++) kept.updateMany(samples);
  assert.equal(size(), before);
});
