// What the page and its Workers say to each other: calls with one argument and one answer.

import type { Drift, Injected, Standing, Track } from "../charts/model";
import type { Entry } from "../shared/event-list";

/** Samples of a stream that the page can look back on. */
export const CAPACITY = 3600;

export const STREAMS = [
  { id: "latency", name: "latency", unit: "ms", story: "answers of a web service, skewed as such times are" },
  { id: "cpu", name: "cpu", unit: "%", story: "each sample much like the one before" },
  { id: "memory", name: "memory", unit: "%", story: "leaks, and is restarted" },
  { id: "traffic", name: "traffic", unit: "req/s", story: "a day of 288 samples: quiet nights, busy noons" },
  { id: "errors", name: "errors", unit: "/s", story: "counts of rare events" },
  { id: "queue", name: "queue", unit: "jobs", story: "wanders slowly on its own" },
] as const;

export const DETECTORS = [
  {
    id: "adaptive",
    name: "Adaptive",
    story: "learns level, season, autocorrelation and spread; its only knob is arl0",
  },
  { id: "page_hinkley", name: "Page-Hinkley", story: "accumulates deviations beyond delta until threshold" },
  { id: "z_score", name: "z-score", story: "single values and runs far from a rolling mean" },
  { id: "drift_sre", name: "drift_sre", story: "preset of the host monitor" },
  { id: "driftwatch", name: "driftwatch", story: "preset of a latency service" },
  { id: "degradation", name: "degradation", story: "preset of a request-log service" },
  { id: "pipeline", name: "pipeline", story: "preset of a stream pipeline" },
] as const;

export type DetectorId = (typeof DETECTORS)[number]["id"];

export const INJECTIONS = ["spike", "step", "creep", "noise", "burst"] as const;
export type InjectionKind = (typeof INJECTIONS)[number];

/** What the sliders set. */
export interface Settings {
  arl0: number;
  delta: number;
  threshold: number;
  z: number;
  /** Whether presets are as the systems they come from were, instead of mended. */
  literal: boolean;
}

export interface Mark {
  at: number;
  /** The first alarm within what was injected, another one within it, or one outside. */
  verdict: "found" | "again" | "false";
}

/** How well a detector did on one stream, or on several. */
export interface Tally {
  samples: number;
  injected: number;
  found: number;
  missed: number;
  falseAlarms: number;
  /** Samples from the beginning of an injection to its alarm, one for each that was found. */
  delays: number[];
  /** The last injection: its delay, `null` while it is looked for, "missed" when it ended unseen. */
  last: { kind: string; delay: number | "missed" | null } | null;
}

/** One stream as the chosen detector sees it. */
export interface StreamView {
  drifts: Drift[];
  injected: Injected[];
  standing: Standing;
  /** Whether something that was injected by hand is still going on. */
  busy: boolean;
}

export interface Picture {
  /** For each stream the rows that are new, or all if everything was looked at again. */
  rows: Track[];
  afresh: boolean;
  views: StreamView[];
  entries: Entry[];
  /** By detector, then by stream. */
  tallies: Tally[][];
  /** Alarms of each detector on the stream that is looked at. */
  marks: Mark[][];
}

export interface LiveCalls {
  start: (wish: { seed: number; settings: Settings; detector: DetectorId; focus: number }) => Picture;
  step: (samples: number) => Picture;
  inject: (wish: { stream: number; kind: InjectionKind }) => Injected;
  adjust: (settings: Settings) => Picture;
  noise: (noise: number) => Picture;
  show: (wish: { detector: DetectorId; focus: number }) => Picture;
}

export interface Speed {
  name: string;
  perSecond: number;
}

export type Profile = "sensitive" | "balanced" | "strict";

export interface JudgedLine {
  text: string;
  detected: boolean;
  /** The share of lines that are at least as odd. */
  share: number | null;
  why: string | null;
}

export interface RecordsAnswer {
  lines: JudgedLine[];
  templates: number;
  records: number;
  ready: boolean;
}

export interface ParsedTable {
  columns: { name: string; numbers: number; times: boolean }[];
  rows: number;
  bad: { line: number; column: string; text: string }[];
  badCount: number;
}

export interface BacktestWish {
  column: number;
  /** A column of times, or the number of the row. */
  time: number | null;
  detector: DetectorId;
  settings: Settings;
}

export interface Backtest {
  track: Track;
  drifts: Drift[];
  entries: (Entry & { onset: number; at: number })[];
  bad: ParsedTable["bad"];
  badCount: number;
  milliseconds: number;
}

/** A disc of series that are shifted by so much. */
export interface Hit {
  row: number;
  column: number;
  radius: number;
  sigmas: number;
}

export interface FleetTick {
  milliseconds: number;
  alarms: Uint32Array;
}

export interface LabCalls {
  speed: () => Speed[];
  records: (wish: { seed: number; profile: Profile }) => RecordsAnswer;
  log: (wish: { lines: number; odd: boolean }) => RecordsAnswer;
  judge: (text: string) => RecordsAnswer;
  parse: (text: string) => ParsedTable;
  backtest: (wish: BacktestWish) => Backtest;
  fleet: (series: number) => { bytes: number };
  tick: (hit: Hit | null) => FleetTick;
}
