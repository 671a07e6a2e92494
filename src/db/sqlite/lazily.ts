/** Makes it when it is first asked for, and keeps it: to write a statement takes Drizzle longer than SQLite needs to run it. */
export function lazily<Made extends object>(make: () => Made): () => Made {
  let made: Made | null = null
  return () => {
    made ??= make()
    return made
  }
}
