import { describe, expect, test } from 'vitest'
import {
  createComparison,
  MAX_SIGNATURE_UNITS,
  readSignature,
  SAME_NEWS,
  signatureBytes,
  signatureOf,
  titleKeyOf,
  wordsOf,
} from '../../src/source/similarity.ts'
import { tokenStream } from '../../src/text.ts'

interface Copy {
  title: string
  text: string
}

const HOUR = 3_600_000

function sign({ title, text }: Copy) {
  return signatureOf({ tokens: { title: tokenStream(title), text: tokenStream(text) } })
}

function isSameNews(a: Copy, b: Copy, hoursApart: number): boolean {
  const comparison = createComparison()
  comparison.begin(sign(a))
  const there = comparison.likeness(sign(b), hoursApart * HOUR)
  comparison.begin(sign(b))
  const back = comparison.likeness(sign(a), hoursApart * HOUR)
  expect(back).toBeCloseTo(there, 9)
  return there >= SAME_NEWS
}

const dam: Copy = {
  title: 'Cracks found in Orsova dam, 2,400 people moved out',
  text: 'About 2,400 people were told to leave their homes below the Orsova dam in Carnia on Monday after divers found cracks in the wall, the regional government said. The reservoir is being lowered by 40 centimetres an hour. Engineer Milan Petrak said there was no danger of a sudden break.',
}
const rewrittenDam: Copy = {
  title: 'Villages below Carnian dam cleared after divers find damage',
  text: 'With suitcases and cages the inhabitants of four villages in Carnia boarded buses on Monday. Divers had discovered cracks in the wall of the Orsova dam that morning. Some 2,400 people have to stay away until the water stands lower; it falls by 40 centimetres every hour. "Nothing will break suddenly," said Milan Petrak, the engineer in charge.',
}
const damFollowUp: Copy = {
  title: 'Builder of Orsova dam sued by villagers',
  text: 'Lawyers for 310 families have sued the construction company Hydrobau over faulty concrete, and ask for 75 million crowns. The court in Velden will hear the first witnesses in March. Divers had found cracks in the wall of the dam on Monday, and about 2,400 people were told to leave their homes.',
}
const otherDam: Copy = {
  title: 'Cracks found in Tarnik dam, 800 people moved out',
  text: 'About 800 people were told to leave their homes below the Tarnik dam in Silava on Tuesday after divers found cracks in the wall, the regional government said. The reservoir is being lowered by 25 centimetres an hour. Engineer Ivo Brandl said there was no danger of a sudden break.',
}

const STORM = 'Storm closes the harbour of Port Alder for a second day'
const JOBS = 'Kestrel Air to cut 1,900 jobs in Dunmore as fuel costs bite'
const JOBS_SHORT = 'BREAKING: Kestrel Air to cut 1,900 jobs in Dunmore'
const ROAD = 'Landslide closes the road from Tarn to Melby'

function headline(title: string): Copy {
  return { title, text: '' }
}

function release(version: string): Copy {
  return {
    title: `Release v${version}`,
    text: 'Bug fixes and performance improvements. See the changelog for details.',
  }
}

const homes: Copy = {
  title: 'Minister Aldous: rents to be frozen for two years',
  text: 'Housing minister Petra Aldous told the congress of mayors in Lund on Friday that rents in towns of more than 50,000 people would be frozen for two years from April. "Nobody should have to choose between heating and a roof," she said. Landlords called the plan unlawful.',
}
const trees: Copy = {
  title: 'Aldous wants a million street trees by 2031',
  text: 'One million trees are to be planted along streets by 2031, housing minister Petra Aldous told the congress of mayors in Lund on Friday. Towns will get 90 crowns a tree. "Shade is not a luxury," she said. Gardeners doubt that the nurseries can grow so many.',
}

const 桥: Copy = {
  title: '青岭大桥合龙 全长3872米',
  text: '10月12日上午,随着最后一段钢梁吊装到位,青岭大桥顺利合龙。大桥全长3872米,主跨820米,连接青岭与白渡两县,总投资46.5亿元,预计明年6月通车。项目总工程师韩志远介绍,施工中克服了大风和深水两大难题。',
}
const 桥改写: Copy = {
  title: '主跨820米!青岭大桥今天连成一线',
  text: '最后一段钢梁稳稳落下,江面上响起掌声。12日,历时四年的青岭大桥合龙了。这座投资46.5亿元的大桥全长3872米,建成后青岭到白渡只需8分钟。韩志远告诉记者,最难的是在深水里立住主塔。明年6月,车辆就能从桥上通过。',
}
const 另一桥: Copy = {
  title: '云渡大桥合龙 全长2150米',
  text: '10月12日上午,随着最后一段钢梁吊装到位,云渡大桥顺利合龙。大桥全长2150米,主跨560米,连接云渡与石塘两县,总投资28.3亿元,预计明年9月通车。项目总工程师周立群介绍,施工中克服了大风和深水两大难题。',
}

describe('whether two items tell the same news', () => {
  const cases: [name: string, a: Copy, b: Copy, hoursApart: number, same: boolean][] = [
    ['a rewritten story is the same', dam, rewrittenDam, 3, true],
    ['a shortened copy under another title is the same', dam, { ...dam, title: 'Dam damaged' }, 1, true],
    ['a follow-up that repeats the old news at its end is not', dam, damFollowUp, 26, false],
    ['the same sentences about another place with other figures are not', dam, otherDam, 5, false],
    ['two statements of one speech are not', homes, trees, 1, false],
    ['a rewritten Chinese story is the same', 桥, 桥改写, 2, true],
    ['the same Chinese sentences about another bridge are not', 桥, 另一桥, 2, false],
    ['a title with a mark before it is the same', headline(STORM), headline(`UPDATE 1-${STORM}`), 2, true],
    ['a title with its paper behind it is the same', headline(STORM), headline(`${STORM} - The Orsova Post`), 2, true],
    ['a shorter title after "breaking" is the same', headline(JOBS), headline(JOBS_SHORT), 2, true],
    ['the same headline a day later is not', headline(STORM), headline(`Live: ${STORM}`), 26, false],
    ['a headline about another town is not', headline(ROAD), headline(ROAD.replace('Melby', 'Nyland')), 1, false],
    ['the same headline with another figure is not', headline(JOBS), headline(JOBS.replace('1,900', '240')), 1, false],
    ['a sentence under all releases says nothing', release('4.2.0'), release('4.2.0'), 1, false],
    ['equal titles over nothing are the same', { ...dam, text: '' }, { ...dam, text: '' }, 2, true],
    ['a title of every day says nothing', column('Rain.'), column('Sun.'), 2, false],
    ['nothing is like nothing', { title: '', text: '' }, { title: '', text: '' }, 0, false],
    ['the small words of German are no likeness', deutsch.fähre, deutsch.haushalt, 1, false],
    ['the small words of Russian are no likeness', русский.мост, русский.школа, 1, false],
    ['the letters of Thai are no likeness', ไทย.ฝน, ไทย.ตลาด, 1, false],
    ['the small words of Japanese are no likeness', 日本.電車, 日本.祭り, 1, false],
    ['the small words of German are no likeness, again', deutsch.haushalt, deutsch.zirkus, 1, false],
  ]
  test.each(cases)('%s', (_, a, b, hoursApart, same) => {
    expect(isSameNews(a, b, hoursApart)).toBe(same)
  })
})

function column(text: string): Copy {
  return { title: 'Morning briefing', text }
}

const deutsch = {
  fähre: {
    title: 'Fähre nach Amrum fährt wieder nach Plan',
    text: 'Die Fähre nach Amrum ist nach dem Sturm wieder in den Fahrplan zurückgekehrt. Wie die Reederei mitteilte, hat sich das Wasser in der Nacht zum Freitag beruhigt, und auch die Schäden an dem Anleger sind nicht so groß wie befürchtet.',
  },
  haushalt: {
    title: 'Stadtrat streitet über den Haushalt',
    text: 'Der Streit um den Haushalt der Stadt ist auch nach der Sitzung am Freitag nicht beigelegt. Die Mehrheit hat sich für eine höhere Grundsteuer ausgesprochen, und wie es mit dem Theater weitergeht, ist noch nicht entschieden.',
  },
  zirkus: {
    title: 'Zirkus schlägt sein Zelt auf dem Messplatz auf',
    text: 'Auf dem Messplatz ist in der Nacht zum Freitag ein Zelt für den Zirkus gewachsen. Die Artisten sind auch mit dem Wetter nicht zufrieden, und wie der Direktor sagte, hat sich die Anreise wegen des Schnees um einen Tag verzögert.',
  },
}

const русский = {
  мост: {
    title: 'Мост через Вельду закрыли на ремонт',
    text: 'Мост через реку Вельду закрыли на ремонт до конца мая. Как сообщили в администрации, это связано с тем, что в опорах были найдены трещины, но для пешеходов он останется открытым. После работ по нему снова смогут ездить автобусы.',
  },
  школа: {
    title: 'В Липовке открыли школу для музыкантов',
    text: 'В Липовке открыли музыкальную школу, которая была построена за два года. Как рассказал директор, для детей это бесплатно, но после третьего класса они будут сдавать экзамен. На открытии был и хор из соседнего города.',
  },
}

const ไทย = {
  ฝน: {
    title: 'กรมอุตุนิยมวิทยาเตือนฝนตกหนักในภาคใต้',
    text: 'กรมอุตุนิยมวิทยาเตือนว่าจะมีฝนตกหนักในภาคใต้ตั้งแต่วันศุกร์ และขอให้ประชาชนระวังน้ำท่วมในพื้นที่ลุ่ม',
  },
  ตลาด: {
    title: 'ตลาดน้ำแห่งใหม่เปิดให้นักท่องเที่ยวเข้าชม',
    text: 'ตลาดน้ำแห่งใหม่ในจังหวัดเปิดให้นักท่องเที่ยวเข้าชมตั้งแต่วันศุกร์ มีร้านอาหารและการแสดงดนตรีในตอนเย็น',
  },
}

const 日本 = {
  電車: {
    title: '大雪で山形の列車が止まる',
    text: '大雪のため山形県内を走る列車は金曜日の朝から止まっている。鉄道会社によると、線路に積もった雪を取り除くまでには時間がかかるということで、利用する人たちに注意を呼びかけている。',
  },
  祭り: {
    title: '百年続く港の祭りに大勢の人',
    text: '百年前から続いている港の祭りが金曜日に始まり、大勢の人たちが集まった。主催者によると、今年は花火の数を増やしたということで、日曜日まで毎晩楽しむことができるという。',
  },
}

describe('a copy', () => {
  test('has the same title, sentences and figures', () => {
    const comparison = createComparison()
    comparison.begin(sign(dam))

    expect(comparison.isCopy(sign({ ...dam, text: `${dam.text} Buses are waiting.` }))).toBe(true)
    expect(comparison.isCopy(sign({ ...dam, title: 'Dam damaged near Orsova, thousands flee' }))).toBe(false)
    expect(comparison.isCopy(sign({ ...dam, text: dam.text.replaceAll('2,400', '2,600') }))).toBe(false)
    expect(comparison.isCopy(sign({ ...dam, text: trees.text }))).toBe(false)
  })

  test('is made by an equal title that tells something, over nothing', () => {
    const comparison = createComparison()
    comparison.begin(sign(headline(STORM)))

    expect(comparison.isCopy(sign(headline(STORM)))).toBe(true)
    expect(comparison.isCopy(sign(headline(`${STORM} again`)))).toBe(false)
  })

  test('and an equal title are the same however common their words have become', () => {
    const comparison = createComparison(new Float32Array(0x10000).fill(0.01))
    comparison.begin(sign(dam))

    expect(comparison.isCopy(sign(dam))).toBe(true)
    expect(comparison.likeness(sign({ ...dam, text: '' }), HOUR)).toBeGreaterThanOrEqual(SAME_NEWS)
    expect(comparison.likeness(sign(rewrittenDam), HOUR)).toBeLessThan(SAME_NEWS)
  })

  test('is not made by an equal title alone', () => {
    const comparison = createComparison()
    comparison.begin(sign(column('')))

    expect(comparison.isCopy(sign(column('')))).toBe(false)
  })
})

describe('the signature', () => {
  test('is bounded, however long the item', () => {
    const words = Array.from({ length: 50_000 }, (_, at) => `word${at} ${at}`).join(' ')

    const signature = sign({ title: words, text: words })

    expect(signature.length).toBeLessThanOrEqual(MAX_SIGNATURE_UNITS)
    expect(signature.byteLength).toBeLessThanOrEqual(330)
  })

  test('does not read a word of a million letters, or a number of a million figures, to its end', () => {
    const long = sign({ title: 'x', text: `storm ${'a'.repeat(1_000_000)}` })
    const longer = sign({ title: 'x', text: `storm ${'a'.repeat(1_000_001)}` })
    const figures = sign({ title: 'x', text: '1 '.repeat(500_000) })

    expect(longer).toEqual(long)
    expect(wordsOf(figures).length).toBeLessThan(20)
  })

  test('takes words in other forms, small numbers in words, and decimals as one number', () => {
    const here = wordsOf(sign({ title: '', text: 'ferries grounding twelve feet, 58.7' }))
    const there = wordsOf(sign({ title: '', text: 'ferry grounded 12 feet, 58.7' }))

    expect(there).toEqual(here)
    expect(wordsOf(sign({ title: '', text: '58.7' }))).not.toEqual(wordsOf(sign({ title: '', text: '58.9' })))
    expect(wordsOf(sign({ title: '', text: '58.7' }))).toHaveLength(1)
  })

  test('has no tags a second time and no small words', () => {
    expect(wordsOf(sign({ title: '', text: 'the storm was in #orsova' }))).toHaveLength(2)
  })

  test('knows a title by a key, unless it says too little', () => {
    expect(titleKeyOf(sign(dam))).toBe(titleKeyOf(sign({ ...dam, text: '' })))
    expect(titleKeyOf(sign(dam))).not.toBe(titleKeyOf(sign(otherDam)))
    expect(titleKeyOf(sign(column('Rain.')))).toBe(0)
    expect(titleKeyOf(sign({ title: '早间新闻', text: '' }))).toBe(0)
  })

  test.each([
    ['an English item', dam],
    ['a Chinese one', 桥],
    ['an empty one', { title: '', text: '' }],
  ])('of %s is read as it was written, from wherever the bytes lie', (_, copy) => {
    const signature = sign(copy)
    const bytes = signatureBytes(signature)
    const shifted = new Uint8Array(bytes.length + 1)
    shifted.set(bytes, 1)

    expect(readSignature(bytes)).toEqual(signature)
    expect(readSignature(shifted.subarray(1))).toEqual(signature)
  })

  test('of other rules, or damaged, is none', () => {
    const bytes = signatureBytes(sign(dam))
    const older = bytes.slice()
    older[0] = 0
    const overlong = bytes.slice()
    overlong[4] = 255

    for (const wrong of [
      new Uint8Array(),
      bytes.slice(0, 5),
      bytes.slice(0, -2),
      bytes.slice(0, -1),
      older,
      overlong,
    ]) {
      expect(readSignature(wrong)).toBeNull()
    }
  })
})
