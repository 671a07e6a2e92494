import type { QueryNode } from '../model.ts'
import type { Terms } from './terms.ts'

/*
 * A query as a row of numbers: a hundred thousand of them are small, and are asked without a look at the item. Each part is
 * the number of a term, or one of these with what belongs to it.
 */
/** Then a part. */
const NOT = -1
/** Then the number of a condition. */
const ASK = -2
/** Then how many numbers follow, then parts. */
const ALL = -3
const ANY = -4

/** Writes a query to the end of `program`, with one use of each of its terms; `onTaken` is told those of each leaf. */
export function writeProgram(node: QueryNode, program: number[], terms: Terms, onTaken: OnTaken): void {
  switch (node.kind) {
    case 'not':
      program.push(NOT)
      writeProgram(node.node, program, terms, onTaken)
      return
    case 'and':
    case 'or': {
      const count = begin(program, node.kind === 'and' ? ALL : ANY)
      for (const each of node.nodes) writeProgram(each, program, terms, onTaken)
      program[count] = program.length - count - 1
      return
    }
    default: {
      const all = terms.take(node)
      onTaken(node, all)
      const count = all.length > 1 ? begin(program, ANY) : 0
      for (const term of all) {
        if (terms.isCondition(term)) program.push(ASK)
        program.push(term)
      }
      if (count > 0) program[count] = program.length - count - 1
    }
  }
}

type OnTaken = (leaf: QueryNode, terms: readonly number[]) => void

/** Where the count belongs. */
function begin(program: number[], operator: number): number {
  return program.push(operator, 0) - 1
}

/** Whether the item that `terms` looked at last is what the part at `at` asks for. */
export function isSo(program: Int32Array, at: number, terms: Terms): boolean {
  const first = program[at] ?? 0
  if (first >= 0) return terms.isPresent(first)
  if (first === NOT) return !isSo(program, at + 1, terms)
  if (first === ASK) return terms.isFulfilled(program[at + 1] ?? 0)
  const end = endOf(program, at)
  for (let part = at + 2; part < end; ) {
    // Most parts are terms: no call for those.
    const term = program[part] ?? 0
    if ((term >= 0 ? terms.isPresent(term) : isSo(program, part, terms)) !== (first === ALL)) return first === ANY
    part = term >= 0 ? part + 1 : endOf(program, part)
  }
  return first === ALL
}

/** Whether the part at `at` is a term, or any of some: it is so where one of its terms is present. */
export function isAnyOfTerms(program: ArrayLike<number>, at: number): boolean {
  const first = program[at] ?? 0
  if (first !== ANY) return first >= 0
  const end = at + 2 + (program[at + 1] ?? 0)
  for (let part = at + 2; part < end; part += 1) if ((program[part] ?? 0) < 0) return false
  return true
}

/** Where the next part begins. */
export function endOf(program: ArrayLike<number>, at: number): number {
  const first = program[at] ?? 0
  if (first >= 0) return at + 1
  if (first === ASK) return at + 2
  return first === NOT ? endOf(program, at + 1) : at + 2 + (program[at + 1] ?? 0)
}

/**
 * Puts the words that the item has, of a part that is so, behind the first `count` of `words`, each once: none that must not
 * be there, none of a branch that fails. Says how many there are then. What `words` has beyond that means nothing.
 */
export function collectWords(program: Int32Array, at: number, terms: Terms, words: string[], count: number): number {
  const first = program[at] ?? 0
  if (first >= 0) return addWord(terms.writtenOf(first), words, count)
  if (first === NOT || first === ASK) return count
  const end = endOf(program, at)
  let all = count
  for (let part = at + 2; part < end; part = endOf(program, part)) {
    if (first === ALL || isSo(program, part, terms)) all = collectWords(program, part, terms, words, all)
  }
  return all
}

function addWord(word: string | null, words: string[], count: number): number {
  if (word === null) return count
  for (let at = 0; at < count; at += 1) if (words[at] === word) return count
  words[count] = word
  return count + 1
}

/** The numbers of its terms, each as often as it stands there. */
export function* termsOf(program: ArrayLike<number>, from: number): Generator<number> {
  const end = endOf(program, from)
  for (let at = from; at < end; at += 1) {
    const number = program[at] ?? 0
    if (number === ALL || number === ANY) at += 1
    else if (number >= 0) yield number
  }
}
