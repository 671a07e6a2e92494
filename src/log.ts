/** Structured logging. Fields first, then a sentence; a field named `err` must be a message, never an error object. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
