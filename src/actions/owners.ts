import type { Config } from '../config.ts'
import { TERMINAL } from '../model.ts'
import type { Store } from '../ports.ts'

/**
 * Where the owner is told of what happens to sources: each owner's private chat with the bot (its id is the user's), or
 * the service's own terminal while there is no bot or nobody owns it.
 */
export function createOwnerChats(
  store: Pick<Store, 'listOwners'>,
  { token, owner }: Pick<Config['telegram'], 'token' | 'owner'>,
): () => Promise<string[]> {
  return async () => {
    if (token === null) return [TERMINAL]
    const owners = await listOwners(store, owner)
    return owners.length === 0 ? [TERMINAL] : owners.map(String)
  }
}

/** By their Telegram ids: who gave the code, and who needs none. */
export async function listOwners(store: Pick<Store, 'listOwners'>, owner: number | null): Promise<number[]> {
  return [...new Set([...(await store.listOwners()), ...(owner === null ? [] : [owner])])]
}
