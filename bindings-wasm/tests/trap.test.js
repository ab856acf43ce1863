// What ends a module: a typed error, after which nothing of that module answers any more, and everything of the others does.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { DriftError, Monitor, ZScore, explain, init } from "drift-sre";
import { Adaptive, init as initAdaptive } from "drift-sre/adaptive";
import { Scenario, init as initScenario } from "drift-sre/scenario";

import { PACKAGE } from "./files.js";

const refused = (code, message) => (error) => {
  assert.ok(error instanceof DriftError, `${error?.stack ?? error}`);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

/** Where monitors are looked for, as long as it is set: there is no memory there. */
let planted;
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...given) => {
  const made = await instantiate(...given);
  const exports = made.instance?.exports;
  if (exports?.chart_make === undefined) return made;
  const corridor_update = (address, ...rest) => exports.corridor_update(planted ?? address, ...rest);
  return { instance: { exports: { ...exports, corridor_update } } };
};

/** A module whose memory may grow by so many pages, not more. */
function limited(name, pages) {
  const bytes = readFileSync(join(PACKAGE, name));
  const number = (at) => {
    let [value, length] = [0, 0];
    do value += (bytes[at + length] & 0x7f) * 128 ** length;
    while (bytes[at + length++] >= 0x80);
    return [value, length];
  };
  const written = (value) => [(value & 0x7f) | 0x80, (value >> 7) & 0x7f];
  for (let at = 8; ; ) {
    const [size, length] = number(at + 1);
    const begin = at + 1 + length;
    // The section of memories holds one, here without a limit.
    if (bytes[at] === 5) {
      assert.deepEqual([...bytes.subarray(begin, begin + 2)], [1, 0]);
      const [least] = number(begin + 2);
      const section = [5, 6, 1, 1, ...written(least), ...written(least + pages)];
      return Buffer.concat([bytes.subarray(0, at), Uint8Array.from(section), bytes.subarray(begin + size)]);
    }
    at = begin + size;
  }
}

test("a trap is a typed error, and the end of its module alone", async () => {
  await Promise.all([init(), initScenario()]);
  const [monitor, other, chart] = [new Monitor(), new Monitor(), new ZScore()];
  const { values, times } = new Scenario("step", 1).take(Infinity);
  const [{ event }] = other.updateMany(values, times).events;
  planted = -16;
  assert.throws(() => monitor.update(1), refused("trapped", /drift-sre cannot be used any more.*out of bounds/));
  planted = undefined;
  const uses = [
    () => monitor.update(1), () => other.updateMany(values), () => other.snapshot(), () => other.state, () => other.reset(),
    () => chart.update(1), () => chart.config, () => new Monitor(), () => new ZScore(), () => ZScore.fromBytes(new Uint8Array(9)),
  ];
  for (const use of uses) assert.throws(use, refused("trapped", /load it anew/));
  for (const object of [monitor, other, chart]) object.free();
  assert.throws(() => other.update(1), refused("freed", /free/));
  assert.match(explain(event, "cpu", "%"), /^cpu rose from/);
  assert.equal(new Scenario("step", 1).take(10).values.length, 10);
});

test("memory that runs out is told, and what was underway when it did is not gone on with", async () => {
  await initAdaptive({ module: limited("adaptive.wasm", 20) });
  const kept = [];
  const fill = () => {
    for (let count = 0; count < 1000; count++) {
      const adaptive = new Adaptive();
      kept.push(adaptive);
      for (let t = 0; t < 200; t++) adaptive.update(t % 7);
    }
  };
  assert.throws(fill, refused("out_of_memory", /there must be memory for this, got none/));
  assert.ok(kept.length > 0);
  assert.throws(() => kept[0].update(1), refused("trapped", /drift-sre\/adaptive cannot be used any more/));
  for (const adaptive of kept) adaptive.free();
});
