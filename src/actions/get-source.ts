import { AppError } from '../errors.ts'
import type { Source } from '../model.ts'
import { takeLogin } from './access.ts'
import type { Actions } from './context.ts'
import { readAddress, withoutLogin } from './typed-address.ts'

/** By number or address. Throws `not_found`. */
export async function getSource(ctx: Pick<Actions, 'store'>, ref: string): Promise<Source> {
  const found = /^\d+$/.test(ref) ? await ctx.store.findSource(Number(ref)) : await findByAddress(ctx, ref)
  if (found) return found
  throw new AppError('not_found', `There is no source ${withoutLogin(ref)}.`, {
    hint: 'A source goes by its number or its address.',
    advice: { kind: 'list' },
  })
}

async function findByAddress({ store }: Pick<Actions, 'store'>, ref: string): Promise<Source | undefined> {
  const address = readAddress(ref)
  if (address === null) return undefined
  return (await store.findSource(address)) ?? store.findSource(takeLogin(address, null).url)
}
