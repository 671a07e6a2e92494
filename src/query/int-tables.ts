/*
 * Tables of small numbers. A hundred thousand watches as objects would be several times as large, and nearly every look at one
 * of them would have to wait for the memory.
 */

/**
 * Rows of one width, in one array: column `c` of a row is `cells[row + c]`. A row is named by where it begins; no row begins
 * at 0, so 0 can stand for none.
 */
export class IntRows {
  /** Another array after `take`, when there was need for more room. */
  cells: Int32Array
  private readonly width: number
  private readonly freed: number[] = []
  private end: number

  constructor(width: number) {
    this.width = width
    this.end = width
    this.cells = new Int32Array(64 * width)
  }

  /** A row of zeros. */
  take(): number {
    const freed = this.freed.pop()
    if (freed !== undefined) {
      this.cells.fill(0, freed, freed + this.width)
      return freed
    }
    const row = this.end
    this.end += this.width
    if (this.end > this.cells.length) this.cells = grown(this.cells, this.width, (length) => new Int32Array(length))
    return row
  }

  free(row: number): void {
    this.freed.push(row)
  }
}

/** Lists of any length, side by side in one array. */
export class IntLists<Numbers extends Int32Array | Uint16Array> {
  /** Another array after `put`, when there was need for more room. */
  numbers: Numbers
  private readonly sized: (length: number) => Numbers
  private readonly freed = new Map<number, number[]>()
  private end = 0

  constructor(sized: (length: number) => Numbers) {
    this.sized = sized
    this.numbers = sized(1_024)
  }

  /** Where it begins. */
  put(list: readonly number[]): number {
    const freed = this.freed.get(list.length)?.pop()
    const at = freed ?? this.end
    if (freed === undefined) this.end += list.length
    if (this.end > this.numbers.length) this.numbers = grown(this.numbers, list.length, this.sized)
    // `set` is slow with an array of plain numbers.
    const { numbers } = this
    for (let index = 0; index < list.length; index += 1) numbers[at + index] = list[index] ?? 0
    return at
  }

  /** Its room is for the next one of the same length. */
  free(at: number, length: number): void {
    const freed = this.freed.get(length)
    if (freed) freed.push(at)
    else this.freed.set(length, [at])
  }
}

/** Half as large again, and by so many at least. */
function grown<Numbers extends Int32Array | Uint16Array>(
  numbers: Numbers,
  least: number,
  sized: (length: number) => Numbers,
): Numbers {
  const more = sized(numbers.length + Math.max(numbers.length >> 1, least))
  more.set(numbers)
  return more
}
