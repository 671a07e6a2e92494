import type { DocumentHints } from '../model.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time.ts'
import type { RawLink, RawPace } from './raw.ts'

/** What a document says of itself beside its items. `resolve` makes a link's address absolute, or gives null. */
export function readHints(links: RawLink[], pace: RawPace, resolve: (link: RawLink) => string | null): DocumentHints {
  const find = (rel: string) => {
    for (const link of links) {
      const url = link.rel === rel ? resolve(link) : null
      if (url !== null) return url
    }
    return null
  }
  return {
    everyMs: intervalOf(pace),
    skipHours: skipped(pace.skipHours.map(hourOf), 24),
    skipDays: skipped(pace.skipDays.map(dayOf), 7),
    hub: find('hub'),
    self: find('self'),
    older: find('prev-archive') ?? find('next'),
  }
}

const MAX_INTERVAL = 366 * DAY_MS

/** RSS says it in minutes, the syndication module as so many times in a period; `updateBase` tells nobody anything. */
function intervalOf({ ttl, updatePeriod, updateFrequency }: RawPace): number | null {
  const minutes = numberOf(ttl)
  if (minutes > 0) return Math.min(Math.round(minutes * MINUTE_MS), MAX_INTERVAL)
  const period = PERIODS.get(updatePeriod?.trim().toLowerCase() ?? '')
  if (period === undefined) return null
  // Without it, once (RSS 1.0 modules: Syndication).
  return Math.round(period / Math.max(numberOf(updateFrequency), 1))
}

const PERIODS = new Map([
  ['hourly', HOUR_MS],
  ['daily', DAY_MS],
  ['weekly', 7 * DAY_MS],
  ['monthly', 30 * DAY_MS],
  ['yearly', 365 * DAY_MS],
])

/** 0 for what is no number of this world. */
function numberOf(text: string | null): number {
  return /^\s*\d{1,9}(?:\.\d{1,9})?\s*$/.test(text ?? '') ? Number(text) : 0
}

/** Whoever is never to be asked did not mean it. */
function skipped(values: (number | undefined)[], all: number): number[] {
  const known = [...new Set(values.filter((value) => value !== undefined))].sort((a, b) => a - b)
  return known.length < all ? known : []
}

/** RSS 0.91 counted them from 1 to 24. */
function hourOf(text: string): number | undefined {
  const hour = /^\s*\d{1,2}\s*$/.test(text) ? Number(text) : 25
  return hour <= 24 ? hour % 24 : undefined
}

function dayOf(text: string): number | undefined {
  const index = DAYS.indexOf(text.trim().toLowerCase().slice(0, 3))
  return index === -1 ? undefined : index
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
