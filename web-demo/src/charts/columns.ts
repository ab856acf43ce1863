// The newest rows of several columns in typed arrays.

/**
 * Every row is written twice, one capacity apart, so that the newest rows of a column are one view at any time: reading
 * costs no copy, however far the ring has turned.
 */
export class Columns<Name extends string> {
  readonly capacity: number;
  private readonly buffers: Record<Name, Float64Array>;
  private next = 0;
  private filled = 0;

  constructor(names: readonly Name[], capacity: number) {
    this.capacity = capacity;
    const buffers = names.map((name) => [name, new Float64Array(2 * capacity)]);
    this.buffers = Object.fromEntries(buffers) as Record<Name, Float64Array>;
  }

  get length(): number {
    return this.filled;
  }

  /** Appends rows; of more than there is room for, the last ones. */
  push(rows: Readonly<Record<Name, ArrayLike<number>>>): void {
    let count = 0;
    for (const name in this.buffers) {
      const [buffer, column] = [this.buffers[name], rows[name]];
      count = column.length;
      for (let row = Math.max(0, count - this.capacity); row < count; row++) {
        const slot = (this.next + row) % this.capacity;
        buffer[slot] = column[row]!;
        buffer[slot + this.capacity] = column[row]!;
      }
    }
    this.next = (this.next + count) % this.capacity;
    this.filled = Math.min(this.filled + count, this.capacity);
  }

  /** The newest rows of a column, the oldest of them first. The view is of the ring: it holds until the next push. */
  view(name: Name, rows = this.filled): Float64Array {
    const count = Math.min(rows, this.filled);
    const end = this.filled < this.capacity ? this.filled : this.next + this.capacity;
    return this.buffers[name].subarray(end - count, end);
  }

  clear(): void {
    this.next = 0;
    this.filled = 0;
  }
}
