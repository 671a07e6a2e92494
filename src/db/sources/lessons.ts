import type { Hub } from '../../model.ts'
import type { PollRecord } from '../../ports.ts'
import type { MessageWriter } from '../chats/messages.ts'
import type { Database } from '../sqlite/driver.ts'
import type { Meta } from '../sqlite/meta.ts'

/** What a poll may teach beyond what it brought. A missing one leaves what is stored. */
type Lessons = Pick<PollRecord, 'rhythm' | 'move' | 'told' | 'hub' | 'pageRules' | 'adoptUrl' | 'notices'>

export interface LessonWriter {
  /** Inside the transaction of the poll, after its outcome. Most polls teach nothing, and cost nothing here. */
  learn(sourceId: number, lessons: Lessons, now: number): void
}

export function createLessonWriter({ driver }: Database, meta: Meta, messages: MessageWriter): LessonWriter {
  // Most say again what they said last time: that is not written.
  const setter = (column: string) => {
    const statement = driver.prepare(`UPDATE sources SET ${column} = ? WHERE id = ? AND ${column} IS NOT ?`)
    return (id: number, value: object | null) => {
      const json = value && JSON.stringify(value)
      statement.run(json, id, json)
    }
  }
  const set = {
    rhythm: setter('rhythm'),
    move: setter('move'),
    told: setter('told'),
    hub: setter('hub'),
    pageRules: setter('page_rules'),
  }
  const adopt = driver.prepare(
    `UPDATE sources SET url = :url, host = :host, move = NULL
     WHERE id = :id AND NOT EXISTS (SELECT 1 FROM sources WHERE url = :url)`,
  )

  return {
    learn(id, { rhythm, move, told, hub, pageRules, adoptUrl, notices }, now) {
      if (rhythm) set.rhythm(id, rhythm)
      if (move !== undefined) set.move(id, move)
      if (told) set.told(id, told.length === 0 ? null : told)
      if (hub !== undefined) set.hub(id, hub && toHub(hub))
      if (pageRules) set.pageRules(id, pageRules)
      if (adoptUrl !== undefined && adopt.run({ id, url: adoptUrl, host: new URL(adoptUrl).hostname }).changes > 0) {
        meta.noteChange('source', id)
      }
      if (notices) messages.notify(notices, now)
    },
  }
}

/** In the one order in which hubs are stored: they are compared as texts. */
export function toHub({ url, topic }: Hub): Hub {
  return { url, topic }
}
