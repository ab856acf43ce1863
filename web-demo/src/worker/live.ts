// The Worker of the live streams: six streams, every detector on each of them.

import { init } from "drift-sre";
import { init as initAdaptive } from "drift-sre/adaptive";
import { init as initScenario } from "drift-sre/scenario";

import { Columns } from "../charts/columns";
import { TRACK, type Track } from "../charts/model";
import { serve } from "../demo/channel";
import {
  CAPACITY,
  DETECTORS,
  STREAMS,
  type DetectorId,
  type LiveCalls,
  type Picture,
  type Settings,
} from "../demo/protocol";
import { JUDGED, Lane, type Announced } from "./lane";
import { HISTORY, Source } from "./source";

interface Stream {
  source: Source;
  /** As much of the past as a detector that is set anew has to go through. */
  past: Columns<"times" | "values">;
  lanes: Lane[];
}

let streams: Stream[] = [];
let seed = 1;
let settings: Settings;
let shown = 0;
let focus = 0;

const serving: LiveCalls = {
  start(wish) {
    ({ seed, settings, focus } = wish);
    shown = position(wish.detector);
    return begin(1);
  },
  step(samples) {
    const entries: Announced[] = [];
    const rows = streams.map((stream) => {
      const { times, values } = stream.source.take(samples);
      stream.past.push({ times, values });
      const answers = stream.lanes.map((lane) => lane.take(values, times));
      entries.push(...answers[shown]!.entries);
      return { time: times, value: values, ...answers[shown]!.rows };
    });
    return picture(rows, false, entries);
  },
  inject({ stream, kind }) {
    return streams[stream]!.source.inject(kind);
  },
  adjust(wanted) {
    const old = settings;
    settings = wanted;
    DETECTORS.forEach(({ id }, detector) => {
      if (concerns(id, old, wanted)) streams.forEach((stream) => relearn(stream, detector));
    });
    return everything();
  },
  noise: begin,
  show(wish) {
    shown = position(wish.detector);
    focus = wish.focus;
    return everything();
  },
};

serve(Promise.all([init(), initAdaptive(), initScenario()]), serving);

function position(detector: DetectorId): number {
  return DETECTORS.findIndex(({ id }) => id === detector);
}

/** Streams from their beginning, with a past behind them. */
function begin(noise: number): Picture {
  streams.forEach(({ source, lanes }) => {
    source.free();
    lanes.forEach((lane) => lane.free());
  });
  const told: Announced[] = [];
  streams = STREAMS.map((stream, index) => {
    const source = new Source(index, seed, noise);
    const past = new Columns(["times", "values"], HISTORY);
    const lanes = DETECTORS.map(({ id }) => new Lane(stream, id, settings, source.injected, 0));
    const { times, values } = source.take(HISTORY);
    past.push({ times, values });
    lanes.forEach((lane, detector) => {
      const { entries } = lane.take(values, times);
      if (detector === shown) told.push(...entries);
    });
    return { source, past, lanes };
  });
  return { ...everything(), entries: told.sort((one, other) => one.at - other.at) };
}

function concerns(id: DetectorId, old: Settings, wanted: Settings): boolean {
  switch (id) {
    case "adaptive":
      return old.arl0 !== wanted.arl0;
    case "page_hinkley":
      return old.delta !== wanted.delta || old.threshold !== wanted.threshold;
    case "z_score":
      return old.z !== wanted.z;
    default:
      return old.literal !== wanted.literal;
  }
}

/** Another detector in place of one, which has seen what there is of the past. */
function relearn(stream: Stream, detector: number): void {
  const [times, values] = [stream.past.view("times"), stream.past.view("values")];
  const index = streams.indexOf(stream);
  const lane = new Lane(
    STREAMS[index]!,
    DETECTORS[detector]!.id,
    settings,
    stream.source.injected,
    times[0] ?? 0,
  );
  lane.take(values.slice(), times.slice());
  stream.lanes[detector]!.free();
  stream.lanes[detector] = lane;
}

/** All that is in view. */
function everything(): Picture {
  const rows = streams.map(({ past, lanes }): Track => {
    const { columns } = lanes[shown]!;
    const judged = Object.fromEntries(JUDGED.map((name) => [name, columns.view(name).slice()]));
    const time = past.view("times", CAPACITY).slice();
    return { time, value: past.view("values", CAPACITY).slice(), ...judged } as Record<
      (typeof TRACK)[number],
      Float64Array
    >;
  });
  return picture(rows, true, []);
}

function picture(rows: Track[], afresh: boolean, entries: Announced[]): Picture {
  const views = streams.map(({ source, past, lanes }) => {
    const { drifts, standing } = lanes[shown]!;
    const now = newest(past);
    const injected = source.injected.filter(({ start, end }) => start <= now && end >= now - CAPACITY);
    return { drifts, injected, standing, busy: source.busy };
  });
  const tallies = DETECTORS.map((_, detector) =>
    streams.map(({ past, lanes }) => {
      const lane = lanes[detector]!;
      return lane.card.tally(lane.from, newest(past));
    }),
  );
  const marks = streams[focus]!.lanes.map((lane) => lane.card.marks);
  return { rows, afresh, views, entries, tallies, marks };
}

function newest(past: Columns<"times" | "values">): number {
  const times = past.view("times", 1);
  return times[0] ?? 0;
}
