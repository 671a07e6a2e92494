/** What kind of news a title says that it heads, in bits. */

/** Its title asks or explains ("Who could follow …?"): no news, but about it. */
export const ASKING = 2
/** Its title says that it tells many news ("Morning briefing: …"), or what somebody thinks of one: it is like each, and none. */
export const GATHERED = 4
/** Its title tells how shares moved. */
export const MARKET = 64

/** Of a title's token stream: ASKING, GATHERED and MARKET, or 0. */
export function kindsOf(title: string): number {
  const begin = title.slice(0, KIND_WITHIN)
  return (
    (ASKS.test(begin) ? ASKING : 0) |
    (BEGINS_OTHER.test(begin) || GATHERS.test(begin) ? GATHERED : 0) |
    (MARKETS.test(begin) ? MARKET : 0)
  )
}

/** A title says within this what kind of news it is. */
const KIND_WITHIN = 200
const ASKS =
  /^(?:how|who (?:could|would|might|will|is|are|was)|why|what|where|which|inside|opinion|analysis|explainer|profile|review|watch|video|are|can|could|should|does|do|is) |(?:^| )(?:为何|为什|如何|怎么|怎样|哪些)(?: |$)/

const MARKETS = /(?:^| )(?:shares?|stocks?|index|wall street|股价|股市|股指|大盘|涨停|跌停|复牌|停牌|收盘)(?: |$)/

/** A column about the news, or many news: a table of results, an evening paper's list. */
const BEGINS_OTHER =
  /^(?:comment|commentary|opinion(?! poll)|editorial|breaking ?views|column|op ed|(?:weekend|midweek|monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?: s)? results|晚报 报|评论|社评|快评|锐评|时评) /
const GATHERS =
  /(?:^| )(?:(?:morning|evening|daily|nightly|weekly|weekend|news|market|markets) (?:brief|briefing|digest|recap|round ?up|wrap)|newsletter|roundup|(?:league|division|championship|cup|sports?|football|tennis|rugby|cricket|golf|business|tech|world|local|court|results) round up|(?:\d+|three|five|seven|ten) things (?:to|you)|week in review|早报|要闻|速览|综述)(?: |$)/
