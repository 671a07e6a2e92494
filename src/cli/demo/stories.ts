import type { DeskName } from './desks.ts'

/** One event, as one or several desks tell it. `{n}`, `{city}`, `{firm}`, `{城}` and `{社}` change with every round. */
export interface Story {
  takes: [desk: DeskName, title: string, text: string][]
}

/** What fills the gaps. All of it is invented; lists of different lengths, so that rounds differ. */
export const FILLINGS: Record<string, string[]> = {
  n: ['12', '40', '7', '230', '18', '65', '3', '90', '28', '150', '33'],
  city: ['Estmere', 'Oldhaven', 'Brackwater', 'Lindholm', 'Port Averley', 'Saint Ode', 'Karrow'],
  firm: ['Northgate', 'Halden & Rye', 'Quillon', 'Tessera Works', 'Amber Loom'],
  城: ['江城', '云州', '临海', '青浦湾', '白鹭洲', '南屏', '石桥'],
  社: ['星河科技', '远帆数据', '青禾实验室', '磐石电子', '知微公司'],
}

/** What the desks had before anybody watched: stored quietly. */
export const BACKLOG: Story[] = [
  {
    takes: [
      ['harbour', 'Ferry timetable changes for the winter', 'The first boat now leaves at 06:40.'],
      ['ledger', 'Rates stay where they are, for now', 'The committee voted 5 to 4.'],
      ['bench', 'A year of big data at the tide stations', 'Old news by now: it was there before the watch.'],
      ['fieldnotes', 'The first frost, three weeks late', 'Notes from the lower meadow.'],
      ['river', '冬季轮渡时刻表调整', '首班船改为六点四十分开出。'],
      ['frontier', '一年回顾：开源社区的变化', '贡献者数量继续增长。'],
    ],
  },
  {
    takes: [
      ['harbour', 'Council reopens the old customs house', 'It will hold the city archive.'],
      ['ledger', '{firm} moves its head office to {city}', 'The move is planned for spring.'],
      ['bench', 'How barnacles hold on', 'A glue that sets under water, and what it is made of.'],
      ['fieldnotes', 'Counting geese at dusk', 'A method for one pair of eyes and one notebook.'],
      ['river', '老海关大楼重新开放', '大楼将作为城市档案馆使用。'],
      ['frontier', '浏览器新版本发布', '启动时间缩短近三成。'],
    ],
  },
]

/** In the order of publication; after the last it begins again, with other fillings. */
export const STORIES: Story[] = [
  {
    takes: [
      [
        'harbour',
        '{city} opens a big data exchange at the old grain docks',
        'Traders of ship movements, weather and tides can buy and sell big data in one place. The exchange begins with {n} members, most of them small forwarders.',
      ],
      [
        'ledger',
        'Big data exchange opens at the grain docks of {city}',
        'Traders can buy and sell big data on ship movements, weather and tides at the old grain docks of {city} from today. The exchange begins with {n} members; {firm} was the first to list: nine years of container weights.',
      ],
      ['river', '{城}大数据交易所今日揭牌', '首批{n}家企业入驻，航运、气象与潮汐数据可在同一平台交易。'],
    ],
  },
  { takes: [['fieldnotes', 'A heron at the {city} weir', 'It stood for {n} minutes and left without a fish.']] },
  {
    takes: [
      ['frontier', '{社}发布新一代边缘计算芯片', '新款芯片功耗降低四成，首批样片已交付{n}家客户测试。'],
      [
        'ledger',
        'A chip for the edge of the network, from a firm nobody knew',
        'The chips use two fifths less power than the last ones. {n} customers have samples.',
      ],
    ],
  },
  { takes: [['harbour', 'Fog closes the harbour for {n} minutes', 'Two ferries waited outside {city}.']] },
  {
    takes: [
      [
        'bench',
        'What the big data of {n} tide gauges says about the delta',
        'The ground sinks faster than the sea rises. The authors publish their data with the paper.',
      ],
    ],
  },
  { takes: [['river', '{城}夜市本周末回归', '预计将有{n}个摊位参加，部分道路临时管制。']] },
  { takes: [['ledger', '{firm} buys a cooperage', 'Barrels are scarce; the price was not told.']] },
  {
    takes: [
      ['river', '{城}用大数据调度公交，候车时间缩短', '系统根据客流自动增减班次，早高峰平均候车时间减少{n}%。'],
      ['frontier', '公交调度接入大数据平台：{城}的经验', '工程团队公开了调度模型与评测方法。'],
    ],
  },
  { takes: [['fieldnotes', 'Which moths come to a white sheet', '{n} species in one night, and one bat.']] },
  { takes: [['harbour', 'Lighthouse keeper’s house is for sale', 'The light itself has been automatic since 1987.']] },
  {
    takes: [
      [
        'ledger',
        'Chipmaker {firm} runs its third shift again',
        'Orders for memory chips came back sooner than the plan had them. {n} people were hired.',
      ],
      ['frontier', '存储芯片订单回升，{社}恢复夜班', '公司称新增岗位约{n}个。'],
    ],
  },
  { takes: [['bench', 'Glass that mends itself in an hour', 'It needs warm water and a little patience.']] },
  { takes: [['river', '老城区雨污分流工程完工', '工程历时{n}个月，惠及三个街道。']] },
  {
    takes: [
      [
        'fieldnotes',
        'Big data, small birds: {n} winters of ringing',
        'What a village ringing station learned by never throwing a notebook away.',
      ],
    ],
  },
  { takes: [['harbour', 'The {city} brass band needs a tuba', 'Lessons are free, lungs are not supplied.']] },
  { takes: [['frontier', '开源数据库发布长期支持版本', '官方承诺维护{n}个月，并提供迁移工具。']] },
  {
    takes: [
      [
        'ledger',
        'Pension funds ask what the machines were trained on',
        'A letter signed by {n} funds went out on Monday.',
      ],
      ['harbour', 'Letter to the board: what was it trained on?', '{n} pension funds want to know.'],
    ],
  },
  {
    takes: [
      ['bench', 'Why ice sings when you skip a stone over it', 'High notes travel faster; the ear hears a chirp.'],
    ],
  },
  {
    takes: [
      ['frontier', '{社}开源大数据清洗工具', '工具支持增量处理，可在{n}分钟内完成亿级记录去重。'],
      [
        'bench',
        'An open tool that cleans big data as it arrives',
        'It removes duplicates from a hundred million rows in {n} minutes, on one machine.',
      ],
    ],
  },
  { takes: [['river', '{城}图书馆延长开放时间', '周末闭馆时间推迟至晚上十点。']] },
  { takes: [['fieldnotes', 'Hedge laying, the {city} way', 'Cut low, bend slowly, and mind the hazel.']] },
  {
    takes: [
      [
        'harbour',
        'Thieves take {n} crates of chips from a {city} warehouse',
        'They left the potatoes and took the silicon. Police ask for pictures of a green van.',
      ],
    ],
  },
  { takes: [['ledger', 'The price of cork falls for the {n}th week', 'Screw caps are said to be to blame.']] },
  { takes: [['frontier', '新编程语言版本改进错误提示', '编译器现在会指出最可能的修改方式。']] },
  {
    takes: [['river', '高校开设大数据与农业交叉专业', '首届计划招生{n}人，实习基地设在{城}。']],
  },
  { takes: [['bench', 'A map of every streetlamp in {city}', '{n} volunteers, one winter.']] },
  {
    takes: [
      [
        'harbour',
        'Swimmers find a Roman anchor',
        'It weighs as much as {n} sacks of flour and is going to the museum.',
      ],
    ],
  },
  {
    takes: [
      [
        'ledger',
        '{firm} sells its big data arm to its own staff',
        'The {n} people who built it paid one crown each. It keeps its customers.',
      ],
      ['harbour', 'Staff buy the big data arm of {firm}', 'They were {n} around a kitchen table when they signed.'],
    ],
  },
  { takes: [['fieldnotes', 'An otter under the railway bridge', 'Seen at {n} past six, by two people and a dog.']] },
  { takes: [['river', '江边步道新增{n}处休息亭', '沿线照明同步改造，月底前完工。']] },
  {
    takes: [
      ['frontier', '光子芯片实现室温量子纠错', '研究团队称误码率下降{n}%，论文已公开。'],
      [
        'bench',
        'A photonic chip corrects its own errors at room temperature',
        'The error rate fell by {n} per cent; others have begun to repeat it.',
      ],
    ],
  },
  { takes: [['harbour', 'No trains to {city} on Sunday', 'A bridge is lifted by {n} centimetres.']] },
  { takes: [['ledger', 'A bank lets its branches choose their own clocks', 'It was an error, and it was popular.']] },
  { takes: [['frontier', '终端工具大全：{n}个值得一试的小程序', '编辑部逐一试用并给出评分。']] },
  {
    takes: [
      [
        'bench',
        'When is big data too small?',
        'For {n} of the questions people ask of it, a sample of a thousand would do as well.',
      ],
    ],
  },
  { takes: [['fieldnotes', 'Snowdrops before Christmas', 'The warm wall of the {city} bakery has them every year.']] },
  { takes: [['river', '{城}大剧院公布新演出季', '全年共{n}场演出，学生票半价。']] },
  {
    takes: [
      [
        'harbour',
        'The night the {city} observatory switched off the town',
        '{n} minutes without a lamp, and nobody complained.',
      ],
      ['bench', 'What {n} minutes of darkness showed', 'The faintest comet anybody has seen from {city}.'],
    ],
  },
  {
    takes: [['frontier', '大数据岗位报告：{城}需求增长最快', '报告统计了{n}家企业的招聘信息。']],
  },
  { takes: [['ledger', 'Ship insurers look at the clouds', 'A model of squalls has paid for itself in {n} weeks.']] },
  { takes: [['fieldnotes', 'How to read a dry-stone wall', 'The builder’s hand shows in the third course.']] },
  {
    takes: [
      ['river', '{城}芯片产业园一期投产', '园区首批{n}家企业入驻，预计带动两千个就业岗位。'],
      [
        'ledger',
        'First chips leave the new park in China’s river country',
        '{n} firms have moved in. The park wants two thousand jobs by spring.',
      ],
    ],
  },
  { takes: [['harbour', 'Choir sings on the breakwater', '{n} voices, a north wind, and hot soup.']] },
  { takes: [['bench', 'Bees that remember last summer', 'Not the bees: the wax does.']] },
  {
    takes: [
      ['fieldnotes', 'First redwings on the allotments', '{n} of them, and no berry left by noon.'],
      ['harbour', 'Winter has come to {city}, say the redwings', '{n} birds were counted before breakfast.'],
    ],
  },
  {
    takes: [
      ['frontier', '{社}上线面向乡镇的大数据服务', '首期覆盖{n}个乡镇，提供水利与气象预警。'],
      ['river', '{n}个乡镇接入防汛大数据系统', '系统由{社}承建，预警时间提前约四十分钟。'],
    ],
  },
  { takes: [['ledger', '{firm} reports, briefly', 'The letter to shareholders has {n} words. All of them are used.']] },
  { takes: [['bench', 'A clock made of salt', 'It loses {n} seconds a year and tastes of the sea.']] },
  { takes: [['river', '{城}马拉松公布路线', '赛事预计吸引{n}支队伍，沿江路段将分时段封闭。']] },
]
