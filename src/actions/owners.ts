import type { Config } from '../config.ts'
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
    if (token === null) return ['terminal']
    const owners = new Set([...(await store.listOwners()), ...(owner === null ? [] : [owner])])
    return owners.size === 0 ? ['terminal'] : [...owners].map(String)
  }
}
