// The log of what happened, newest first, read out by screen readers as it grows.

import { el, visible } from "./dom";

/** Of a drift; or that a series is known well enough to be judged, or was declared unknown. */
export type Kind = "opened" | "closed" | "outlier" | "ready" | "reset";

export interface Entry {
  when: string;
  series: string;
  /** The word says what the sign shows. */
  kind: Kind;
  severity: string;
  text: string;
}

const SIGNS = { opened: "▲", closed: "✓", outlier: "◆", ready: "●", reset: "○" } as const;
const WORDS = {
  opened: "drift",
  closed: "over",
  outlier: "outlier",
  ready: "known",
  reset: "reset",
} as const;

export class EventList {
  private readonly empty: HTMLElement;

  constructor(
    private readonly list: HTMLElement,
    private readonly most: number,
    nothing: string,
  ) {
    this.empty = el("li", { class: "nothing" }, nothing);
    list.append(this.empty);
  }

  add(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.empty.remove();
    this.list.prepend(...entries.slice(-this.most).reverse().map(row));
    while (this.list.childElementCount > this.most) this.list.lastElementChild?.remove();
  }

  clear(): void {
    this.list.replaceChildren(this.empty);
  }
}

function row({ when, series, kind, severity, text }: Entry): HTMLElement {
  return el(
    "li",
    { class: `event ${kind}` },
    el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[kind]),
    el(
      "span",
      { class: "about" },
      el("b", {}, visible(series)),
      ` ${WORDS[kind]}${kind === "opened" || kind === "outlier" ? `, ${visible(severity)}` : ""} `,
      el("time", {}, when),
    ),
    el("span", { class: "text" }, visible(text)),
  );
}
