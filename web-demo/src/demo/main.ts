// The demo: wires the page to its two Workers.

import { byId, say } from "../shared/dom";
import { brief } from "../shared/format";
import { startTheme } from "../shared/theme";
import { BacktestView } from "./backtest";
import { Channel } from "./channel";
import { FleetView } from "./fleet";
import { LiveView } from "./live";
import { LogView } from "./log";
import type { LabCalls, LiveCalls, Settings } from "./protocol";

/** What the address asks for. */
const asked = new URLSearchParams(location.search);
const seed = whole(asked.get("seed"), 1, 0, 1e6);
const speed = whole(asked.get("speed"), 60, 1, 5000);

function whole(text: string | null, usual: number, least: number, most: number): number {
  const given = text === null ? NaN : Number(text);
  return Number.isInteger(given) && given >= least && given <= most ? given : usual;
}

function trouble(error: unknown): void {
  const box = byId("trouble");
  box.hidden = false;
  say(box, error instanceof Error ? error.message : String(error));
}

async function start(): Promise<void> {
  startTheme();
  const live = new Channel<LiveCalls>(
    new Worker(new URL("../worker/live.ts", import.meta.url), { type: "module" }),
  );
  const lab = new Channel<LabCalls>(
    new Worker(new URL("../worker/lab.ts", import.meta.url), { type: "module" }),
  );
  const streams = new LiveView(live, { seed, speed }, trouble);
  const settings = (): Settings => streams.settings;
  new BacktestView(lab, settings, trouble);
  new FleetView(lab, trouble);
  await streams.start();
  await new LogView(lab, seed, trouble).start();
  for (const [index, { perSecond }] of (await lab.call("speed")).entries()) {
    const number = document.querySelector(`[data-speed="${index}"] b`);
    if (number !== null) say(number, brief(perSecond));
  }
  document.documentElement.dataset["ready"] = "yes";
}

start().catch(trouble);
