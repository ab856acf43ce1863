// How soon the demo can be used, and what a frame of it costs the main thread. Limits stand beside what was measured.

import type { CDPSession } from "@playwright/test";

import { CAPACITY, STREAMS } from "../src/demo/protocol";
import { openDemo, test } from "./site";

const ROUNDS = 5;
const FRAMES = 120;

const median = (numbers: number[]): number =>
  numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)]!;

function row(what: string, measured: number[], limit?: number): string {
  const range = `${Math.min(...measured).toFixed(1)} to ${Math.max(...measured).toFixed(1)}`;
  const most = limit === undefined ? "" : `, at most ${limit} wanted`;
  return `${what.padEnd(76)}${median(measured).toFixed(1).padStart(8)} ms (${range}${most})`;
}

test("the demo", async ({ page, site, context }) => {
  test.setTimeout(300_000);
  const usable: number[] = [];
  const drawn: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await openDemo(page, site, "seed=1&speed=300");
    const times = await page.evaluate(() => {
      const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
      const [first] = performance.getEntriesByName("first picture");
      return { usable: navigation!.domContentLoadedEventEnd, drawn: first!.startTime };
    });
    usable.push(times.usable);
    drawn.push(times.drawn);
  }

  await page.getByLabel("Shown").selectOption(String(CAPACITY));
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const frames: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = await busy(session);
    await page.evaluate(
      (count) =>
        new Promise<void>((resolve) => {
          const next = (left: number): void =>
            left === 0 ? resolve() : void requestAnimationFrame(() => next(left - 1));
          next(count);
        }),
      FRAMES,
    );
    frames.push(((await busy(session)) - before) / FRAMES);
  }
  const frame = `a frame, ${STREAMS.length} live charts of ${CAPACITY} points and a large one`;
  const rows = [
    row("from navigation to controls that answer", usable, 1000),
    row("from navigation to charts of a past that was judged", drawn),
    row(`${frame}, processor time`, frames, 20),
  ];
  console.log(rows.join("\n"));
});

/** Milliseconds of processor time that the page's main thread has spent on tasks. */
async function busy(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1000 * metrics.find(({ name }) => name === "TaskDuration")!.value;
}
