import { describe, expect, test } from 'vitest'
import {
  HEAD,
  MAX_SIGNATURE_UNITS,
  MAX_WORDS,
  readSignature,
  signatureBytes,
  signatureOf,
  titleKeyOf,
  wordOf,
  wordsOf,
} from '../../src/story/signature.ts'
import { createComparison, SAME_NEWS } from '../../src/story/similarity.ts'
import { listedWeights } from '../../src/story/word-weights.ts'
import { tokenStream } from '../../src/text/tokens.ts'

interface Copy {
  title: string
  text: string
}

const HOUR = 3_600_000

function sign({ title, text }: Copy) {
  return signatureOf({ tokens: { title: tokenStream(title), text: tokenStream(text) }, text })
}

/** So many characters, each pair of which is another one. */
function han(count: number): string {
  return Array.from({ length: count }, (_, at) => String.fromCharCode(0x6000 + at * 7)).join('')
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

const vaccine: Copy = {
  title: 'Orlane vaccine cuts malaria cases by 78% in trial of 14,000 children',
  text: 'A malaria vaccine made by Orlane Biotech cut cases by 78% in a trial of 14,000 children in four countries, the company and Lund University said on Tuesday. Each dose would cost four dollars, trial leader Dr Ines Varga said.',
}
const vaccineShares: Copy = {
  title: 'Orlane shares jump 31% to record',
  text: 'Shares in Orlane Biotech jumped 31% to 412 crowns on Tuesday after its malaria vaccine cut cases by 78% in a trial of 14,000 children. Analysts of Norden Bank raised their target to 480 crowns.',
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
    ['another paper’s copy is the same a day later', dam, dam, 24, true],
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
    ['a briefing is not one of the news it tells', dam, { ...dam, title: `Morning briefing: ${dam.title}` }, 1, false],
    ['nor is a Chinese one', 桥, { ...桥, title: `早报|${桥.title}` }, 1, false],
    ['nor one of the evening', 桥, { ...桥, title: `晚报|${桥.title}` }, 1, false],
    ['a paper that is called so may head its news', 桥, { ...桥, title: `青岭晚报:${桥.title}` }, 1, true],
    [
      'a round-up is not one of the matches',
      dam,
      { ...dam, title: `Premier Division round-up: ${dam.title}` },
      1,
      false,
    ],
    ['who is rounded up is news', dam, { ...dam, title: `Police round up ten after: ${dam.title}` }, 1, true],
    ['what shares did is not what moved them', vaccine, vaccineShares, 2, false],
    ['what a press briefing said is news', dam, { ...dam, title: `Press briefing: ${dam.title}` }, 1, true],
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

describe('whether two items of few words tell the same news', () => {
  const same: [a: Copy, b: Copy][] = [
    [
      {
        title: 'Nobel-winning author Elena Marquand dies aged 91',
        text: 'Elena Marquand, the Nobel Prize-winning novelist who wrote The Salt Garden, has died at the age of 91, her publisher said.',
      },
      {
        title: 'Elena Marquand, Nobel laureate and author of ‘The Salt Garden,’ dies at 91',
        text: 'PARIS (AP) — Elena Marquand, who won the Nobel Prize in literature in 1994, died Wednesday at 91, publisher Gallimard said.',
      },
    ],
    [
      {
        title: '云南大理发生5.8级地震 已致3人遇难28人受伤',
        text: '中国地震台网测定，25日16时32分云南大理州漾濞县发生5.8级地震，震源深度8千米。截至18时已造成3人遇难、28人受伤。',
      },
      {
        title: '云南漾濞5.8级地震已造成3死28伤',
        text: '据云南省应急管理厅消息，25日16时32分大理州漾濞县发生5.8级地震，震源深度8公里，已造成3人死亡28人受伤，救援正在进行。',
      },
    ],
    [
      { title: 'Go 1.27 is released', text: '' },
      { title: 'Go 1.27 is released', text: '' },
    ],
    [
      { title: 'Firefox 150 drops support for Windows 10', text: '' },
      { title: 'Firefox 150 drops support for Windows 10', text: '' },
    ],
    [
      { title: 'The unreasonable effectiveness of boring databases', text: '' },
      { title: 'The unreasonable effectiveness of boring databases', text: '' },
    ],
    [
      { title: 'GPT-7', text: '' },
      { title: 'GPT-7', text: '' },
    ],
    [
      {
        title: 'Boeing to pay $1.8bn to settle 737 Max case',
        text: 'Boeing has agreed to pay $1.8bn to settle a criminal case over two 737 Max crashes that killed 346 people, the US Justice Department said.',
      },
      {
        title: 'Boeing reaches $1.8bn deal with US over 737 Max crashes',
        text: 'The US Department of Justice said Boeing would pay $1.8bn to resolve a criminal case stemming from two crashes of the 737 Max in which 346 people died.',
      },
    ],
    [
      { title: 'Postgres 19 beta 1 released', text: '' },
      { title: 'Postgres 19 beta 1 released', text: '' },
    ],
    [
      { title: 'Apple acquires Zed', text: '' },
      { title: 'Apple acquires Zed', text: '' },
    ],
    [
      { title: 'Apple buys startup Zedlabs for $2B', text: '' },
      { title: 'Apple buys startup Zedlabs for $2B', text: '' },
    ],
    [
      {
        title: 'Storm Ewan: 60,000 homes without power',
        text: 'More than 60,000 homes are without power after Storm Ewan hit Scotland, SSEN said.',
      },
      {
        title: 'Storm Ewan leaves 60,000 homes without power in Scotland',
        text: 'Storm Ewan cut power to more than 60,000 homes in Scotland, SSEN said.',
      },
    ],
    [
      {
        title: 'Orchid Bank to cut 4,100 jobs as branches close',
        text: 'Orchid Bank is to cut 4,100 jobs and shut 180 branches, chief executive Lena Baptiste said.',
      },
      {
        title: 'Orchid Bank axes 4,100 jobs and 180 branches',
        text: 'Orchid Bank is axing 4,100 jobs as it closes 180 branches, its chief executive, Lena Baptiste, has announced.',
      },
    ],
    [
      { title: 'SQLite 4.0 released', text: '' },
      { title: 'SQLite 4.0 released', text: '' },
    ],
  ]
  test.each(same.map(([a, b]) => [a.title, b.title, a, b] as const))('%s – %s: yes', (_, __, a, b) => {
    expect(isSameNews(a, b, 0.1)).toBe(true)
  })

  // Siblings, follow-ups and reversals, of the same hour.
  const other: [a: Copy, b: Copy][] = [
    [
      {
        title: 'Lakers beat Celtics 112-104 behind 34 points from Doncic',
        text: 'LOS ANGELES (AP) — Luka Doncic scored 34 points and the Los Angeles Lakers beat the Boston Celtics 112-104 on Tuesday night.',
      },
      {
        title: 'Lakers beat Nuggets 118-109 behind 31 points from Doncic',
        text: 'Luka Doncic scored 31 points as the Los Angeles Lakers beat the Denver Nuggets 118-109 on Tuesday night.',
      },
    ],
    [
      {
        title: 'Obituary: Harold Kingsley, jazz drummer, dies at 84',
        text: 'Harold Kingsley, the jazz drummer who played with Miles Davis, has died at 84, his family said Wednesday.',
      },
      {
        title: 'Obituary: Harriet Kinsley, jazz singer, dies at 84',
        text: 'Harriet Kinsley, the jazz singer who toured with Miles Davis, has died at 84, her family said Wednesday.',
      },
    ],
    [
      {
        title: 'Nvidia third-quarter revenue rises 62% to $57 billion, beats estimates',
        text: 'Nvidia reported third-quarter revenue of $57.0 billion, up 62% from a year earlier, topping analysts estimates of $54.9 billion, driven by data center demand.',
      },
      {
        title: 'Nvidia shares slide 4% as China export curbs overshadow results',
        text: 'Shares in Nvidia fell 4% on Thursday after officials in Washington said they would tighten curbs on exports of AI chips to China, a day after it reported revenue of $57bn.',
      },
    ],
    [
      {
        title: 'Thursday briefing: What the budget means for renters',
        text: 'Good morning. Rachel Reeves set out the budget yesterday. In today’s newsletter: what it means for renters. Sign up here for our daily email.',
      },
      {
        title: 'Friday briefing: What the budget means for students',
        text: 'Good morning. Rachel Reeves set out the budget this week. In today’s newsletter: what it means for students. Sign up here for our daily email.',
      },
    ],
    [
      {
        title: 'Magnitude 6.1 earthquake strikes off Honshu, Japan',
        text: 'A magnitude 6.1 earthquake struck off the east coast of Honshu, Japan at a depth of 35 km on Wednesday, the USGS said. No tsunami warning was issued.',
      },
      {
        title: 'Magnitude 5.4 earthquake strikes off Honshu, Japan',
        text: 'A magnitude 5.4 earthquake struck off the east coast of Honshu, Japan at a depth of 35 km on Wednesday, the USGS said. No tsunami warning was issued.',
      },
    ],
    [
      {
        title: '国家统计局：10月份居民消费价格同比上涨0.2%',
        text: '国家统计局今天发布数据，2026年10月份，全国居民消费价格同比上涨0.2%，环比上涨0.2%。',
      },
      {
        title: '国家统计局：10月份工业生产者出厂价格同比下降2.1%',
        text: '国家统计局今天发布数据，2026年10月份，全国工业生产者出厂价格同比下降2.1%，环比上涨0.1%。',
      },
    ],
    [
      { title: 'Ask HN: Who is hiring? (November 2026)', text: '' },
      { title: 'Ask HN: Who wants to be hired? (November 2026)', text: '' },
    ],
    [
      { title: 'Rust 1.95.0', text: '' },
      { title: 'Rust 1.96.0', text: '' },
    ],
    [
      {
        title: 'Man, 34, arrested after stabbing in Birmingham city centre',
        text: 'A 34-year-old man has been arrested on suspicion of attempted murder after a stabbing in Birmingham city centre on Tuesday night, West Midlands Police said.',
      },
      {
        title: 'Man, 34, arrested after stabbing in Wolverhampton city centre',
        text: 'A 34-year-old man has been arrested on suspicion of attempted murder after a stabbing in Wolverhampton city centre on Tuesday night, West Midlands Police said.',
      },
    ],
    [
      {
        title: 'Weather in Bath: heavy snow warning for Thursday',
        text: 'The Met Weather office has issued an amber warning for heavy snow in Bath on Thursday. Temperatures will reach 1C with winds of 30 mph. Roads may close.',
      },
      {
        title: 'Weather in Exeter: heavy snow warning for Thursday',
        text: 'The Met Weather office has issued an amber warning for heavy snow in Exeter on Thursday. Temperatures will reach 1C with winds of 30 mph. Roads may close.',
      },
    ],
    [
      {
        title: 'Monday briefing: What the summit means for farmers',
        text: 'Good morning. Leaders met yesterday. In today’s newsletter: what the summit means for farmers. Sign up here for our daily email.',
      },
      {
        title: 'Tuesday briefing: What the summit means for fishermen',
        text: 'Good morning. Leaders met this week. In today’s newsletter: what the summit means for fishermen. Sign up here for our daily email.',
      },
    ],
    [
      {
        title: 'Woman, 52, killed in crash on A38 near Derby',
        text: 'A 52-year-old woman has died after a two-vehicle crash on the A38 near Derby on Tuesday night, Derbyshire Police said.',
      },
      {
        title: 'Woman, 27, killed in crash on A47 near Norwich',
        text: 'A 27-year-old woman has died after a two-vehicle crash on the A47 near Norwich on Tuesday night, Norfolk Police said.',
      },
    ],
    [
      {
        title: 'Man, 19, charged with murder after shooting in Leeds',
        text: 'A 19-year-old man has been charged with murder after a shooting in Leeds on Monday, West Yorkshire Police said.',
      },
      {
        title: 'Man, 19, charged with murder after shooting in Bradford',
        text: 'A 19-year-old man has been charged with murder after a shooting in Bradford on Monday, West Yorkshire Police said.',
      },
    ],
    [
      {
        title: 'School in Omaha evacuated after bomb threat',
        text: 'OMAHA, Neb. (AP) — A high school in Omaha was evacuated on Wednesday after a bomb threat, police said. No device was found.',
      },
      {
        title: 'School in Tulsa evacuated after bomb threat',
        text: 'A high school in Tulsa was evacuated on Wednesday after a bomb threat, police said. No device was found.',
      },
    ],
    [
      {
        title: 'Toyota recalls 312,000 vehicles over faulty seat belts',
        text: 'Toyota is recalling 312,000 vehicles in the United States because of faulty seat belts, the National Highway Traffic Safety Administration said Wednesday.',
      },
      {
        title: 'Honda recalls 312,000 vehicles over faulty seat belts',
        text: 'Honda is recalling 312,000 vehicles in the United States because of faulty seat belts, the National Highway Traffic Safety Administration said Wednesday.',
      },
    ],
    [
      {
        title: 'Arsenal 2-0 Brentford: Saka scores twice',
        text: 'Bukayo Saka scored twice as Arsenal beat Brentford 2-0 at the Emirates Stadium on Wednesday.',
      },
      {
        title: 'Arsenal Women 2-0 Brighton: Russo scores twice',
        text: 'Alessia Russo scored twice as Arsenal beat Brighton 2-0 at the Emirates Stadium on Wednesday.',
      },
    ],
    [
      {
        title: '中央气象台：广东发布暴雨红色预警',
        text: '中央气象台25日18时发布暴雨红色预警，预计广东未来24小时降雨量可达200毫米。',
      },
      {
        title: '中央气象台：福建发布暴雨红色预警',
        text: '中央气象台25日18时发布暴雨红色预警，预计福建未来24小时降雨量可达200毫米。',
      },
    ],
    [
      {
        title: '上海市副市长王立接受审查调查',
        text: '据中央纪委国家监委网站消息：上海市副市长王立涉嫌严重违纪违法，目前正接受中央纪委国家监委纪律审查和监察调查。',
      },
      {
        title: '天津市副市长王力军接受审查调查',
        text: '据中央纪委国家监委网站消息：天津市副市长王力军涉嫌严重违纪违法，目前正接受中央纪委国家监委纪律审查和监察调查。',
      },
    ],
    [
      {
        title: 'Death toll in Kerala landslide rises to 41',
        text: 'WAYANAD, India (AP) — The death toll from a landslide in Kerala rose to 41 on Wednesday, officials said.',
      },
      {
        title: 'Kerala landslide: Prime Minister Modi visits survivors',
        text: 'Prime Minister Narendra Modi visited survivors of the landslide in Kerala on Wednesday as the death toll rose to 41, officials said.',
      },
    ],
    [
      { title: 'Kubernetes 1.36 released', text: '' },
      { title: 'Kubernetes 1.37 released', text: '' },
    ],
    [
      {
        title: 'Ferry captain arrested after collision in Lofgren Sound',
        text: 'LOFGREN (AP) — Police arrested the captain of the ferry Sigrun on Thursday after the collision in Lofgren Sound, prosecutors said.',
      },
      {
        title: 'Lofgren Sound ferry: families gather for memorial service',
        text: 'Hundreds of relatives of those who died on the ferry Sigrun gathered on Thursday for a memorial service at Lofgren Sound.',
      },
    ],
    [
      {
        title: 'Wildfire near Portamar forces evacuation of 8,000',
        text: 'PORTAMAR (AP) — A wildfire near Portamar forced 8,000 people from their homes on Wednesday, the governor said.',
      },
      {
        title: 'Portamar wildfire: two firefighters killed',
        text: 'Two firefighters have died battling the wildfire near Portamar, which forced thousands from their homes.',
      },
    ],
    [
      {
        title: 'Minister Clara Whitlock resigns over leaked emails',
        text: 'The housing minister, Clara Whitlock, has resigned over leaked emails in which she discussed a donor’s planning bid.',
      },
      {
        title: 'Who could replace Clara Whitlock as housing minister?',
        text: 'After Clara Whitlock resigned over leaked emails, four names are being discussed as the next housing minister.',
      },
    ],
    [
      {
        title: 'Vantrex shares plunge 22% after profit warning',
        text: 'Vantrex shares fell 22% on Wednesday after the chipmaker cut its full-year profit forecast.',
      },
      {
        title: 'Vantrex chief executive Paul Ormond steps down after profit warning',
        text: 'Paul Ormond, the chief executive of chipmaker Vantrex, will step down after its profit warning, which sent shares down 22%.',
      },
    ],
    [
      {
        title: 'Cyclone Mirza makes landfall in Orissa with winds of 190 km/h',
        text: 'BHUBANESWAR (AP) — Cyclone Mirza made landfall in Orissa on Wednesday with winds of 190 km/h, the weather office said.',
      },
      {
        title: 'Cyclone Mirza: 17 dead and a million without power in Orissa',
        text: 'At least 17 people have died and a million are without power in Orissa after Cyclone Mirza, officials said.',
      },
    ],
    [
      {
        title: 'Train drivers at Northline vote to strike before Christmas',
        text: 'Train drivers at Northline have voted to strike for three days before Christmas, the union Aslef said.',
      },
      {
        title: 'Northline train strike before Christmas called off after pay deal',
        text: 'A strike by train drivers at Northline before Christmas has been called off after the union Aslef accepted a pay deal.',
      },
    ],
    [
      { title: 'Fernet 2.0: a static site generator in Zig', text: '' },
      { title: 'Why I moved from Fernet to a static site generator in Zig', text: '' },
    ],
    [
      {
        title: '海川汽车召回3.2万辆电动汽车 因电池隐患',
        text: '市场监管总局消息，海川汽车召回3.2万辆电动汽车，因电池存在安全隐患。',
      },
      {
        title: '海川汽车股价大跌9% 召回电动汽车引发担忧',
        text: '海川汽车股价大跌9%，此前该公司宣布召回3.2万辆电动汽车，因电池存在安全隐患。',
      },
    ],
    [
      { title: '北江大桥垮塌 已致5人遇难', text: '25日上午北江大桥发生垮塌，已致5人遇难，救援正在进行。' },
      {
        title: '北江大桥垮塌事故 3名责任人被控制',
        text: '北江大桥垮塌事故发生后，警方已控制3名相关责任人，救援正在进行。',
      },
    ],
    [
      {
        title: 'Rescuers reach six miners trapped in Calder pit',
        text: 'Rescuers have made contact with six miners trapped 400m down in the Calder pit in Silesia since Monday.',
      },
      {
        title: 'Six miners trapped in Calder pit brought to surface',
        text: 'Six miners trapped since Monday 400m down in the Calder pit in Silesia were brought to the surface on Wednesday.',
      },
    ],
    [
      {
        title: 'Captain of ferry Astrid Maren arrested as divers recover 12 bodies',
        text: 'HALDEN (Reuters) - Police arrested the captain of the Astrid Maren, Tomas Lindqvist, on Thursday on suspicion of negligence as divers recovered 12 bodies from the wreck in the Strait of Halden, prosecutors said.',
      },
      {
        title: 'Halden ferry: divers search for black box',
        text: 'Divers in the Strait of Halden searched for the voyage recorder.',
      },
    ],
  ]
  test.each(other.map(([a, b]) => [a.title, b.title, a, b] as const))('%s – %s: no', (_, __, a, b) => {
    expect(isSameNews(a, b, 0.1)).toBe(false)
  })

  test('a bare title that says little is the same soon after, and no longer', () => {
    const released = { title: 'SQLite 4.0 released', text: '' }

    expect(isSameNews(released, released, 1)).toBe(true)
    expect(isSameNews(released, { ...released, text: 'Comments' }, 1)).toBe(true)
    expect(isSameNews(released, released, 7)).toBe(false)
    expect(isSameNews(released, { ...released, title: 'SQLite 4.1 released' }, 0)).toBe(false)
    expect(isSameNews(column(''), column(''), 0)).toBe(false)
  })

  test.each([
    ['an agency before it', 'UPDATE 2-Vantage Rail to buy 60 trains for 1.2 billion euros'],
    ['a paper behind it', 'Vantage Rail to buy 60 trains for 1.2 billion euros - The Dunmore Post'],
    ['a shout before it', 'BREAKING: Vantage Rail to buy 60 trains for 1.2 billion euros'],
  ])('a title with %s is the same', (_, title) => {
    const bare = { title: 'Vantage Rail to buy 60 trains for 1.2 billion euros', text: '' }

    expect(isSameNews(bare, { title, text: '' }, 1)).toBe(true)
  })

  test('one word of an act is another', () => {
    const words = (title: string) => wordsOf(sign({ title, text: '' }))

    expect(words('minister quits')).toEqual(words('minister resigned'))
    expect(words('shares fell')).toEqual(words('shares plunged'))
    expect(words('桥梁坍塌')).not.toEqual(words('桥梁合龙'))
    expect([...words('坍塌')]).toEqual([...words('垮塌')])
  })

  test('a day of the week in a title tells one column from the next', () => {
    const text = 'Good morning. Trains stand still. In today’s newsletter: what the strike means. Sign up here.'
    const monday = { title: 'Monday briefing: What the strike means for commuters', text }

    expect(isSameNews(monday, { ...monday, title: monday.title.replace('Monday', 'Tuesday') }, 1)).toBe(false)
  })
})

describe('what tells a follow-up or a sibling where both come at once', () => {
  const fire = {
    title: 'Warehouse fire in Tarnholt kills three',
    text: 'Three workers died in a fire in the Brandt cold store in Tarnholt on Monday, the fire service said. Flames broke out at 4 a.m. in the packing hall. Some 120 firefighters needed nine hours to put it out.',
  }
  const again = {
    title: 'Three killed as cold store burns in Tarnholt',
    text: 'A blaze in the Brandt cold store in Tarnholt killed three workers on Monday. It started in the packing hall at 4 a.m.; 120 firefighters fought it for nine hours, the fire service said.',
  }

  test('the weekday that a text names first', () => {
    const later = { ...again, text: again.text.replace('Monday', 'Thursday') }
    const comparison = createComparison()
    comparison.begin(sign(fire))

    expect(isSameNews(fire, again, 0)).toBe(true)
    expect(comparison.likeness(sign(later), 0)).toBeLessThan(comparison.likeness(sign(again), 0) - 2)
    expect(isSameNews(fire, { ...again, text: `${again.text} A hearing is due on Thursday.` }, 0)).toBe(true)
  })

  const changes: [name: string, change: (text: string) => string, least: number][] = [
    ['the same weekdays, and one more', (text) => `${text} A hearing is due on Thursday.`, 0.4],
    ['figures that each has alone', (text) => text.replace('120 fire', '185 fire'), 0.5],
  ]
  test.each(changes)('%s', (_, change, least) => {
    const comparison = createComparison()
    comparison.begin(sign(fire))

    const [before, after] = [again.text, change(again.text)].map((text) =>
      comparison.likeness(sign({ ...again, text }), 0),
    )

    expect(after).toBeLessThan((before ?? 0) - least)
  })

  test('what a title says that was done', () => {
    const comparison = createComparison()
    comparison.begin(sign(fire))
    const likenessUnder = (title: string) => comparison.likeness(sign({ ...again, title }), 0)

    expect(likenessUnder('Tarnholt store owner to be sued')).toBeLessThan(
      likenessUnder('Tarnholt store owner to be fond') - 0.4,
    )
  })

  test('people and places that the other does not know, where each has such', () => {
    const comparison = createComparison()
    comparison.begin(sign({ ...fire, text: `${fire.text} They lived in nearby Melby, said Inspector Rask.` }))
    const likenessWith = (more: string) => comparison.likeness(sign({ ...again, text: `${again.text} ${more}` }), 0)

    const [strangers, words] = [
      likenessWith('Owners Orlov and Dunne sued.'),
      likenessWith('Owners mother and father sued.'),
    ]
    expect(strangers).toBeLessThan(words - 1)
    // One of them leaves them out: a shorter telling.
    comparison.begin(sign(fire))
    expect(likenessWith('Owners Orlov and Dunne sued.')).toBeGreaterThan(strangers + 1)
  })

  test('that both come at once is no sign', () => {
    const comparison = createComparison()
    comparison.begin(sign(fire))
    const [atOnce = 0, soon = 0, late = 0] = [0.2, 1, 12].map((hours) => comparison.likeness(sign(again), hours * HOUR))

    expect(atOnce).toBeLessThan(soon)
    expect(late).toBeLessThan(atOnce)
  })

  test('days of the month, where none is in both', () => {
    const 隧道 = {
      title: '云岭隧道全线贯通',
      text: '10月12日，全长14.6公里的云岭隧道全线贯通，施工历时五年。隧道位于滇北高铁昭川段，穿越多条断层，涌水量居全国前列。',
    }
    const comparison = createComparison()
    comparison.begin(sign(隧道))
    const likenessWith = (text: string) => comparison.likeness(sign({ ...隧道, text }), 0)

    expect(likenessWith(隧道.text.replace('12日', '十二日'))).toBeGreaterThan(likenessWith(隧道.text) - 1)
    expect(likenessWith(隧道.text.replace('12日', '27日'))).toBeLessThan(likenessWith(隧道.text) - 4)
    expect(likenessWith(`${隧道.text}27日试运行。`)).toBeGreaterThan(likenessWith(隧道.text) - 2)
  })

  test.each([
    ['Orange warning of heavy rain for the county of Orsa', 'Orange warning of heavy rain for the county of Melby'],
    ['青川省政府任免一批干部', '陇海省政府任免一批干部'],
  ])('a name in the place of another: %s – %s', (here, there) => {
    const text = (title: string) => `${title}. ${title.slice(-5)} ${title.slice(0, 3)}`
    const comparison = createComparison()
    const likeness = (a: string, b: string, textOfB = text(b)) => {
      comparison.begin(sign({ title: a, text: text(a) }))
      return comparison.likeness(sign({ title: b, text: textOfB }), 0)
    }

    expect(likeness(here, there)).toBeLessThan(SAME_NEWS)
    expect(likeness(here, here)).toBeGreaterThan(SAME_NEWS)
  })

  test.each(['Comment: ', 'Opinion: ', 'Breaking views: ', '社评：'])('“%s” before the title', (before) => {
    expect(isSameNews(fire, { ...fire, title: before + fire.title }, 0)).toBe(false)
    expect(isSameNews(fire, { ...fire, title: `Opinion poll: ${fire.title}` }, 0)).toBe(true)
  })

  test('that it tells of many', () => {
    const match = {
      title: 'Port Sallis beat Ashcott 2-1 with late Renner goal',
      text: 'Renner headed Port Sallis to a 2-1 win over Ashcott.',
    }
    const all = {
      title: 'Weekend results: Port Sallis beat Ashcott 2-1 with late Renner goal',
      text: `${match.text} Linton won too.`,
    }

    expect(isSameNews(match, all, 0)).toBe(false)
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

  test('that is handed on word for word is the same news for some hours, though no name and no figure tells it', () => {
    const ferry: Copy = {
      title: 'Ferry crews end their strike after nine days',
      text: 'Captains and engineers voted on Monday to take the ferries out again at noon, after the company agreed to a second cabin for night crossings. The islands had been supplied by fishing boats, and the last medicine was flown in by helicopter on Saturday, a spokeswoman for the harbour said.',
    }
    const longer = { ...ferry, text: `${ferry.text} Nobody was hurt.` }

    for (const hours of [0, 0.5, 5]) {
      expect(isSameNews(ferry, ferry, hours)).toBe(true)
      expect(isSameNews(ferry, longer, hours)).toBe(true)
    }
    expect(isSameNews(ferry, ferry, 30)).toBe(false)
  })

  test('and an equal title are the same however common their words have become', () => {
    const faint = new Float32Array(0x10000).fill(0.01)
    const comparison = createComparison({ words: faint, pairs: faint })
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

describe('a word', () => {
  test('says more, the fewer texts have it: a name, what anybody writes, what much of the news has', () => {
    const { words } = listedWeights()
    const weightOf = (word: string) => words[wordOf(word)] ?? 0

    expect(weightOf('Karvik')).toBe(1)
    expect(weightOf('breakfast')).toBeLessThan(weightOf('Karvik'))
    expect(weightOf('government')).toBeLessThan(weightOf('breakfast'))
  })

  test('weighs as before in texts of pairs of characters', () => {
    const { pairs } = listedWeights()

    expect(pairs[wordOf('公司')]).toBe(0.25)
    expect(pairs[wordOf('breakfast')]).toBe(1)
  })

  test.each([
    ['jailed', 'prison'],
    ['vaccine', 'jab'],
    ['railway', 'trains'],
    ['merger', 'takeover'],
    ['dismissed', 'sacked'],
    ['reduced', 'cut'],
  ])('%s is taken for %s', (one, other) => {
    expect(wordOf(one)).toBe(wordOf(other))
  })

  test('tells its own act, although it is taken for another word', () => {
    const [lifted, raised] = [
      headline('Court lifts the curfew in Karvik'),
      headline('Court boosts the curfew in Karvik'),
    ]

    expect(wordOf('lifts')).toBe(wordOf('boosts'))
    expect(sign(lifted)[HEAD.titleActs]).not.toBe(sign(raised)[HEAD.titleActs])
  })
})

describe('the signature', () => {
  test('is bounded, however long the item', () => {
    const words = Array.from({ length: 50_000 }, (_, at) => `word${at} ${at}`).join(' ')

    const signature = sign({ title: words, text: words })

    expect(signature.length).toBeLessThanOrEqual(MAX_SIGNATURE_UNITS)
    expect(signature.byteLength).toBeLessThanOrEqual(330)
  })

  test('has more pairs of characters than words, and is found by the first of them', () => {
    const inHan = sign({ title: '', text: han(300) })
    const inWords = sign({ title: '', text: Array.from({ length: 300 }, (_, at) => `word${at}`).join(' ') })

    expect(inHan[HEAD.words]).toBeGreaterThan(1.5 * (inWords[HEAD.words] ?? 0))
    expect(wordsOf(inHan)).toEqual(inHan.slice(HEAD.size, HEAD.size + wordsOf(inWords).length))
    expect(wordsOf(sign({ title: '', text: `${han(300)}，58.7` }))).toEqual(wordsOf(inHan))
    expect(wordsOf(sign({ title: '', text: `58.7${han(300)}` }))).toHaveLength(wordsOf(inHan).length + 1)
  })

  test('of two scripts is no longer than one in words, and its names take no room of others', () => {
    const copy = { title: '', text: `${han(100)} ${'the Orsova Dam '.repeat(60)}` }
    const signature = sign(copy)

    expect(signature[HEAD.words]).toBe(MAX_WORDS)
    expect(signature.slice(HEAD.size)).toEqual(sign({ ...copy, text: copy.text.toLowerCase() }).slice(HEAD.size))
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

  const figures: [name: string, here: string, there: string, same: boolean][] = [
    ['a sign after it', '利率降至3.75%,为近年来最低', '利率降至3.75%', true],
    ['a decimal and a date after it', '利率降至3.75%,年内或再降', '利率降至3.75%', true],
    ['another sentence after it', '持有72%股份', '持有72%的股份', true],
    ['a score before a verb', '2-1逆转', '2-1击败', true],
    ['another word for people', '造成23名乘客轻伤', '23人轻伤', true],
    ['a decimal and what it counts', '营收218.6亿元', '营收218.6亿', true],
    ['a number in Han', '有期徒刑十三年', '有期徒刑13年', true],
    ['a large number in Han', '罚款二十万元', '罚款20万元', true],
    ['few people in Han', '七人获救', '7人获救', true],
    ['thousands behind ten thousands', '2万5000名球迷', '2.5万名球迷', true],
    ['letters behind it', 'a $7.4bn deal, 80mph winds', 'a $7.4 billion deal, 80 mph winds', true],
    ['tens in words', 'forty cows', '40 cows', true],
    ['another thing counted', '12级', '12人', false],
    ['a day and people', '7日', '7人', false],
    ['another figure', '3.75%,为', '3.85%,为', false],
    ['letters and another figure', '7.4bn', '7.5bn', false],
  ]
  test.each(figures)('of a figure with %s', (_, here, there, same) => {
    const numbersOf = (text: string) => {
      const signature = sign({ title: '', text })
      return signature.slice(signature.length - (signature[3] ?? 0))
    }

    expect(numbersOf(here).length).toBeGreaterThan(0)
    if (same) expect(numbersOf(here)).toEqual(numbersOf(there))
    else expect(numbersOf(here)).not.toEqual(numbersOf(there))
  })

  test.each(['十分重要', '一名男子', '张三丰', '四川大地'])('takes no number from %s', (text) => {
    expect(sign({ title: '', text })[3]).toBe(0)
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
    ['a long Chinese one', { title: han(20), text: han(500) }],
    ['one that begins in Chinese', { title: han(120), text: 'the Orsova Dam '.repeat(200) }],
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
    const [of0, of1, of2] = [0, 1, 2].map((version) => Uint8Array.of(version, ...bytes.slice(1)))
    const overlong = bytes.slice()
    overlong[4] = 255

    for (const wrong of [
      new Uint8Array(),
      bytes.slice(0, 5),
      bytes.slice(0, -2),
      bytes.slice(0, -1),
      of0,
      // Written by older releases: what cannot be compared is not read.
      of1,
      of2,
      overlong,
    ]) {
      expect(readSignature(wrong ?? bytes)).toBeNull()
    }
  })
})
