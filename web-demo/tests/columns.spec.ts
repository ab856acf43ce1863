// The ring buffers, against plain arrays.

import { Columns } from "../src/charts/columns";
import { expect, test } from "./site";

test("a view holds the newest rows, in order, however they came", () => {
  for (const capacity of [1, 2, 7, 64]) {
    const columns = new Columns(["time", "value"], capacity);
    const all: number[] = [];
    for (let push = 0; push < 60; push++) {
      const rows = Array.from({ length: (push * 5) % 11 }, (_, row) => 100 * push + row);
      columns.push({ time: rows, value: Float64Array.from(rows, (row) => -row) });
      all.push(...rows);
      const wanted = all.slice(-capacity);
      expect([...columns.view("time")]).toEqual(wanted);
      expect([...columns.view("value")]).toEqual(wanted.map((row) => -row));
      expect([...columns.view("time", 3)]).toEqual(wanted.slice(-3));
    }
    columns.clear();
    expect(columns.length).toBe(0);
  }
});
