// Data of the reader's own: dropped, chosen or pasted, judged in the Worker, and given back as a file.

import { Timeline } from "../charts/timeline";
import { byId, el, say, visible } from "../shared/dom";
import { EventList } from "../shared/event-list";
import { count, milliseconds } from "../shared/format";
import type { Channel } from "./channel";
import {
  DETECTORS,
  type Backtest,
  type DetectorId,
  type LabCalls,
  type ParsedTable,
  type Settings,
} from "./protocol";

const MOST_BYTES = 100_000_000;

export class BacktestView {
  private readonly told = byId("backtest-told");
  private readonly column = byId<HTMLSelectElement>("column");
  private readonly time = byId<HTMLSelectElement>("time-column");
  private readonly detector = byId<HTMLSelectElement>("backtest-detector");
  private readonly events = new EventList(byId("found"), 500, "No drift was found.");
  private chart: Timeline | null = null;
  private table: ParsedTable | null = null;
  private result: Backtest | null = null;
  private name = "pasted";
  private turn = 0;

  constructor(
    private readonly lab: Channel<LabCalls>,
    private readonly settings: () => Settings,
    private readonly trouble: (error: unknown) => void,
  ) {
    this.detector.append(...DETECTORS.map(({ id, name }) => el("option", { value: id }, name)));
    const file = byId<HTMLInputElement>("file");
    file.addEventListener("change", () => void this.open(file.files?.[0]));
    this.dropping(byId("drop"));
    const numbers = byId<HTMLTextAreaElement>("numbers");
    numbers.addEventListener("input", () => {
      this.name = "pasted";
      void this.parse(oneInARow(numbers.value));
    });
    for (const choice of [this.column, this.time, this.detector]) {
      choice.addEventListener("change", () => void this.run());
    }
    byId("backtest").addEventListener("submit", (event) => event.preventDefault());
    byId("save-csv").addEventListener("click", () => this.save("csv", "text/csv", toCsv));
    byId("save-json").addEventListener("click", () => this.save("json", "application/json", toJson));
  }

  private dropping(zone: HTMLElement): void {
    // A file that misses the zone would otherwise replace the page.
    for (const type of ["dragover", "drop"]) addEventListener(type, (event) => event.preventDefault());
    zone.addEventListener("dragover", () => zone.classList.add("over"));
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      zone.classList.remove("over");
      void this.open(event.dataTransfer?.files[0]);
    });
  }

  private async open(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    this.name = file.name;
    if (file.size > MOST_BYTES) {
      say(this.told, `${visible(file.name)} has ${count(file.size / 1e6)} MB; at most 100 can be read here.`);
      return;
    }
    await this.parse(await file.text());
  }

  private async parse(text: string): Promise<void> {
    if (text.trim() === "") return;
    const turn = ++this.turn;
    try {
      const table = await this.lab.call("parse", text);
      if (turn !== this.turn) return;
      this.table = table;
      this.choose(table);
      await this.run();
    } catch (error) {
      say(this.told, error instanceof Error ? visible(error.message) : String(error));
    }
  }

  private choose({ columns }: ParsedTable): void {
    const options = columns.map(({ name }, index) => el("option", { value: index }, visible(name)));
    const most = Math.max(...columns.map(({ numbers }) => numbers));
    const times = columns.findIndex((column) => column.times);
    this.column.replaceChildren(...options);
    this.column.value = String(columns.findLastIndex(({ numbers }) => numbers === most));
    this.time.replaceChildren(
      el("option", { value: "" }, "number of the row"),
      ...options.map((option) => option.cloneNode(true)),
    );
    this.time.value = times < 0 ? "" : String(times);
    this.column.disabled = this.time.disabled = false;
  }

  private async run(): Promise<void> {
    if (this.table === null) return;
    const time = this.time.value === "" ? null : Number(this.time.value);
    const wish = {
      column: Number(this.column.value),
      time,
      detector: this.detector.value as DetectorId,
      settings: this.settings(),
    };
    try {
      this.result = await this.lab.call("backtest", wish);
    } catch (error) {
      say(this.told, error instanceof Error ? visible(error.message) : String(error));
      return;
    }
    try {
      this.show(this.result, time !== null);
    } catch (error) {
      this.trouble(error);
    }
  }

  private show(
    { track, drifts, entries, bad, badCount, milliseconds: spent }: Backtest,
    timed: boolean,
  ): void {
    byId("backtest-result").hidden = false;
    this.chart?.destroy();
    const name = visible(this.column.selectedOptions[0]?.textContent ?? "value");
    const axis = timed ? "clock" : "row";
    this.chart = new Timeline(byId("backtest-plot"), { name, unit: "", axis, zoom: true });
    this.chart.show({ track, drifts });
    this.events.clear();
    this.events.add(entries);
    byId("found").parentElement!.scrollTop = 0;
    const found = entries.filter(({ kind }) => kind !== "closed").length;
    const events = found === 1 ? "1 event" : `${count(found)} events`;
    say(
      this.told,
      `${name}: ${count(track.time.length)} samples judged in ${milliseconds(spent)}, ${events}.`,
    );
    const details = byId("bad");
    details.hidden = badCount === 0;
    say(
      details.querySelector("summary")!,
      badCount === 1 ? "1 row was left out" : `${count(badCount)} rows were left out`,
    );
    const rows = bad.map(
      ({ line, column, text }) => `line ${count(line)}${column && `, ${column}`}: ${text}`,
    );
    if (badCount > bad.length) rows.push("and more");
    details.querySelector("ul")!.replaceChildren(...rows.map((row) => el("li", {}, visible(row))));
  }

  private save(extension: string, type: string, write: (result: Backtest) => string): void {
    if (this.result === null) return;
    const address = URL.createObjectURL(new Blob([write(this.result)], { type }));
    const link = el("a", {
      href: address,
      download: `${this.name.replace(/\.\w+$/, "")}-events.${extension}`,
    });
    link.click();
    URL.revokeObjectURL(address);
  }
}

/** Numbers in one line, however they are separated, are a column. */
function oneInARow(text: string): string {
  const isLine = !text.trim().includes("\n");
  return isLine
    ? text
        .trim()
        .split(/[\s,;]+/)
        .join("\n")
    : text;
}

function toJson({ entries }: Backtest): string {
  const events = entries.map(({ series, kind, severity, onset, at, text }) => {
    return { series, kind, severity, onset, at, explanation: text };
  });
  return JSON.stringify({ events }, null, 2);
}

function toCsv({ entries }: Backtest): string {
  const rows = entries.map(({ series, kind, severity, onset, at, text }) => {
    return [series, kind, severity, onset, at, text].map(cell).join(",");
  });
  return ["series,kind,severity,onset,at,explanation", ...rows, ""].join("\r\n");
}

/** Quoted; what a spreadsheet would take for a formula is made text. */
function cell(content: string | number): string {
  const text = typeof content === "string" && /^[=+\-@\t\r]/.test(content) ? `'${content}` : String(content);
  return `"${text.replaceAll('"', '""')}"`;
}
