import { rowsOf } from '../sqlite/rows.ts'
import { messages } from '../sqlite/schema.ts'

export type MessageRow = typeof messages.$inferSelect

export const MESSAGE_ROWS = rowsOf(messages)
