import type { PageRules } from '../model.ts'

/**
 * Where a site known for it keeps the feed of this page, as its address alone says it: video channels, repositories,
 * packages, forums, profiles, blogs; or the entry of a directory that names it. Null for all others, and for what is such a
 * feed.
 */
export function knownFeedAddress(url: string): string | null {
  if (!URL.canParse(url)) return null
  const page = new URL(url)
  const host = page.hostname.replace(/^(?:www|m|old|np|new|sh|music)\./, '')
  const path = page.pathname.replace(/\/+$/, '')
  if (NAMED_FEED.test(path)) return null
  const ofHost = HOSTS.get(host) ?? FAMILIES.find(({ of }) => of.test(page.hostname))?.feed
  if (ofHost) return ofHost(path, page)
  return gitLab(path, page) ?? fediverse(path, page)
}

/**
 * Where a site known for it lists, for everybody to read, what this page speaks of, and has no feed: a channel of Telegram, or
 * a post of it. Null for all others.
 */
export function knownListAddress(url: string): string | null {
  const { hostname, pathname } = URL.canParse(url) ? new URL(url) : { hostname: '', pathname: '' }
  const channel = /^(?:t|telegram)\.(?:me|dog)$/.test(hostname) ? CHANNEL.exec(pathname)?.[1] : undefined
  return channel === undefined || NO_CHANNEL.test(channel) ? null : `https://t.me/s/${channel}`
}

/**
 * What the entries of such a list are, which is hard to see: each post leads to itself by its time alone, and by its words to
 * other sites. Null for all other addresses.
 */
export function knownListRules(url: string): PageRules | null {
  return knownListAddress(url) === url ? POSTS : null
}

const POSTS: PageRules = {
  entry: '.tgme_widget_message_wrap',
  link: 'a.tgme_widget_message_date',
  title: '.tgme_widget_message_text',
  date: 'time',
  summary: '.tgme_widget_message_text',
  auto: false,
}

/** Telegram: a name has 5 to 32 characters, a few that were sold have 4. */
const CHANNEL = /^\/(?:s\/)?([a-z]\w{3,31})(?:\/\d+)?\/?$/i
/** Telegram's own links; those of robots, which have no posts. */
const NO_CHANNEL =
  /^(?:add(?:emoji|list|stickers|style|theme)|boost|call|confirmphone|contact|giftcode|invoice|joinchat|login|proxy|setlanguage|share|socks)$|bot$/i

/** The feed that the entry of a directory names (Apple's, of podcasts); null for whatever else it says. */
export function feedOfEntry(json: string): string | null {
  const written = /^\s*\{\s*"resultCount"/.test(json) ? FEED_URL.exec(json)?.[1] : undefined
  const feed = written === undefined ? '' : String(JSON.parse(written))
  return URL.canParse(feed) ? feed : null
}

const FEED_URL = /"feedUrl"\s*:\s*("https?:(?:[^"\\\s]|\\["\\/]|\\u[\da-f]{4})*")/i

type FeedOf = (path: string, page: URL) => string | null

/** It is one already. */
const NAMED_FEED = /\.(?:atom|rss|rdf|xml)$/

const ARXIV_LIST = /^\/(?:list|archive)\/([a-z-]+(?:\.[A-Za-z-]+)?)(?:\/(?:new|recent|current|pastweek))?$/

const STEAM = 'https://store.steampowered.com/feeds/news'

/** A podcast, or an episode of it. */
const podcast = at(
  /^\/(?:[a-z]{2}\/)?podcast\/(?:[^/]+\/)?id(\d+)$/,
  'https://itunes.apple.com/lookup?entity=podcast&id=$1',
)

const HOSTS = new Map<string, FeedOf>([
  ['podcasts.apple.com', podcast],
  ['itunes.apple.com', podcast],
  ['youtube.com', youTube],
  // A video, by the short address that is for sharing.
  ['youtu.be', (_path, page) => youTube('/watch', page)],
  ['github.com', gitHub],
  ['gist.github.com', at(/^\/([\w-]+)$/, 'https://gist.github.com/$1.atom')],
  ['codeberg.org', gitea],
  ['gitea.com', gitea],
  ['reddit.com', reddit],
  // Of a post, too: what else its author writes.
  ['bsky.app', at(/^\/profile\/([\w.:-]+)(?:\/post\/\w+)?$/, 'https://bsky.app/profile/$1/rss')],
  ['medium.com', medium],
  ['tumblr.com', tumblr],
  ['pypi.org', at(/^\/project\/([\w.-]+)/, 'https://pypi.org/rss/project/$1/releases.xml')],
  ['crates.io', at(/^\/crates\/([\w-]+)/, 'https://static.crates.io/rss/crates/$1.xml')],
  ['rubygems.org', at(/^\/gems\/([\w.-]+)/, 'https://rubygems.org/gems/$1/versions.atom')],
  ['packagist.org', at(/^\/packages\/([\w.-]+\/[\w.-]+)$/, 'https://packagist.org/feeds/package.$1.rss')],
  ['sourceforge.net', sourceForge],
  ['vimeo.com', at(/^(\/(?:channels\/\w+|groups\/\w+|user\d+))(?:\/videos)?$/, 'https://vimeo.com$1/videos/rss')],
  ['dev.to', at(/^\/t\/(\w+)$/, 'https://dev.to/feed/tag/$1')],
  ['arxiv.org', at(ARXIV_LIST, 'https://rss.arxiv.org/rss/$1')],
  ['news.ycombinator.com', hackerNews],
  ['news.google.com', googleNews],
  ['store.steampowered.com', at(/^\/(?:news\/)?app\/(\d+)(?:\/.*)?$/, `${STEAM}/app/$1/`)],
  ...'stackoverflow.com superuser.com serverfault.com askubuntu.com mathoverflow.net stackapps.com'
    .split(' ')
    .map((host): [string, FeedOf] => [host, stackExchange]),
])

/** Sites with a host for each blog or community. */
const FAMILIES: { of: RegExp; feed: FeedOf }[] = [
  { of: /^[\w-]+\.medium\.com$/, feed: atFront('/feed') },
  {
    of: /^(?!www\.)[\w-]+\.substack\.com$/,
    feed: (path, page) => (path === '/archive' ? `${page.origin}/feed` : atFront('/feed')(path, page)),
  },
  { of: /^(?!www\.)[\w-]+\.blogspot\.(?:com|[a-z]{2}|com?\.[a-z]{2})$/, feed: blogger },
  { of: /^(?!www\.)[\w-]+\.wordpress\.com$/, feed: wordPress },
  {
    of: /^[\w-]+\.tumblr\.com$/,
    feed: (path, page) => (/^\/tagged\/[^/]+$/.test(path) ? `${page.origin}${path}/rss` : atFront('/rss')(path, page)),
  },
  {
    of: /^[\w-]+(?:\.m)?\.(?:wikipedia|wiktionary|wikinews|wikibooks|wikiquote|wikisource|wikiversity|wikivoyage)\.org$/,
    feed: wikipedia,
  },
  {
    of: /^(?!www\.)[\w-]+\.bsky\.social$/,
    feed: (path, { hostname }) => (path === '' ? `https://bsky.app/profile/${hostname}/rss` : null),
  },
  { of: /^[\w.-]+\.(?:stackexchange|stackoverflow)\.com$/, feed: stackExchange },
]

/** Only a blog's front page stands for its feed. */
function atFront(feed: string): FeedOf {
  return (path, page) => (path === '' && page.search === '' ? `${page.origin}${feed}` : null)
}

/** What the pattern finds in the path, put into an address ("$1"). */
function at(pattern: RegExp, feed: string): (path: string) => string | null {
  return (path) => pattern.exec(path)?.[0].replace(pattern, feed) ?? null
}

// Handles and /c/ pages hold no channel id: their page declares its feed.
function youTube(path: string, { searchParams }: URL): string | null {
  const feed = 'https://www.youtube.com/feeds/videos.xml'
  const channel = /^\/channel\/(UC[\w-]{22})(?:\/\w+)?$/.exec(path)?.[1]
  if (channel) return `${feed}?channel_id=${channel}`
  const user = /^\/user\/([\w-]+)(?:\/\w+)?$/.exec(path)?.[1]
  if (user) return `${feed}?user=${user}`
  const list = searchParams.get('list') ?? ''
  // A video of a playlist that somebody made; what is mixed for a viewer (RD…) has no feed.
  const isPlaylist = path === '/playlist' ? /^[\w-]+$/.test(list) : path === '/watch' && /^PL[\w-]+$/.test(list)
  return isPlaylist ? `${feed}?playlist_id=${list}` : null
}

function gitHub(path: string): string | null {
  const [, owner = '', repo = '', rest = ''] = /^\/([\w-]+)(?:\/([\w.-]+?)(?:\.git)?(\/.*)?)?$/.exec(path) ?? []
  if (owner === '' || NO_OWNER.has(owner.toLowerCase())) return null
  if (repo === '') return `https://github.com/${owner}.atom`
  const repository = `https://github.com/${owner}/${repo}`
  if (rest === '' || /^\/releases(?:\/(?:latest|tag\/[^/]+))?$/.test(rest)) return `${repository}/releases.atom`
  if (/^\/(?:tags|commits(?:\/.+)?|wiki|discussions(?:\/categories\/[\w-]+)?)$/.test(rest))
    return `${repository}${rest}.atom`
  // A folder or a file of a branch: what was changed there.
  return at(/^\/(?:tree|blob)\/(.+)$/, `${repository}/commits/$1.atom`)(rest)
}

/** First parts of GitHub's own pages. */
const NO_OWNER = new Set(
  'about apps codespaces collections contact customer-stories dashboard enterprise events explore features gist issues join login marketplace new notifications organizations orgs pricing pulls readme resources search security sessions settings signup site solutions sponsors stars team topics trending users'.split(
    ' ',
  ),
)

/** GitLab's own pages of a project stand behind "/-/", on whatever host; in what order they are shown is no matter. */
function gitLab(path: string, page: URL): string | null {
  if (page.searchParams.has('format')) return null
  if (/^\/.+\/-\/releases$/.test(path)) return `${page.origin}${path}.atom`
  return /^\/.+\/-\/(?:tags|commits\/.+)$/.test(path) ? `${page.origin}${path}?format=atom` : null
}

/** Gitea and Forgejo. */
function gitea(path: string, page: URL): string | null {
  const [, owner = '', repo = '', rest = ''] = /^\/([\w.-]+)(?:\/([\w.-]+?)(?:\.git)?(\/.*)?)?$/.exec(path) ?? []
  if (owner === '' || NO_GITEA_OWNER.has(owner.toLowerCase())) return null
  if (repo === '') return `${page.origin}/${owner}.rss`
  const repository = `${page.origin}/${owner}/${repo}`
  if (rest === '' || /^\/releases(?:\/.*)?$/.test(rest)) return `${repository}/releases.rss`
  if (rest === '/tags') return `${repository}/tags.rss`
  return at(/^\/(?:src|commits)\/branch\/(.+)$/, `${repository}/rss/branch/$1`)(rest)
}

const NO_GITEA_OWNER = new Set('about admin api assets explore issues notifications pulls repo search user'.split(' '))

function reddit(path: string, page: URL): string | null {
  const place = `https://www.reddit.com${path}`
  if (/^(?:\/r\/[\w+-]{2,200})?\/search$/.test(path)) {
    return page.searchParams.has('q') ? `${place}.rss${page.search}` : null
  }
  if (path === '') return page.search === '' ? `${place}/.rss` : null
  const isListing =
    /^\/(?:(?:r|u|user)\/[\w+-]{2,200}(?:\/(?:hot|new|top|rising|controversial|submitted|comments(?:\/\w+){0,2}))?|user\/[\w-]+\/m\/\w+|domain\/[\w.-]+)$/
  return isListing.test(path) ? `${place}/.rss${page.search}` : null
}

function medium(path: string): string | null {
  // A story: what else its author writes.
  const author = /^\/(@[\w.-]+)\/[\w-]+-[\da-f]{8,12}$/.exec(path)?.[1]
  if (author) return `https://medium.com/feed/${author}`
  if (/^\/(?:@[\w.-]+|tag\/[\w-]+)$/.test(path)) return `https://medium.com/feed${path}`
  const [, publication = '', tagged = ''] = /^\/([a-z0-9-]+)(\/tagged\/[\w-]+)?$/.exec(path) ?? []
  const isOwn = publication === '' || NO_PUBLICATION.has(publication)
  return isOwn ? null : `https://medium.com/feed/${publication}${tagged}`
}

/** Medium's own pages. */
const NO_PUBLICATION = new Set(
  'about business creators explore-topics feed jobs-at-medium m me membership new-story p plans policy search tag topics'.split(
    ' ',
  ),
)

function tumblr(path: string): string | null {
  // Of a post, too: what else is there.
  const [, blog = ''] = /^\/(?:blog\/(?:view\/)?)?([a-z0-9-]+)(?:\/\d{6,}(?:\/[\w-]*)?)?$/i.exec(path) ?? []
  const isOwn =
    /^(?:about|apps|blog|dashboard|explore|help|jobs|login|policy|press|privacy|register|search|tagged|view)$/i
  return blog === '' || isOwn.test(blog) ? null : `https://${blog}.tumblr.com/rss`
}

function blogger(path: string, page: URL): string | null {
  const label = /^\/search\/label\/([^/]+)$/.exec(path)?.[1]
  return label ? `${page.origin}/feeds/posts/default/-/${label}` : atFront('/feeds/posts/default')(path, page)
}

function wordPress(path: string, page: URL): string | null {
  const isList = /^\/(?:category|tag|author)\/[^/]+(?:\/[^/]+)*(?<!\/feed)$/.test(path)
  return isList ? `${page.origin}${path}/feed/` : atFront('/feed/')(path, page)
}

function stackExchange(path: string, page: URL): string | null {
  const tags = /^\/questions\/tagged\/([^/]+)$/.exec(path)?.[1]
  if (tags) return `${page.origin}/feeds/tag?tagnames=${tags}&sort=newest`
  const [, kind = '', id = ''] = /^\/(questions|users)\/(\d+)(?:\/.*)?$/.exec(path) ?? []
  if (id !== '') return `${page.origin}/feeds/${kind === 'users' ? 'user' : 'question'}/${id}`
  return /^(?:\/questions)?$/.test(path) && page.search === '' ? `${page.origin}/feeds` : null
}

function hackerNews(path: string): string | null {
  if (path === '' || path === '/news') return 'https://news.ycombinator.com/rss'
  return path === '/show' ? 'https://news.ycombinator.com/showrss' : null
}

/** Its pages are filled by scripts, and in Europe stand behind a question for consent. Language and country are parameters. */
function googleNews(path: string, { search, searchParams }: URL): string | null {
  const feed = 'https://news.google.com/rss'
  if (/^(?:\/(?:home|topstories))?$/.test(path)) return `${feed}${search}`
  if (path === '/search') return searchParams.has('q') ? `${feed}/search${search}` : null
  return /^\/topics\/[\w-]+(?:\/sections\/[\w-]+)?$/.test(path) ? `${feed}${path}${search}` : null
}

/** New files, of the whole project or below a folder. */
function sourceForge(path: string): string | null {
  const [, project = '', folder = ''] = /^\/projects\/([\w-]+)(?:\/files(\/.*)?)?$/.exec(path) ?? []
  return project === '' ? null : `https://sourceforge.net/projects/${project}/rss?path=${folder || '/'}`
}

/** What was changed of an article: its page declares only all there is to be changed. */
function wikipedia(path: string, page: URL): string | null {
  const title = /^\/wiki\/([^:]+)$/.exec(path)?.[1]
  return title && page.search === '' ? `${page.origin}/w/index.php?title=${title}&action=history&feed=atom` : null
}

/** A profile of the fediverse; the host may be anybody's. Tags only where the host is Mastodon by its name: a blog has them too. */
function fediverse(path: string, { hostname, origin }: URL): string | null {
  // Of a post, too: what else its author writes. Who is of another host is shown here only by scripts.
  const [, profile, home] = PROFILE.exec(path) ?? []
  if (profile) return NO_FEDIVERSE.test(hostname) ? null : `${home ? `https://${home}` : origin}/@${profile}.rss`
  const tag = /^\/tags\/([^/]+)$/.exec(path)?.[1]
  return tag && MASTODON.test(hostname) ? `${origin}/tags/${tag}.rss` : null
}

const PROFILE = /^\/@(\w+)(?:@((?:[\w-]+\.)+[a-z]{2,}))?(?:\/(?:with_replies|media|\d{15,20}))?$/i

const NO_FEDIVERSE =
  /(?:^|\.)(?:tiktok|threads|substack|instagram|flipboard|hashnode|npmjs|telegram|t|x|twitter|farcaster|warpcast)\.(?:com|net|me|xyz)$/
const MASTODON =
  /^(?:mastodon|mstdn|masto)\.|^(?:fosstodon\.org|hachyderm\.io|infosec\.exchange|mas\.to|chaos\.social)$/
