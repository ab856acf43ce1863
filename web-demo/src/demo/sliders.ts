// The knobs: a labelled slider with its value in words beside it.

import { byId, el, say } from "../shared/dom";
import { count, number } from "../shared/format";

export interface Knob {
  id: string;
  label: string;
  story: string;
  least: number;
  most: number;
  usual: number;
  /** Steps of equal ratio instead of equal distance. */
  ratio?: boolean;
  tell: (value: number) => string;
}

const STEPS = 200;

export const KNOBS = {
  arl0: {
    id: "arl0",
    label: "Adaptive: arl0",
    story: "samples between false alarms that it may raise",
    least: 100,
    most: 1e7,
    usual: 10_000,
    ratio: true,
    tell: count,
  },
  delta: {
    id: "delta",
    label: "Page-Hinkley: delta",
    story: "how small a deviation is forgiven, in sigma",
    least: 0,
    most: 2,
    usual: 0.25,
    tell: number,
  },
  threshold: {
    id: "threshold",
    label: "Page-Hinkley: threshold",
    story: "how much accumulated deviation alarms",
    least: 2,
    most: 200,
    usual: 50,
    ratio: true,
    tell: number,
  },
  z: {
    id: "z",
    label: "z-score: threshold",
    story: "the distance at which it alarms, in sigma",
    least: 1,
    most: 8,
    usual: 3,
    tell: number,
  },
  noise: {
    id: "noise",
    label: "Noise",
    story: "how widely all streams scatter",
    least: 0.2,
    most: 3,
    usual: 1,
    tell: (value: number) => `× ${number(value)}`,
  },
  speed: {
    id: "speed",
    label: "Speed",
    story: "samples a second of each stream",
    least: 1,
    most: 5000,
    usual: 60,
    ratio: true,
    tell: count,
  },
} satisfies Record<string, Knob>;

function value({ least, most, ratio }: Knob, step: number): number {
  const share = step / STEPS;
  const exact = ratio === true ? least * (most / least) ** share : least + (most - least) * share;
  return Number(exact.toPrecision(2));
}

function nearest(knob: Knob, wanted: number): number {
  const distance = (step: number): number => Math.abs(value(knob, step) - wanted);
  return Array.from({ length: STEPS + 1 }, (_, step) => step).reduce((one, other) =>
    distance(other) < distance(one) ? other : one,
  );
}

/** Fills a place with a slider. What is set is told at once, and after it has come to rest. */
export function makeSlider(knob: Knob, set: number, changed: (value: number) => void, live: boolean): void {
  const place = document.querySelector<HTMLElement>(`[data-slider="${knob.id}"]`) ?? byId(knob.id);
  const told = el("output", { for: `slider-${knob.id}` }, knob.tell(set));
  const input = el("input", {
    type: "range",
    id: `slider-${knob.id}`,
    min: 0,
    max: STEPS,
    value: nearest(knob, set),
    "aria-valuetext": knob.tell(set),
    "aria-describedby": `story-${knob.id}`,
  });
  const now = (): number => value(knob, Number(input.value));
  input.addEventListener("input", () => {
    say(told, knob.tell(now()));
    input.setAttribute("aria-valuetext", knob.tell(now()));
    if (live) changed(now());
  });
  if (!live) input.addEventListener("change", () => changed(now()));
  place.className = "slider";
  place.append(
    el("label", { for: `slider-${knob.id}` }, knob.label, told),
    input,
    el("p", { id: `story-${knob.id}` }, knob.story),
  );
}
