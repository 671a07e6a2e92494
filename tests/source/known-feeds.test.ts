import { describe, expect, test } from 'vitest'
import { feedOfEntry, knownFeedAddress, knownListAddress } from '../../src/source/known-feeds.ts'

const CHANNEL = `UC${'x'.repeat(22)}`
const VIDEOS = 'https://www.youtube.com/feeds/videos.xml'

/** Null: its own page says more, or it has no feed. */
type Known = [page: string, feed: string | null]

const SITES: Record<string, Known[]> = {
  Wikipedia: [
    [
      'https://en.wikipedia.org/wiki/Ferry',
      'https://en.wikipedia.org/w/index.php?title=Ferry&action=history&feed=atom',
    ],
    [
      'https://de.m.wikipedia.org/wiki/F%C3%A4hre',
      'https://de.m.wikipedia.org/w/index.php?title=F%C3%A4hre&action=history&feed=atom',
    ],
    ['https://en.wikipedia.org/wiki/Special:RecentChanges', null],
    ['https://en.wikipedia.org/', null],
    ['https://en.wikipedia.org/wiki/Ferry?action=history', null],
  ],
  'SourceForge, Packagist, Vimeo and dev.to': [
    ['https://sourceforge.net/projects/tool/', 'https://sourceforge.net/projects/tool/rss?path=/'],
    ['https://sourceforge.net/projects/tool/files/stable/', 'https://sourceforge.net/projects/tool/rss?path=/stable'],
    ['https://sourceforge.net/projects/tool/reviews', null],
    ['https://packagist.org/packages/vendor/name', 'https://packagist.org/feeds/package.vendor/name.rss'],
    ['https://vimeo.com/channels/staffpicks', 'https://vimeo.com/channels/staffpicks/videos/rss'],
    ['https://vimeo.com/user123/videos', 'https://vimeo.com/user123/videos/rss'],
    ['https://vimeo.com/123456', null],
    ['https://dev.to/t/rust', 'https://dev.to/feed/tag/rust'],
  ],
  YouTube: [
    [`https://www.youtube.com/channel/${CHANNEL}/videos`, `${VIDEOS}?channel_id=${CHANNEL}`],
    [`https://m.youtube.com/channel/${CHANNEL}`, `${VIDEOS}?channel_id=${CHANNEL}`],
    ['https://www.youtube.com/user/name/videos', `${VIDEOS}?user=name`],
    ['https://youtube.com/playlist?list=PLabc_-1', `${VIDEOS}?playlist_id=PLabc_-1`],
    ['https://music.youtube.com/playlist?list=OLAK5uy_abc', `${VIDEOS}?playlist_id=OLAK5uy_abc`],
    ['https://www.youtube.com/watch?v=abc&list=PLabc', `${VIDEOS}?playlist_id=PLabc`],
    ['https://www.youtube.com/watch?v=abc&list=RDabc', null],
    ['https://www.youtube.com/watch?v=abc', null],
    ['https://youtu.be/abc?list=PLabc', `${VIDEOS}?playlist_id=PLabc`],
    ['https://youtu.be/abc', null],
    // They hold no number: their page declares it.
    ['https://www.youtube.com/@name', null],
    ['https://www.youtube.com/c/name', null],
    [`${VIDEOS}?channel_id=${CHANNEL}`, null],
  ],
  GitHub: [
    ['https://github.com/owner/repo', 'https://github.com/owner/repo/releases.atom'],
    ['https://github.com/owner/repo.js.git', 'https://github.com/owner/repo.js/releases.atom'],
    ['https://github.com/owner/repo/releases/tag/v1', 'https://github.com/owner/repo/releases.atom'],
    ['https://github.com/owner/repo/releases/latest', 'https://github.com/owner/repo/releases.atom'],
    ['https://github.com/owner/repo/tags/', 'https://github.com/owner/repo/tags.atom'],
    ['https://github.com/owner/repo/commits', 'https://github.com/owner/repo/commits.atom'],
    ['https://github.com/owner/repo/commits/main', 'https://github.com/owner/repo/commits/main.atom'],
    ['https://github.com/owner/repo/tree/main/docs', 'https://github.com/owner/repo/commits/main/docs.atom'],
    ['https://github.com/owner/repo/blob/main/NEWS.md', 'https://github.com/owner/repo/commits/main/NEWS.md.atom'],
    ['https://github.com/owner/repo/wiki', 'https://github.com/owner/repo/wiki.atom'],
    ['https://github.com/owner/repo/discussions', 'https://github.com/owner/repo/discussions.atom'],
    [
      'https://github.com/owner/repo/discussions/categories/announcements',
      'https://github.com/owner/repo/discussions/categories/announcements.atom',
    ],
    ['https://github.com/owner', 'https://github.com/owner.atom'],
    ['https://gist.github.com/owner', 'https://gist.github.com/owner.atom'],
    ['https://github.com/owner.atom', null],
    ['https://github.com/owner/repo/commits/main.atom', null],
    ['https://github.com/owner/repo/releases.atom', null],
    ['https://github.com/owner/repo/issues', null],
    ['https://github.com/topics/feeds', null],
    ['https://github.com/', null],
  ],
  GitLab: [
    ['https://gitlab.com/group/sub/repo/-/tags', 'https://gitlab.com/group/sub/repo/-/tags?format=atom'],
    ['https://gitlab.com/group/repo/-/commits/main', 'https://gitlab.com/group/repo/-/commits/main?format=atom'],
    ['https://gitlab.com/group/repo/-/releases', 'https://gitlab.com/group/repo/-/releases.atom'],
    ['https://git.example/group/repo/-/releases', 'https://git.example/group/repo/-/releases.atom'],
    ['https://git.example/group/repo/-/tags?sort=updated_desc', 'https://git.example/group/repo/-/tags?format=atom'],
    ['https://gitlab.com/group/repo/-/tags?format=atom', null],
    ['https://gitlab.com/group/repo', null],
  ],
  'Codeberg and Gitea': [
    ['https://codeberg.org/owner/repo', 'https://codeberg.org/owner/repo/releases.rss'],
    ['https://codeberg.org/owner/repo/releases/tag/v1', 'https://codeberg.org/owner/repo/releases.rss'],
    ['https://codeberg.org/owner/repo.git', 'https://codeberg.org/owner/repo/releases.rss'],
    ['https://codeberg.org/', null],
    ['https://codeberg.org/owner/repo/tags', 'https://codeberg.org/owner/repo/tags.rss'],
    ['https://gitea.com/owner/repo/src/branch/main', 'https://gitea.com/owner/repo/rss/branch/main'],
    ['https://codeberg.org/owner/repo/commits/branch/main', 'https://codeberg.org/owner/repo/rss/branch/main'],
    ['https://codeberg.org/owner', 'https://codeberg.org/owner.rss'],
    ['https://codeberg.org/owner/repo.rss', null],
    ['https://codeberg.org/explore/repos', null],
    ['https://codeberg.org/owner/repo/issues', null],
  ],
  Reddit: [
    ['https://www.reddit.com/r/rss/', 'https://www.reddit.com/r/rss/.rss'],
    ['https://old.reddit.com/r/a+b/top/?t=week', 'https://www.reddit.com/r/a+b/top/.rss?t=week'],
    ['https://sh.reddit.com/r/rss', 'https://www.reddit.com/r/rss/.rss'],
    ['https://reddit.com/user/name', 'https://www.reddit.com/user/name/.rss'],
    ['https://www.reddit.com/user/name/m/news', 'https://www.reddit.com/user/name/m/news/.rss'],
    [
      'https://www.reddit.com/r/rss/comments/1abc/some_title/',
      'https://www.reddit.com/r/rss/comments/1abc/some_title/.rss',
    ],
    ['https://www.reddit.com/search?q=big+data', 'https://www.reddit.com/search.rss?q=big+data'],
    [
      'https://www.reddit.com/r/rss/search/?q=x&restrict_sr=1',
      'https://www.reddit.com/r/rss/search.rss?q=x&restrict_sr=1',
    ],
    ['https://www.reddit.com/domain/example.com/', 'https://www.reddit.com/domain/example.com/.rss'],
    ['https://www.reddit.com/', 'https://www.reddit.com/.rss'],
    ['https://www.reddit.com/search', null],
    ['https://www.reddit.com/?feed=home', null],
    ['https://www.reddit.com/r/rss/.rss', null],
    ['https://www.reddit.com/r/rss/wiki', null],
  ],
  'the fediverse': [
    ['https://mastodon.example/@name', 'https://mastodon.example/@name.rss'],
    ['https://mastodon.example/@name/media', 'https://mastodon.example/@name.rss'],
    ['https://mastodon.social/tags/rss', 'https://mastodon.social/tags/rss.rss'],
    ['https://blog.example/tags/rss', null],
    ['https://mastodon.example/@name/1234', null],
    ['https://mastodon.example/@name/113456789012345678', 'https://mastodon.example/@name.rss'],
    ['https://mastodon.example/@name@elsewhere.example', 'https://elsewhere.example/@name.rss'],
    ['https://mastodon.example/@name@elsewhere.example/113456789012345678', 'https://elsewhere.example/@name.rss'],
    ['https://mastodon.example/@name@elsewhere', null],
    ['https://www.tiktok.com/@name@elsewhere.example', null],
    ['https://www.tiktok.com/@name', null],
    ['https://dev.to/@name', null],
    ['https://mstdn.example/tags/rss', 'https://mstdn.example/tags/rss.rss'],
    ['https://www.npmjs.com/package/name', null],
  ],
  Bluesky: [
    ['https://bsky.app/profile/name.example', 'https://bsky.app/profile/name.example/rss'],
    ['https://bsky.app/profile/did:plc:abc123', 'https://bsky.app/profile/did:plc:abc123/rss'],
    ['https://bsky.app/profile/name.example/post/3kabc', 'https://bsky.app/profile/name.example/rss'],
    ['https://name.bsky.social/', 'https://bsky.app/profile/name.bsky.social/rss'],
    ['https://bsky.app/profile/name.example/feed/abc', null],
    ['https://www.bsky.social/', null],
    ['https://bsky.app/profile/name.example/rss', null],
  ],
  blogs: [
    ['https://medium.com/@name/some-story-0123456789ab', 'https://medium.com/feed/@name'],
    ['https://medium.com/@first.last', 'https://medium.com/feed/@first.last'],
    ['https://medium.com/tag/rss', 'https://medium.com/feed/tag/rss'],
    ['https://medium.com/some-publication', 'https://medium.com/feed/some-publication'],
    ['https://medium.com/some-publication/tagged/rss', 'https://medium.com/feed/some-publication/tagged/rss'],
    ['https://medium.com/@first.last/a-story-1a2b', null],
    ['https://medium.com/about', null],
    ['https://medium.com/feed/@first.last', null],
    ['https://name.medium.com/', 'https://name.medium.com/feed'],
    ['https://name.substack.com/archive', 'https://name.substack.com/feed'],
    ['https://name.substack.com/p/a-post', null],
    ['https://name.blogspot.co.uk', 'https://name.blogspot.co.uk/feeds/posts/default'],
    ['https://name.blogspot.com/search/label/News', 'https://name.blogspot.com/feeds/posts/default/-/News'],
    ['https://name.wordpress.com/', 'https://name.wordpress.com/feed/'],
    ['https://name.wordpress.com/category/a/b/', 'https://name.wordpress.com/category/a/b/feed/'],
    ['https://name.wordpress.com/category/a/feed/', null],
    ['https://www.wordpress.com/', null],
    ['https://www.blogspot.com/', null],
    ['https://www.substack.com/', null],
    ['https://substack.com/@name', null],
    ['https://name.medium.com/@other', null],
    ['https://name.tumblr.com/', 'https://name.tumblr.com/rss'],
    ['https://name.tumblr.com/tagged/cats', 'https://name.tumblr.com/tagged/cats/rss'],
    ['https://www.tumblr.com/name', 'https://name.tumblr.com/rss'],
    ['https://www.tumblr.com/blog/view/name', 'https://name.tumblr.com/rss'],
    ['https://www.tumblr.com/blog/name', 'https://name.tumblr.com/rss'],
    ['https://www.tumblr.com/name/700000000000000000/a-post', 'https://name.tumblr.com/rss'],
    ['https://www.tumblr.com/explore', null],
    ['https://www.tumblr.com/blog', null],
    ['https://name.tumblr.com/post/1', null],
  ],
  packages: [
    ['https://pypi.org/project/Some.Name/', 'https://pypi.org/rss/project/Some.Name/releases.xml'],
    ['https://pypi.org/project/name/1.0/', 'https://pypi.org/rss/project/name/releases.xml'],
    ['https://crates.io/crates/some_name/versions', 'https://static.crates.io/rss/crates/some_name.xml'],
    ['https://rubygems.org/gems/some-name', 'https://rubygems.org/gems/some-name/versions.atom'],
  ],
  'Stack Exchange': [
    [
      'https://stackoverflow.com/questions/tagged/c%23+linq?tab=Newest',
      'https://stackoverflow.com/feeds/tag?tagnames=c%23+linq&sort=newest',
    ],
    [
      'https://unix.stackexchange.com/questions/tagged/bash',
      'https://unix.stackexchange.com/feeds/tag?tagnames=bash&sort=newest',
    ],
    ['https://stackoverflow.com/questions/42/how', 'https://stackoverflow.com/feeds/question/42'],
    ['https://superuser.com/users/42/name', 'https://superuser.com/feeds/user/42'],
    ['https://ru.stackoverflow.com/', 'https://ru.stackoverflow.com/feeds'],
    ['https://stackoverflow.com/tags', null],
    ['https://stackoverflow.com/questions?page=2', null],
  ],
  'arXiv and Hacker News': [
    ['https://arxiv.org/list/cs.AI/recent', 'https://rss.arxiv.org/rss/cs.AI'],
    ['https://arxiv.org/list/astro-ph.CO/new', 'https://rss.arxiv.org/rss/astro-ph.CO'],
    ['https://arxiv.org/archive/math', 'https://rss.arxiv.org/rss/math'],
    ['https://arxiv.org/list/cs.AI/2411', null],
    ['https://arxiv.org/abs/2411.00001', null],
    ['https://news.ycombinator.com/', 'https://news.ycombinator.com/rss'],
    ['https://news.ycombinator.com/news', 'https://news.ycombinator.com/rss'],
    ['https://news.ycombinator.com/show', 'https://news.ycombinator.com/showrss'],
    ['https://news.ycombinator.com/item?id=1', null],
  ],
  'the directory of podcasts': [
    [
      'https://podcasts.apple.com/us/podcast/the-show/id123456?i=1000',
      'https://itunes.apple.com/lookup?entity=podcast&id=123456',
    ],
    ['https://podcasts.apple.com/podcast/id123456', 'https://itunes.apple.com/lookup?entity=podcast&id=123456'],
    ['https://itunes.apple.com/de/podcast/die-sendung/id9', 'https://itunes.apple.com/lookup?entity=podcast&id=9'],
    ['https://podcasts.apple.com/us/charts', null],
    ['https://itunes.apple.com/us/album/id123456', null],
  ],
  'Google News': [
    ['https://news.google.com/home?hl=de&gl=DE', 'https://news.google.com/rss?hl=de&gl=DE'],
    ['https://news.google.com/', 'https://news.google.com/rss'],
    [
      'https://news.google.com/search?q=big%20data&hl=en-US',
      'https://news.google.com/rss/search?q=big%20data&hl=en-US',
    ],
    ['https://news.google.com/topics/CAAq_-1?gl=US', 'https://news.google.com/rss/topics/CAAq_-1?gl=US'],
    ['https://news.google.com/topics/CAAq/sections/CAQi', 'https://news.google.com/rss/topics/CAAq/sections/CAQi'],
    ['https://news.google.com/search?hl=en-US', null],
    ['https://news.google.com/read/CBMi', null],
  ],
  Steam: [
    ['https://store.steampowered.com/app/440/Team_Game/', 'https://store.steampowered.com/feeds/news/app/440/'],
    ['https://store.steampowered.com/news/app/440?emclan=1', 'https://store.steampowered.com/feeds/news/app/440/'],
    ['https://store.steampowered.com/news/app/440/view/123', 'https://store.steampowered.com/feeds/news/app/440/'],
    ['https://store.steampowered.com/news/', null],
    ['https://store.steampowered.com/bundle/440/', null],
  ],
  others: [
    ['https://news.example/', null],
    ['https://news.example/feed', null],
    ['not an address', null],
  ],
}

for (const [site, rows] of Object.entries(SITES)) {
  describe(`the feeds of ${site} are known by the address alone`, () => {
    for (const [page, feed] of rows) test(`${page} → ${feed}`, () => expect(knownFeedAddress(page)).toBe(feed))
  })
}

test('a feed that is known is not looked for behind its own address', () => {
  const feeds = Object.values(SITES).flatMap((rows) => rows.flatMap(([, feed]) => feed ?? []))

  expect(feeds.filter((feed) => knownFeedAddress(feed) !== null)).toEqual([])
})

test.each([
  [
    'names one',
    '\n\n{\n "resultCount":1, "results": [{"kind":"podcast", "feedUrl":"https://a.test/x?y=1&z=2"}]}',
    'https://a.test/x?y=1&z=2',
  ],
  [
    'names one with escapes',
    '{"resultCount":1,"results":[{"feedUrl":"https:\\/\\/a.test\\/x?y=1\\u0026z=2"}]}',
    'https://a.test/x?y=1&z=2',
  ],
  ['names half of one', '{"resultCount":1,"results":[{"feedUrl":"https://"}]}', null],
  ['knows nothing', '{"resultCount":0,"results":[]}', null],
  ['names what is no address', '{"resultCount":1,"results":[{"feedUrl":"javascript:1"}]}', null],
  ['is none', '<p>{"resultCount":1,"feedUrl":"https://a.test/"}', null],
])('the entry of a directory that %s', (_, json, feed) => {
  expect(feedOfEntry(json)).toBe(feed)
})

test.each([
  ['https://t.me/harbour_news', 'https://t.me/s/harbour_news'],
  ['https://t.me/harbour_news/123?single', 'https://t.me/s/harbour_news'],
  ['https://t.me/s/harbour_news/', 'https://t.me/s/harbour_news'],
  ['https://telegram.me/harbour_news', 'https://t.me/s/harbour_news'],
  ['https://t.me/s/', null],
  ['https://t.me/+AbCdEf', null],
  ['https://t.me/c/123456/7', null],
  ['https://t.me/joinchat/AbCd', null],
  ['https://t.me/proxy?server=x', null],
  ['https://t.me/some_bot', null],
  ['https://t.me/', null],
  ['https://at.me/harbour_news', null],
  ['not an address', null],
])('the posts of a channel of Telegram are known by its address: %s → %s', (page, list) => {
  expect(knownListAddress(page)).toBe(list)
})
