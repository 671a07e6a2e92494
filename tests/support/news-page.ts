/** A page of the kind that has no feed: announcements under one another, each with its date; newest first. */
export function newsPage({ days = [11, 10, 9, 8, 7, 6], head = '' }: { days?: number[]; head?: string } = {}): string {
  const entries = days.map(
    (day) =>
      `<li><a href="/n/${day}.html">Announcement number ${day} of the harbour office</a><span class="day">2026-11-${String(day).padStart(2, '0')}</span></li>`,
  )
  const menu = '<ul class="menu"><li><a href="/">Home</a></li><li><a href="/about">About</a></li></ul>'
  const body = `${menu}<div id="main"><ul class="news">${entries.join('')}</ul></div>`
  return `<!doctype html><html><head><title>Harbour office</title>${head}</head><body>${body}</body></html>`
}
