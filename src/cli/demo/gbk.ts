/** Text in GBK, as many Chinese sites still publish it. Throws for a character GBK does not have. */
export function encodeGbk(text: string): Uint8Array {
  table ??= readTable()
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x80) {
      bytes.push(code)
      continue
    }
    const pair = table.get(character)
    if (pair === undefined) throw new Error(`GBK has no ${character}`)
    bytes.push(pair >> 8, pair & 0xff)
  }
  return Uint8Array.from(bytes)
}

let table: Map<string, number> | null = null

/** The platform decodes GBK but does not encode it: every pair of bytes is decoded once, which takes a few milliseconds. */
function readTable(): Map<string, number> {
  const decoder = new TextDecoder('gbk')
  const pairs = new Map<string, number>()
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      if (trail === 0x7f) continue
      const character = decoder.decode(Uint8Array.of(lead, trail))
      if (!character.includes('\uFFFD') && !pairs.has(character)) pairs.set(character, (lead << 8) | trail)
    }
  }
  return pairs
}
