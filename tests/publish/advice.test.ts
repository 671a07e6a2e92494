import { expect, test } from 'vitest'
import type { Advice } from '../../src/errors.ts'
import { adviceOn, botCommandFor, commandFor } from '../../src/publish/advice.ts'

test.each<[Advice, string]>([
  [{ kind: 'give', what: 'login', url: null }, 'npx crier source add ADDRESS --auth NAME:PASSWORD'],
  [
    { kind: 'give', what: 'login', url: 'https://a.example/?b' },
    "npx crier source add 'https://a.example/?b' --auth NAME:PASSWORD",
  ],
  [{ kind: 'give', what: 'cookie', id: 3 }, "npx crier source set 3 --header 'Cookie: …'"],
  [{ kind: 'give', what: 'proxy_login', id: 3 }, 'npx crier source set 3 --proxy http://NAME:PASSWORD@HOST:PORT'],
  [
    { kind: 'give', what: 'entry', url: 'https://a.example/' },
    "npx crier source add https://a.example/ --entry 'SELECTOR'",
  ],
  [{ kind: 'give', what: 'page', id: 3 }, 'npx crier source set 3 --page'],
  [{ kind: 'give', what: 'feed', id: 3 }, 'npx crier source set 3 --feed'],
  [{ kind: 'remove', id: 3 }, 'npx crier source remove 3'],
  [{ kind: 'resume', id: 3 }, 'npx crier source resume 3'],
  [{ kind: 'show', id: 3 }, 'npx crier source show 3'],
  [{ kind: 'move', id: 3, url: 'https://a.example/b' }, 'npx crier source set 3 --url https://a.example/b'],
  [{ kind: 'move', id: 3, url: 'https://a.example/?b&c' }, "npx crier source set 3 --url 'https://a.example/?b&c'"],
  [{ kind: 'add', url: 'https://a.example/?b' }, "npx crier source add 'https://a.example/?b'"],
  [{ kind: 'list' }, 'npx crier source list'],
  [{ kind: 'import' }, 'npx crier import FILE'],
])('%j is on the command line: %s', (advice, command) => {
  expect(commandFor(advice)).toBe(command)
})

test.each<[Advice, string | null]>([
  [{ kind: 'remove', id: 3 }, '/removesource 3'],
  [{ kind: 'show', id: 3 }, '/recent source:3'],
  [{ kind: 'add', url: 'https://a.example/?b' }, '/addsource https://a.example/?b'],
  [{ kind: 'list' }, '/sources'],
  [{ kind: 'resume', id: 3 }, null],
  [{ kind: 'give', what: 'login', id: 3 }, null],
  [{ kind: 'move', id: 3, url: 'https://a.example/b' }, null],
])('%j is in the chat: %s', (advice, command) => {
  expect(botCommandFor(advice)).toBe(command)
})

test('a source that is paused is to be resumed, whatever it needs; else it is to be given that', () => {
  expect(adviceOn({ id: 3, state: 'paused', needs: 'login' })).toEqual({ kind: 'resume', id: 3 })
  expect(adviceOn({ id: 3, state: 'active', needs: 'login' })).toEqual({ kind: 'give', what: 'login', id: 3 })
  expect(adviceOn({ id: 3, state: 'active', needs: null })).toBeNull()
})
