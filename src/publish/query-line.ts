import { cleanLine } from './xml.ts'

/** A query for a field of one line, which drops line ends: they and commas mean the same (a list), so they become commas. */
export function asOneLine(written: string): string {
  return cleanLine(written.trim().replace(/[\s,、，]*\n[\s,、，]*/g, ', '))
}
