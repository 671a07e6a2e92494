import type { Actions } from '../actions/context.ts'
import { listOwners } from '../actions/owners.ts'
import type { Log } from '../log.ts'
import type { Answer } from './command.ts'
import { readCommand } from './message.ts'
import { createOwnerCode } from './owner-code.ts'

/** Who is served, and what others are told. */
export interface Door {
  /** The owners. Whether there is one decides whether there is a code. */
  readOwners(): Promise<number[]>
  /** The one-time code, while there is no owner; null before `readOwners`. */
  code(): string | null
  /** A stranger in private: 'owner' from now on, or what they are told; null for silence. */
  meet(userId: number, text: string): Promise<'owner' | Answer | null>
}

/** `owner` needs no code. */
export function createDoor({ store, clock }: Actions, owner: number | null, log: Log): Door {
  const code = createOwnerCode()
  let ownerless = false

  return {
    async readOwners() {
      const owners = await listOwners(store, owner)
      ownerless = owners.length === 0
      return owners
    },
    code: () => (ownerless ? code.current() : null),
    async meet(userId, text) {
      const now = clock()
      const typed = readCommand(text)
      if (!ownerless || typed?.name.toLowerCase() !== 'start' || typed.args === '') {
        return (await store.noteStranger(userId, now)) ? politeNo(userId, ownerless) : null
      }
      const result = code.redeem(userId, typed.args, now)
      if (result !== 'right') return result === 'wrong' ? WRONG_CODE : null
      await store.addOwner(userId, now)
      ownerless = false
      log.info({ user: userId }, 'Telegram: this service has an owner now')
      return 'owner'
    },
  }
}

const WRONG_CODE: Answer = { html: 'That is not the code. It is printed where the service runs.' }

function politeNo(userId: number, ownerless: boolean): Answer {
  const id = `Your Telegram id is <code>${userId}</code>`
  if (!ownerless) return { html: `This is a private bot. ${id}; give it to its owner.` }
  return {
    html: `This bot has no owner yet. If it is yours, send <code>/start CODE</code> with the code that is printed where the service runs. ${id}.`,
  }
}
