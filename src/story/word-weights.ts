/** How much each word says of an item: less what much of the news has. */
import { tokenStream } from '../text/tokens.ts'
import { COMMON_ABROAD, COMMON_HAN, COMMON_WORDS, GENERAL_WORDS } from './news-words.ts'
import { wordOf } from './signature.ts'

/** By the fingerprints of words: in texts of words, and in those in pairs of characters. */
export interface WordWeights {
  words: Float32Array
  pairs: Float32Array
}

/** A pair of characters that is common says less than a word: the pairs around it say the same. */
const COMMON_PAIR = 0.25
const COMMON_WORD = 0.4
const GENERAL_WORD = 0.8

let listed: WordWeights | null = null

/**
 * Where nothing is known of other items: 1, or less for what is in a list. Not to be changed. Made when somebody compares
 * items: most commands never do.
 */
export function listedWeights(): WordWeights {
  listed ??= weighLists()
  return listed
}

function weighLists(): WordWeights {
  const common = [COMMON_WORDS, COMMON_HAN, COMMON_ABROAD].flatMap(tokensOf)
  return {
    words: weightsOf([tokensOf(GENERAL_WORDS), GENERAL_WORD], [common, COMMON_WORD]),
    pairs: weightsOf([common, COMMON_PAIR]),
  }
}

function tokensOf(list: string): string[] {
  return tokenStream(list.replaceAll('\n', ' ')).split(' ')
}

/** The last list in which a word stands says its weight. */
function weightsOf(...lists: [string[], number][]): Float32Array {
  const weights = new Float32Array(0x10000).fill(1)
  for (const [tokens, weight] of lists) {
    for (const token of tokens) {
      const word = wordOf(token)
      if (word !== 0) weights[word] = weight
    }
  }
  return weights
}
