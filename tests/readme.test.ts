import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXIT } from '../src/cli/io.ts'
import { OPTIONS } from '../src/config.ts'
import { COMMANDS } from '../src/telegram/commands.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

test('the table of settings says what the settings say', () => {
  const rows = OPTIONS.map(
    ({ name, default: usual, example, meaning }) =>
      `| \`${name}\` | ${usual === '' ? '–' : `\`${usual}\``} | \`${example}\` | ${meaning} |`,
  )

  expect(readme).toContain(['| setting | default | example | meaning |', '|---|---|---|---|', ...rows].join('\n'))
})

test('every command of the bot is in the manual', () => {
  expect(COMMANDS.filter(({ name }) => !readme.includes(`/${name}`)).map(({ name }) => name)).toEqual([])
})

test('the two commands come first, and exist', () => {
  const [first, second] = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]?.trim())

  expect(first).toBe('npm ci && npm start')
  expect(second).toBe('npm run demo')
  expect(Object.keys(manifest.scripts)).toEqual(
    expect.arrayContaining(['start', 'demo', 'test', 'bench', 'check', 'migration']),
  )
})

test('the unit for systemd starts what there is, where it stands, and gives up what no restart mends', () => {
  const unit = /```ini\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const said = new Map(unit.split('\n').map((line) => line.split('=', 2) as [string, string]))
  const folder = said.get('WorkingDirectory')

  expect(said.get('ExecStart')).toMatch(new RegExp(`^/\\S+/node ${folder}/${manifest.bin.crier} start$`))
  expect(said.get('RestartPreventExitStatus')).toBe(String(EXIT.askedWrongly))
  expect(readme).toContain(`\`${folder}/.env\``)
})

test('the map names all that stands in src/, and what to look at is there', () => {
  const map = readme.slice(readme.indexOf('## The map'), readme.indexOf('## Decisions'))
  const [drawn = ''] = /^src\/\n[\s\S]*?(?=^migrations)/m.exec(map) ?? []
  const names = readdirSync(new URL('../src/', import.meta.url)).filter((name) => !name.endsWith('.d.ts'))
  const files = [...map.matchAll(/`(\w[\w/-]*\.ts)`/g)].map(([, file]) => file)
  const paths = files.map((file) => (file?.startsWith('tests/') ? `../${file}` : `../src/${file}`))

  expect(names.filter((name) => !new RegExp(`\\b${name.replace(/\.ts$/, '')}\\b`).test(drawn))).toEqual([])
  expect(paths.length).toBeGreaterThan(10)
  expect(paths.filter((path) => !existsSync(new URL(path, import.meta.url)))).toEqual([])
})

test('every dependency has its reason', () => {
  const decisions = readme.slice(readme.indexOf('## Decisions'))
  const unexplained = Object.keys(manifest.dependencies).filter((name) => {
    const spoken = name
      .replace(/^@hono\/node-server$/, 'hono')
      .replace(/^grammy$/, 'grammY')
      .replace(/^drizzle-orm$/, 'Drizzle')
    return !decisions.includes(spoken)
  })

  expect(unexplained).toEqual([])
})

test('dependencies are pinned exactly', () => {
  const ranges = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })

  expect(ranges.filter(([, range]) => !/^\d+\.\d+\.\d+$/.test(String(range)))).toEqual([])
})

test('the picture of the page is there', () => {
  const [, path] = /!\[[^\]]+\]\(([^)]+\.png)\)/.exec(readme) ?? []

  expect(
    readFileSync(new URL(`../${path}`, import.meta.url))
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG')
})
