/** What the service is told from outside: the environment, and a `.env` file beneath it. */
export interface Config {
  host: string
  /** 0 picks a free one. */
  port: number
  /** The folder of `crier.db`. */
  dataDir: string
  /** Without a slash at its end; null when nobody said. */
  publicUrl: string | null
  /** Host names, addresses and CIDRs that are our own: the guard lets them through. */
  allowHosts: string[]
  /** IANA name. */
  timezone: string
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  telegram: {
    /** Secret. */
    token: string | null
    apiRoot: string
    /** A Telegram user id that needs no code. */
    owner: number | null
  }
}
