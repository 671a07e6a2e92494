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
    const at = this.take(list.length)
    // `set` is slow with an array of plain numbers.
    const { numbers } = this
    for (let index = 0; index < list.length; index += 1) numbers[at + index] = list[index] ?? 0
    return at
  }

  /** Room for a list, where whatever is left of another one may stand. */
  take(length: number): number {
    const freed = this.freed.get(length)?.pop()
    if (freed !== undefined) return freed
    const at = this.end
    this.end += length
    if (this.end > this.numbers.length) this.numbers = grown(this.numbers, length, this.sized)
    return at
  }

  /** Its room is for the next one of the same length. */
  free(at: number, length: number): void {
    const freed = this.freed.get(length)
    if (freed) freed.push(at)
    else this.freed.set(length, [at])
  }
}

/** Sets of numbers by owner (0, 1, 2 …), in no order. Most have one number, which needs no list. */
export class IntSets {
  /** By owner: 0 for none, `~number` for a single one, else where in `lists` its room begins. */
  private heads = new Int32Array(1_024)
  /** Each a room, in which stand its length, how many numbers there are, and these. */
  private readonly lists = new IntLists((length) => new Int32Array(length))

  constructor() {
    // So that no room begins at 0.
    this.lists.put([0])
  }

  forEach(owner: number, visit: (number: number) => void): void {
    const head = this.heads[owner] ?? 0
    if (head < 0) visit(~head)
    if (head <= 0) return
    const { numbers } = this.lists
    const end = head + 2 + (numbers[head + 1] ?? 0)
    for (let at = head + 2; at < end; at += 1) visit(numbers[at] ?? 0)
  }

  /** A number that is not there. */
  add(owner: number, number: number): void {
    if (owner >= this.heads.length) this.heads = grown(this.heads, owner, (length) => new Int32Array(length))
    const head = this.heads[owner] ?? 0
    if (head <= 0) {
      this.heads[owner] = head === 0 ? ~number : this.lists.put([4, 2, ~head, number])
      return
    }
    const room = this.lists.numbers[head] ?? 0
    const count = this.lists.numbers[head + 1] ?? 0
    const roomy = count + 2 < room ? head : this.moveToTwice(head, room)
    this.heads[owner] = roomy
    this.lists.numbers[roomy + 1] = count + 1
    this.lists.numbers[roomy + 2 + count] = number
  }

  remove(owner: number, number: number): void {
    const head = this.heads[owner] ?? 0
    if (head === ~number) this.heads[owner] = 0
    if (head <= 0) return
    const { numbers } = this.lists
    const count = numbers[head + 1] ?? 0
    const last = head + 1 + count
    const at = numbers.indexOf(number, head + 2)
    if (at < 0 || at > last) return
    // Their order says nothing: the last one takes its place.
    numbers[at] = numbers[last] ?? 0
    numbers[head + 1] = count - 1
    if (count > 2) return
    this.heads[owner] = ~(numbers[head + 2] ?? 0)
    this.lists.free(head, numbers[head] ?? 0)
  }

  private moveToTwice(head: number, room: number): number {
    const moved = this.lists.take(2 * room)
    this.lists.numbers.copyWithin(moved, head, head + room)
    this.lists.numbers[moved] = 2 * room
    this.lists.free(head, room)
    return moved
  }
}

/** Half as large again, and by so many at least. */
export function grown<Numbers extends Int32Array | Uint16Array | Uint8Array>(
  numbers: Numbers,
  least: number,
  sized: (length: number) => Numbers,
): Numbers {
  const more = sized(numbers.length + Math.max(numbers.length >> 1, least))
  more.set(numbers)
  return more
}
