// Alarms against what is known: which count as found, and which as false.

import { ScoreCard } from "../src/worker/score-card";
import { expect, test } from "./site";

test("an alarm finds what it lies in, once; any other is false", () => {
  const step = { start: 2000, end: 2300, kind: "step" };
  const creep = { start: 4000, end: 4600, kind: "creep" };
  const card = new ScoreCard([step, creep]);
  // Before anything is learned, one before the step, in its first sample, again, when it is over, and long after.
  [500, 1999, 2000, 2200, 2300, 3000].forEach((at) => card.alarm(at));
  const verdicts = card.marks.map(({ verdict }) => verdict);
  expect(verdicts).toEqual(["false", "false", "found", "again", "false", "false"]);
  const early = card.tally(0, 4100);
  expect(early).toMatchObject({
    samples: 3100,
    injected: 2,
    found: 1,
    missed: 0,
    falseAlarms: 3,
    delays: [0],
  });
  expect(early.last).toEqual({ kind: "creep", delay: null });
  expect(card.tally(0, 4600).last).toEqual({ kind: "creep", delay: "missed" });
  expect(card.tally(3500, 4600)).toMatchObject({ samples: 1100, injected: 1, found: 0, missed: 1 });
});

test("of two that overlap, two alarms find both", () => {
  const card = new ScoreCard([
    { start: 1000, end: 2000, kind: "incident" },
    { start: 1500, end: 1800, kind: "step" },
  ]);
  [1600, 1610].forEach((at) => card.alarm(at));
  expect(card.tally(0, 2000)).toMatchObject({ found: 2, falseAlarms: 0, delays: [600, 110] });
});
