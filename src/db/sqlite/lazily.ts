/** Makes it when it is first asked for, and keeps it: a statement takes longer to be written by Drizzle, or prepared, than to run. */
export function lazily<Made extends object>(make: () => Made): () => Made {
  let made: Made | null = null
  return () => {
    made ??= make()
    return made
  }
}
