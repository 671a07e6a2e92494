/** The list in pieces of about `most`, as `sizeOf` counts: a piece ends with what makes it that large. None of nothing. */
export function* inPortions<T>(list: Iterable<T>, sizeOf: (one: T) => number, most: number): Generator<T[]> {
  let size = 0
  let portion: T[] = []
  for (const one of list) {
    portion.push(one)
    size += sizeOf(one)
    if (size < most) continue
    yield portion
    portion = []
    size = 0
  }
  if (portion.length > 0) yield portion
}
