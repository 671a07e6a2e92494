/** Invented news for the page: what it was, from whom, how long ago, and the watches it called. */
export interface Headline {
  minutesAgo: number
  source: string
  title: string
  text: string
  language?: string
  calledBy?: string[]
}

const DAY = 24 * 60

/** Two days of a small newsroom, newest first. */
export const HEADLINES: Headline[] = [
  {
    minutesAgo: 1,
    source: 'Northern Wire',
    title: 'Jilin opens its big data exchange to private firms',
    text: 'The provincial exchange will let hospitals, utilities and banks trade data products under a common licence from January, officials said in Changchun. Eleven firms have signed so far.',
    calledBy: ['"big data"'],
  },
  {
    minutesAgo: 14,
    source: '吉林省人民政府',
    title: '吉林省大数据交易中心向民营企业开放',
    text: '省政府新闻办公室24日举行发布会，介绍数据要素市场建设情况，首批上架数据产品一百一十二个。交易中心负责人表示，明年将接入医疗、电力和金融数据。',
    language: 'zh',
    calledBy: ['大数据'],
  },
  { minutesAgo: 36, source: 'Elephant News', title: 'PostgreSQL 19 beta adds native column encryption', text: '' },
  {
    minutesAgo: 78,
    source: 'Harbour Times',
    title: 'Chip makers warn that export rules will slow AI servers',
    text: 'Two suppliers cut their forecasts for the quarter; a third said that it had moved assembly to Penang ahead of the deadline.',
    calledBy: ['chip* OR 芯片'],
  },
  {
    minutesAgo: 106,
    source: 'The Longshore',
    title: 'The quiet return of the town library',
    text: 'Lending rose for the third year in a row, and the busiest branch is the one that nearly closed.',
  },
  {
    minutesAgo: 127,
    source: 'Energy Desk',
    title: 'Grid operator puts its big data on load online, minute by minute',
    text: 'Researchers had asked for the figures since 2019. The set has 41 billion rows.',
    calledBy: ['"big data"'],
  },
  {
    minutesAgo: 160,
    source: 'Kernel Weekly',
    title: '',
    text: 'Released: the 7.4 series, with a new scheduler for machines of more than a thousand cores and a long list of fixes.',
  },
  {
    minutesAgo: 190,
    source: 'Data Review',
    title: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft stellt Fahrplan um',
    text: 'Die Gesellschaft mit dem längsten Namen des Landes fährt ab Dezember im Halbstundentakt, auch am Sonntag.',
    language: 'de',
  },
  {
    minutesAgo: 233,
    source: '北方网',
    title: '国产芯片首次用于省级数据中心，能耗下降两成',
    text: '记者从发布会上获悉，新机房全部采用国产芯片，全年可节电三百万度。',
    language: 'zh',
    calledBy: ['chip* OR 芯片', '大数据'],
  },
  {
    minutesAgo: 301,
    source: 'Northern Wire',
    title: 'Night trains to the coast are back after nine years',
    text: 'The first one left full.',
  },
  {
    minutesAgo: DAY + 60,
    source: 'Kernel Weekly',
    title: 'Kernel maintainers agree on a plan for the Rust scheduler',
    text: '',
  },
  {
    minutesAgo: DAY + 180,
    source: 'Northern Wire',
    title: 'Flood barrier holds as river crests at 6.1 metres',
    text: 'Evacuation orders were lifted at noon; the rail line stays closed until Thursday.',
  },
  {
    minutesAgo: DAY + 200,
    source: 'صحيفة الميناء',
    title: 'افتتاح مكتبة جديدة في الميناء القديم',
    text: 'تضم المكتبة أكثر من ثلاثين ألف كتاب، وتفتح أبوابها حتى منتصف الليل.',
    language: 'ar',
  },
  ...[
    [
      'Harbour Times',
      'Port workers vote for a four-day week',
      'The trial begins in March with two of the nine terminals.',
    ],
    [
      'Data Review',
      'What a census of street trees can and cannot say',
      'A city counted 412,000 trees, and found that a third of its maps were wrong.',
    ],
    [
      'Energy Desk',
      'Heat pumps pass gas boilers in new homes',
      'For the first time more than half of new homes are heated without burning anything.',
    ],
    ['The Longshore', 'A bakery that opens at three in the morning', 'Its customers drive the first buses.'],
    ['Elephant News', 'Vacuum, explained with a broom', 'Why tables grow, when they shrink, and what to leave alone.'],
    ['北方网', '冰雪节提前开幕，首日迎客十二万人次', '今年的冰灯用了四十万块冰。'],
  ].flatMap(([source = '', title = '', text = ''], i) =>
    [2, 3, 4, 5].map((days) => ({
      minutesAgo: DAY * days + 73 * i + 11,
      source,
      title: days === 2 ? title : `${title} (${6 - days})`,
      text,
      ...(source === '北方网' ? { language: 'zh' } : {}),
    })),
  ),
].sort((a, b) => a.minutesAgo - b.minutesAgo)

export const WATCHES = ['"big data"', '大数据', 'chip* OR 芯片', 'postgres*', 'flood -insurance']
