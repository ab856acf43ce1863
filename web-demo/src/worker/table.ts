// Reads a table that somebody dropped: separated by whatever, with or without a heading.

import Papa from "papaparse";

import type { ParsedTable } from "../demo/protocol";

/** Bad rows that are named; beyond, they are counted. */
const NAMED = 100;

const MOST_ROWS = 2_000_000;

interface Row {
  line: number;
  cells: string[];
}

export interface Column {
  times: Float64Array;
  values: Float64Array;
  bad: ParsedTable["bad"];
  badCount: number;
}

export class Table {
  readonly names: string[];
  private readonly rows: Row[] = [];
  private readonly broken: ParsedTable["bad"] = [];

  constructor(text: string) {
    const marked = text.replace(/^\ufeff/, "");
    let [line, read] = [1, 0];
    Papa.parse<string[]>(marked, {
      skipEmptyLines: false,
      // A column of numbers has no delimiter, which is no fault.
      delimiter: Papa.parse(marked, { preview: 20 }).meta.delimiter || ",",
      step: ({ data, errors, meta }, parser) => {
        for (const error of errors) this.broken.push({ line, column: "", text: error.message });
        if (data.some((cell) => cell.trim() !== "")) this.rows.push({ line, cells: data });
        for (; read < meta.cursor; read++) if (marked.charCodeAt(read) === 10) line += 1;
        if (this.rows.length > MOST_ROWS) parser.abort();
      },
    });
    if (this.rows.length > MOST_ROWS) throw new Error(`more than ${MOST_ROWS} rows; a part of them, please`);
    const first = this.rows[0];
    if (first === undefined)
      throw new Error("there is nothing in it: wanted are rows with at least one number");
    const isHeading = first.cells.every((cell) => !isTime(cell) && Number.isNaN(number(cell)));
    this.names = first.cells.map((cell, index) => (isHeading && cell.trim()) || `column ${index + 1}`);
    if (isHeading) this.rows.shift();
  }

  describe(): ParsedTable {
    const columns = this.names.map((name, index) => {
      const cells = this.rows.map((row) => row.cells[index] ?? "");
      const numbers = cells.filter((cell) => !Number.isNaN(number(cell))).length;
      return { name, numbers, times: cells.length > 0 && cells.every(isTime) };
    });
    return { columns, rows: this.rows.length, bad: this.broken, badCount: this.broken.length };
  }

  /** A column of numbers, by the times of another or by the numbers of the rows. */
  column(index: number, time: number | null): Column {
    const [times, values] = [new Float64Array(this.rows.length), new Float64Array(this.rows.length)];
    const bad = [...this.broken];
    let [kept, badCount] = [0, bad.length];
    const refuse = (line: number, column: string, text: string): void => {
      badCount += 1;
      if (bad.length < NAMED) bad.push({ line, column, text });
    };
    this.rows.forEach(({ line, cells }, row) => {
      const cell = cells[index] ?? "";
      const value = number(cell);
      const at = time === null ? row + 1 : seconds(cells[time] ?? "");
      const before = kept > 0 ? times[kept - 1]! : -Infinity;
      if (Number.isNaN(value)) {
        refuse(line, this.names[index]!, `"${cell}" is not a number`);
      } else if (time !== null && !(at > before)) {
        refuse(line, this.names[time]!, `"${cells[time] ?? ""}" is not a time after the one before it`);
      } else {
        [times[kept], values[kept]] = [at, value];
        kept += 1;
      }
    });
    return { times: times.slice(0, kept), values: values.slice(0, kept), bad, badCount };
  }
}

function number(cell: string): number {
  return cell.trim() === "" ? NaN : Number(cell);
}

function isTime(cell: string): boolean {
  return /\d{4}-\d{2}-\d{2}/.test(cell) && !Number.isNaN(Date.parse(cell));
}

/** Dates, or numbers of seconds or milliseconds since 1970. */
function seconds(cell: string): number {
  const given = number(cell);
  if (Number.isNaN(given)) return Date.parse(cell) / 1000;
  return given > 1e11 ? given / 1000 : given;
}
