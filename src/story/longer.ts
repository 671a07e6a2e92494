/** A copy that has room for this slot, and some more. By a third, not by half: 100,000 items have many such arrays. */
export function longer(from: Int32Array, slot: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(Math.ceil((slot + 1) * 1.33))
  to.set(from)
  return to
}
