import { randomInt } from 'node:crypto'
import type { RefusalCode } from '../core/errors.ts'
import { decode, encode } from '../core/session/messages.ts'
import { Sequencer, type SequencerHappening } from '../core/session/sequencer.ts'
import { NEVER } from '../core/timeline/tick.ts'
import { Alarms } from '../driver/alarms.ts'
import { now } from '../driver/clock.ts'
import type { Connection } from '../transport/transport.ts'
import { Door, type Guest } from './door.ts'
import { LINGER_MS, optionsOf, SESSIONS_MAX, type ServerOptions, type SessionOptions } from './options.ts'
import { HostedSession } from './session.ts'

/** What is told of sessions. */
export type SessionEvent =
  | { readonly kind: 'session'; readonly session: string; readonly happening: SequencerHappening }
  | { readonly kind: 'opened'; readonly session: string }
  | { readonly kind: 'forgotten'; readonly session: string }
  | { readonly kind: 'turned_away'; readonly remote: string; readonly code: RefusalCode }

/** Many named sessions in one process, on whatever connections are handed to it. */
export class Sessions {
  private readonly options: ServerOptions
  /** A sequencer knows of its pauses by itself: rule 8. */
  private readonly alarms = new Alarms(now, NEVER)
  private readonly sessions = new Map<string, HostedSession>()
  private readonly door = new Door((connection, first) => this.receive(connection, first))
  private readonly tell: (event: SessionEvent) => void
  private readonly sweeper: ReturnType<typeof setInterval>
  private closing = false

  constructor(options: ServerOptions, tell: (event: SessionEvent) => void = () => {}) {
    this.options = options
    this.tell = tell
    this.sweeper = setInterval(() => this.sweep(), LINGER_MS / 4)
    this.sweeper.unref?.()
  }

  all(): readonly HostedSession[] {
    return [...this.sessions.values()]
  }

  /** A new connection: its first message says which session it is for. */
  accept(connection: Connection): void {
    this.door.accept(connection)
  }

  /** Everybody is told and let go. */
  close(): void {
    this.closing = true
    clearInterval(this.sweeper)
    for (const session of this.sessions.values()) session.end('closing')
    this.sessions.clear()
  }

  /** Whoever is still connected is not waited for. */
  cut(): void {
    this.door.cut()
  }

  private receive(connection: Connection, hello: Uint8Array): Guest | undefined {
    const session = this.sessionFor(hello)
    if (typeof session !== 'string') return session.take(connection, hello)
    this.turnAway(connection, session)
    return undefined
  }

  private sessionFor(bytes: Uint8Array): HostedSession | RefusalCode {
    if (this.closing) return 'closing'
    const hello = decode(bytes)
    if (typeof hello === 'string') return hello
    if (hello.kind !== 'hello') return 'malformed'
    const known = this.sessions.get(hello.session)
    if (known !== undefined && !known.sequencer.ended) return known
    const { sessionsMax = SESSIONS_MAX } = this.options
    const own = optionsOf(this.options, hello.session)
    if (own === undefined) return 'unknown_session'
    if (this.sessions.size >= sessionsMax && !this.forgetLongestEmpty()) return 'server_full'
    return this.open(hello.session, own)
  }

  private open(name: string, own: SessionOptions): HostedSession {
    const { fps, app, instances, discipline, k, margin, members, limits } = { ...this.options, ...own }
    const sequencer = new Sequencer({
      epoch: randomInt(1, 0xffff_ffff),
      ...(fps === undefined ? {} : { fps }),
      ...(app === undefined ? {} : { app }),
      ...(instances === undefined ? {} : { instances }),
      ...(discipline === undefined ? {} : { discipline }),
      ...(k === undefined ? {} : { k }),
      ...(margin === undefined ? {} : { margin }),
      ...(members === undefined ? {} : { members }),
      ...(limits === undefined ? {} : { limits }),
    })
    const session = new HostedSession(name, sequencer, this.alarms, (from, happening) =>
      this.tell({ kind: 'session', session: from.name, happening }),
    )
    this.sessions.set(name, session)
    this.tell({ kind: 'opened', session: name })
    return session
  }

  private turnAway(connection: Connection, code: RefusalCode): void {
    this.tell({ kind: 'turned_away', remote: connection.remote, code })
    connection.send(encode.refuse(code, ''))
    connection.close()
  }

  private sweep(): void {
    const oldest = now() - LINGER_MS * 1000
    for (const session of this.sessions.values())
      if (session.emptySince !== undefined && session.emptySince <= oldest) this.forget(session)
  }

  /** A server that is full of sessions without anybody is not full. */
  private forgetLongestEmpty(): boolean {
    let longest: HostedSession | undefined
    for (const session of this.sessions.values())
      if ((session.emptySince ?? Infinity) < (longest?.emptySince ?? Infinity)) longest = session
    if (longest === undefined) return false
    this.forget(longest)
    return true
  }

  private forget(session: HostedSession): void {
    this.alarms.drop(session)
    this.sessions.delete(session.name)
    this.tell({ kind: 'forgotten', session: session.name })
  }
}
